//! The shop that is asked: an in-process run of its own, or whatever `BASE_URL` names.

use crate::ask::Ask;
use crate::process::Process;
use crate::shopper::Shopper;
use crate::supplier::Supplier;
use http::Method;
use kernel::Role;
use lambda::Platform;
use local::contract::Contract;
use local::{Local, Options};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;

/// The contract that answers are held to.
pub fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        Contract::parse(include_str!("../../../infra/openapi.yaml")).expect("infra/openapi.yaml is a contract")
    })
}

/// A shop that answers.
pub struct Shop {
    url: String,
    staff: HashMap<Role, String>,
    agent: ureq::Agent,
    addresses: AtomicU32,
    partner: Mutex<Option<(String, u32)>>,
    inside: Option<Inside>,
}

/// How often one key of a partner is lent, below what its limit allows in a minute.
const LENT: u32 = 25;

/// How to look into the stores of a shop.
struct Inside {
    platform: Platform,
    runtime: Handle,
    local: Option<Local>,
    process: Option<Process>,
}

impl Shop {
    /// The one shop of this test program: `BASE_URL` if it is set (with `STAFF_TOKEN_ADMIN` and the like), else a run
    /// in memory, started by whoever asks first.
    pub fn shared() -> &'static Self {
        static SHOP: OnceLock<Shop> = OnceLock::new();
        SHOP.get_or_init(|| match std::env::var("BASE_URL") {
            Ok(url) => Self::at(url.trim_end_matches('/'), from_environment()),
            Err(_) => Self::start(Options::default()),
        })
    }

    /// A shop of one's own, in memory, without pages.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(options: Options) -> Self {
        let local =
            local::start(&Options { port: 0, data: None, web: false, ..options }, &|_| {}).expect("the shop starts");
        let mut shop = Self::at(local.url(), local.staff_tokens().clone());
        let (platform, runtime) = (local.platform().clone(), local.handle().clone());
        shop.inside = Some(Inside { platform, runtime, local: Some(local), process: None });
        shop
    }

    /// A shop that answers there.
    pub fn at(url: &str, staff: HashMap<Role, String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .max_idle_connections(512)
            .max_idle_connections_per_host(512)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        // Addresses of this program are not those that an earlier one used up its limits with.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let first = u32::try_from(since.as_millis() % 15_000_000).unwrap_or(0);
        Self {
            url: url.to_owned(),
            staff,
            agent,
            addresses: AtomicU32::new(first),
            partner: Mutex::default(),
            inside: None,
        }
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of a path of the shop; of anything else than a path it is that itself.
    pub(crate) fn address_of(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.url) } else { path.to_owned() }
    }

    /// A page of the payment sandbox: beside the shop, or where `PROVIDER_URL` says that it answers.
    #[must_use]
    pub fn provider(&self, path: &str) -> String {
        let base = std::env::var("PROVIDER_URL");
        base.map_or_else(|_| format!("{}/_sandbox/payments{path}", self.url), |base| format!("{base}{path}"))
    }

    /// A shop in a process of its own, on data that outlives it, so that it can be killed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn spawn(process: Process) -> Self {
        let mut shop = Self::at(process.url(), process.staff_tokens().clone());
        shop.inside = Some(Inside {
            platform: process.platform(),
            runtime: process.handle(),
            local: None,
            process: Some(process),
        });
        shop
    }

    /// The run behind it, if it is one of this process.
    pub fn local(&self) -> Option<&Local> {
        self.inside.as_ref()?.local.as_ref()
    }

    /// Kills the process behind it, while others ask it.
    ///
    /// # Panics
    /// When there is none.
    pub fn kill(&self) {
        let process = self.inside.as_ref().and_then(|inside| inside.process.as_ref());
        process.expect("a shop in a process of its own").kill();
    }

    /// Kills the process behind it, and starts another on the same data and port.
    ///
    /// # Panics
    /// When there is none, or it does not come up again.
    pub fn kill_and_restart(&mut self) {
        let inside = self.inside.as_mut().expect("a shop with an inside");
        let process = inside.process.as_mut().expect("a shop in a process of its own");
        process.kill_and_restart();
        inside.platform = process.platform();
    }

    /// A platform that reads every table.
    ///
    /// # Panics
    /// When the shop is somewhere else.
    pub fn platform(&self) -> &Platform {
        &self.inside.as_ref().expect("the stores of this shop are out of reach").platform
    }

    /// Waits for work on the stores.
    ///
    /// # Panics
    /// When the shop is somewhere else.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.inside.as_ref().expect("the stores of this shop are out of reach").runtime.block_on(work)
    }

    /// The token of a member of staff in that role.
    ///
    /// # Panics
    /// When there is none: with `BASE_URL`, set `STAFF_TOKEN_<ROLE>`.
    pub fn token(&self, role: Role) -> &str {
        self.staff
            .get(&role)
            .unwrap_or_else(|| panic!("no staff token for {role}; set STAFF_TOKEN_{}", role.name().to_uppercase()))
    }

    /// Somebody new, at an address of their own and without a cookie.
    pub fn shopper(&self) -> Shopper<'_> {
        Shopper::new(self, self.address())
    }

    /// A request from an address of its own, with no cookie and no token.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::new(self, method, path).header("x-forwarded-for", self.address())
    }

    /// A GET by nobody in particular.
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// A request by a member of staff.
    pub fn staff(&self, role: Role, method: Method, path: &str) -> Ask<'_> {
        self.ask(method, path).header("authorization", format!("Bearer {}", self.token(role)))
    }

    /// The key of a partner of the sandbox, for a request or two.
    ///
    /// # Panics
    /// When the shop takes no partner in.
    pub fn partner_key(&self) -> String {
        let mut partner = self.partner.lock().unwrap_or_else(PoisonError::into_inner);
        match partner.as_mut().filter(|(_, lent)| *lent < LENT) {
            Some((key, lent)) => {
                *lent += 1;
                key.clone()
            }
            None => partner.insert((Supplier::new(self).key, 0)).0.clone(),
        }
    }

    /// What asks, for calls beside the API.
    pub fn agent(&self) -> &ureq::Agent {
        &self.agent
    }

    pub(crate) fn address(&self) -> String {
        let [_, b, c, d] = self.addresses.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        format!("10.{b}.{c}.{d}")
    }
}

fn from_environment() -> HashMap<Role, String> {
    let roles = [Role::Support, Role::Warehouse, Role::Finance, Role::Admin];
    let named = |role: Role| std::env::var(format!("STAFF_TOKEN_{}", role.name().to_uppercase())).ok();
    roles.into_iter().filter_map(|role| Some((role, named(role)?))).collect()
}

/// What tests need to begin with.
impl Shop {
    /// A product of one's own with so much stock, at 10.00 USD. Its SKU, which is its id as well.
    pub fn new_sku(&self, stock: u32) -> String {
        let body = serde_json::json!({"name": "Something to test", "price": "10.00", "stock_quantity": stock});
        let made = self.staff(Role::Admin, Method::POST, "/api/products").json(&body).send().expect(201).json();
        made["variants"][0]["sku"].as_str().expect("a product has a SKU").to_owned()
    }

    /// Sends a form to a page of the sandbox, as a shopper's browser would.
    pub fn submit(&self, url: &str, form: &str) {
        let path = url.strip_prefix(self.url()).unwrap_or(url);
        let form = self.ask(Method::POST, path).bytes("application/x-www-form-urlencoded", form);
        assert_eq!(form.attempt().expect("the sandbox answers").status, 303, "{url}");
    }

    /// What reading feeds has written into the catalog and the stock of this process, in halves of write units.
    ///
    /// # Panics
    /// When the shop runs somewhere else.
    pub fn written_by_feeds(&self) -> u64 {
        let counted = self.local().expect("a run of this process").cloud().counters();
        let of_feeds = |action: &cloud::Action| {
            action.caller.contains("process-feed") && ["russet-catalog", "russet-stock"].contains(&&*action.resource)
        };
        counted.sum(of_feeds).write_half_units
    }

    /// What there is of a SKU, read consistently.
    pub fn stock(&self, sku: &str) -> serde_json::Value {
        self.staff(Role::Warehouse, Method::GET, &format!("/admin/stock/{sku}")).send().expect(200).json()
    }
}

/// Asks until `done` is content, for at most that long.
///
/// # Panics
/// With what was seen last, when it never is.
pub fn eventually<T: std::fmt::Debug>(within: Duration, mut ask: impl FnMut() -> T, done: impl Fn(&T) -> bool) -> T {
    let end = std::time::Instant::now() + within;
    loop {
        let seen = ask();
        if done(&seen) {
            return seen;
        }
        assert!(std::time::Instant::now() < end, "not within {within:?}; seen last: {seen:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

//! The shop of one run: the stand-ins, the provider, the environments, and the front door.

use crate::chance::Chance;
use crate::environments::Environments;
use crate::provider::{Provider, Told};
use crate::trace::Trace;
use crate::weather::Weather;
use catalog::{Draft, Made, PriceText, VariantDraft};
use checkout::{Promotion, PromotionKind, Promotions};
use cloud::{Clock, Cloud, Definition, Options, Pollers};
use http::{HeaderMap, HeaderValue, Method};
use kernel::{Amount, Currency, Fault, Instant, Principal, Role, Sku, id};
use lambda::{Platform, StaffToken};
use local::event::{self, Incoming};
use local::functions::Mounted;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use table::Write;
use tokio::sync::mpsc::UnboundedReceiver;

/// When every run begins.
pub const START: Instant = Instant::from_seconds(1_800_000_000);
/// What is sold, and how much of it there is to begin with. The last one sells out in most runs.
pub const GOODS: [(&str, u32); 3] = [("TEA", 60), ("POT", 25), ("CUP", 8)];
/// What a flash sale sells, and for how much in minor units.
pub const ON_SALE: [(&str, i64); 2] = [("TEA", 300), ("CUP", 450)];
/// A coupon that few may use.
pub const COUPON: (&str, u32) = ("FEW", 4);

const API_KEY: &str = "simulated";
const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const SIGNING_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const STAFF_TOKEN: &str = "staff-of-the-simulation";

/// What all runs share: the shop as its template defines it.
///
/// # Errors
/// A sentence saying what is wrong with the template.
pub fn definition() -> Result<Definition, String> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let mut definition = Definition::read(&template, &[])?;
    for name in definition.secrets.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>() {
        let value = match name.rsplit('/').next() {
            Some("signing") => json!({"current": SIGNING_KEY, "previous": null}),
            Some("payments") => json!({"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}),
            _ => continue,
        };
        definition = definition.with_secret(&name, &value.to_string());
    }
    Ok(definition)
}

/// The shop of one run. Clones share it.
#[derive(Clone)]
pub struct Shop {
    inner: Arc<Inner>,
}

struct Inner {
    cloud: Arc<Cloud>,
    provider: Arc<Provider>,
    weather: Arc<Weather>,
    environments: Environments,
    trace: Trace,
    keeper: Platform,
    pollers: Pollers,
    requests: AtomicU64,
    chance: Chance,
}

/// One request to the shop.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose it is.
    pub operation: &'static str,
    /// The path as the contract writes it.
    pub route: &'static str,
    /// What stands in the place of the part that varies, with its name.
    pub part: Option<(&'static str, String)>,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// What the shop answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, as it came.
    pub body: String,
    /// Whether a repeat was answered from before.
    pub replayed: bool,
    /// Whether it says when to ask again.
    pub ask_again: bool,
}

impl Answered {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Ask {
    /// A request of a member of staff.
    #[must_use]
    pub fn by_staff(mut self) -> Self {
        self.headers.push(("authorization", format!("Bearer {STAFF_TOKEN}")));
        self
    }

    fn path(&self) -> String {
        match &self.part {
            Some((name, value)) => self.route.replace(&format!("{{{name}}}"), value),
            None => self.route.to_owned(),
        }
    }
}

impl Shop {
    /// Opens a shop with [`GOODS`] in it. Must be called within a runtime whose time is paused.
    ///
    /// # Errors
    /// A sentence saying why it cannot be opened.
    pub async fn open(definition: Definition, seed: u64, planted: &[Mounted]) -> Result<Self, String> {
        // What the SDKs wait between two tries is drawn from this thread's generator.
        fastrand::seed(seed);
        // How many retries their clients may make they keep by region, for the whole process: each run has a region of its own.
        let definition = Definition { region: format!("sim-{seed}"), ..definition };
        let clock = Clock::of_runtime(START);
        let trace = Trace::new(START);
        let weather = Arc::new(Weather::new(Chance::new(seed, "weather"), clock.clone(), trace.clone()));
        let random = Chance::new(seed, "cloud").random();
        let options = Options { clock: clock.clone(), definition, random, ..Options::default() };
        let cloud = Arc::new(Cloud::inline(options).map_err(|error| error.to_string())?);
        cloud.set_faults(Some(Arc::clone(&weather) as Arc<dyn cloud::Faults>));
        let secret = webhooks::Secret::parse(WEBHOOK_SECRET).map_err(|error| error.to_string())?;
        let (provider, events) = Provider::new(API_KEY, secret, Arc::clone(&weather), clock, trace.clone());
        let environments = Environments::new(
            Arc::clone(&cloud),
            Arc::clone(&provider),
            Arc::clone(&weather),
            trace.clone(),
            Chance::new(seed, "environments"),
            planted,
        );
        let keeper = environments.keeper()?;
        fill(&keeper, &cloud).await.map_err(|fault| fault.to_string())?;
        let pollers = cloud.poll_here(Arc::new(environments.clone()));
        let chance = Chance::new(seed, "gateway");
        let requests = AtomicU64::new(0);
        let inner = Inner { cloud, provider, weather, environments, trace, keeper, pollers, requests, chance };
        let shop = Self { inner: Arc::new(inner) };
        drop(tokio::spawn(shop.clone().post(events)));
        Ok(shop)
    }

    /// The stand-ins.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.inner.cloud
    }

    /// The payment provider.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// What goes wrong.
    #[must_use]
    pub fn weather(&self) -> &Weather {
        &self.inner.weather
    }

    /// What happened.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.inner.trace
    }

    /// A platform whose calls never go wrong.
    #[must_use]
    pub fn keeper(&self) -> &Platform {
        &self.inner.keeper
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.inner.cloud.clock().now()
    }

    /// Adds a line to the trace.
    pub fn tell(&self, line: &str) {
        self.inner.trace.tell(self.now(), line);
    }

    /// Waits until queues and streams have nothing left to deliver now.
    pub async fn settled(&self) -> bool {
        self.inner.pollers.settled(Duration::from_secs(600)).await
    }

    /// Gives a function an event as a queue would. For those who play a queue themselves.
    ///
    /// # Errors
    /// When the invocation failed.
    pub async fn invoke(&self, operation: &str, event: &Value) -> Result<Vec<u8>, String> {
        self.inner.environments.invoke(operation, event.to_string().into_bytes()).await
    }

    /// Opens a flash sale that begins now and lasts so long, with so many units for each customer. Answers its id.
    ///
    /// # Errors
    /// What the shop answered instead.
    pub async fn open_sale(&self, lasts: Duration, limit: u64) -> Result<String, String> {
        let items: Vec<Value> = ON_SALE
            .iter()
            .map(|(sku, price)| json!({"sku": sku, "price": {"amount": price, "currency": "USD"}}))
            .collect();
        let body = json!({
            "name": "A sale", "starts_at": self.now().to_string(), "ends_at": self.now().plus(lasts).to_string(),
            "limit_per_customer": limit, "expected_per_second": 100, "waiting_room": false, "items": items
        });
        let ask = Ask {
            operation: "open-flash-sale",
            route: "/admin/flash-sales",
            part: None,
            headers: vec![("idempotency-key", "sale".to_owned())],
            body: body.to_string(),
        };
        let told = self.ask(&ask.by_staff()).await.ok_or("no answer")?;
        let id = told.json()["id"].as_str().map(str::to_owned);
        id.ok_or_else(|| format!("the sale is not open: {} {}", told.status, told.body))
    }

    /// The cookie of the guest of that number.
    ///
    /// # Errors
    /// When the signing secret does not read.
    pub async fn cookie(&self, guest: u64) -> Result<String, Fault> {
        let id = id::derived(&["guest", &guest.to_string()]);
        let signature = self.keeper().signer("guest").await?.sign(id.as_bytes());
        Ok(format!("__Host-guest={id}.{signature}"))
    }

    /// Asks the shop through the event that the gateway makes of a request. `None` is the gateway's own 502: nothing is
    /// known of what was done.
    pub async fn ask(&self, ask: &Ask) -> Option<Answered> {
        let number = self.inner.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = format!("request-{number}");
        let event = self.event(ask, &request_id)?;
        self.tell(&format!("{request_id}: {} {}", ask.operation, ask.path()));
        let answered = self.inner.environments.invoke(ask.operation, event).await;
        let answered = answered.ok().and_then(|answer| read(&answer));
        match &answered {
            Some(Answered { status, body, replayed, .. }) => {
                let again = if *replayed { " again" } else { "" };
                let hash = &id::sha256_hex(body.as_bytes())[..12];
                self.tell(&format!("{request_id}: {status}{again} {hash}"));
            }
            None => self.tell(&format!("{request_id}: no answer")),
        }
        answered
    }

    fn event(&self, ask: &Ask, request_id: &str) -> Option<Vec<u8>> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in &ask.headers {
            headers.append(*name, HeaderValue::from_str(value).ok()?);
        }
        let path = ask.path();
        let parts: Vec<(String, String)> =
            ask.part.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let incoming = Incoming {
            resource: ask.route,
            path: &path,
            query: "",
            method: &Method::POST,
            headers: &headers,
            path_parameters: &parts,
            body: ask.body.as_bytes(),
            source_ip: "203.0.113.7",
            request_id,
            received_at_millis: self.now().millis(),
        };
        event::event(&incoming).ok()
    }

    /// Tells the shop what the provider has to tell: late, in any order, as often as the provider does, until it is taken.
    async fn post(self, mut events: UnboundedReceiver<Told>) {
        while let Some(told) = events.recv().await {
            for copy in 0..told.copies {
                drop(tokio::spawn(self.clone().tell_event(told.clone(), copy)));
            }
        }
    }

    async fn tell_event(self, told: Told, copy: u32) {
        const TRIES: u32 = 6;
        let chance = &self.inner.chance;
        let calm = self.weather().storm().is_none();
        let wait = if calm {
            50
        } else if chance.one_in(6) {
            chance.between(3_000, 200_000)
        } else {
            chance.between(1, 3_000)
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        for tried in 0..TRIES {
            let ask = Ask {
                operation: "receive-payment-event",
                route: "/webhooks/payments/{provider}",
                part: Some(("provider", "sandbox".to_owned())),
                headers: self.inner.provider.signed(&told),
                body: told.body.clone(),
            };
            self.tell(&format!("the provider tells {} ({copy}, {tried})", told.id));
            if self.ask(&ask).await.is_some_and(|answered| (200..300).contains(&answered.status)) {
                return;
            }
            tokio::time::sleep(Duration::from_secs(5 << tried)).await;
        }
    }
}

fn read(answer: &[u8]) -> Option<Answered> {
    let response = event::response(answer)?;
    Some(Answered {
        status: response.status().as_u16(),
        replayed: response.headers().contains_key("idempotency-replayed"),
        ask_again: response.headers().contains_key("retry-after"),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    })
}

/// Puts the goods, the coupon and a member of staff in.
async fn fill(keeper: &Platform, cloud: &Cloud) -> Result<(), Fault> {
    let table = |name: &str| keeper.table(name).map_err(|error| Fault::bug(error.to_string()));
    let sku = |text: &str| Sku::parse(text).map_err(|error| Fault::bug(error.to_string()));
    let stock = stock::Store::new(table("stock")?, keeper.region());
    let mut units = vec![(stock::coupon(COUPON.0)?, COUPON.1)];
    for (name, there) in GOODS {
        units.push((sku(name)?, there));
    }
    stock.seed_many(&units).await?;

    let variant = |(at, (sku, _)): (usize, &(&str, u32))| VariantDraft {
        sku: (*sku).to_owned(),
        price: Some(PriceText::Decimal(format!("{}.50", 5 + at))),
        name: (*sku).to_owned(),
        options: catalog::Pairs::default(),
        compare_at: None,
        weight_grams: 100,
        image_url: None,
    };
    let variants = GOODS.iter().enumerate().map(variant).collect();
    let draft = Draft { id: Some("goods".to_owned()), name: "Goods".to_owned(), variants, ..Draft::default() };
    let made = Made { by: Principal::System, at: cloud.clock().now(), trace: None };
    let product = draft.product(draft.ids([0; 16])?.swap_remove(0), &made)?;
    catalog::Store::new(table("catalog")?).create_many(&[product]).await?;

    let promotion = Promotion {
        code: COUPON.0.to_owned(),
        label: "For the first few".to_owned(),
        kind: PromotionKind::Fixed(Amount::minor(100)),
        currency: Currency::USD,
        minimum: Amount::ZERO,
        starts_at: None,
        ends_at: None,
        limit: Some(COUPON.1),
        created_at: made.at,
    };
    let promotions = Promotions::new(table("checkout")?);
    promotions.table().write(promotions.create(&promotion)?).await?;

    let hash = id::sha256_hex(STAFF_TOKEN.as_bytes());
    let staff = StaffToken { id: "simulated-admin".to_owned(), role: Role::Admin, expires_at: None, hash };
    table("accounts")?.write(Write::put(&staff)?).await?;
    Ok(())
}

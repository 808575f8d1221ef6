//! Somebody wanders through a shop of their own: searches, fills the cart, buys, tries what is forbidden. What they type
//! about themselves is told apart from everything else by its beginning.

use api::{Reply, Shop, Shopper, order};
use http::Method;
use kernel::Role;
use local::Options;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Walks of each property.
const WALKS: u32 = 100;

/// What nobody but its owner may read.
#[derive(Debug, Clone)]
pub struct Planted {
    pub email: String,
    pub name: String,
    pub street: String,
    pub phone: String,
    pub password: String,
}

impl Planted {
    /// Every text that must not be found anywhere.
    pub fn texts(&self) -> [&str; 5] {
        [&self.email, &self.name, &self.street, &self.phone, &self.password]
    }
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
pub enum Step {
    Search,
    LookAtNothing,
    Health,
    AddToCart { quantity: u32 },
    LookAtCart,
    Quote,
    Buy { token: &'static str },
    PlaceOnly,
    PayLast { token: &'static str },
    CancelLast,
    LookAtLast,
    Malformed,
    CardNumber,
    ForgedStaff,
    ForgedCookie,
    ForgedEvent,
    Staff,
}

fn step() -> impl Strategy<Value = Step> {
    let token = || prop::sample::select(vec!["tok_approve", "tok_decline", "tok_slow_7", "tok_insufficient_funds"]);
    prop_oneof![
        1 => Just(Step::Search),
        1 => Just(Step::LookAtNothing),
        1 => Just(Step::Health),
        1 => (0_u32..3).prop_map(|quantity| Step::AddToCart { quantity }),
        1 => Just(Step::LookAtCart),
        1 => Just(Step::Quote),
        3 => token().prop_map(|token| Step::Buy { token }),
        2 => Just(Step::PlaceOnly),
        2 => token().prop_map(|token| Step::PayLast { token }),
        1 => Just(Step::CancelLast),
        1 => Just(Step::LookAtLast),
        1 => Just(Step::Malformed),
        1 => Just(Step::CardNumber),
        1 => Just(Step::ForgedStaff),
        1 => Just(Step::ForgedCookie),
        1 => Just(Step::ForgedEvent),
        1 => Just(Step::Staff),
    ]
}

/// What somebody does, under which traces, and what they say about themselves.
#[derive(Debug, Clone)]
pub struct Walk {
    pub planted: Planted,
    pub steps: Vec<(Step, u128)>,
}

fn walk() -> impl Strategy<Value = Walk> {
    let letters = || prop::string::string_regex("[a-z]{8}").expect("a pattern");
    let planted = (letters(), letters(), letters(), 10_000_u32..99_999).prop_map(|(one, two, three, digits)| Planted {
        email: format!("zqmail{one}@zq{two}.example"),
        name: format!("Zqname {three}"),
        street: format!("Zqstreet {two} {digits}"),
        phone: format!("+49 7{digits}{digits}"),
        password: format!("zqsecret{one}{three}"),
    });
    (planted, prop::collection::vec((step(), 1..u128::MAX), 1..5)).prop_map(|(planted, steps)| Walk { planted, steps })
}

/// What came of one step.
pub struct Done {
    pub step: Step,
    pub trace: String,
    pub method: Method,
    pub reply: Reply,
    pub guest: Option<String>,
}

impl Done {
    /// Whether a function answered, and not the gateway before it.
    pub fn reached_a_function(&self) -> bool {
        self.reply.header("traceparent").is_some()
    }
}

/// A shop to walk through, and how much of its log was read.
pub struct Ground {
    pub shop: Shop,
    sku: String,
    lines_read: AtomicUsize,
    documents_read: AtomicUsize,
}

impl Ground {
    pub fn new() -> Self {
        let shop = Shop::start(Options { environments: 4, ..Options::default() });
        let sku = shop.new_sku(100_000);
        let ground = Self { shop, sku, lines_read: AtomicUsize::new(0), documents_read: AtomicUsize::new(0) };
        drop((ground.lines(), ground.documents()));
        ground
    }

    /// The lines since the last time.
    pub fn lines(&self) -> Vec<String> {
        new(self.shop.local().expect("a run of this process").log(), &self.lines_read)
    }

    /// The documents of metrics since the last time.
    pub fn documents(&self) -> Vec<String> {
        new(self.shop.local().expect("a run of this process").documents(), &self.documents_read)
    }

    /// Waits until queues and streams are empty.
    pub fn settle(&self) {
        let local = self.shop.local().expect("a run of this process");
        let pollers = local.pollers().expect("they run");
        assert!(local.handle().block_on(pollers.settled(std::time::Duration::from_secs(30))), "it never settles");
    }

    /// Holds `law` in a hundred walks.
    pub fn holds(&self, law: impl Fn(&Walk, &[Done]) -> Result<(), TestCaseError>) {
        let config = Config { failure_persistence: None, ..Config::with_cases(WALKS) };
        let walked = TestRunner::new(config).run(&walk(), |walk| {
            let done = self.take(&walk);
            law(&walk, &done)
        });
        walked.unwrap_or_else(|error| panic!("{error}"));
    }

    fn take(&self, walk: &Walk) -> Vec<Done> {
        let shopper = self.shop.shopper();
        let mut last = None;
        let mut done = Vec::new();
        for (step, trace) in &walk.steps {
            let trace = format!("{trace:032x}");
            let ask = self.ask(&shopper, step, &walk.planted, last.as_deref());
            let ask = ask.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
            let reply = ask.attempt().expect("an answer");
            shopper.keep(&reply);
            if reply.status == 201 && matches!(step, Step::Buy { .. } | Step::PlaceOnly) {
                last = reply.json()["id"].as_str().map(str::to_owned);
            }
            let cookie = shopper.cookie().unwrap_or_default();
            let guest = cookie.strip_prefix("__Host-guest=").and_then(|value| value.split('.').next());
            let guest = guest.map(str::to_owned);
            done.push(Done { step: step.clone(), trace, method: ask.method().clone(), reply, guest });
        }
        done
    }

    fn ask<'a>(&'a self, shopper: &Shopper<'a>, step: &Step, planted: &Planted, last: Option<&str>) -> api::Ask<'a> {
        let get = |path: &str| shopper.ask(Method::GET, path);
        let post = |path: &str, body: &Value| shopper.ask(Method::POST, path).key(&shopper.fresh_key()).json(body);
        let last = last.unwrap_or("01jgtq9d3v8x4n6m2k7h5r0p1s");
        match step {
            Step::Search => get("/api/products?q=soap&limit=3"),
            Step::LookAtNothing => get("/api/products/there-is-no-such-thing"),
            Step::Health => get("/api/health"),
            Step::AddToCart { quantity } => post("/api/cart", &json!({"sku": self.sku, "quantity": quantity})),
            Step::LookAtCart => get("/api/cart"),
            Step::Quote => post("/api/quotes", &json!({"items": [{"sku": self.sku, "quantity": 1}], "country": "DE"})),
            Step::Buy { token } => post("/api/orders", &self.order(planted, Some(token))),
            Step::PlaceOnly => post("/api/orders", &self.order(planted, None)),
            Step::PayLast { token } => {
                post(&format!("/api/orders/{last}/payments"), &json!({"method": "card", "token": token}))
            }
            Step::CancelLast => post(&format!("/api/orders/{last}/cancellation"), &json!({})),
            Step::LookAtLast => get(&format!("/api/orders/{last}")),
            Step::Malformed => {
                let broken = format!("{{\"email\": \"{}\", \"items\": {}", planted.email, planted.name);
                let ask = shopper.ask(Method::POST, "/api/orders").key(&shopper.fresh_key());
                ask.bytes("application/json", broken.into_bytes())
            }
            Step::CardNumber => {
                let mut body = self.order(planted, None);
                body["address"]["line2"] = json!("4111 1111 1111 1111");
                post("/api/orders", &body)
            }
            Step::ForgedStaff => {
                get("/admin/orders").header("authorization", format!("Bearer rst_admin_{}", planted.password))
            }
            Step::ForgedCookie => get("/api/cart")
                .header("cookie", format!("__Host-guest=01jgtq9d3v8x4n6m2k7h5r0p1s.{}", planted.password)),
            Step::ForgedEvent => post(
                "/webhooks/payments/sandbox",
                &json!({"type": "payment.captured", "id": planted.email, "data": {}}),
            )
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", "1800000000")
            .header("webhook-signature", format!("v1,{}", planted.password)),
            Step::Staff => self.shop.staff(Role::Support, Method::GET, "/admin/orders?limit=2"),
        }
    }

    fn order(&self, planted: &Planted, token: Option<&str>) -> Value {
        let mut body = order(&self.sku, 1, token);
        body["email"] = json!(planted.email);
        body["address"]["name"] = json!(planted.name);
        body["address"]["line1"] = json!(planted.street);
        body["address"]["phone"] = json!(planted.phone);
        body
    }
}

fn new(all: Vec<String>, read: &AtomicUsize) -> Vec<String> {
    let seen = read.swap(all.len(), Ordering::SeqCst);
    all.into_iter().skip(seen).collect()
}

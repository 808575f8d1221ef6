//! A shop of one environment at a time, whose process can die at any step: before a call is made, or after it was made
//! and before its answer arrives.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use checkout::{Checkout, Pay, Place, Quote, Tender, price, pricing::Basket, pricing::Item};
use cloud::{Call, Cloud, Trouble};
use kernel::{Amount, Currency, Email, Instant, OrderId, ProductId, Sku};
use lambda::{Platform, Settings};
use orders::publish::{Notice, holds, notices};
use orders::{Contact, Order, Told};
use payments::Token;
use serde_json::Value;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// Units of each SKU to begin with.
pub const STOCK: u32 = 10;
/// What one order takes of each SKU.
pub const TAKEN: u32 = 2;
/// Two SKUs, so that an order can die between its holds.
pub const SKUS: [&str; 2] = ["TEA", "POT"];

/// Which step the process dies at, and on which side of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Before the step is done.
    Before(usize),
    /// After it is done, before its answer arrives.
    After(usize),
}

/// Counts the steps of a process, and ends it at one of them.
#[derive(Clone, Default)]
pub struct Fate {
    steps: Arc<AtomicUsize>,
    death: Arc<Mutex<Option<Death>>>,
    dead: Arc<Notify>,
}

impl Fate {
    /// The next process dies there; `None` lives.
    pub fn set(&self, death: Option<Death>) {
        self.steps.store(0, Ordering::SeqCst);
        *self.death.lock().unwrap() = death;
    }

    /// Steps that were begun since.
    pub fn steps(&self) -> usize {
        self.steps.load(Ordering::SeqCst)
    }

    fn step(&self) -> Option<Trouble> {
        let number = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        let trouble = match *self.death.lock().unwrap() {
            Some(Death::Before(at)) if number >= at => Trouble::Hang,
            Some(Death::After(at)) if number == at => Trouble::After,
            Some(Death::After(at)) if number > at => Trouble::Hang,
            _ => return None,
        };
        if matches!(trouble, Trouble::Hang) || matches!(trouble, Trouble::After) {
            self.dead.notify_one();
        }
        Some(trouble)
    }
}

/// The shop, its stand-ins and its clock.
pub struct Stage {
    cloud: Cloud,
    pub fate: Fate,
    provider: String,
    webhook_secret: String,
    ahead_ms: Arc<AtomicI64>,
}

impl Stage {
    /// A shop with stock and no orders.
    pub async fn start() -> Self {
        let (key, webhook_secret) = ("test", format!("whsec_{}", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));
        let secret = format!("{{\"api_key\":\"{key}\",\"webhook_secret\":\"{webhook_secret}\"}}");
        let definition = cloud::testing::definition().unwrap();
        let names = environment_of(&definition, "flash-checkout");
        let signing = "{\"current\":\"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\",\"previous\":null}";
        let definition = definition.with_secret(&names["SECRET_PAYMENTS"], &secret);
        let definition = definition.with_secret(&names["SECRET_SIGNING"], signing);
        let cloud = Cloud::start(cloud::Options { definition, ..cloud::Options::default() }).unwrap();
        let fate = Fate::default();
        let of_cloud = fate.clone();
        cloud.set_faults(Some(Arc::new(
            move |call: &Call<'_>| if call.caller == "shop" { of_cloud.step() } else { None },
        )));

        let options = sandbox::Options {
            storage: sandbox::Storage::Memory,
            api_key: key.to_owned(),
            webhook_secret: webhook_secret.clone(),
            events_to: None,
        };
        let routes = sandbox::router(options).unwrap().layer(middleware::from_fn_with_state(fate.clone(), mortal));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().merge(routes)).await.unwrap() });

        let stage = Self { cloud, fate, provider, webhook_secret, ahead_ms: Arc::default() };
        let stock: Vec<(Sku, u32)> = SKUS.iter().map(|sku| (Sku::parse(sku).unwrap(), STOCK)).collect();
        stage.environment("keeper").stock.seed_many(&stock).await.unwrap();
        stage
    }

    /// A new environment, which calls under that name. Only the calls of `shop` are steps.
    pub fn environment(&self, caller: &str) -> Checkout {
        wiring::checkout(&self.platform(caller)).unwrap()
    }

    /// The platform of a new environment, with the settings of every function.
    pub fn platform(&self, caller: &str) -> Platform {
        let functions = &self.cloud.definition().functions;
        let mut environment: std::collections::HashMap<String, String> =
            functions.iter().flat_map(|function| function.environment.clone()).collect();
        environment.extend(self.cloud.environment(caller));
        environment.insert("PAYMENT_PROVIDER_URL".to_owned(), self.provider.clone());
        let ahead = Arc::clone(&self.ahead_ms);
        let clock: lambda::Clock = Arc::new(move || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Instant::from_millis(i64::try_from(since.as_millis()).unwrap() + ahead.load(Ordering::SeqCst))
        });
        Platform::new(Settings { environment, clock, output: Arc::new(|_| {}) }).unwrap()
    }

    /// Lets time pass.
    pub fn pass(&self, by: Duration) {
        self.ahead_ms.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Runs `work` in an environment of the shop until it is done or the process dies.
    pub async fn live<T>(&self, work: impl AsyncFnOnce(Checkout) -> T) -> Option<T> {
        self.live_on(async |platform| work(wiring::checkout(&platform).unwrap()).await).await
    }

    /// As [`Stage::live`], for a whole function.
    pub async fn live_on<T>(&self, work: impl AsyncFnOnce(Platform) -> T) -> Option<T> {
        let platform = self.platform("shop");
        tokio::select! {
            done = work(platform) => Some(done),
            () = self.fate.dead.notified() => None,
        }
    }

    /// What the providers' ledger says of an order: each payment as JSON, oldest first.
    pub async fn books(&self, order: &OrderId) -> Vec<Value> {
        let ledger = self.ask_sandbox(outbound::Method::GET, "/ledger", "").await;
        let payments = ledger["payments"].as_array().unwrap().iter();
        payments.filter(|payment| payment["reference"] == order.as_str()).cloned().collect()
    }

    /// Sends a form to a page of the sandbox, as a shopper does.
    pub async fn submit(&self, path: &str, form: &str) {
        self.ask_sandbox(outbound::Method::POST, path, form).await;
    }

    async fn ask_sandbox(&self, method: outbound::Method, path: &str, body: &str) -> Value {
        let path = path.strip_prefix(self.provider.as_str()).unwrap_or(path);
        let (url, body, within) =
            (format!("{}{path}", self.provider), body.as_bytes().to_vec(), Duration::from_secs(2));
        let headers = [("authorization", "Bearer test")];
        let ask = outbound::Ask { method, url: &url, headers: &headers, body, traceparent: None, within };
        serde_json::from_slice(&outbound::Client::new().send(ask).await.unwrap().body).unwrap_or_default()
    }

    /// An event of a payment as its provider sends it, signed now.
    pub fn event(&self, payment: &Value) -> (Vec<(&'static str, String)>, String) {
        let body = serde_json::json!({"type": "payment.captured", "id": "evt_1", "data": payment}).to_string();
        let now = self.platform("keeper").now();
        let secret = webhooks::Secret::parse(&self.webhook_secret).unwrap();
        let signature = webhooks::sign(&[secret], "evt_1", now, body.as_bytes());
        let headers = vec![
            (webhooks::ID, "evt_1".to_owned()),
            (webhooks::TIMESTAMP, now.seconds().to_string()),
            (webhooks::SIGNATURE, signature),
        ];
        (headers, body)
    }

    /// What the provider has taken under that order, and how often.
    pub async fn captures(&self, order: &OrderId) -> usize {
        let checkout = self.environment("keeper");
        let link = checkout.till.link().await.unwrap();
        let method = checkout.till.method("card").unwrap();
        let reports = payments::find(method, &link, checkout.till.call("look", ""), order.as_str()).await.unwrap();
        reports.iter().filter(|report| matches!(report.standing, payments::Standing::Captured)).count()
    }

    /// Does what the order's stream would have done for the stock, twice; then every hold is settled.
    pub async fn settle(&self, order: &Order) {
        let checkout = self.environment("keeper");
        let decision = notices(None, order).into_iter().find_map(|notice| match notice {
            Notice::Commit => Some(stock::Decision::Commit),
            Notice::Release => Some(stock::Decision::Release),
            _ => None,
        });
        let Some(decision) = decision else { return };
        let lines = holds(order).into_iter().map(|(sku, quantity, cell)| stock::Line { sku, quantity, cell }).collect();
        let (version, decided_at) = (order.version, order.decided_at());
        let settlement = stock::Settlement { order: order.id().clone(), version, decision, decided_at, lines };
        for _ in 0..2 {
            checkout.stock.settle(std::slice::from_ref(&settlement), checkout.till.now()).await;
        }
    }

    /// Units that are available, held and sold of a SKU. The law of the cells is checked on the way.
    pub async fn stock(&self, sku: &str) -> (u32, u32, u32) {
        let stock = self.environment("keeper").stock.look(&Sku::parse(sku).unwrap()).await.unwrap().unwrap();
        for cell in &stock.cells {
            stock::check_cell(cell).unwrap();
        }
        (stock.available(), stock.held(), stock.sold())
    }
}

async fn mortal(State(fate): State<Fate>, request: Request, next: Next) -> Response {
    // Whatever a provider is asked to do; not what it is asked about, nor what a shopper does on its pages.
    let path = request.uri().path();
    let protocol = path.starts_with("/v1/") || path.contains("/v2/") || path.starts_with("/crypto/v1/");
    if protocol && request.method() == axum::http::Method::POST {
        match fate.step() {
            Some(Trouble::Hang) => std::future::pending::<()>().await,
            Some(_) => {
                next.run(request).await;
                return std::future::pending().await;
            }
            None => {}
        }
    }
    next.run(request).await
}

fn environment_of(definition: &cloud::Definition, operation: &str) -> std::collections::BTreeMap<String, String> {
    definition.functions.iter().find(|function| function.operation == operation).unwrap().environment.clone()
}

/// A basket of both SKUs.
pub fn quote(now: Instant) -> Quote {
    let item = |sku: &&str| Item {
        sku: Sku::parse(sku).unwrap(),
        product: ProductId::parse("tea").unwrap(),
        name: "Tea".to_owned(),
        variant: String::new(),
        image: String::new(),
        quantity: TAKEN,
        unit: Amount::minor(500),
        weight_grams: 100,
    };
    let items = SKUS.iter().map(item).collect();
    let basket = Basket { items, currency: Currency::USD, country: "DE", shipping_method: None, promotion: None };
    Quote::new(price(basket, now).unwrap(), Currency::USD, "DE", now)
}

/// The request to pay an order that waits, as often as it is repeated.
pub fn pay(checkout: &Checkout, order: Order, token: &str) -> Pay {
    let now = checkout.till.now();
    Pay {
        order,
        by: "guest:1".to_owned(),
        key: "k".repeat(26),
        fingerprint: "p".repeat(64),
        tender: tender(token),
        now,
        deadline: now.plus(Duration::from_millis(4_500)),
        traceparent: String::new(),
        told: Told { request: "request".to_owned(), trace: "trace".to_owned() },
    }
}

/// The request of a shopper, as often as they repeat it.
pub fn place(checkout: &Checkout, token: &str) -> Place {
    let now = checkout.till.now();
    Place {
        id: OrderId::parse(&kernel::id::derived(&["shopper", token])).unwrap(),
        owner: "guest:1".to_owned(),
        fingerprint: "f".repeat(64),
        quote: quote(Instant::from_millis(0)),
        in_sale: None,
        contact: Contact { email: Email::parse("ada@example.com").unwrap(), address: None },
        tender: Some(tender(token)),
        now,
        deadline: now.plus(Duration::from_millis(4_500)),
        traceparent: String::new(),
        told: Told { request: "request".to_owned(), trace: "trace".to_owned() },
    }
}

/// A card that behaves as the token says; or the method of that name, where it takes no token.
fn tender(token: &str) -> Tender {
    match token {
        "paypal" | "crypto" => Tender { method: token.to_owned(), token: None },
        token => Tender { method: "card".to_owned(), token: Some(Token::parse(token).unwrap()) },
    }
}

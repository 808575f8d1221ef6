//! Whoever shops: over HTTP, as a browser would.

use crate::Why;
use http::StatusCode;
use lambda::Platform;
use local::Local;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A shop that answers.
pub struct Shop {
    url: String,
    platform: Platform,
    signer: vault::Signer,
    agent: ureq::Agent,
    addresses: AtomicU32,
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, when the status is that one.
    ///
    /// # Errors
    /// With the answer's own words, when it is another.
    pub fn expect(&self, status: u16) -> Result<Value, Why> {
        if self.status.as_u16() != status {
            return Err(format!("{} instead of {status}: {}", self.status, String::from_utf8_lossy(&self.body)));
        }
        serde_json::from_slice(&self.body).map_err(|error| format!("the answer is not JSON: {error}"))
    }
}

/// What an asker sends.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The method.
    pub method: http::Method,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: String,
}

impl Ask {
    /// A request without a body.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// A request with one.
    #[must_use]
    pub fn post(path: &str, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method: http::Method::POST, path: path.to_owned(), headers, body: body.to_string() }
    }

    /// With that header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a shopper holds before they place the order.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The signed quote.
    pub quote: String,
    /// The guest's cookie.
    pub cookie: String,
    /// Where they ask from.
    pub address: String,
}

impl Shop {
    /// The shop that runs in this process, with the signature of its cookies.
    ///
    /// # Errors
    /// When it has no signing secret.
    pub fn of(local: &Local) -> Result<Self, Why> {
        let platform = local.platform().clone();
        let signer = local.handle().block_on(platform.signer("guest")).map_err(|fault| fault.to_string())?;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections_per_host(64)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Ok(Self { url: local.url().to_owned(), platform, signer, agent: agent.into(), addresses: AtomicU32::new(0) })
    }

    /// Sends a request from that address.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn send(&self, ask: &Ask, from: &str) -> Result<Answer, Why> {
        let mut request = http::Request::builder().method(&ask.method).uri(format!("{}{}", self.url, ask.path));
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request =
            request.header("x-forwarded-for", from).body(ask.body.as_bytes()).map_err(|error| error.to_string())?;
        let mut response = self.agent.run(request).map_err(|error| format!("no answer from the shop: {error}"))?;
        let body = response.body_mut().read_to_vec().map_err(|error| format!("an answer broke off: {error}"))?;
        Ok(Answer { status: response.status(), body })
    }

    /// An address that nobody asked from before: limits are by address and by shopper.
    pub fn address(&self) -> String {
        let [_, b, c, d] = self.addresses.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        format!("10.{b}.{c}.{d}")
    }

    /// The cookie of a guest who has not been here before, as a first look into the cart gives it.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn cookie(&self) -> Result<String, Why> {
        let id = kernel::id::encode(self.platform.random().map_err(|fault| fault.to_string())?);
        Ok(format!("__Host-guest={id}.{}", self.signer.sign(id.as_bytes())))
    }

    /// A guest asks what one piece costs.
    ///
    /// # Errors
    /// When the shop does not quote.
    pub fn quote(&self, sku: &str) -> Result<Quoted, Why> {
        let (address, cookie) = (self.address(), self.cookie()?);
        let body = self.send(&quote(sku, &cookie), &address)?.expect(200)?;
        let quote = body["quote"].as_str().ok_or("a quote without a quote")?.to_owned();
        Ok(Quoted { quote, cookie, address })
    }

    /// A guest pays what they were quoted: the id of the order.
    ///
    /// # Errors
    /// When the shop does not sell.
    pub fn place(&self, quoted: &Quoted) -> Result<String, Why> {
        let body = self.send(&place(quoted), &quoted.address)?.expect(201)?;
        body["id"].as_str().map(str::to_owned).ok_or_else(|| "an order without an id".to_owned())
    }

    /// A guest reads their order.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, quoted: &Quoted, order: &str) -> Result<Value, Why> {
        self.send(&read(quoted, order), &quoted.address)?.expect(200)
    }

    /// All three.
    ///
    /// # Errors
    /// As the first that fails.
    pub fn checkout(&self, sku: &str) -> Result<(), Why> {
        let quoted = self.quote(sku)?;
        let order = self.place(&quoted)?;
        self.read(&quoted, &order).map(drop)
    }
}

/// The first step of a checkout.
#[must_use]
pub fn quote(sku: &str, cookie: &str) -> Ask {
    Ask::post("/api/quotes", &json!({"items": [{"sku": sku, "quantity": 1}], "country": "DE"})).with("cookie", cookie)
}

/// The second, as the pages send it.
#[must_use]
pub fn place(quoted: &Quoted) -> Ask {
    let body = json!({
        "quote": quoted.quote,
        "email": "ada@example.com",
        "address": {
            "name": "Ada Lovelace", "line1": "Lindenstr. 1", "city": "Berlin", "postal_code": "10969", "country": "DE",
        },
        "payment": {"method": "card", "token": "tok_approve"},
    });
    let key = format!("bench-{}", quoted.address);
    Ask::post("/api/orders", &body).with("cookie", &quoted.cookie).with("idempotency-key", key)
}

/// The third.
#[must_use]
pub fn read(quoted: &Quoted, order: &str) -> Ask {
    Ask::get(format!("/api/orders/{order}")).with("cookie", &quoted.cookie)
}

/// Puts a product into the shop whose stock no benchmark sells out: its SKU.
///
/// # Errors
/// When the shop does not take it.
pub fn stocked(local: &Local, shop: &Shop, name: &str) -> Result<String, Why> {
    stocked_with(local, shop, name, 1_000_000)
}

fn stocked_with(local: &Local, shop: &Shop, name: &str, units: u32) -> Result<String, Why> {
    let product = json!({"name": name, "price": "19.99", "stock_quantity": units});
    let made = shop.send(&by_admin(local, "/api/products", &product, name)?, "10.255.255.1")?.expect(201)?;
    made["variants"][0]["sku"].as_str().map(str::to_owned).ok_or_else(|| "a product without a SKU".to_owned())
}

fn by_admin(local: &Local, path: &str, body: &Value, key: &str) -> Result<Ask, Why> {
    let token = local.staff_tokens().get(&kernel::Role::Admin).ok_or("the shop gave no token for its staff")?;
    Ok(Ask::post(path, body)
        .with("authorization", format!("Bearer {token}"))
        .with("idempotency-key", format!("make-{key}")))
}

/// What is sold in a flash sale.
#[derive(Debug, Clone)]
pub struct OnSale {
    /// The sale.
    pub sale: String,
    /// Its one item.
    pub sku: String,
}

/// Opens a flash sale of something new, with as many pieces as no benchmark buys.
///
/// # Errors
/// When the shop does not open it.
pub fn on_sale(local: &Local, shop: &Shop) -> Result<OnSale, Why> {
    let (sku, now) = (stocked_with(local, shop, "on-sale", 1_000)?, local.cloud().clock().now());
    let sale = json!({
        "name": "Measured",
        "starts_at": now.to_string(),
        "ends_at": now.plus(Duration::from_secs(24 * 3600)).to_string(),
        "limit_per_customer": 2,
        "expected_per_second": 100,
        "waiting_room": false,
        "items": [{"sku": sku, "price": {"amount": 999, "currency": "USD"}}],
    });
    let opened = shop.send(&by_admin(local, "/admin/flash-sales", &sale, "sale")?, "10.255.255.1")?.expect(201)?;
    let sale = opened["id"].as_str().ok_or("a sale without an id")?.to_owned();
    Ok(OnSale { sale, sku })
}

/// One request from "buy" to "paid".
#[must_use]
pub fn flash(OnSale { sale, sku }: &OnSale, cookie: &str, key: &str) -> Ask {
    let body = json!({
        "sale": sale,
        "sku": sku,
        "quantity": 1,
        "email": "ada@example.com",
        "country": "DE",
        "address": {
            "name": "Ada Lovelace", "line1": "Lindenstr. 1", "city": "Berlin", "postal_code": "10969", "country": "DE",
        },
        "payment": {"method": "card", "token": "tok_approve"},
    });
    Ask::post("/flash/checkout", &body).with("cookie", cookie).with("idempotency-key", key)
}

/// Waits until every queue and stream is empty.
///
/// # Errors
/// When that takes longer than a minute.
pub fn settle(local: &Local) -> Result<(), Why> {
    let pollers = local.pollers().ok_or("nothing delivers")?;
    let settled = local.handle().block_on(pollers.settled(Duration::from_secs(60)));
    if settled { Ok(()) } else { Err("queues and streams did not become empty within a minute".to_owned()) }
}

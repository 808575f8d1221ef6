//! Somebody who shops: one address, one cookie.

use crate::ask::Ask;
use crate::reply::Reply;
use crate::shop::Shop;
use http::Method;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// A shopper.
pub struct Shopper<'a> {
    shop: &'a Shop,
    address: String,
    cookie: Mutex<Option<String>>,
    keys: AtomicU32,
}

impl<'a> Shopper<'a> {
    pub(crate) fn new(shop: &'a Shop, address: String) -> Self {
        Self { shop, address, cookie: Mutex::default(), keys: AtomicU32::new(0) }
    }

    /// The shopper's guest cookie, once they have one.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().ok()?.clone()
    }

    /// Where they ask from.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A key that this shopper has not used before.
    pub fn fresh_key(&self) -> String {
        format!("{}-{}", self.address, self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// A request of theirs.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'a> {
        let ask = Ask::new(self.shop, method, path).header("x-forwarded-for", &self.address);
        match self.cookie() {
            Some(cookie) => ask.header("cookie", cookie),
            None => ask,
        }
    }

    /// Sends a request of theirs and keeps the cookie that it brings.
    pub fn send(&self, ask: &Ask<'_>) -> Reply {
        let reply = ask.send();
        self.keep(&reply);
        reply
    }

    /// Keeps the cookie that an answer sets.
    pub fn keep(&self, reply: &Reply) {
        if let (Some(cookie), Ok(mut kept)) = (reply.cookie("__Host-guest"), self.cookie.lock()) {
            *kept = Some(cookie);
        }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Reply {
        self.send(&self.ask(Method::GET, path))
    }

    /// Writes, under a fresh key.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(&self.ask(Method::POST, path).key(&self.fresh_key()).json(body))
    }

    /// Buys some of one SKU with that payment token, from plain items.
    pub fn buy(&self, sku: &str, quantity: u32, token: &str) -> Reply {
        self.post("/api/orders", &order(sku, quantity, Some(token)))
    }
}

/// The body of an order for one line, as the README shows it.
pub fn order(sku: &str, quantity: u32, token: Option<&str>) -> Value {
    let mut body = json!({
        "items": [{"sku": sku, "quantity": quantity}],
        "email": "ada@example.com",
        "country": "DE",
        "shipping_method": "standard",
        "address": {"name": "Ada Lovelace", "line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"},
    });
    if let Some(token) = token {
        body["payment"] = json!({"method": "card", "token": token});
    }
    body
}

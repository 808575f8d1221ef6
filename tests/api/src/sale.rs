//! Flash sales to test with.

use crate::reply::Reply;
use crate::shop::Shop;
use crate::shopper::order;
use http::Method;
use kernel::{Instant, Role};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The body that opens a sale of one item at 5.00 USD, from a minute ago for an hour, ten to a customer, without a line.
pub fn sale_of(sku: &str, now: Instant) -> Value {
    json!({
        "name": "Something to test",
        "starts_at": now.minus(Duration::from_secs(60)).to_string(),
        "ends_at": now.plus(Duration::from_secs(3600)).to_string(),
        "limit_per_customer": 10,
        "expected_per_second": 100,
        "waiting_room": false,
        "items": [{"sku": sku, "price": {"amount": 500, "currency": "USD"}}],
    })
}

/// The body that buys in a sale.
pub fn in_sale(sale: &str, sku: &str, quantity: u32, token: &str) -> Value {
    let plain = order(sku, quantity, Some(token));
    json!({
        "sale": sale,
        "sku": sku,
        "quantity": quantity,
        "email": plain["email"],
        "country": "DE",
        "address": plain["address"],
        "payment": plain["payment"],
    })
}

impl Shop {
    /// Now, by this shop's clock.
    pub fn now(&self) -> Instant {
        self.local().map_or_else(system_time, |local| local.cloud().clock().now())
    }

    /// Opens a sale.
    ///
    /// # Panics
    /// When it is refused.
    pub fn open_sale(&self, body: &Value) -> Value {
        self.ask_to_open(body).expect(201).json()
    }

    /// Asks to open a sale.
    pub fn ask_to_open(&self, body: &Value) -> Reply {
        self.staff(Role::Admin, Method::POST, "/admin/flash-sales").json(body).send()
    }

    /// A new product with so much stock in a sale of its own, as [`sale_of`] says but for `change`. Sale and SKU.
    ///
    /// # Panics
    /// When it is refused.
    pub fn new_sale(&self, stock: u32, change: impl FnOnce(&mut Value)) -> (String, String) {
        let sku = self.new_sku(stock);
        let mut body = sale_of(&sku, self.now());
        change(&mut body);
        let sale = self.open_sale(&body);
        (sale["id"].as_str().expect("a sale has an id").to_owned(), sku)
    }
}

fn system_time() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

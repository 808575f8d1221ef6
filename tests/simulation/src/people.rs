//! What shoppers and staff do, drawn step by step.

use crate::books::{Books, Matter};
use crate::chance::Chance;
use crate::shop::{Ask, COUPON, GOODS, ON_SALE, Shop};
use crate::watch::Watch;
use kernel::Fault;
use serde_json::json;
use std::time::Duration;

/// The tokens that shoppers pay with, the usual one oftener.
const TOKENS: [&str; 8] = [
    "tok_approve",
    "tok_approve",
    "tok_approve",
    "tok_decline",
    "tok_fail_1",
    "tok_fail_3",
    "tok_lost_answer",
    "tok_duplicate_event",
];
/// Those with which a payment stays undecided until its time is over: minutes in which the queue asks again and again.
const ENDLESS: [&str; 2] = ["tok_hang", "tok_fail_9"];

/// Everybody who does something in one run.
#[derive(Clone)]
pub struct People {
    shop: Shop,
    watch: Watch,
    books: Books,
    chance: Chance,
    guests: u64,
    sale: Option<String>,
}

impl People {
    /// So many guests, and the staff.
    #[must_use]
    pub fn new(shop: Shop, watch: Watch, books: Books, chance: Chance) -> Self {
        let guests = chance.between(2, 8);
        Self { shop, watch, books, chance, guests, sale: None }
    }

    /// In some runs there is a flash sale, which ends while they are at it.
    ///
    /// # Errors
    /// What the shop said instead.
    pub async fn open_a_sale(&mut self) -> Result<(), String> {
        if self.chance.one_in(2) {
            let lasts = Duration::from_secs(self.chance.between(10, 120));
            self.sale = Some(self.shop.open_sale(lasts, self.chance.between(1, 6)).await?);
        }
        Ok(())
    }

    /// Somebody does something; whether it works out shows later. Answers the task that goes on with it.
    ///
    /// # Errors
    /// When the signing secret does not read.
    pub async fn act(&self, step: u64) -> Result<tokio::task::JoinHandle<()>, Fault> {
        let known = self.books.orders();
        let key = format!("key-{step}");
        match self.chance.below(100) {
            0..28 => match &self.sale {
                Some(sale) => self.flash(&key, sale).await?,
                None => self.place(&key).await?,
            },
            28..48 => self.place(&key).await?,
            48..58 if !known.is_empty() => self.pay(&key, &known).await?,
            58..74 if !known.is_empty() => self.cancel(&key, &known).await?,
            74..84 => self.adjust(&key),
            84..92 => return Ok(self.again(step)),
            _ => self.place(&key).await?,
        }
        let tries = u32::try_from(self.chance.between(1, 5)).unwrap_or(1);
        let wait = Duration::from_millis(self.chance.between(200, 9_000));
        Ok(self.send(key, tries, wait))
    }

    fn send(&self, key: String, tries: u32, wait: Duration) -> tokio::task::JoinHandle<()> {
        let people = self.clone();
        tokio::spawn(async move { people.books.send(&people.shop, &people.watch, &key, tries, wait).await })
    }

    /// A client that repeats what it asked long ago.
    fn again(&self, step: u64) -> tokio::task::JoinHandle<()> {
        let keys: Vec<String> = self.books.all().into_iter().map(|(key, _)| key).collect();
        match self.chance.pick(&keys) {
            Some(key) => self.send(key.clone(), 2, Duration::from_secs(2)),
            None => {
                self.shop.tell(&format!("step {step}: there is nothing to repeat"));
                tokio::spawn(async {})
            }
        }
    }

    fn token(&self) -> &'static str {
        let tokens = if self.chance.one_in(30) { &ENDLESS[..] } else { &TOKENS };
        self.chance.pick(tokens).copied().unwrap_or("tok_approve")
    }

    async fn place(&self, key: &str) -> Result<(), Fault> {
        let guest = self.chance.below(self.guests);
        let mut items = Vec::new();
        let first = self.chance.below(GOODS.len() as u64);
        for line in 0..self.chance.between(1, 2) {
            let at = usize::try_from((first + line) % GOODS.len() as u64).unwrap_or_default();
            items.push(json!({"sku": GOODS[at].0, "quantity": self.chance.between(1, 4)}));
        }
        let paid = !self.chance.one_in(5);
        let mut body = json!({"items": items, "email": format!("guest{guest}@example.com"), "country": "DE"});
        if self.chance.one_in(4) {
            body["coupon"] = json!(COUPON.0);
        }
        if paid {
            body["payment"] = json!({"method": "card", "token": self.token()});
        }
        let ask = self.by_guest(guest, "place-order", "/api/orders", None, body.to_string()).await?;
        self.books.begin(key, Matter::Place { guest, paid }, ask);
        Ok(())
    }

    async fn flash(&self, key: &str, sale: &str) -> Result<(), Fault> {
        let guest = self.chance.below(self.guests);
        let sku = self.chance.pick(&ON_SALE).map_or(ON_SALE[0].0, |(sku, _)| sku);
        let body = json!({
            "sale": sale, "sku": sku, "quantity": self.chance.between(1, 3), "country": "DE",
            "email": format!("guest{guest}@example.com"), "payment": {"method": "card", "token": self.token()}
        });
        let ask = self.by_guest(guest, "flash-checkout", "/flash/checkout", None, body.to_string()).await?;
        self.books.begin(key, Matter::Place { guest, paid: true }, ask);
        Ok(())
    }

    async fn pay(&self, key: &str, known: &[(u64, String)]) -> Result<(), Fault> {
        let Some((guest, order)) = self.chance.pick(known).cloned() else { return Ok(()) };
        let body = json!({"method": "card", "token": self.token()}).to_string();
        let part = Some(("orderId", order.clone()));
        let ask = self.by_guest(guest, "pay-order", "/api/orders/{orderId}/payments", part, body).await?;
        self.books.begin(key, Matter::Pay { order }, ask);
        Ok(())
    }

    async fn cancel(&self, key: &str, known: &[(u64, String)]) -> Result<(), Fault> {
        let Some((guest, order)) = self.chance.pick(known).cloned() else { return Ok(()) };
        let part = Some(("orderId", order.clone()));
        let body = json!({"reason": "changed my mind"}).to_string();
        let ask = self.by_guest(guest, "cancel-order", "/api/orders/{orderId}/cancellation", part, body).await?;
        self.books.begin(key, Matter::Cancel { order }, ask);
        Ok(())
    }

    fn adjust(&self, key: &str) {
        let sku = self.chance.pick(&GOODS).map_or(GOODS[0].0, |(sku, _)| sku).to_owned();
        let units = i64::try_from(self.chance.between(1, 9)).unwrap_or(1);
        let change = if self.chance.one_in(3) { -units } else { units };
        let ask = Ask {
            operation: "adjust-stock",
            route: "/admin/stock/{sku}",
            part: Some(("sku", sku.clone())),
            headers: Vec::new(),
            body: json!({"change": change, "reason": "a delivery or a breakage"}).to_string(),
        };
        self.books.begin(key, Matter::Adjust { sku, change }, ask.by_staff());
    }

    async fn by_guest(
        &self,
        guest: u64,
        operation: &'static str,
        route: &'static str,
        part: Option<(&'static str, String)>,
        body: String,
    ) -> Result<Ask, Fault> {
        Ok(Ask { operation, route, part, headers: vec![("cookie", self.shop.cookie(guest).await?)], body })
    }
}

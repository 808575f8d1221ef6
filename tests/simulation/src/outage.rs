//! The provider dies for five minutes while shoppers come one after another, and comes back.

use crate::books::{Books, Matter};
use crate::ending;
use crate::shop::{Ask, Shop};
use crate::watch::Watch;
use crate::weather::Sky;
use cloud::Definition;
use local::functions::Mounted;
use serde_json::json;
use std::time::Duration;

/// Shoppers, each a guest of their own.
const SHOPPERS: u64 = 150;
/// Between two of them.
const EVERY: Duration = Duration::from_secs(2);
/// Operations after which the breaker is open, and calls of one operation.
const OPERATIONS: u64 = 3;
const CALLS: u64 = 4;
/// What is between two probes at the least: 30 s, less what the clocks of two environments may differ.
const PROBE_SECONDS: u64 = 26;

/// What came of an outage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Requests for money that were sent while it lasted.
    pub sent: u64,
    /// How many there may have been.
    pub most: u64,
    /// Shoppers that were told so before anything was written.
    pub refused: u64,
}

/// Plays it, with bugs in the place of what ships.
///
/// # Errors
/// The law that was broken, with the end of the trace.
pub fn run(definition: &Definition, seed: u64, planted: &[Mounted]) -> Result<Outage, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let shop = Shop::open(definition.clone(), seed, planted).await?;
        let watch = Watch::over(&shop)?;
        let books = Books::default();
        shop.weather().turn(Sky::Storm(0));
        shop.weather().outage(true);
        let began = shop.now();
        let mut refused = 0;
        for guest in 0..SHOPPERS {
            let key = format!("shopper-{guest}");
            books.begin(&key, Matter::Place { guest, paid: true }, order(&shop, guest).await?);
            books.send(&shop, &watch, &key, 1, EVERY).await;
            refused += u64::from(books.last(&key) == Some(503));
        }
        let seconds = shop.now().since(began).as_secs();
        let most = CALLS * (OPERATIONS + seconds / PROBE_SECONDS + 1);
        let sent = shop.provider().sent();
        if sent > most {
            let law = "a provider that is dead is called by three operations, then by one probe in half a minute";
            return Err(format!("{law}: {sent} calls in {seconds} s, {most} at the most"));
        }
        shop.weather().outage(false);
        ending::come_to_rest(&shop, &watch, &books).await;
        ending::check(&shop, &watch, &books).await;
        match watch.first_broken() {
            Some(broken) => Err(format!("{broken}\n{}", shop.trace().last(60, &[]).join("\n"))),
            None => Ok(Outage { sent, most, refused }),
        }
    })
}

async fn order(shop: &Shop, guest: u64) -> Result<Ask, String> {
    let body = json!({
        "items": [{"sku": "TEA", "quantity": 1}], "email": format!("guest{guest}@example.com"), "country": "DE",
        "payment": {"method": "card", "token": "tok_approve"}
    });
    let cookie = shop.cookie(guest).await.map_err(|fault| fault.to_string())?;
    let headers = vec![("cookie", cookie)];
    Ok(Ask { operation: "place-order", route: "/api/orders", part: None, headers, body: body.to_string() })
}

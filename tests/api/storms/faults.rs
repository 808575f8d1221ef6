//! Stores that fail now and then.

use crate::{SETTLING, insist};
use api::{Books, Shop, order};
use cloud::{Call, Trouble};
use http::Method;
use local::Options;
use orders::State;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

// Proves: S1-P11
#[test]
fn a_server_error_is_never_frozen_and_the_work_is_rolled_forward() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(10);
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let cloud = shop.local().unwrap().cloud();
    for (number, table) in ["russet-stock", "russet-orders", "russet-control", "russet-catalog"].into_iter().enumerate()
    {
        let ask = shopper.ask(Method::POST, "/api/orders").key(&format!("fault-{number}")).json(&order(
            &sku,
            1,
            Some("tok_approve"),
        ));
        let fails = move |call: &Call<'_>| {
            (call.caller.contains("place-order") && call.resource == table).then_some(Trouble::ServerError)
        };
        cloud.set_faults(Some(Arc::new(fails)));
        let failed = ask.send();
        assert!([500, 503].contains(&failed.status), "{table}: {failed}");
        for hidden in ["russet-", "DynamoDB", "InternalServerError", "panicked"] {
            assert!(!failed.text().contains(hidden), "{failed}");
        }
        cloud.set_faults(None);
        let reply = insist(&ask, Duration::from_secs(30));
        assert!([201, 202].contains(&reply.status), "{table}: {reply}");
    }
    let books = Books::settled(&shop, SETTLING);
    assert_eq!((books.count(State::Paid), books.orders.len(), books.payments.len()), (4, 4, 4));
    assert_eq!(shop.stock(&sku)["sold"], 4);
}

#[test]
fn stores_that_lose_answers_and_throttle_sell_nothing_twice() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(20);
    let calls = AtomicU32::new(0);
    let faults = move |call: &Call<'_>| {
        if call.caller.starts_with("LOCALroot") {
            return None;
        }
        match calls.fetch_add(1, Ordering::Relaxed) % 23 {
            5 => Some(Trouble::After),
            11 => Some(Trouble::Throttle),
            17 => Some(Trouble::Before),
            _ => None,
        }
    };
    shop.local().unwrap().cloud().set_faults(Some(Arc::new(faults)));
    let replies: Vec<api::Reply> = std::thread::scope(|scope| {
        let buying: Vec<_> = (0..30)
            .map(|_| {
                scope.spawn(|| {
                    let shopper = shop.shopper();
                    let body = order(&sku, 1, Some("tok_approve"));
                    insist(
                        &shopper.ask(Method::POST, "/api/orders").key(&shopper.fresh_key()).json(&body),
                        Duration::from_secs(60),
                    )
                })
            })
            .collect();
        buying.into_iter().map(|one| one.join().unwrap()).collect()
    });
    shop.local().unwrap().cloud().set_faults(None);
    let bought = replies.iter().filter(|reply| [201, 202].contains(&reply.status)).count();
    let books = Books::settled(&shop, SETTLING);
    assert_eq!(books.count(State::Paid), bought, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    assert_eq!(bought, 20);
}

//! One request, many times.

use crate::{SETTLING, insist};
use api::{Books, Reply, Shop, order};
use http::Method;
use local::Options;
use orders::State;
use serde_json::json;
use std::time::Duration;

// Proves: S3-07
#[test]
fn fifty_repeats_at_once_are_one_order_one_charge_and_fifty_equal_answers() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(60);
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let ask = shopper.ask(Method::POST, "/api/orders").key("fifty").json(&order(&sku, 1, Some("tok_approve")));
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..50).map(|_| scope.spawn(|| insist(&ask, Duration::from_secs(60)))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for reply in &replies {
        assert_eq!((reply.status, &reply.body), (201, &replies[0].body));
    }
    let books = Books::settled(&shop, SETTLING);
    assert_eq!((books.orders.len(), books.payments.len(), books.count(State::Paid)), (1, 1, 1));
}

#[test]
fn a_repeat_after_settlement_and_one_before_a_redelivery_sell_nothing_twice() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(10);
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let ask = shopper.ask(Method::POST, "/api/orders").key("again").json(&order(&sku, 2, Some("tok_approve")));
    let first = ask.send().expect(201);
    Books::settled(&shop, SETTLING);
    assert_eq!(ask.send().expect(201).body, first.body);
    shop.local().unwrap().cloud().duplicate_everything(true);
    assert_eq!(ask.send().expect(201).body, first.body);
    shop.shopper().buy(&sku, 1, "tok_approve").expect(201);
    assert_eq!(ask.send().expect(201).body, first.body);
    let books = Books::settled(&shop, SETTLING);
    assert_eq!((books.orders.len(), books.payments.len()), (2, 2));
    assert_eq!((shop.stock(&sku)["sold"].as_i64(), shop.stock(&sku)["available"].as_i64()), (Some(3), Some(7)));
}

#[test]
fn keys_are_kept_for_a_week_and_those_of_orders_for_ever() {
    let clock = cloud::Clock::manual(kernel::Instant::from_seconds(1_790_000_000));
    let shop = Shop::start(Options { clock: clock.clone(), seed: false, ..Options::default() });
    let sku = shop.new_sku(10);
    let admin = |key: &str| {
        let body = json!({"change": 1, "reason": "Delivery"});
        shop.staff(kernel::Role::Warehouse, Method::POST, &format!("/admin/stock/{sku}"))
            .key(key)
            .json(&body)
            .send()
            .expect(200)
    };
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let ask = shopper.ask(Method::POST, "/api/orders").key("for ever".replace(' ', "-").as_str()).json(&order(
        &sku,
        1,
        Some("tok_approve"),
    ));
    let (placed, put) = (ask.send().expect(201), admin("kept"));
    clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(admin("kept").body, put.body, "a day later");
    clock.advance(Duration::from_secs(90 * 24 * 3600));
    assert_eq!(ask.send().expect(201).body, placed.body, "months later");
}

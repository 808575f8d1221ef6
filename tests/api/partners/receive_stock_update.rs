//! `POST /partner/webhooks/stock`.

use api::{Shop, Supplier, eventually};
use serde_json::json;
use std::time::Duration;

fn available(supplier: &Supplier<'_>, own: &str, units: u64) {
    let stock = || Shop::shared().stock(&supplier.shop_sku(own))["available"].as_u64();
    let seen = eventually(Duration::from_secs(20), stock, |seen| *seen == Some(units));
    assert_eq!(seen, Some(units));
}

// Proves: S4-I2a S4-I2b
#[test]
fn a_statement_is_applied_and_neither_a_repeat_nor_an_older_one_changes_it() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    supplier.feed("tea", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    let later = shop.now();
    let earlier = later.minus(Duration::from_millis(1));
    let taken = supplier.state("msg_2", later, &json!([{"sku": "TEA", "stock": 9}])).expect(202).json();
    assert_eq!(taken, json!({"id": "msg_2", "items": 1, "stored": true}));
    available(&supplier, "TEA", 9);
    for (message, as_of) in [("msg_2", later), ("msg_1", earlier), ("msg_2", earlier)] {
        supplier.state(message, as_of, &json!([{"sku": "TEA", "stock": 1}])).expect(202);
    }
    supplier
        .state("msg_3", shop.now(), &json!([{"sku": "NO-SUCH", "stock": 1}, {"sku": "TEA", "stock": 8}]))
        .expect(202);
    available(&supplier, "TEA", 8);
}

// Proves: S4-I2b
#[test]
fn in_whatever_order_and_however_often_statements_come_the_newest_count_stands() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    supplier.feed("tea", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,50\n");
    shop.shopper().buy(&supplier.shop_sku("TEA"), 2, "tok_approve").expect(201);
    let first = shop.now();
    eventually(Duration::from_secs(1), || shop.now(), |now| *now > first.plus(Duration::from_millis(5)));
    let mut order: Vec<u64> = (0..5).flat_map(|n| [n; 5]).collect();
    fastrand::Rng::with_seed(7).shuffle(&mut order);
    // Counts of moments after the sale, each five times.
    for n in order {
        let as_of = first.plus(Duration::from_millis(n));
        supplier.state(&format!("msg_{n}"), as_of, &json!([{"sku": "TEA", "stock": 20 + n}])).expect(202);
    }
    available(&supplier, "TEA", 24);
    shop.shopper().buy(&supplier.shop_sku("TEA"), 3, "tok_approve").expect(201);
    for n in [4, 0, 2] {
        let as_of = first.plus(Duration::from_millis(n));
        supplier.state(&format!("msg_{n}"), as_of, &json!([{"sku": "TEA", "stock": 20 + n}])).expect(202);
    }
    supplier.state("last", first.plus(Duration::from_millis(3)), &json!([{"sku": "TEA", "stock": 7}])).expect(202);
    available(&supplier, "TEA", 21);
}

#[test]
fn a_statement_of_the_future_or_of_last_week_is_refused() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let day = Duration::from_secs(24 * 3600);
    for (as_of, rule) in [(shop.now().plus(day), "future"), (shop.now().minus(day * 7), "too_old")] {
        let refused = supplier.state(rule, as_of, &json!([{"sku": "TEA", "stock": 9}])).problem(400, "invalid_request");
        assert_eq!(refused.json()["errors"][0]["rule"], rule, "{refused}");
    }
}

#[test]
fn in_the_sandbox_a_statement_is_verified_and_not_stored() {
    let supplier = Supplier::new(Shop::shared());
    let taken = supplier.state("msg", Shop::shared().now(), &json!([{"sku": "TEA", "stock": 9}])).expect(202).json();
    assert_eq!(taken["stored"], false);
    let checklist = supplier.get("/partner/me").json()["checklist"].clone();
    assert!(checklist[2]["done_at"].is_string(), "{checklist}");
}

#[test]
fn what_is_not_signed_as_it_must_be_is_not_believed() {
    let shop = Shop::shared();
    let (supplier, other) = (Supplier::new(shop), Supplier::new(shop));
    let body = json!({"as_of": shop.now().to_string(), "items": [{"sku": "TEA", "stock": 9}]}).to_string();
    let signed = || supplier.webhook("msg", shop.now(), &body);
    signed().send().expect(202);
    signed().header("x-partner-id", &other.id).send().problem(401, "unauthenticated");
    signed().header("webhook-id", "another").send().problem(401, "unauthenticated");
    signed().without("webhook-signature").send().problem(401, "unauthenticated");
    signed().without("webhook-timestamp").send().problem(401, "unauthenticated");
    signed().bytes("application/json", body.replace('9', "8")).send().problem(401, "unauthenticated");
    let old = shop.now().minus(Duration::from_secs(301));
    supplier.webhook("msg", old, &body).send().problem(401, "unauthenticated");
}

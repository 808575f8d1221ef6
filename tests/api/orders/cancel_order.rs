//! `POST /api/orders/{orderId}/cancellation`.

use api::{Shop, Shopper, eventually, order};
use http::Method;
use kernel::Role;
use serde_json::json;
use std::time::Duration;

fn bought(shopper: &Shopper<'_>, sku: &str) -> String {
    shopper.buy(sku, 2, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_paid_order_is_cancelled_refunded_and_its_stock_comes_back() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let id = bought(&shopper, &sku);
    let cancelled =
        shopper.post(&format!("/api/orders/{id}/cancellation"), &json!({"reason": "Ordered twice"})).expect(200).json();
    assert_eq!((&cancelled["state"], &cancelled["status"]), (&json!("cancelled"), &json!("cancelled")));
    eventually(
        Duration::from_secs(20),
        || Shop::shared().stock(&sku),
        |stock| stock["available"] == 5 && stock["held"] == 0,
    );
    let refunded = |order: &serde_json::Value| order["payment"]["refunded"] == order["payment"]["amount"];
    eventually(Duration::from_secs(20), || shopper.get(&format!("/api/orders/{id}")).json(), refunded);
}

#[test]
fn an_order_that_waits_is_cancelled_without_a_refund() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let id = shopper.post("/api/orders", &order(&sku, 1, None)).expect(201).json()["id"].as_str().unwrap().to_owned();
    shopper.post(&format!("/api/orders/{id}/cancellation"), &json!({})).expect(200);
    eventually(Duration::from_secs(20), || Shop::shared().stock(&sku), |stock| stock["available"] == 5);
}

#[test]
fn support_cancels_for_a_shopper_and_others_do_not() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/cancellation", bought(&shopper, &sku));
    let by = |role| {
        Shop::shared()
            .staff(role, Method::POST, &path)
            .key(&crate::every_operation::fresh_key())
            .json(&json!({}))
            .send()
    };
    by(Role::Warehouse).problem(403, "forbidden");
    by(Role::Support).expect(200);
    let other = Shop::shared().shopper();
    other.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    other.post(&path, &json!({})).problem(404, "not_found");
}

#[test]
fn a_repeat_cancels_once_and_gets_the_same_answer() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/cancellation", bought(&shopper, &sku));
    let key = shopper.fresh_key();
    let cancel = |reason: &str| shopper.ask(Method::POST, &path).key(&key).json(&json!({"reason": reason})).send();
    let (first, again) = (cancel("a").expect(200), cancel("a").expect(200));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    cancel("b").expect(422);
}

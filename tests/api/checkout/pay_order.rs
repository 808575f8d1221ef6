//! `POST /api/orders/{orderId}/payments`.

use api::{Shop, Shopper, order};
use http::Method;
use serde_json::{Value, json};

fn waiting(shopper: &Shopper<'_>, sku: &str) -> String {
    let placed = shopper.post("/api/orders", &order(sku, 1, None)).expect(201).json();
    placed["id"].as_str().unwrap().to_owned()
}

fn card(token: &str) -> Value {
    json!({"method": "card", "token": token})
}

#[test]
fn an_order_that_waits_is_paid() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let id = waiting(&shopper, &sku);
    let paid = shopper.post(&format!("/api/orders/{id}/payments"), &card("tok_approve")).expect(201).json();
    assert_eq!((&paid["id"], &paid["state"]), (&json!(id), &json!("paid")));
}

#[test]
fn an_order_is_paid_once() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    shopper.post(&path, &card("tok_approve")).expect(201);
    shopper.post(&path, &card("tok_approve")).expect(409);
}

#[test]
fn another_shoppers_order_is_404_like_one_that_is_not_there() {
    let (sku, owner, other) = (Shop::shared().new_sku(5), Shop::shared().shopper(), Shop::shared().shopper());
    let id = waiting(&owner, &sku);
    other.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    other.post(&format!("/api/orders/{id}/payments"), &card("tok_approve")).problem(404, "not_found");
    other.post("/api/orders/00000000000000000000000000/payments", &card("tok_approve")).problem(404, "not_found");
}

#[test]
fn a_method_that_is_not_there_is_refused() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    let reply = shopper.post(&path, &json!({"method": "shells", "token": "tok_approve"}));
    assert!([400, 422].contains(&reply.status), "{reply}");
}

#[test]
fn a_repeat_pays_once_and_gets_the_same_answer() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    let key = shopper.fresh_key();
    let pay = |token: &str| shopper.ask(Method::POST, &path).key(&key).json(&card(token)).send();
    let (first, again) = (pay("tok_approve").expect(201), pay("tok_approve").expect(201));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    pay("tok_decline").expect(422);
}

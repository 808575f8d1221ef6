//! `POST /admin/promotions`.

use crate::every_operation::fresh_key;
use api::{Ask, Shop};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};

fn create(body: &Value) -> Ask<'static> {
    Shop::shared().staff(Role::Admin, Method::POST, "/admin/promotions").json(body)
}

fn code() -> String {
    fresh_key().replace("every", "T")
}

#[test]
fn a_promotion_is_made_and_used() {
    let code = code();
    create(&json!({"code": code, "kind": "fixed", "amount": {"amount": 250, "currency": "USD"}})).send().expect(201);
    let sku = Shop::shared().new_sku(5);
    let body = json!({"items": [{"sku": sku, "quantity": 1}], "country": "DE", "coupon": code});
    let quote = Shop::shared().shopper().post("/api/quotes", &body).expect(200).json();
    assert_eq!(quote["discount"], json!({"amount": 250, "currency": "USD"}));
}

#[test]
fn a_limited_promotion_is_stock_and_runs_out() {
    let code = code();
    create(&json!({"code": code, "kind": "percentage", "percent": 50, "limit": 1})).send().expect(201);
    let sku = Shop::shared().new_sku(9);
    let mut body = api::order(&sku, 1, Some("tok_approve"));
    body["coupon"] = json!(code);
    Shop::shared().shopper().post("/api/orders", &body).expect(201);
    let reply = Shop::shared().shopper().post("/api/orders", &body);
    assert!([409, 422].contains(&reply.status), "{reply}");
}

#[test]
fn each_kind_needs_what_it_takes_off() {
    for body in [
        json!({"code": code(), "kind": "percentage"}),
        json!({"code": code(), "kind": "fixed"}),
        json!({"code": code(), "kind": "percentage", "amount": {"amount": 1, "currency": "USD"}}),
        json!({"code": code(), "kind": "fixed", "amount": {"amount": -1, "currency": "USD"}}),
    ] {
        let reply = create(&body).send();
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
}

#[test]
fn a_code_that_is_taken_is_refused_and_a_repeat_is_not() {
    let (code, key) = (code(), fresh_key());
    let body = json!({"code": code, "kind": "free_shipping"});
    let first = create(&body).key(&key).send().expect(201);
    let again = create(&body).key(&key).send().expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    create(&body).key(&fresh_key()).send().expect(409);
    create(&json!({"code": code, "kind": "percentage", "percent": 5})).key(&key).send().expect(422);
}

//! `PATCH /api/products/{productId}`.

use crate::every_operation::fresh_key;
use api::{Ask, Shop};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};

fn change(id: &str, version: &str, body: &Value) -> Ask<'static> {
    Shop::shared()
        .staff(Role::Admin, Method::PATCH, &format!("/api/products/{id}"))
        .header("if-match", version)
        .json(body)
}

#[test]
fn what_is_sent_changes_and_the_rest_stays() {
    let id = Shop::shared().new_sku(5);
    let changed = change(&id, "\"1\"", &json!({"name": "Renamed"})).send().expect(200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    let product = Shop::shared().get(&format!("/api/products/{id}")).send().expect(200).json();
    assert_eq!(
        (&product["name"], &product["price"], &product["stock_quantity"]),
        (&json!("Renamed"), &json!("10.00"), &json!(5))
    );
}

#[test]
fn a_change_that_rests_on_an_old_version_is_refused() {
    let id = Shop::shared().new_sku(1);
    change(&id, "\"1\"", &json!({"name": "One"})).send().expect(200);
    change(&id, "\"1\"", &json!({"name": "Two"})).send().expect(412);
    change(&id, "\"nonsense\"", &json!({"name": "Two"})).send().expect(412);
}

#[test]
fn a_withdrawn_product_can_not_be_bought() {
    let id = Shop::shared().new_sku(5);
    change(&id, "\"1\"", &json!({"status": "withdrawn"})).send().expect(200);
    let reply = Shop::shared().shopper().buy(&id, 1, "tok_approve");
    assert!([404, 409, 422].contains(&reply.status), "{reply}");
}

#[test]
fn a_repeat_changes_once() {
    let (id, key) = (Shop::shared().new_sku(1), fresh_key());
    let first = change(&id, "\"1\"", &json!({"name": "Once"})).key(&key).send().expect(200);
    let again = change(&id, "\"1\"", &json!({"name": "Once"})).key(&key).send().expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
}

#[test]
fn a_product_that_is_not_there_is_404() {
    change("no-such-product", "\"1\"", &json!({"name": "x"})).send().problem(404, "not_found");
}

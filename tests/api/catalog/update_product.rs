//! `PATCH /api/products/{productId}`.

use crate::every_operation::fresh_key;
use api::{Ask, Shop, eventually};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};
use std::time::Duration;

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
fn a_quote_for_a_product_that_was_withdrawn_since_is_refused_until_it_is_sold_again() {
    let id = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    let basket = json!({"items": [{"sku": id, "quantity": 1}], "country": "DE"});
    let quote = shopper.post("/api/quotes", &basket).expect(200).json()["quote"].clone();
    let place = || {
        let body =
            json!({"quote": quote, "email": "ada@example.com", "payment": {"method": "card", "token": "tok_approve"}});
        let ask = shopper.ask(Method::POST, "/api/orders").key(&shopper.fresh_key());
        shopper.send(&ask.json(&body))
    };
    let on_offer = || Shop::shared().stock(&id)["cells"][0]["open"].clone();

    change(&id, "\"1\"", &json!({"status": "withdrawn"})).send().expect(200);
    eventually(Duration::from_secs(10), on_offer, |open| *open == json!(false));
    place().problem(409, "out_of_stock");

    change(&id, "\"2\"", &json!({"status": "active"})).send().expect(200);
    eventually(Duration::from_secs(10), on_offer, |open| *open == json!(true));
    place().expect(201);
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

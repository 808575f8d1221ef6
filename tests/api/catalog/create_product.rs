//! `POST /api/products`.

use crate::every_operation::fresh_key;
use api::{Ask, Shop, eventually};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};
use std::time::Duration;

fn create(body: &Value) -> Ask<'static> {
    Shop::shared().staff(Role::Admin, Method::POST, "/api/products").json(body)
}

// Proves: S1-B01
#[test]
fn a_plain_product_gets_one_variant_and_is_found_where_it_says() {
    let made = create(&json!({"name": "Lavender Soap", "price": "9.99", "description": "Mild.", "stock_quantity": 40}))
        .send()
        .expect(201);
    let product = made.json();
    assert_eq!(made.header("location"), Some(&*format!("/api/products/{}", product["id"].as_str().unwrap())));
    assert_eq!(
        (&product["price"], &product["price_money"]),
        (&json!("9.99"), &json!({"amount": 999, "currency": "USD"}))
    );
    assert_eq!(product["variants"][0]["sku"], product["id"]);
    let read = Shop::shared().get(made.header("location").unwrap()).send().expect(200).json();
    assert_eq!(read["stock_quantity"], 40);
}

#[test]
fn a_new_product_is_found_by_search_soon() {
    let made = create(&json!({"name": "Quibblewort Salve", "price": "3.50"})).send().expect(201).json();
    eventually(
        Duration::from_secs(15),
        || Shop::shared().get("/api/products?q=quibblewort").send().expect(200).json(),
        |page| page["items"].as_array().unwrap().iter().any(|item| item["id"] == made["id"]),
    );
}

#[test]
fn a_sku_or_an_id_that_is_taken_is_refused() {
    let first = create(&json!({"name": "First", "price": "1.00"})).send().expect(201).json();
    create(&json!({"id": first["id"], "name": "Second", "price": "1.00"})).send().expect(409);
    let variants = json!([{"sku": first["variants"][0]["sku"], "price": "1.00"}]);
    create(&json!({"name": "Third", "variants": variants})).send().expect(409);
}

#[test]
fn limits_of_fields_are_kept() {
    create(&json!({"name": "n".repeat(255), "price": "1.00"})).send().expect(201);
    create(&json!({"name": "n".repeat(256), "price": "1.00"})).send().expect(400);
    create(&json!({"name": "x", "price": "1.00", "image_url": "/".repeat(513)})).send().expect(400);
    for price in ["-1.00", "1,00", "1.000", "0x1", "1e3", "", "99999999999.00"] {
        let reply = create(&json!({"name": "x", "price": price})).send();
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
}

#[test]
fn a_repeat_makes_one_product_and_gets_the_same_answer() {
    let key = fresh_key();
    let body = json!({"name": "Once", "price": "2.00"});
    let first = create(&body).key(&key).send().expect(201);
    let again = create(&body).key(&key).send().expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    create(&json!({"name": "Other", "price": "2.00"})).key(&key).send().expect(422);
}

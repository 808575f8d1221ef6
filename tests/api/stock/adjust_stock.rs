//! `POST /admin/stock/{sku}`.

use crate::every_operation::fresh_key;
use api::{Ask, Shop};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};

fn adjust(sku: &str, body: &Value) -> Ask<'static> {
    Shop::shared().staff(Role::Warehouse, Method::POST, &format!("/admin/stock/{sku}")).json(body)
}

#[test]
fn stock_is_put_in_and_taken_out() {
    let sku = Shop::shared().new_sku(10);
    assert_eq!(adjust(&sku, &json!({"change": 5, "reason": "Delivery"})).send().expect(200).json()["available"], 15);
    assert_eq!(adjust(&sku, &json!({"change": -3, "reason": "Broken"})).send().expect(200).json()["available"], 12);
}

#[test]
fn a_take_stops_at_nothing_and_tells_the_rest() {
    let sku = Shop::shared().new_sku(2);
    let stock = adjust(&sku, &json!({"change": -5, "reason": "Lost"})).send().expect(200).json();
    assert_eq!((&stock["available"], &stock["taken"], &stock["short"]), (&json!(0), &json!(2), &json!(3)));
}

#[test]
fn what_a_person_counted_becomes_the_stock() {
    let sku = Shop::shared().new_sku(10);
    let body = json!({"stated": 7, "as_of": "2099-01-01T00:00:00.000Z", "reason": "Count"});
    let reply = adjust(&sku, &body).send();
    if reply.status == 200 {
        assert_eq!(reply.json()["available"], 7);
    } else {
        assert!([400, 422].contains(&reply.status), "a count in the future may be refused: {reply}");
    }
}

#[test]
fn either_a_change_or_a_count_but_not_both_and_not_neither() {
    let sku = Shop::shared().new_sku(1);
    for body in
        [json!({"reason": "x"}), json!({"change": 1, "stated": 2, "as_of": "2026-01-05T10:00:00.000Z", "reason": "x"})]
    {
        let reply = adjust(&sku, &body).send();
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
    assert_eq!(Shop::shared().stock(&sku)["available"], 1);
}

#[test]
fn a_repeat_puts_in_once() {
    let (sku, key) = (Shop::shared().new_sku(1), fresh_key());
    let body = json!({"change": 4, "reason": "Delivery"});
    let first = adjust(&sku, &body).key(&key).send().expect(200);
    let again = adjust(&sku, &body).key(&key).send().expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    assert_eq!(Shop::shared().stock(&sku)["available"], 5);
    adjust(&sku, &json!({"change": 5, "reason": "Delivery"})).key(&key).send().expect(422);
}

//! `GET /api/orders`.

use api::{Shop, eventually};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_shopper_sees_their_own_orders_newest_first() {
    let (sku, shopper) = (Shop::shared().new_sku(9), Shop::shared().shopper());
    let placed: Vec<_> = (0..3).map(|_| shopper.buy(&sku, 1, "tok_approve").expect(201).json()["id"].clone()).collect();
    let ids = || {
        let page = shopper.get("/api/orders").expect(200).json();
        page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    let listed = eventually(Duration::from_secs(5), ids, |ids| ids.len() == 3);
    assert_eq!(listed, placed.into_iter().rev().collect::<Vec<_>>());
    let first = shopper.get("/api/orders?limit=2").expect(200).json();
    let rest = shopper
        .get(&format!("/api/orders?limit=2&cursor={}", first["next_cursor"].as_str().unwrap()))
        .expect(200)
        .json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &json!(null)));
}

#[test]
fn somebody_new_has_none() {
    assert_eq!(Shop::shared().shopper().get("/api/orders").expect(200).json()["items"], json!([]));
}

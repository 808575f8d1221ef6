//! `GET /admin/orders`.

use api::{Shop, eventually};
use http::Method;
use kernel::Role;
use serde_json::Value;
use std::time::Duration;

fn list(query: &str) -> Value {
    Shop::shared().staff(Role::Support, Method::GET, &format!("/admin/orders{query}")).send().expect(200).json()
}

#[test]
fn staff_see_an_order_soon_and_find_it_by_its_state() {
    let sku = Shop::shared().new_sku(5);
    let id = Shop::shared().shopper().buy(&sku, 1, "tok_approve").expect(201).json()["id"].clone();
    let has = |page: &Value| page["items"].as_array().unwrap().iter().any(|item| item["id"] == id);
    let page = eventually(Duration::from_secs(20), || list("?limit=100"), has);
    let row = page["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    assert!(!row["customer_email"].as_str().unwrap().contains("ada@example.com"));
    eventually(Duration::from_secs(20), || list("?state=paid&limit=100"), has);
    assert!(!has(&list("?state=cancelled&limit=100")));
    eventually(Duration::from_secs(20), || list("?status=processing&limit=100"), has);
}

#[test]
fn pages_do_not_overlap() {
    let sku = Shop::shared().new_sku(9);
    for _ in 0..3 {
        Shop::shared().shopper().buy(&sku, 1, "tok_approve").expect(201);
    }
    eventually(Duration::from_secs(20), || list("?limit=100"), |page| page["items"].as_array().unwrap().len() >= 3);
    let first = list("?limit=2");
    let second = list(&format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap()));
    for item in second["items"].as_array().unwrap() {
        assert!(!first["items"].as_array().unwrap().iter().any(|known| known["id"] == item["id"]));
    }
}

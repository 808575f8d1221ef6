//! `GET /api/orders/{orderId}`.

use api::Shop;
use http::Method;
use kernel::Role;
use serde_json::json;

// Proves: S1-B01
#[test]
fn an_order_is_read_by_who_placed_it_with_its_story() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.buy(&sku, 1, "tok_approve").expect(201).json();
    let reply = shopper.get(&format!("/api/orders/{}", placed["id"].as_str().unwrap())).expect(200);
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    let order = reply.json();
    assert_eq!(order["total"], placed["total"]);
    let events: Vec<&str> =
        order["events"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(events.len() >= 2, "{events:?}");
    assert!(!reply.text().contains("ada@example.com"), "only masks are shown");
    assert!(!reply.text().contains("Hauptstr"), "only masks are shown");
    assert_eq!(order["sealed"], json!(null));
}

#[test]
fn another_shoppers_order_looks_like_one_that_is_not_there() {
    let (sku, owner, other) = (Shop::shared().new_sku(5), Shop::shared().shopper(), Shop::shared().shopper());
    let id = owner.buy(&sku, 1, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned();
    other.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let foreign = other.get(&format!("/api/orders/{id}")).problem(404, "not_found").json();
    let absent = other.get("/api/orders/00000000000000000000000000").problem(404, "not_found").json();
    assert_eq!(foreign["detail"], absent["detail"]);
    Shop::shared().get(&format!("/api/orders/{id}")).send().problem(404, "not_found");
}

#[test]
fn staff_read_every_order() {
    let sku = Shop::shared().new_sku(5);
    let id = Shop::shared().shopper().buy(&sku, 1, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned();
    for role in [Role::Support, Role::Warehouse, Role::Finance, Role::Admin] {
        Shop::shared().staff(role, Method::GET, &format!("/api/orders/{id}")).send().expect(200);
    }
}

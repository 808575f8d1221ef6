//! `GET /api/cart`.

use api::Shop;
use serde_json::json;

#[test]
fn somebody_new_has_an_empty_cart() {
    let cart = Shop::shared().shopper().get("/api/cart").expect(200).json();
    assert_eq!((&cart["lines"], &cart["item_count"]), (&json!([]), &json!(0)));
}

#[test]
fn a_cart_belongs_to_its_cookie() {
    let sku = Shop::shared().new_sku(5);
    let (one, other) = (Shop::shared().shopper(), Shop::shared().shopper());
    one.post("/api/cart", &json!({"sku": sku, "quantity": 2})).expect(200);
    assert_eq!(one.get("/api/cart").expect(200).json()["item_count"], 2);
    assert_eq!(other.get("/api/cart").expect(200).json()["item_count"], 0);
}

#[test]
fn a_tampered_cookie_names_nobody_and_is_replaced() {
    let sku = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let cookie = shopper.cookie().unwrap();
    let forged = format!("{}x", &cookie[..cookie.len() - 1]);
    let reply = Shop::shared().get("/api/cart").header("cookie", &forged).send().expect(200);
    assert_eq!(reply.json()["item_count"], 0);
}

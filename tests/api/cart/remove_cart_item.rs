//! `DELETE /api/cart/items/{sku}`.

use api::Shop;
use http::Method;
use serde_json::json;

#[test]
fn a_line_is_taken_out_and_one_that_is_not_there_is_no_error() {
    let sku = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 2})).expect(200);
    for _ in 0..2 {
        let cart = shopper.ask(Method::DELETE, &format!("/api/cart/items/{sku}")).send().expect(200).json();
        assert_eq!(cart["lines"], json!([]));
    }
}

#[test]
fn another_shoppers_cart_is_out_of_reach() {
    let sku = Shop::shared().new_sku(5);
    let (owner, other) = (Shop::shared().shopper(), Shop::shared().shopper());
    owner.post("/api/cart", &json!({"sku": sku, "quantity": 2})).expect(200);
    other.ask(Method::DELETE, &format!("/api/cart/items/{sku}")).send().expect(200);
    assert_eq!(owner.get("/api/cart").json()["item_count"], 2);
}

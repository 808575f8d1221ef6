//! `PATCH /api/cart/items/{sku}`.

use api::{Shop, Shopper};
use http::Method;
use serde_json::json;

fn with_two(sku: &str) -> Shopper<'static> {
    let shopper = Shop::shared().shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 2})).expect(200);
    shopper
}

#[test]
fn a_line_gets_the_quantity_that_is_asked_for_and_nothing_removes_it() {
    let sku = Shop::shared().new_sku(9);
    let shopper = with_two(&sku);
    let change = |quantity: u32| {
        shopper
            .ask(Method::PATCH, &format!("/api/cart/items/{sku}"))
            .json(&json!({"quantity": quantity}))
            .send()
            .expect(200)
            .json()
    };
    assert_eq!(change(7)["item_count"], 7);
    assert_eq!(change(0)["lines"], json!([]));
}

#[test]
fn a_line_that_is_not_there_is_404() {
    let shopper = with_two(&Shop::shared().new_sku(9));
    shopper
        .ask(Method::PATCH, "/api/cart/items/NO-SUCH-SKU")
        .json(&json!({"quantity": 1}))
        .send()
        .problem(404, "not_found");
}

#[test]
fn a_repeat_changes_once() {
    let sku = Shop::shared().new_sku(9);
    let shopper = with_two(&sku);
    let path = format!("/api/cart/items/{sku}");
    let key = shopper.fresh_key();
    let change =
        |quantity: u32| shopper.ask(Method::PATCH, &path).key(&key).json(&json!({"quantity": quantity})).send();
    let (first, again) = (change(3).expect(200), change(3).expect(200));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    change(4).expect(422);
}

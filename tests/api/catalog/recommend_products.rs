//! `GET /api/products/{productId}/recommendations`.

use api::Shop;

#[test]
fn others_like_it_are_recommended_and_never_itself() {
    let list = Shop::shared().get("/api/products?limit=1").send().expect(200).json();
    let id = list["items"][0]["id"].as_str().unwrap();
    let found = Shop::shared().get(&format!("/api/products/{id}/recommendations?limit=4")).send().expect(200).json();
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    assert!(items.iter().all(|item| item["id"] != id));
}

#[test]
fn a_product_that_is_not_there_has_none() {
    Shop::shared().get("/api/products/no-such-product/recommendations").send().problem(404, "not_found");
}

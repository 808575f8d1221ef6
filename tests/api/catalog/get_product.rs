//! `GET /api/products/{productId}`.

use api::Shop;
use serde_json::Value;

fn any_product() -> Value {
    Shop::shared().get("/api/products?limit=1").send().expect(200).json()["items"][0].clone()
}

#[test]
fn a_product_is_shown_with_its_variants_and_the_exact_stock() {
    let summary = any_product();
    let product =
        Shop::shared().get(&format!("/api/products/{}", summary["id"].as_str().unwrap())).send().expect(200).json();
    assert_eq!(product["name"], summary["name"]);
    let variants = product["variants"].as_array().unwrap();
    assert!(variants.iter().any(|variant| variant["sku"] == summary["default_sku"]));
    let sum: i64 = variants.iter().map(|variant| variant["stock_quantity"].as_i64().unwrap()).sum();
    assert_eq!(product["stock_quantity"], sum);
}

#[test]
fn a_product_that_has_not_changed_is_not_sent_again() {
    let path = format!("/api/products/{}", any_product()["id"].as_str().unwrap());
    let etag = Shop::shared().get(&path).send().expect(200).header("etag").unwrap().to_owned();
    assert!(Shop::shared().get(&path).header("if-none-match", &etag).send().expect(304).body.is_empty());
    Shop::shared().get(&path).header("if-none-match", "\"another\"").send().expect(200);
}

#[test]
fn a_product_that_is_not_there_is_404() {
    for id in ["no-such-product", "%2e%2e", "a%00b", "PRODUCT%23x", &"x".repeat(65)] {
        Shop::shared().get(&format!("/api/products/{id}")).send().problem(404, "not_found");
    }
}

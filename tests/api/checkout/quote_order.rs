//! `POST /api/quotes`.

use api::Shop;
use serde_json::{Value, json};

fn amount(of: &Value, name: &str) -> i64 {
    of[name]["amount"].as_i64().unwrap_or_else(|| panic!("{name} in {of}"))
}

// Proves: S1-D02
#[test]
fn the_total_is_the_lines_less_discount_with_shipping_and_tax() {
    let sku = Shop::shared().new_sku(9);
    let body = json!({"items": [{"sku": sku, "quantity": 3}], "country": "DE", "shipping_method": "express"});
    let quote = Shop::shared().shopper().post("/api/quotes", &body).expect(200).json();
    let lines: i64 = quote["lines"].as_array().unwrap().iter().map(|line| amount(line, "line_total")).sum();
    assert_eq!(lines, 3000);
    assert_eq!(amount(&quote, "subtotal"), lines);
    assert_eq!(
        amount(&quote, "total"),
        lines - amount(&quote, "discount") + amount(&quote, "shipping") + amount(&quote, "tax")
    );
    let options = quote["shipping_options"].as_array().unwrap();
    assert!(options.iter().any(|option| option["id"] == "express" && option["price"] == quote["shipping"]), "{quote}");
}

#[test]
fn a_coupon_takes_off_what_it_promises() {
    let sku = Shop::shared().new_sku(9);
    let body = json!({"items": [{"sku": sku, "quantity": 3}], "country": "DE", "coupon": "WELCOME10"});
    let quote = Shop::shared().shopper().post("/api/quotes", &body).expect(200).json();
    assert_eq!(amount(&quote, "discount"), 300);
    assert_eq!(quote["promotions"][0]["code"], "WELCOME10");
    let parts: i64 = quote["lines"].as_array().unwrap().iter().map(|line| amount(line, "discount")).sum();
    assert_eq!(parts, 300, "the parts sum to the whole");
}

#[test]
fn what_can_not_be_sold_can_not_be_quoted() {
    let sku = Shop::shared().new_sku(9);
    let quote = |body: Value| Shop::shared().shopper().post("/api/quotes", &body);
    for items in
        [json!([{"sku": "NO-SUCH-SKU", "quantity": 1}]), json!([{"product": "no-such-product", "quantity": 1}])]
    {
        let reply = quote(json!({"items": items, "country": "DE"}));
        assert!([404, 422].contains(&reply.status), "{reply}");
    }
    for body in [
        json!({"items": [{"sku": sku, "quantity": 1}], "country": "DE", "coupon": "NO-SUCH-COUPON"}),
        json!({"items": [{"sku": sku, "product": sku, "quantity": 1}], "country": "DE"}),
        json!({"items": [{"quantity": 1}], "country": "DE"}),
        json!({"items": [{"sku": sku, "quantity": 1}], "country": "ZZ"}),
    ] {
        let reply = quote(body);
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
}

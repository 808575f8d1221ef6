//! `POST /api/cart`.

use api::Shop;
use http::Method;
use serde_json::json;

#[test]
fn what_is_added_is_in_the_cart_at_todays_price() {
    let sku = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    let reply = shopper.post("/api/cart", &json!({"sku": sku, "quantity": 2})).expect(200);
    let set = reply.header("set-cookie").unwrap();
    for part in ["__Host-guest=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let cart = reply.json();
    assert_eq!(cart["lines"][0]["line_total"], json!({"amount": 2000, "currency": "USD"}));
    let more = shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200).json();
    assert_eq!((more["lines"].as_array().unwrap().len(), &more["item_count"]), (1, &json!(3)));
}

#[test]
fn a_sku_that_is_not_there_can_not_be_added() {
    let reply = Shop::shared().shopper().post("/api/cart", &json!({"sku": "NO-SUCH-SKU", "quantity": 1}));
    assert!([404, 422].contains(&reply.status), "{reply}");
}

#[test]
fn quantities_have_bounds() {
    let sku = Shop::shared().new_sku(5);
    for quantity in [json!(0), json!(-1), json!(100), json!(1e18), json!(1.5), json!("1")] {
        Shop::shared()
            .shopper()
            .post("/api/cart", &json!({"sku": sku, "quantity": quantity}))
            .problem(400, "invalid_request");
    }
}

// Proves: S4-A1c
#[test]
fn the_eleventh_add_within_a_minute_is_refused_with_the_exact_words() {
    let sku = Shop::shared().new_sku(50);
    let shopper = Shop::shared().shopper();
    for left in (0..10).rev() {
        let reply = shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
        assert!(
            reply.header("ratelimit").is_some_and(|header| header.starts_with(&format!("\"cart\";r={left};t="))),
            "{reply} {:?}",
            reply.headers
        );
    }
    let refused = shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).problem(429, "rate_limited");
    assert_eq!(refused.json()["detail"], "Too many requests. Please wait and try again.");
    let after: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&after));
    assert_eq!(shopper.get("/api/cart").json()["item_count"], 10);
}

#[test]
fn a_repeat_adds_once() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    shopper.get("/api/cart");
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let key = shopper.fresh_key();
    let add = || {
        shopper.ask(Method::POST, "/api/cart").key(&key).json(&json!({"sku": sku, "quantity": 1})).send().expect(200)
    };
    let (first, again) = (add(), add());
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    assert_eq!(shopper.get("/api/cart").json()["item_count"], 2);
    shopper.ask(Method::POST, "/api/cart").key(&key).json(&json!({"sku": sku, "quantity": 2})).send().expect(422);
}

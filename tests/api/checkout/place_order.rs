//! `POST /api/orders`.

use api::{Shop, Shopper, eventually, order};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn place(shopper: &Shopper<'_>, key: &str, body: &Value) -> api::Reply {
    shopper.send(&shopper.ask(Method::POST, "/api/orders").key(key).json(body))
}

// Proves: S1-B01
#[test]
fn plain_items_with_an_approved_payment_become_a_paid_order() {
    let sku = Shop::shared().new_sku(9);
    let shopper = Shop::shared().shopper();
    let placed = shopper.buy(&sku, 2, "tok_approve").expect(201);
    let order = placed.json();
    assert_eq!((&order["state"], &order["status"]), (&json!("paid"), &json!("processing")));
    assert_eq!(placed.header("location"), Some(&*format!("/api/orders/{}", order["id"].as_str().unwrap())));
    let sold = |stock: &Value| stock["sold"] == 2 && stock["held"] == 0 && stock["available"] == 7;
    eventually(Duration::from_secs(15), || Shop::shared().stock(&sku), sold);
}

#[test]
fn what_was_quoted_is_what_is_charged() {
    let sku = Shop::shared().new_sku(9);
    let shopper = Shop::shared().shopper();
    let asked = json!({"items": [{"sku": sku, "quantity": 2}], "country": "DE", "coupon": "WELCOME10"});
    let quote = shopper.post("/api/quotes", &asked).expect(200).json();
    let body = json!({"quote": quote["quote"], "email": "ada@example.com", "payment": {"method": "card", "token": "tok_approve"}});
    let order = shopper.post("/api/orders", &body).expect(201).json();
    assert_eq!(order["total"], quote["total"]);
    assert_eq!(order["payment"]["amount"], quote["total"]);
}

#[test]
fn a_forged_quote_is_refused_with_a_new_one_where_there_can_be_one() {
    let sku = Shop::shared().new_sku(9);
    let shopper = Shop::shared().shopper();
    let quote = shopper
        .post("/api/quotes", &json!({"items": [{"sku": sku, "quantity": 1}], "country": "DE"}))
        .expect(200)
        .json();
    let token = quote["quote"].as_str().unwrap();
    for forged in [format!("{token}x"), token.replacen(|c: char| c.is_ascii_lowercase(), "Q", 1), "nonsense".to_owned()]
    {
        let body =
            json!({"quote": forged, "email": "ada@example.com", "payment": {"method": "card", "token": "tok_approve"}});
        let reply = shopper.post("/api/orders", &body).problem(409, "quote_invalid");
        assert!(reply.json().get("quote").is_none_or(|quote| quote["quote"] != forged), "{reply}");
    }
    assert_eq!(Shop::shared().stock(&sku)["available"], 9);
}

#[test]
fn a_declined_payment_is_402_with_the_exact_words_and_releases_the_stock() {
    let sku = Shop::shared().new_sku(1);
    for token in ["tok_decline", "tok_insufficient_funds"] {
        let reply = Shop::shared().shopper().buy(&sku, 1, token).problem(402, "payment_declined");
        let expected = "Payment could not be processed. Please try again or use different payment method.";
        assert_eq!(reply.json()["detail"], expected);
        eventually(Duration::from_secs(15), || Shop::shared().stock(&sku), |stock| stock["available"] == 1);
    }
}

#[test]
fn what_is_sold_out_is_409_with_the_exact_words_and_charges_nothing() {
    let sku = Shop::shared().new_sku(1);
    let reply = Shop::shared().shopper().buy(&sku, 2, "tok_approve").problem(409, "out_of_stock");
    assert_eq!(reply.json()["detail"], "This item is no longer available.");
    assert_eq!(Shop::shared().stock(&sku)["available"], 1);
}

#[test]
fn without_a_payment_the_order_waits() {
    let sku = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    let order = shopper.post("/api/orders", &order(&sku, 1, None)).expect(201).json();
    assert_eq!((&order["state"], &order["status"]), (&json!("pending_payment"), &json!("pending")));
    assert!(order["expires_at"].is_string());
    assert_eq!(Shop::shared().stock(&sku)["held"], 1);
}

// Proves: S0-05
#[test]
fn a_card_number_in_any_field_is_refused() {
    let sku = Shop::shared().new_sku(5);
    let number = "4242424242424242";
    for place in ["/email", "/address/name", "/address/line1", "/payment/token", "/coupon"] {
        let mut body = order(&sku, 1, Some("tok_approve"));
        body["coupon"] = json!("X");
        *body.pointer_mut(place).unwrap() =
            json!(if place == "/email" { format!("{number}@example.com") } else { number.to_owned() });
        let reply = Shop::shared().shopper().post("/api/orders", &body).expect(422);
        assert!(!reply.text().contains(number), "{reply}");
    }
}

#[test]
fn an_order_names_a_quote_or_items_but_not_both_and_not_neither() {
    let sku = Shop::shared().new_sku(5);
    let mut both = order(&sku, 1, None);
    both["quote"] = json!("x");
    for body in [both, json!({"email": "ada@example.com"})] {
        let reply = Shop::shared().shopper().post("/api/orders", &body);
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
}

#[test]
fn addresses_of_mail_are_checked() {
    let sku = Shop::shared().new_sku(5);
    for email in ["ada", "ada@", "@example.com", "ada@example", "a b@example.com"] {
        let mut body = order(&sku, 1, None);
        body["email"] = json!(email);
        let reply = Shop::shared().shopper().post("/api/orders", &body);
        assert!([400, 422].contains(&reply.status), "{reply}");
    }
}

#[test]
fn a_repeat_is_the_same_order_with_the_same_bytes() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let key = shopper.fresh_key();
    let body = order(&sku, 1, Some("tok_approve"));
    let first = place(&shopper, &key, &body).expect(201);
    let again = place(&shopper, &key, &body).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    eventually(Duration::from_secs(15), || Shop::shared().stock(&sku), |stock| stock["sold"] == 1);
    let settled = place(&shopper, &key, &body).expect(201);
    assert_eq!(settled.body, first.body, "a repeat after settlement");
    let other = order(&sku, 2, Some("tok_approve"));
    place(&shopper, &key, &other).expect(422);
    assert_eq!(Shop::shared().stock(&sku)["sold"], 1);
}

#[test]
fn a_refusal_before_work_began_leaves_the_key_free() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let key = shopper.fresh_key();
    place(&shopper, &key, &json!({"email": 7})).expect(400);
    place(&shopper, &key, &order(&sku, 1, Some("tok_approve"))).expect(201);
}

#[test]
fn one_shoppers_key_never_matches_anothers() {
    let sku = Shop::shared().new_sku(5);
    let key = crate::every_operation::fresh_key();
    let body = order(&sku, 1, Some("tok_approve"));
    let ids: Vec<Value> = (0..2)
        .map(|_| {
            let shopper = Shop::shared().shopper();
            shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
            place(&shopper, &key, &body).expect(201).json()["id"].clone()
        })
        .collect();
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_declined_answer_is_what_every_repeat_gets() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let key = shopper.fresh_key();
    let body = order(&sku, 1, Some("tok_decline"));
    place(&shopper, &key, &body).problem(402, "payment_declined");
    let again = place(&shopper, &key, &body).problem(402, "payment_declined");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

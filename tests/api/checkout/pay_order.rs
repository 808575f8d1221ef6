//! `POST /api/orders/{orderId}/payments`.

use api::{Shop, Shopper, eventually, order};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn waiting(shopper: &Shopper<'_>, sku: &str) -> String {
    let placed = shopper.post("/api/orders", &order(sku, 1, None)).expect(201).json();
    placed["id"].as_str().unwrap().to_owned()
}

fn card(token: &str) -> Value {
    json!({"method": "card", "token": token})
}

#[test]
fn an_order_that_waits_is_paid() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let id = waiting(&shopper, &sku);
    let paid = shopper.post(&format!("/api/orders/{id}/payments"), &card("tok_approve")).expect(201).json();
    assert_eq!((&paid["id"], &paid["state"]), (&json!(id), &json!("paid")));
}

#[test]
fn an_order_is_paid_once() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    shopper.post(&path, &card("tok_approve")).expect(201);
    shopper.post(&path, &card("tok_approve")).expect(409);
}

#[test]
fn another_shoppers_order_is_404_like_one_that_is_not_there() {
    let (sku, owner, other) = (Shop::shared().new_sku(5), Shop::shared().shopper(), Shop::shared().shopper());
    let id = waiting(&owner, &sku);
    other.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    other.post(&format!("/api/orders/{id}/payments"), &card("tok_approve")).problem(404, "not_found");
    other.post("/api/orders/00000000000000000000000000/payments", &card("tok_approve")).problem(404, "not_found");
}

#[test]
fn a_method_that_is_not_there_is_refused() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    let reply = shopper.post(&path, &json!({"method": "shells", "token": "tok_approve"}));
    assert!([400, 422].contains(&reply.status), "{reply}");
}

#[test]
fn a_repeat_pays_once_and_gets_the_same_answer() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    let key = shopper.fresh_key();
    let pay = |token: &str| shopper.ask(Method::POST, &path).key(&key).json(&card(token)).send();
    let (first, again) = (pay("tok_approve").expect(201), pay("tok_approve").expect(201));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    pay("tok_decline").expect(422);
}

/// The body of an order of one unit that is paid with a method without a token.
fn by(sku: &str, method: &str) -> Value {
    let mut body = order(sku, 1, None);
    body["payment"] = json!({"method": method});
    body
}

fn in_the_end(shopper: &Shopper<'_>, id: &str, state: &str) -> Value {
    let read = || shopper.get(&format!("/api/orders/{id}")).expect(200).json();
    eventually(Duration::from_secs(20), read, |order| order["state"] == state)
}

/// What the providers' ledger says of an order, by provider.
fn ledger(id: &str) -> Vec<(String, String)> {
    let ledger = Shop::shared().get(&Shop::shared().provider("/ledger")).attempt().unwrap().json();
    let payments = ledger["payments"].as_array().unwrap().iter().filter(|payment| payment["reference"] == id);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    payments.map(|payment| (text(&payment["provider"]), text(&payment["status"]))).collect()
}

fn taken(provider: &str, status: &str) -> (String, String) {
    (provider.to_owned(), status.to_owned())
}

// Proves: S4-M2
#[test]
fn a_shopper_who_comes_back_from_paypal_has_paid_once() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.post("/api/orders", &by(&sku, "paypal")).expect(202).json();
    let (id, payment) = (placed["id"].as_str().unwrap(), &placed["payment"]);
    assert_eq!((&placed["state"], &payment["state"]), (&json!("pending_payment"), &json!("requires_action")));
    assert_eq!(payment["action"]["type"], "redirect");
    let path = format!("/api/orders/{id}/payments");
    let early = shopper.post(&path, &json!({"method": "paypal"})).expect(202).json();
    assert_eq!(early["payment"]["state"], "requires_action", "nothing is approved yet");

    Shop::shared().submit(payment["action"]["url"].as_str().unwrap(), "decision=tok_lost_answer");
    let key = shopper.fresh_key();
    let back = || shopper.ask(Method::POST, &path).key(&key).json(&json!({"method": "paypal"})).send();
    let (first, again) = (back().expect(201), back().expect(201));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    let paid = first.json();
    assert_eq!((&paid["state"], &paid["payment"]["action"]), (&json!("paid"), &Value::Null));
    assert_eq!(ledger(id), [taken("sandbox-paypal", "captured")]);
    shopper.post(&path, &json!({"method": "paypal"})).expect(409);
}

#[test]
fn a_shopper_who_turns_away_from_paypal_can_pay_by_card_and_nothing_is_left_approved() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.post("/api/orders", &by(&sku, "paypal")).expect(202).json();
    let id = placed["id"].as_str().unwrap();
    Shop::shared().submit(placed["payment"]["action"]["url"].as_str().unwrap(), "decision=tok_approve");
    let paid = shopper.post(&format!("/api/orders/{id}/payments"), &card("tok_approve")).expect(201).json();
    assert_eq!((&paid["state"], &paid["payment"]["method"]), (&json!("paid"), &json!("card")));
    let mut taken_by = ledger(id);
    taken_by.sort();
    assert_eq!(taken_by, [taken("sandbox", "captured"), taken("sandbox-paypal", "voided")]);
}

#[test]
fn what_paypal_declines_in_the_end_is_402_and_takes_nothing() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.post("/api/orders", &by(&sku, "paypal")).expect(202).json();
    let id = placed["id"].as_str().unwrap();
    Shop::shared().submit(placed["payment"]["action"]["url"].as_str().unwrap(), "decision=tok_decline");
    let path = format!("/api/orders/{id}/payments");
    shopper.post(&path, &json!({"method": "paypal"})).problem(402, "payment_declined");
    assert_eq!(ledger(id), [taken("sandbox-paypal", "declined")]);
}

// Proves: S4-M2
#[test]
fn crypto_is_paid_when_the_exact_amount_has_arrived_and_not_by_less() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.post("/api/orders", &by(&sku, "crypto")).expect(202).json();
    let (id, action) = (placed["id"].as_str().unwrap(), &placed["payment"]["action"]);
    assert_eq!((&action["type"], &placed["payment"]["state"]), (&json!("transfer"), &json!("requires_action")));
    assert!(action["amount"].as_str().unwrap().ends_with(" BTC") && action["expires_at"].is_string());
    let page = Shop::shared().provider(&format!("/crypto/address/{}", action["address"].as_str().unwrap()));
    Shop::shared().submit(&page, "how=little");
    let path = format!("/api/orders/{id}/payments");
    shopper.post(&path, &json!({"method": "crypto"})).expect(202);
    // The money may be on its way: another method has to wait.
    shopper.post(&path, &card("tok_approve")).problem(409, "payment_in_progress");
    Shop::shared().submit(&page, "how=exact");
    in_the_end(&shopper, id, "paid");
    assert_eq!(ledger(id), [taken("sandbox-crypto", "captured")]);
}

#[test]
fn crypto_that_arrives_for_a_cancelled_order_goes_back() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let placed = shopper.post("/api/orders", &by(&sku, "crypto")).expect(202).json();
    let id = placed["id"].as_str().unwrap();
    shopper.post(&format!("/api/orders/{id}/cancellation"), &json!({})).expect(200);
    let address = placed["payment"]["action"]["address"].as_str().unwrap();
    Shop::shared().submit(&Shop::shared().provider(&format!("/crypto/address/{address}")), "how=late");
    eventually(Duration::from_secs(20), || ledger(id), |books| *books == [taken("sandbox-crypto", "refunded")]);
    // The order hears of the refund a moment after the provider made it.
    let read = || shopper.get(&format!("/api/orders/{id}")).expect(200).json();
    let order = eventually(Duration::from_secs(20), read, |order| order["payment"]["state"] == "refunded");
    assert_eq!(order["state"], "cancelled");
}

#[test]
fn a_token_is_asked_for_exactly_where_the_method_takes_one() {
    let (sku, shopper) = (Shop::shared().new_sku(5), Shop::shared().shopper());
    let path = format!("/api/orders/{}/payments", waiting(&shopper, &sku));
    for (body, rule) in [
        (json!({"method": "card"}), "required"),
        (json!({"method": "paypal", "token": "tok_approve"}), "not_taken"),
        (json!({"method": "crypto", "token": "tok_approve"}), "not_taken"),
    ] {
        let problem = shopper.post(&path, &body).problem(400, "invalid_request").json();
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["rule"]), (&json!("/token"), &json!(rule)));
        let mut placing = order(&sku, 1, None);
        placing["payment"] = body;
        let problem = shopper.post("/api/orders", &placing).problem(400, "invalid_request").json();
        assert_eq!(problem["errors"][0]["pointer"], "/payment/token");
    }
}

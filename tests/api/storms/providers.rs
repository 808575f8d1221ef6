//! A payment provider at its worst: each magic token gets the right answer within five seconds.

use crate::SETTLING;
use api::{Books, Reply, Shop, eventually, order};
use http::Method;
use local::Options;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Buys one of something with that token; the answer came within five seconds.
fn bought(shop: &Shop, token: &str) -> (Reply, String) {
    let sku = shop.new_sku(5);
    let begun = Instant::now();
    let reply = shop.shopper().buy(&sku, 1, token);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{token} took {took:?}");
    (reply, sku)
}

/// What became of an order in the end, by staff.
fn in_the_end(shop: &Shop, order: &Value, wanted: &str) -> Value {
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
    let read = || shop.staff(kernel::Role::Support, http::Method::GET, &path).send().expect(200).json();
    eventually(SETTLING, read, |order| order["state"] == wanted)
}

fn captures(books: &Books) -> usize {
    books.payments.iter().filter(|payment| payment["status"] == "captured").count()
}

#[test]
fn approved_and_declined_payments_are_told_apart() {
    let shop = Shop::start(Options::default());
    bought(&shop, "tok_approve").0.expect(201);
    bought(&shop, "tok_decline").0.problem(402, "payment_declined");
    bought(&shop, "tok_insufficient_funds").0.problem(402, "payment_declined");
    bought(&shop, "tok_nobody_knows").0.problem(402, "payment_declined");
    assert_eq!(captures(&Books::settled(&shop, SETTLING)), 1);
}

#[test]
fn a_provider_that_fails_a_few_times_is_asked_again() {
    let shop = Shop::start(Options::default());
    for token in ["tok_fail_1", "tok_fail_2", "tok_fail_3"] {
        let (reply, _) = bought(&shop, token);
        assert!([201, 202].contains(&reply.status), "{token}: {reply}");
        in_the_end(&shop, &reply.json(), "paid");
    }
    assert_eq!(captures(&Books::settled(&shop, SETTLING)), 3);
}

#[test]
fn a_slow_provider_is_waited_for_and_a_very_slow_one_is_found_out_about() {
    let shop = Shop::start(Options::default());
    bought(&shop, "tok_slow_1000").0.expect(201);
    let (reply, _) = bought(&shop, "tok_slow_6000");
    assert!([201, 202].contains(&reply.status), "{reply}");
    in_the_end(&shop, &reply.json(), "paid");
    assert_eq!(captures(&Books::settled(&shop, SETTLING)), 2);
}

#[test]
fn a_provider_that_never_answers_leaves_an_order_that_says_so() {
    let shop = Shop::start(Options::default());
    let (reply, sku) = bought(&shop, "tok_hang");
    assert!(reply.header("location").is_some());
    assert_eq!(reply.expect(202).json()["payment"]["state"], "processing");
    assert_eq!(captures(&Books::read(&shop)), 0);
    assert_eq!(shop.stock(&sku)["held"], 1);
}

#[test]
fn an_answer_that_is_lost_never_charges_twice() {
    let shop = Shop::start(Options::default());
    for _ in 0..3 {
        let (reply, _) = bought(&shop, "tok_lost_answer");
        assert!([201, 202].contains(&reply.status), "{reply}");
        in_the_end(&shop, &reply.json(), "paid");
    }
    let books = Books::settled(&shop, SETTLING);
    assert_eq!((captures(&books), books.payments.len()), (3, 3));
}

#[test]
fn an_event_that_comes_three_times_settles_once() {
    let shop = Shop::start(Options::default());
    let (reply, sku) = bought(&shop, "tok_duplicate_event");
    let order = in_the_end(&shop, &reply.expect(201).json(), "paid");
    Books::settled(&shop, SETTLING);
    std::thread::sleep(Duration::from_secs(2));
    let books = Books::settled(&shop, SETTLING);
    assert_eq!((captures(&books), shop.stock(&sku)["sold"].as_i64()), (1, Some(1)));
    let later = in_the_end(&shop, &order, "paid");
    let paid = later["events"].as_array().unwrap().iter().filter(|event| event["type"] == "paid").count();
    assert_eq!(paid, 1);
}

// Proves: S4-A2e, S4-A2f
#[test]
fn a_provider_that_is_down_is_left_alone_and_shoppers_are_told_at_once() {
    let shop = Shop::start(Options::default());
    let waiting = shop.shopper();
    let unpaid = waiting.post("/api/orders", &order(&shop.new_sku(5), 1, None)).expect(201).json();
    let (patient, key) = (shop.shopper(), "the-same-key");
    let placing = order(&shop.new_sku(5), 1, Some("tok_approve"));
    let place = |key: &str| patient.send(&patient.ask(Method::POST, "/api/orders").key(key).json(&placing));
    // A guest from here on, so that the next request is the same one.
    place("another-key").expect(201);
    let first = place(key).expect(201);
    for _ in 0..3 {
        let (reply, _) = bought(&shop, "tok_fail_99");
        assert!([202, 402].contains(&reply.status), "{reply}");
    }

    // Refused at once, with nothing written.
    let sku = shop.new_sku(5);
    let orders = Books::read(&shop).orders.len();
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let reply = shop.shopper().buy(&sku, 1, "tok_approve");
        fastest = fastest.min(begun.elapsed());
        let reply = reply.problem(503, "payments_unavailable");
        assert_eq!(reply.json()["detail"], "System experiencing high traffic. Please try again shortly.");
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&wait), "Retry-After: {wait}");
    }
    // Of five, so that a busy machine is not taken for a slow answer.
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
    assert_eq!((Books::read(&shop).orders.len(), shop.stock(&sku)["held"].as_i64()), (orders, Some(0)));
    let path = format!("/api/orders/{}/payments", unpaid["id"].as_str().unwrap());
    waiting.post(&path, &json!({"method": "card", "token": "tok_approve"})).problem(503, "payments_unavailable");

    // Everything else goes on: a known answer, an order without a payment, browsing, carts.
    let again = place(key).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    let shopper = shop.shopper();
    shopper.post("/api/orders", &order(&sku, 1, None)).expect(201);
    shop.get("/api/products").send().expect(200);
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);

    // Half a minute later one shopper at a time tries it, and after two that were served everybody is.
    let served = || shop.shopper().buy(&sku, 1, "tok_approve").status;
    eventually(Duration::from_secs(40), served, |status| *status == 201);
    bought(&shop, "tok_approve").0.expect(201);
    bought(&shop, "tok_approve").0.expect(201);
}

//! `POST /flash/checkout`.

use crate::every_operation::fresh_key;
use api::{Reply, Shop, Shopper, eventually, in_sale};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PATH: &str = "/flash/checkout";

fn with_a_line(sale: &mut Value) {
    sale["waiting_room"] = json!(true);
}

/// A shopper whose turn it is, with their ticket.
fn admitted(sale: &str) -> (Shopper<'static>, String) {
    let shopper = Shop::shared().shopper();
    let ticket = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201).json()["ticket"].clone();
    let ticket = ticket.as_str().unwrap().to_owned();
    let place = || shopper.get(&format!("/flash/queue/{ticket}")).expect(200).json();
    eventually(Duration::from_secs(20), place, |place| place["admitted"] == true);
    (shopper, ticket)
}

fn with_ticket(sale: &str, sku: &str, ticket: &str) -> Value {
    let mut body = in_sale(sale, sku, 1, "tok_approve");
    body["ticket"] = json!(ticket);
    body
}

#[test]
fn one_request_goes_from_buy_to_paid_at_the_sales_price() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, |_| {});
    let reply = shop.shopper().post(PATH, &in_sale(&sale, &sku, 2, "tok_approve")).expect(201);
    let order = reply.json();
    assert_eq!((&order["state"], &order["lines"][0]["unit_price"]["amount"]), (&json!("paid"), &json!(500)));
    assert_eq!(reply.header("location"), Some(format!("/api/orders/{}", order["id"].as_str().unwrap()).as_str()));
    assert!(reply.header("ratelimit").is_none() || reply.header("ratelimit-policy").is_some());
    eventually(Duration::from_secs(10), || shop.stock(&sku), |stock| stock["sold"] == 2 && stock["held"] == 0);
}

#[test]
fn beside_the_sale_the_same_stock_sells_at_its_usual_price() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(2, |_| {});
    shop.shopper().post(PATH, &in_sale(&sale, &sku, 1, "tok_approve")).expect(201);
    let usual = shop.shopper().buy(&sku, 1, "tok_approve").expect(201).json();
    assert_eq!(usual["lines"][0]["unit_price"]["amount"], 1000);
    let gone = shop.shopper().post(PATH, &in_sale(&sale, &sku, 1, "tok_approve")).problem(409, "out_of_stock");
    assert_eq!(gone.json()["detail"], "This item is no longer available.");
}

#[test]
fn a_repeat_is_answered_with_the_same_bytes_and_another_body_is_not() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, |_| {});
    let (shopper, key) = (shop.shopper(), fresh_key());
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let send = |quantity| {
        let body = in_sale(&sale, &sku, quantity, "tok_approve");
        shopper.ask(Method::POST, PATH).key(&key).json(&body).send()
    };
    let first = send(1).expect(201);
    let again = send(1).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    send(2).problem(422, "idempotency_key_reused");
}

#[test]
fn before_the_sale_one_is_told_when_and_after_it_that_it_is_over() {
    let shop = Shop::shared();
    let ahead = |seconds| json!(shop.now().plus(Duration::from_secs(seconds)).to_string());
    let (sale, sku) = shop.new_sale(5, |sale| sale["starts_at"] = ahead(600));
    let early = shop.shopper().post(PATH, &in_sale(&sale, &sku, 1, "tok_approve")).problem(409, "sale_not_open");
    let wait: u64 = early.header("retry-after").unwrap().parse().unwrap();
    assert!((590..=600).contains(&wait), "{early}");

    let (sale, sku) = shop.new_sale(5, |sale| sale["ends_at"] = ahead(2));
    let (shopper, key) = (shop.shopper(), fresh_key());
    let body = in_sale(&sale, &sku, 1, "tok_approve");
    let buy = |key: &str| shopper.send(&shopper.ask(Method::POST, PATH).key(key).json(&body));
    let bought = buy(&key).expect(201);
    std::thread::sleep(Duration::from_millis(4_500));
    shopper.post(PATH, &body).problem(409, "sale_over");
    // The shopper came without a cookie and has one since: the same person by their cookie is another caller for the key.
    let again = shop.shopper().ask(Method::POST, PATH).key(&key).json(&body).send().expect(201);
    assert_eq!(
        (again.header("idempotency-replayed"), &again.body),
        (Some("true"), &bought.body),
        "a repeat is answered"
    );
}

#[test]
fn what_is_not_in_the_sale_and_sales_that_are_not_there_are_refused() {
    let shop = Shop::shared();
    let (sale, _) = shop.new_sale(5, |_| {});
    let other = shop.new_sku(5);
    shop.shopper().post(PATH, &in_sale(&sale, &other, 1, "tok_approve")).problem(422, "not_in_sale");
    let nowhere = "0".repeat(26);
    shop.shopper().post(PATH, &in_sale(&nowhere, &other, 1, "tok_approve")).problem(404, "not_found");
}

#[test]
fn a_decline_ends_the_order_and_gives_stock_and_allowance_back() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(5, |sale| sale["limit_per_customer"] = json!(1));
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    shopper.post(PATH, &in_sale(&sale, &sku, 1, "tok_decline")).problem(402, "payment_declined");
    eventually(Duration::from_secs(10), || shop.stock(&sku), |stock| stock["available"] == 5);
    let again = || shopper.post(PATH, &in_sale(&sale, &sku, 1, "tok_approve"));
    eventually(Duration::from_secs(10), again, |reply| reply.status == 201);
}

#[test]
fn nobody_takes_more_than_the_limit_whatever_keys_they_use() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(50, |sale| sale["limit_per_customer"] = json!(2));
    let over = shop.shopper().post(PATH, &in_sale(&sale, &sku, 3, "tok_approve")).problem(409, "sale_limit_reached");
    assert!(over.json()["detail"].as_str().unwrap().contains("at most 2"), "{over}");

    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    let buy = || {
        let body = in_sale(&sale, &sku, 1, "tok_approve");
        shopper.ask(Method::POST, PATH).key(&fresh_key()).json(&body).send()
    };
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let buying: Vec<_> = (0..5).map(|_| scope.spawn(buy)).collect();
        buying.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let bought = replies.iter().filter(|reply| [201, 202].contains(&reply.status)).count();
    let refused = replies.iter().filter(|reply| reply.status == 409 && reply.json()["code"] == "sale_limit_reached");
    assert_eq!((bought, refused.count()), (2, 3), "{replies:?}");
    eventually(Duration::from_secs(20), || shop.stock(&sku), |stock| stock["sold"] == 2 && stock["available"] == 48);
}

#[test]
fn where_there_is_a_line_a_ticket_is_needed_and_buys_once() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, with_a_line);
    shop.shopper().post(PATH, &in_sale(&sale, &sku, 1, "tok_approve")).problem(403, "ticket_needed");

    let (shopper, ticket) = admitted(&sale);
    let key = fresh_key();
    let ask = shopper.ask(Method::POST, PATH).key(&key).json(&with_ticket(&sale, &sku, &ticket));
    let bought = ask.send().expect(201);
    assert_eq!(ask.send().expect(201).body, bought.body, "the same order's repeat still gets its answer");
    shopper.post(PATH, &with_ticket(&sale, &sku, &ticket)).problem(403, "ticket_refused");

    let next = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201).json();
    assert!(next["position"].as_u64().unwrap() > 1, "a new place is at the end: {next}");
}

#[test]
fn a_ticket_comes_back_from_an_order_that_was_declined() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, with_a_line);
    let (shopper, ticket) = admitted(&sale);
    let mut declined = with_ticket(&sale, &sku, &ticket);
    declined["payment"]["token"] = json!("tok_decline");
    shopper.post(PATH, &declined).problem(402, "payment_declined");
    shopper.post(PATH, &with_ticket(&sale, &sku, &ticket)).expect(201);
}

#[test]
fn a_ticket_that_is_forged_foreign_or_of_another_sale_is_refused() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, with_a_line);
    let (other_sale, other_sku) = shop.new_sale(20, with_a_line);
    let (shopper, ticket) = admitted(&sale);
    let (body, signature) = ticket.split_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for forged in [format!("{body}.{flipped}{}", &signature[1..]), "x.y".to_owned(), body.to_owned()] {
        shopper.post(PATH, &with_ticket(&sale, &sku, &forged)).problem(403, "ticket_refused");
    }
    let (other, _) = admitted(&sale);
    other.post(PATH, &with_ticket(&sale, &sku, &ticket)).problem(403, "ticket_refused");
    other.post(PATH, &with_ticket(&other_sale, &other_sku, &ticket)).problem(403, "ticket_refused");
    let without_cookie = shop.shopper();
    without_cookie.post(PATH, &with_ticket(&sale, &sku, &ticket)).problem(403, "ticket_refused");
}

#[test]
fn whose_turn_it_is_not_is_told_when_to_look_again() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, |sale| {
        with_a_line(sale);
        sale["expected_per_second"] = json!(1);
    });
    let joined: Vec<(Shopper<'_>, Value)> = std::thread::scope(|scope| {
        let join = || {
            let shopper = shop.shopper();
            let place = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201).json();
            (shopper, place)
        };
        let joining: Vec<_> = (0..30).map(|_| scope.spawn(join)).collect();
        joining.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (shopper, place) = joined.iter().max_by_key(|(_, place)| place["position"].as_u64()).unwrap();
    let early = shopper.post(PATH, &with_ticket(&sale, &sku, place["ticket"].as_str().unwrap()));
    let early = early.problem(403, "ticket_not_admitted");
    let wait: u64 = early.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=15).contains(&wait), "{early}");
}

#[test]
fn the_sixth_in_a_minute_is_told_how_long_to_wait_wherever_the_five_went() {
    let shop = Shop::shared();
    let (sale, sku) = shop.new_sale(20, |_| {});
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    for n in 0..5 {
        let reply = if n % 2 == 0 {
            shopper.post(PATH, &in_sale(&sale, &sku, 1, "tok_approve"))
        } else {
            shopper.buy(&sku, 1, "tok_approve")
        };
        assert!([201, 202].contains(&reply.status), "{reply}");
        assert_eq!(reply.header("ratelimit-policy"), Some("\"checkout\";q=5;w=60"));
    }
    let reply = shopper.post(PATH, &in_sale(&sale, &sku, 1, "tok_approve")).problem(429, "rate_limited");
    assert_eq!(reply.json()["detail"], "Too many requests. Please wait and try again.");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(reply.header("ratelimit"), Some(format!("\"checkout\";r=0;t={wait}").as_str()));
    assert!((1..=60).contains(&wait));
}

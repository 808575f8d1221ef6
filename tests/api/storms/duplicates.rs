//! Every message and every change twice.

use crate::SETTLING;
use api::{Books, Shop, eventually, order};
use http::Method;
use kernel::Role;
use local::Options;
use orders::State;
use serde_json::json;

#[test]
fn delivering_everything_twice_changes_no_final_state() {
    let shop = Shop::start(Options::default());
    shop.local().unwrap().cloud().duplicate_everything(true);
    let sku = shop.new_sku(40);
    for _ in 0..4 {
        shop.shopper().buy(&sku, 1, "tok_approve").expect(201);
    }
    shop.shopper().buy(&sku, 1, "tok_decline").expect(402);
    shop.shopper().buy(&sku, 1, "tok_duplicate_event").expect(201);
    let canceller = shop.shopper();
    let id = canceller.buy(&sku, 3, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned();
    canceller.post(&format!("/api/orders/{id}/cancellation"), &json!({})).expect(200);
    let waiting = shop.shopper();
    let waits =
        waiting.post("/api/orders", &order(&sku, 2, None)).expect(201).json()["id"].as_str().unwrap().to_owned();
    waiting
        .post(&format!("/api/orders/{waits}/payments"), &json!({"method": "card", "token": "tok_approve"}))
        .expect(201);

    let books = Books::settled(&shop, SETTLING);
    assert_eq!((books.count(State::Paid), books.count(State::Cancelled), books.count(State::Declined)), (6, 1, 1));
    let done = |stock: &serde_json::Value| stock["available"] == 33 && stock["held"] == 0;
    eventually(SETTLING, || shop.stock(&sku), done);

    let metrics = || shop.get("/metrics").send().expect(200).text();
    let counted = |text: &String| {
        let has = |line: &str| text.lines().any(|known| known == line);
        has("orders_total 8")
            && has("orders_in_state{state=\"paid\"} 6")
            && has("orders_in_state{state=\"cancelled\"} 1")
    };
    eventually(SETTLING, metrics, counted);
    let listed = || shop.staff(Role::Support, Method::GET, "/admin/orders?limit=100").send().expect(200).json();
    eventually(SETTLING, listed, |page| page["items"].as_array().is_some_and(|items| items.len() == 8));
}

//! `POST /flash/queue`.

use crate::every_operation::fresh_key;
use api::{Reply, Shop};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

fn sale_with_a_line() -> String {
    Shop::shared().new_sale(20, |sale| sale["waiting_room"] = json!(true)).0
}

#[test]
fn joining_again_in_as_many_tabs_as_one_likes_finds_the_same_place() {
    let sale = sale_with_a_line();
    let shopper = Shop::shared().shopper();
    let first = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201);
    let place = first.json();
    assert_eq!(first.header("location"), Some(format!("/flash/queue/{}", place["ticket"].as_str().unwrap()).as_str()));
    Shop::shared().shopper().post("/flash/queue", &json!({"sale": sale})).expect(201);
    let tabs: Vec<Reply> = std::thread::scope(|scope| {
        let joining: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| shopper.ask(Method::POST, "/flash/queue").json(&json!({"sale": sale})).send()))
            .collect();
        joining.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for tab in tabs {
        let tab = tab.expect(200).json();
        assert_eq!((&tab["ticket"], &tab["position"]), (&place["ticket"], &place["position"]));
    }
}

#[test]
fn everybody_has_a_number_of_their_own() {
    let sale = sale_with_a_line();
    let places: Vec<Value> = std::thread::scope(|scope| {
        let join = || Shop::shared().shopper().post("/flash/queue", &json!({"sale": sale})).expect(201).json();
        let joining: Vec<_> = (0..20).map(|_| scope.spawn(join)).collect();
        joining.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let numbers: BTreeSet<u64> = places.iter().map(|place| place["position"].as_u64().unwrap()).collect();
    assert_eq!(numbers.len(), 20, "{places:?}");
}

#[test]
fn a_repeat_under_its_key_is_the_same_to_the_byte() {
    let sale = sale_with_a_line();
    let (shopper, key) = (Shop::shared().shopper(), fresh_key());
    shopper.post("/flash/queue", &json!({"sale": sale_with_a_line()})).expect(201);
    let join = || shopper.ask(Method::POST, "/flash/queue").key(&key).json(&json!({"sale": sale})).send();
    let first = join().expect(201);
    let again = join().expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
}

#[test]
fn a_sale_without_a_line_one_that_is_over_and_one_that_is_not_there_cannot_be_joined() {
    let shop = Shop::shared();
    let join = |sale: &str| shop.shopper().post("/flash/queue", &json!({"sale": sale}));
    join(&shop.new_sale(5, |_| {}).0).problem(422, "no_waiting_room");
    let (over, _) = shop.new_sale(5, |sale| {
        sale["waiting_room"] = json!(true);
        sale["ends_at"] = json!(shop.now().plus(Duration::from_secs(1)).to_string());
    });
    std::thread::sleep(Duration::from_millis(1_100));
    join(&over).problem(409, "sale_over");
    join(&"0".repeat(26)).problem(404, "not_found");
}

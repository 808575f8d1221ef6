//! `GET /flash/queue/{ticket}`.

use api::{Shop, Shopper, eventually};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn the_line_moves_and_tells_how_long_it_takes() {
    let shop = Shop::shared();
    let (sale, _) = shop.new_sale(50, |sale| {
        sale["waiting_room"] = json!(true);
        sale["expected_per_second"] = json!(1);
    });
    let joined: Vec<(Shopper<'_>, Value)> = std::thread::scope(|scope| {
        let join = || {
            let shopper = shop.shopper();
            let place = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201).json();
            (shopper, place)
        };
        let joining: Vec<_> = (0..8).map(|_| scope.spawn(join)).collect();
        joining.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (shopper, last) = joined.iter().max_by_key(|(_, place)| place["position"].as_u64()).unwrap();
    assert_eq!((&last["position"], &last["admitted"]), (&json!(8), &json!(false)), "{last}");
    assert!(last["ahead"].as_u64().unwrap() >= 1 && last["eta_seconds"].as_u64().unwrap() >= 1, "{last}");
    let poll = last["poll_after_seconds"].as_u64().unwrap();
    assert!((1..=15).contains(&poll), "{last}");
    let path = format!("/flash/queue/{}", last["ticket"].as_str().unwrap());
    let look = || shopper.get(&path).expect(200).json();
    let admitted = eventually(Duration::from_secs(30), look, |place| place["admitted"] == true);
    assert_eq!((&admitted["ahead"], &admitted["eta_seconds"]), (&json!(0), &json!(0)));
    assert_eq!(admitted["position"], last["position"], "a number never changes");
}

#[test]
fn another_shoppers_ticket_and_one_that_is_forged_look_like_none() {
    let shop = Shop::shared();
    let (sale, _) = shop.new_sale(5, |sale| sale["waiting_room"] = json!(true));
    let shopper = shop.shopper();
    let ticket = shopper.post("/flash/queue", &json!({"sale": sale})).expect(201).json()["ticket"].clone();
    let path = format!("/flash/queue/{}", ticket.as_str().unwrap());
    shopper.get(&path).expect(200);
    shop.shopper().get(&path).problem(404, "not_found");
    let other = shop.shopper();
    other.post("/flash/queue", &json!({"sale": sale})).expect(201);
    other.get(&path).problem(404, "not_found");
    shopper.get(&format!("{path}x")).problem(404, "not_found");
}

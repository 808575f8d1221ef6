//! `POST /partner/webhook/secret`.

use api::{Answers, Receiver, Shop, Supplier};
use http::Method;
use serde_json::json;
use std::time::Duration;

const PATH: &str = "/partner/webhook/secret";

fn secret(reply: &api::Reply) -> String {
    reply.json()["webhook_secret"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn for_a_day_the_old_secret_counts_beside_the_new_one_both_ways() {
    let (shop, receiver) = (Shop::shared(), Receiver::start(&[Answers::With(200, "")]));
    let mut supplier = Supplier::new(shop);
    let first = supplier.secret.clone();
    let rotated = supplier.ask(Method::POST, PATH).send().expect(201);
    let second = secret(&rotated);
    assert!(second.starts_with("whsec_") && second != first, "{rotated}");
    supplier.listens_at(receiver.url());
    let got = receiver.wait_for(1, Duration::from_secs(20));
    assert!(got[0].is_signed_with(&first, shop.now()) && got[0].is_signed_with(&second, shop.now()), "{:?}", got[0]);
    let items = json!([{"sku": "TEA", "stock": 1}]);
    supplier.state("by-the-old", shop.now(), &items).expect(202);
    supplier.secret.clone_from(&second);
    supplier.state("by-the-new", shop.now(), &items).expect(202);

    let third = secret(&supplier.ask(Method::POST, PATH).send().expect(201));
    supplier.state("by-the-second", shop.now(), &items).expect(202);
    supplier.secret = third;
    supplier.state("by-the-third", shop.now(), &items).expect(202);
    supplier.secret = first;
    supplier.state("by-the-first", shop.now(), &items).problem(401, "unauthenticated");
}

#[test]
fn a_repeat_shows_the_same_secret_and_rotates_nothing() {
    let mut supplier = Supplier::new(Shop::shared());
    let rotate = |key: &str| supplier.ask(Method::POST, PATH).key(key).send().expect(201);
    let first = rotate("one");
    let other = rotate("two");
    assert_ne!(secret(&first), secret(&other));
    let again = rotate("one");
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), Some("true")));
    let until = supplier.get("/partner/me").json()["webhook"]["old_secret_until"].clone();
    assert_eq!(until, other.json()["old_secret_until"], "the repeat put nothing off");
    supplier.secret = secret(&other);
    supplier.state("by-the-newest", Shop::shared().now(), &json!([{"sku": "TEA", "stock": 1}])).expect(202);
}

//! `POST /partner/keys`.

use api::{Shop, Supplier};
use http::Method;
use serde_json::{Value, json};

fn issue(supplier: &Supplier<'_>, body: &Value) -> api::Reply {
    supplier.ask(Method::POST, "/partner/keys").json(body).send()
}

#[test]
fn a_new_key_counts_beside_the_old_one_and_a_third_waits() {
    let supplier = Supplier::new(Shop::shared());
    let new = issue(&supplier, &json!({"world": "sandbox"})).expect(201).json();
    for key in [&supplier.key, new["key"].as_str().unwrap()] {
        supplier.ask(Method::GET, "/partner/me").header("x-api-key", key).send().expect(200);
    }
    let bearer = format!("Bearer {}", supplier.key);
    supplier.ask(Method::GET, "/partner/me").without("x-api-key").header("authorization", bearer).send().expect(200);
    issue(&supplier, &json!({"world": "sandbox"})).problem(409, "too_many_keys");
}

// Proves: S4-I1
#[test]
fn live_keys_come_when_every_step_is_green_and_not_before() {
    let supplier = Supplier::new(Shop::shared());
    let refused = issue(&supplier, &json!({"world": "live"})).problem(409, "not_live_yet").json();
    let open: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(open, ["feed_validated", "webhook_verified"], "{refused}");
    let live = Supplier::live(Shop::shared());
    assert!(live.key.starts_with("rk_live_"), "{}", live.key);
    assert_eq!(live.get("/partner/me").expect(200).json()["world"], "live");
}

#[test]
fn a_key_may_be_used_for_what_it_was_issued_for_alone() {
    let supplier = Supplier::new(Shop::shared());
    let key = issue(&supplier, &json!({"world": "sandbox", "scopes": ["stock"]})).expect(201).json();
    let with = |path: &str| supplier.ask(Method::GET, path).header("x-api-key", key["key"].as_str().unwrap()).send();
    with("/partner/me").problem(403, "forbidden");
    with("/partner/jobs").problem(403, "forbidden");
}

//! `DELETE /partner/keys/{keyId}`.

use api::{Shop, Supplier};
use http::Method;
use serde_json::json;

#[test]
fn a_revoked_key_counts_nowhere_from_then_on() {
    let supplier = Supplier::new(Shop::shared());
    let new = supplier.ask(Method::POST, "/partner/keys").json(&json!({"world": "sandbox"})).send().expect(201).json();
    let with = |key: &str| supplier.ask(Method::GET, "/partner/me").header("x-api-key", key).send();
    let new_key = new["key"].as_str().unwrap();
    with(new_key).expect(200);
    let path = format!("/partner/keys/{}", new["id"].as_str().unwrap());
    for _ in 0..2 {
        supplier.ask(Method::DELETE, &path).send().expect(204);
        with(new_key).problem(401, "unauthenticated");
    }
    let keys = supplier.get("/partner/me").json();
    assert_eq!((&keys["keys"][0]["counts"], &keys["keys"][1]["counts"]), (&json!(true), &json!(false)), "{keys}");
}

#[test]
fn a_key_of_another_partner_is_not_there() {
    let (one, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    let theirs = other.get("/partner/me").json()["keys"][0]["id"].as_str().unwrap().to_owned();
    one.ask(Method::DELETE, &format!("/partner/keys/{theirs}")).send().problem(404, "not_found");
    other.get("/partner/me").expect(200);
}

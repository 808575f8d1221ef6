//! The rules of `Idempotency-Key`, on every operation that heeds one.

use crate::every_operation::let_in;
use api::contract;
use local::contract::{Idempotency, Operation};

/// The operations that heed a key.
fn heeding() -> impl Iterator<Item = &'static Operation> {
    contract().operations().iter().filter(|operation| operation.idempotency != Idempotency::Ignored)
}

fn body(operation: &'static Operation) -> serde_json::Value {
    let example = operation.body.as_ref().and_then(|body| body.examples.first());
    example.cloned().unwrap_or_else(|| serde_json::json!({}))
}

#[test]
fn a_key_that_is_required_is_asked_for() {
    for operation in heeding().filter(|operation| operation.idempotency == Idempotency::Required) {
        let_in(operation).without("idempotency-key").json(&body(operation)).send().problem(400, "invalid_request");
    }
}

#[test]
fn a_key_that_is_not_1_to_255_visible_characters_is_refused() {
    for operation in heeding() {
        let long = "k".repeat(256);
        for key in [long.as_bytes(), b"a key", "schl\u{fc}ssel".as_bytes(), b"\xff", b"a\tb"] {
            let ask = let_in(operation).header_bytes("idempotency-key", key).json(&body(operation));
            let reply = ask.send().expect(400);
            assert!(reply.json()["code"].as_str().is_some_and(|code| !code.is_empty()), "{reply}");
        }
    }
}

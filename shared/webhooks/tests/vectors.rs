//! The published vectors, from the folder that `SAMPLE_DATA` names.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use kernel::Instant;
use serde_json::Value;
use std::path::PathBuf;
use webhooks::{Secret, verify};

fn vectors() -> Value {
    let folder = std::env::var_os("SAMPLE_DATA").unwrap_or_else(|| panic!("set SAMPLE_DATA"));
    let path = PathBuf::from(folder).join("webhooks/vectors.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str::<Value>(&text).unwrap()["standard_webhooks"].take()
}

// Proves: S4-I2a
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn published_vectors_are_judged_as_published() {
    let vectors = vectors();
    let mut judged = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let secret = Secret::parse(case["secret"].as_str().or(vectors["secret"].as_str()).unwrap());
        match case["expect"].as_str().unwrap() {
            "configuration error" => assert!(secret.is_err(), "{name}"),
            expected => {
                let header = |header: &str| case["headers"][header].as_str();
                let now = Instant::from_seconds(case["clock"].as_i64().unwrap());
                let verdict = verify(&[secret.unwrap()], header, case["body"].as_str().unwrap().as_bytes(), now);
                assert_eq!(verdict.is_ok(), expected == "valid", "{name}: {verdict:?}");
            }
        }
        judged += 1;
    }
    assert!(judged >= 9, "only {judged} vectors");
}

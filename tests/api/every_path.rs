//! What every path has in common, whatever stands behind it.

use api::{Shop, contract};
use http::Method;
use std::collections::BTreeMap;

/// The paths with the methods that each knows.
fn paths() -> BTreeMap<&'static str, Vec<&'static Method>> {
    let mut paths = BTreeMap::<&str, Vec<&Method>>::new();
    for operation in contract().operations() {
        paths.entry(&operation.path).or_default().push(&operation.method);
    }
    paths
}

// Proves: S2-17
#[test]
fn a_method_that_a_path_does_not_know_is_405_with_those_that_it_knows() {
    for (path, known) in paths() {
        let path = super::every_operation::concrete(path);
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            if known.contains(&&method) {
                continue;
            }
            let reply = Shop::shared().ask(method, &path).send().problem(405, "method_not_allowed");
            let mut allowed: Vec<&str> = reply.header("allow").unwrap_or_default().split(", ").collect();
            let mut expected: Vec<&str> = known.iter().map(|method| method.as_str()).collect();
            allowed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(allowed, expected, "{path}");
        }
    }
}

#[test]
fn a_path_that_is_not_ours_is_a_404_problem() {
    for path in [
        "/api",
        "/api/nothing",
        "/api/products/a/b/c",
        "/shopping",
        "/admin",
        "/.env",
        "/api/products/",
        "//api/products",
    ] {
        Shop::shared().get(path).send().problem(404, "not_found");
    }
}

#[test]
fn the_request_id_is_echoed_and_the_trace_goes_on() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let ask = Shop::shared()
        .get("/ping")
        .header("x-request-id", "mine-17")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let reply = ask.send().expect(200);
    assert_eq!(reply.header("x-request-id"), Some("mine-17"));
    assert!(reply.header("traceparent").is_some_and(|header| header.starts_with(&format!("00-{trace}-"))), "{reply}");
}

#[test]
fn a_request_id_that_could_break_a_log_line_is_replaced() {
    for bad in ["a b", &"x".repeat(129), "\"}"] {
        let reply = Shop::shared().get("/ping").header("x-request-id", bad).send().expect(200);
        let given = reply.header("x-request-id").unwrap_or_default();
        assert!(bad == "\"}" || given != bad, "{reply}");
        assert!(!given.is_empty());
    }
}

#[test]
fn refusals_name_the_request_and_the_trace() {
    let reply = Shop::shared().get("/api/nothing").header("x-request-id", "mine-18").send().problem(404, "not_found");
    let body = reply.json();
    assert_eq!(body["instance"], "urn:request:mine-18");
    assert_eq!(body["trace_id"].as_str().map(str::len), Some(32));
    assert_eq!(body["errors"], serde_json::json!([]));
}

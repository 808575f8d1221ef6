//! One trace through everything that one request causes.

use super::walk::Ground;
use api::{eventually, order};
use http::Method;
use kernel::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

fn traceparent(trace: &str) -> String {
    format!("00-{trace}-00f067aa0ba902b7-01")
}

/// The operations that spoke under each trace.
fn spoke(lines: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut spoke: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        spoke.entry(text("trace_id")).or_default().insert(text("operation"));
    }
    spoke
}

/// The lines, without those of requests that the payment provider makes: it knows nothing of our traces.
fn read(lines: Vec<String>) -> Vec<Value> {
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["operation"] != "receive-payment-event").collect()
}

// Proves: S3-10
#[test]
fn every_line_about_an_order_is_under_the_trace_of_the_request_that_placed_it() {
    let ground = Ground::new();
    let sku = ground.shop.new_sku(1_000);
    ground.settle();
    drop(ground.lines());
    let placed: Mutex<BTreeMap<String, (String, bool)>> = Mutex::default();
    let config = Config { failure_persistence: None, ..Config::with_cases(100) };
    let token = prop::sample::select(vec![Some("tok_approve"), Some("tok_slow_3"), Some("tok_duplicate_event"), None]);
    let orders = TestRunner::new(config).run(&(1..u128::MAX, token), |(trace, token)| {
        let trace = format!("{trace:032x}");
        let ask = ground.shop.shopper().ask(Method::POST, "/api/orders").key(&trace).json(&order(&sku, 1, token));
        let reply = ask.header("traceparent", traceparent(&trace)).send().expect(201);
        let answered = reply.header("traceparent").unwrap_or_default().to_owned();
        prop_assert!(answered.starts_with(&format!("00-{trace}-")), "{}", answered);
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        placed.lock().unwrap().insert(id, (trace, token.is_some()));
        Ok(())
    });
    orders.unwrap_or_else(|error| panic!("{error}"));
    ground.settle();

    let lines = read(ground.lines());
    let placed = placed.into_inner().unwrap();
    for line in &lines {
        if let Some((trace, _)) = line["order"].as_str().and_then(|order| placed.get(order)) {
            assert_eq!(line["trace_id"], **trace, "{line}");
        }
    }
    let spoke = spoke(&lines);
    for (id, (trace, paid)) in &placed {
        let mut expected = vec!["place-order", "publish-order-events", "project-orders"];
        if *paid {
            expected.extend(["settle-holds", "send-email"]);
        }
        for operation in expected {
            let lines: Vec<&Value> = lines.iter().filter(|line| line["operation"] == operation).collect();
            assert!(spoke[trace].contains(operation), "{operation} said nothing of {id} under {trace}: {lines:?}");
        }
    }
}

// Proves: S3-10
#[test]
fn a_changed_product_is_projected_under_the_trace_of_the_request_that_changed_it() {
    let ground = Ground::new();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let body = json!({"name": "Something traced", "price": "10.00"});
    let ask = ground.shop.staff(Role::Admin, Method::POST, "/api/products").key("traced").json(&body);
    ask.header("traceparent", traceparent(trace)).send().expect(201);
    let all = ["create-product", "publish-catalog-events", "project-catalog"];
    let said = Mutex::new(Vec::new());
    eventually(
        Duration::from_secs(20),
        || {
            said.lock().unwrap().extend(read(ground.lines()));
            spoke(&said.lock().unwrap()).remove(trace).unwrap_or_default()
        },
        |spoke| all.iter().all(|operation| spoke.contains(*operation)),
    );
}

// Proves: S3-10
#[test]
fn a_cancellation_goes_on_under_its_own_trace() {
    let ground = Ground::new();
    let sku = ground.shop.new_sku(10);
    let shopper = ground.shop.shopper();
    let id = shopper.buy(&sku, 1, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned();
    ground.settle();
    drop(ground.lines());
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let ask = shopper.ask(Method::POST, &format!("/api/orders/{id}/cancellation")).key("c").json(&json!({}));
    ask.header("traceparent", traceparent(trace)).send().expect(200);
    ground.settle();
    let lines = read(ground.lines());
    let about: Vec<&Value> = lines.iter().filter(|line| line["order"] == *id).collect();
    assert!(about.iter().all(|line| line["trace_id"] == trace), "{about:?}");
    let spoke = spoke(&lines);
    for operation in
        ["cancel-order", "publish-order-events", "refund-payment", "settle-holds", "project-orders", "send-email"]
    {
        assert!(spoke[trace].contains(operation), "{operation} is not in {:?}", spoke[trace]);
    }
}

// Proves: S3-11
#[test]
fn the_log_can_be_asked_for_an_order_and_for_a_shopper() {
    let ground = Ground::new();
    let sku = ground.shop.new_sku(10);
    let (shopper, other) = (ground.shop.shopper(), ground.shop.shopper());
    let id = shopper.buy(&sku, 1, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned();
    other.buy(&sku, 1, "tok_approve").expect(201);
    ground.settle();
    let ask = |query: &str| {
        let text = ground.shop.get(&format!("/_sandbox/log?{query}")).attempt().unwrap().text();
        read(text.lines().map(str::to_owned).collect())
    };
    let about = ask(&format!("order={id}"));
    assert!(about.iter().all(|line| line["order"] == *id));
    let operations: BTreeSet<&str> = about.iter().filter_map(|line| line["operation"].as_str()).collect();
    for operation in ["place-order", "publish-order-events", "settle-holds", "project-orders", "send-email"] {
        assert!(operations.contains(operation), "{operation} is not in {operations:?}");
    }
    let customer = about.iter().find_map(|line| line["customer"].as_str()).unwrap().to_owned();
    let theirs = ask(&format!("customer={customer}&message=request"));
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert_eq!(theirs[0]["status"], 201);
    assert!(ask("order=nothing").is_empty());
}

//! What providers tell us unasked: believed only when it is signed, and the same as the answer to our own call.

use crate::stage::{Operation, SECRET, Sandbox, credentials, now, order, serve};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use kernel::{Currency, Fault, Instant, Kind, Money};
use payments::providers::ALL;
use payments::{Delivery, Event, Outcome, Standing, Unbelieved};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PRICE: Money = Money::new(1999, Currency::USD);

type Told = Arc<Mutex<Vec<Event>>>;

async fn hook(State(told): State<Told>, headers: HeaderMap, body: String) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let delivery = Delivery { header: &header, body: body.as_bytes(), received_at: now() };
    told.lock().unwrap().push(ALL[0].parse_event(&credentials(), &delivery).unwrap());
    StatusCode::ACCEPTED
}

/// A sandbox whose events are read by the method, and what it told.
async fn telling() -> (Sandbox, Told) {
    let told = Told::default();
    let base = serve(Router::new().route("/hook", post(hook)).with_state(told.clone())).await;
    let sandbox = Sandbox::telling(Some(format!("{base}/hook"))).await;
    (sandbox, told)
}

async fn after(told: &Told, count: usize) -> Vec<Event> {
    for _ in 0..250 {
        if told.lock().unwrap().len() >= count {
            return told.lock().unwrap().clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} of {count} events came", told.lock().unwrap().len());
}

fn operation<'a>(sandbox: &'a Sandbox, token: &'a str, within: Duration) -> Operation<'a> {
    let order = order(&format!("event {token}"));
    Operation { method: ALL[0], link: &sandbox.link, order, token, amount: PRICE, calls_made: 0, within }
}

#[tokio::test]
async fn a_duplicate_event_tells_three_times_the_same_as_our_own_call() {
    let (sandbox, told) = telling().await;
    let (outcome, _) = operation(&sandbox, "tok_duplicate_event", Duration::from_secs(3)).run().await;
    let Outcome::Captured { payment_id, amount, card } = outcome else { panic!("{outcome:?}") };
    let events = after(&told, 3).await;
    for event in &events {
        assert_eq!((event.id.as_str(), event.kind.as_str()), (events[0].id.as_str(), "payment.captured"));
        assert_eq!(event.report.attempt, Some(1));
        assert_eq!((&event.report.payment_id, event.report.amount, &event.report.card), (&payment_id, amount, &card));
    }
}

#[tokio::test]
async fn an_event_can_come_before_the_answer() {
    let (sandbox, told) = telling().await;
    let operation = operation(&sandbox, "tok_slow_1500", Duration::from_millis(500));
    let (outcome, _) = operation.run().await;
    assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
    let event = after(&told, 1).await.remove(0);
    assert_eq!(
        (event.report.reference.as_str(), event.report.standing),
        (operation.order.as_str(), Standing::Captured)
    );
}

fn body() -> Value {
    json!({"type": "payment.captured", "id": "evt_1", "data": {
        "id": "pay_1", "reference": order("o").as_str(), "status": "captured", "amount": 1999, "currency": "USD",
    }})
}

/// Signs `body` at second 1000 and gives it to the method at `received_at`.
fn judged(body: &str, secret: &str, received_at: i64) -> Result<Event, Unbelieved> {
    let secret = webhooks::Secret::parse(secret).unwrap();
    let signature = webhooks::sign(&[secret], "evt_1", Instant::from_seconds(1000), body.as_bytes());
    let header = |name: &str| match name {
        webhooks::ID => Some("evt_1"),
        webhooks::TIMESTAMP => Some("1000"),
        webhooks::SIGNATURE => Some(signature.as_str()),
        _ => None,
    };
    let received_at = Instant::from_seconds(received_at);
    ALL[0].parse_event(&credentials(), &Delivery { header: &header, body: body.as_bytes(), received_at })
}

#[test]
fn a_signed_event_is_believed() {
    let event = judged(&body().to_string(), SECRET, 1000).unwrap();
    assert_eq!((event.id.as_str(), event.sent_at, event.report.amount), ("evt_1", Instant::from_seconds(1000), PRICE));
}

#[test]
fn a_forged_or_stale_event_is_not_and_says_unauthenticated() {
    let forged = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (secret, received_at) in [(forged, 1000), (SECRET, 1301), (SECRET, 699)] {
        let unbelieved = judged(&body().to_string(), secret, received_at).unwrap_err();
        let fault = Fault::from(unbelieved);
        assert_eq!((fault.kind, fault.code), (Kind::Unauthenticated, "unauthenticated"));
    }
}

#[test]
fn a_signed_event_that_does_not_read_is_unprocessable() {
    for text in ["", "[]", "{\"type\":\"payment.captured\"}", "not json", "{\"type\":\"x\",\"data\":{}}"] {
        let fault = Fault::from(judged(text, SECRET, 1000).unwrap_err());
        assert_eq!((fault.kind, fault.code), (Kind::Unprocessable, "event_unreadable"), "{text}");
    }
    let mut odd = body();
    odd["data"]["id"] = json!("../x");
    assert!(matches!(judged(&odd.to_string(), SECRET, 1000), Err(Unbelieved::Unreadable(_))));
}

#[test]
fn during_a_rotation_the_going_secret_still_counts() {
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let credentials = json!({"api_key": "key", "webhook_secret": other, "previous_webhook_secret": SECRET});
    let credentials: payments::Credentials = serde_json::from_value(credentials).unwrap();
    assert_eq!(credentials.webhook_secrets().len(), 2);
    assert_eq!(format!("{credentials:?}"), "Credentials(…)");
    let unreadable: payments::Credentials =
        serde_json::from_value(json!({"api_key": "k", "webhook_secret": ""})).unwrap();
    assert!(unreadable.webhook_secrets().is_empty(), "an empty secret signs nothing");
}

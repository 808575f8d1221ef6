//! What providers tell us unasked: believed only when it is signed, and the same as the answer to our own call.

use crate::stage::{Operation, PRICE, SECRET, Sandbox, credentials, now, order, serve};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use kernel::{Fault, Instant, Kind};
use payments::providers::{ALL, How};
use payments::{Delivery, Event, Method, Outcome, Standing, Unbelieved};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Told = Arc<Mutex<Vec<Event>>>;

async fn hook(State(told): State<Told>, Path(provider): Path<String>, headers: HeaderMap, body: String) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let delivery = Delivery { header: &header, body: body.as_bytes(), received_at: now() };
    let method = payments::by_provider(&provider).unwrap();
    told.lock().unwrap().push(method.parse_event(&credentials(), &delivery).unwrap());
    StatusCode::ACCEPTED
}

/// A sandbox whose events are read by the method, and what it told.
async fn telling() -> (Sandbox, Told) {
    let told = Told::default();
    let base = serve(Router::new().route("/hook/{provider}", post(hook)).with_state(told.clone())).await;
    let sandbox = Sandbox::telling(Some(format!("{base}/hook"))).await;
    (sandbox, told)
}

/// What a method told of a payment that went to its end, and what our own calls came to.
async fn told_of(method: &'static dyn Method, token: &'static str) -> (Outcome, Vec<Event>) {
    let (sandbox, told) = telling().await;
    let operation = Operation::new(method, &sandbox, token).await;
    let (outcome, _) = operation.to_the_end(&sandbox, token).await;
    let copies = if token == "tok_duplicate_event" && method.about().how != How::Later { 3 } else { 1 };
    let captures = |events: &[Event]| events.iter().filter(|event| event.report.standing == Standing::Captured).count();
    for _ in 0..250 {
        let events = told.lock().unwrap().clone();
        if captures(&events) >= copies {
            return (outcome, events);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{}: {:?}", method.about().id, told.lock().unwrap());
}

// Proves: S3-06
#[tokio::test]
async fn a_duplicate_event_tells_each_time_the_same_as_our_own_call() {
    for method in ALL {
        let (outcome, events) = told_of(*method, "tok_duplicate_event").await;
        let Outcome::Captured { payment_id, amount, card } = outcome else { panic!("{outcome:?}") };
        let events: Vec<&Event> = events.iter().filter(|event| event.report.standing == Standing::Captured).collect();
        for event in &events {
            assert_eq!(event.id, events[0].id, "a repeat is the same event");
            assert!(event.kind.to_lowercase().contains("captured"), "{}", event.kind);
            assert_eq!(event.report.attempt, Some(1));
            assert_eq!((&event.report.payment_id, event.report.amount), (&payment_id, amount));
            assert!(card.is_none() || event.report.card == card);
        }
    }
}

#[tokio::test]
async fn an_event_can_come_before_the_answer() {
    for method in ALL.iter().filter(|method| method.about().how == How::Token) {
        let (sandbox, told) = telling().await;
        let slow = Operation::new(*method, &sandbox, "tok_slow_1500").await;
        let operation = Operation { within: Duration::from_millis(500), ..slow };
        let (outcome, _) = operation.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
        let told = told.lock().unwrap().clone();
        let standing = |event: &Event| (event.report.reference.clone(), event.report.standing.clone());
        let expected = (operation.order.as_str().to_owned(), Standing::Captured);
        assert_eq!(told.iter().map(standing).collect::<Vec<_>>(), [expected], "it came before the answer");
    }
}

/// An event as each provider writes it, taken from the sandbox and signed anew.
#[tokio::test]
async fn whatever_its_provider_an_event_is_believed_only_when_it_is_signed_and_fresh() {
    for method in ALL {
        let raw = Arc::new(Mutex::new(Vec::<String>::new()));
        let keep = raw.clone();
        let listen = post(move |body: String| {
            keep.lock().unwrap().push(body);
            std::future::ready(StatusCode::ACCEPTED)
        });
        let base = serve(Router::new().route("/hook/{provider}", listen)).await;
        let sandbox = Sandbox::telling(Some(format!("{base}/hook"))).await;
        Operation::new(*method, &sandbox, "tok_approve").await.to_the_end(&sandbox, "tok_approve").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let bodies = raw.lock().unwrap().clone();
        assert!(!bodies.is_empty(), "{}", method.about().id);
        for body in bodies {
            assert!(judged_by(*method, &body, SECRET, 1000).is_ok(), "{body}");
            let forged = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
            for (secret, received_at) in [(forged, 1000), (SECRET, 1301), (SECRET, 699)] {
                let unbelieved = judged_by(*method, &body, secret, received_at).unwrap_err();
                assert!(matches!(unbelieved, Unbelieved::Distrusted(_)), "{unbelieved}");
            }
            // Another provider's reader reads it as what it is, or not at all.
            let own = judged_by(*method, &body, SECRET, 1000).unwrap();
            for other in ALL {
                match judged_by(*other, &body, SECRET, 1000) {
                    Ok(event) => assert_eq!((event.id, event.report.amount), (own.id.clone(), own.report.amount)),
                    Err(unbelieved) => assert!(matches!(unbelieved, Unbelieved::Unreadable(_)), "{unbelieved}"),
                }
            }
        }
    }
}

fn body() -> Value {
    json!({"type": "payment.captured", "id": "evt_1", "data": {
        "id": "pay_1", "reference": order("o").as_str(), "status": "captured", "amount": 1999, "currency": "USD",
    }})
}

fn judged(body: &str, secret: &str, received_at: i64) -> Result<Event, Unbelieved> {
    judged_by(ALL[0], body, secret, received_at)
}

/// Signs `body` at second 1000 and gives it to the method at `received_at`.
fn judged_by(method: &dyn Method, body: &str, secret: &str, received_at: i64) -> Result<Event, Unbelieved> {
    let secret = webhooks::Secret::parse(secret).unwrap();
    let signature = webhooks::sign(&[secret], "evt_1", Instant::from_seconds(1000), body.as_bytes());
    let header = |name: &str| match name {
        webhooks::ID => Some("evt_1"),
        webhooks::TIMESTAMP => Some("1000"),
        webhooks::SIGNATURE => Some(signature.as_str()),
        _ => None,
    };
    let received_at = Instant::from_seconds(received_at);
    method.parse_event(&credentials(), &Delivery { header: &header, body: body.as_bytes(), received_at })
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

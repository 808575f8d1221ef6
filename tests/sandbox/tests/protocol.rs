//! The sandbox over HTTP, as a shop sees it.

#![allow(clippy::unwrap_used, reason = "a test")]

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use kernel::Instant;
use outbound::{Answer, Ask, Client, Failure, Method};
use sandbox::{Options, Storage};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Shop {
    base: String,
    client: Client,
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn shop(storage: Storage, events_to: Option<String>) -> Shop {
    let options = Options { storage, api_key: "key".to_owned(), webhook_secret: SECRET.to_owned(), events_to };
    Shop { base: serve(sandbox::router(options).unwrap()).await, client: Client::new() }
}

impl Shop {
    async fn post(&self, path: &str, key: &str, body: Value, within: u64) -> Result<Answer, Failure> {
        let headers = [("authorization", "Bearer key"), ("idempotency-key", key)];
        let (url, body) = (format!("{}{path}", self.base), body.to_string().into_bytes());
        let within = Duration::from_millis(within);
        self.client
            .send(Ask { method: Method::POST, url: &url, headers: &headers, body, traceparent: None, within })
            .await
    }

    async fn pay(&self, key: &str, reference: &str, token: &str) -> (u16, Value) {
        let answer = self.post("/v1/payments", key, payment(reference, token), 2000).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }

    async fn change(&self, path: &str, key: &str, body: Value) -> (u16, Value) {
        let answer = self.post(path, key, body, 2000).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }

    async fn get(&self, path: &str, accept: &'static str) -> String {
        let url = format!("{}{path}", self.base);
        let headers = [("authorization", "Bearer key"), ("accept", accept)];
        let within = Duration::from_secs(2);
        let ask =
            Ask { method: Method::GET, url: &url, headers: &headers, body: Vec::new(), traceparent: None, within };
        String::from_utf8(self.client.send(ask).await.unwrap().body.to_vec()).unwrap()
    }

    async fn ledger(&self) -> Value {
        serde_json::from_str(&self.get("/ledger", "application/json").await).unwrap()
    }
}

fn payment(reference: &str, token: &str) -> Value {
    json!({"reference": reference, "amount": 1999, "currency": "USD", "token": token, "capture": true})
}

#[tokio::test]
async fn an_approved_payment_is_captured_and_booked_once_however_often_it_is_repeated() {
    let shop = shop(Storage::Memory, None).await;
    let (status, first) = shop.pay("o1-1", "o1", "tok_approve").await;
    assert_eq!((status, first["status"].as_str(), first["amount"].as_i64()), (200, Some("captured"), Some(1999)));
    assert_eq!(shop.pay("o1-1", "o1", "tok_approve").await, (200, first.clone()));
    assert_eq!(shop.pay("o1-1", "o1", "tok_decline").await.0, 422, "the key was used for something else");
    assert_eq!(shop.pay("o1-2", "o1", "tok_approve").await.1["id"], first["id"], "at most one capture for a reference");
    assert_eq!(shop.ledger().await["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn fifty_concurrent_repeats_take_the_money_once() {
    let shop = Arc::new(shop(Storage::Memory, None).await);
    let repeats = (0..50).map(|_| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.pay("o1-1", "o1", "tok_approve").await })
    });
    let answers: Vec<_> = futures::future::join_all(repeats).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(shop.ledger().await["payments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn declines_say_why() {
    let shop = shop(Storage::Memory, None).await;
    for (token, code) in [
        ("tok_decline", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_of_somebody_else", "token_unknown"),
    ] {
        let (status, payment) = shop.pay(token, token, token).await;
        assert_eq!(
            (status, payment["status"].as_str(), payment["decline_code"].as_str()),
            (200, Some("declined"), Some(code))
        );
    }
}

#[tokio::test]
async fn failures_are_counted_by_key_and_survive_a_restart() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ledger-{}.sqlite", std::process::id()));
    let first = shop(Storage::File(file.clone()), None).await;
    assert_eq!(first.pay("o1-1", "o1", "tok_fail_2").await.0, 503);
    let second = shop(Storage::File(file.clone()), None).await;
    assert_eq!(second.pay("o1-1", "o1", "tok_fail_2").await.0, 503);
    assert_eq!(second.pay("o1-1", "o1", "tok_fail_2").await.0, 200);
    assert_eq!(first.ledger().await["payments"][0]["status"], "captured");
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_lost_answer_has_taken_the_money_and_its_repeat_is_answered() {
    let shop = shop(Storage::Memory, None).await;
    let lost = shop.post("/v1/payments", "o1-1", payment("o1", "tok_lost_answer"), 2000).await;
    assert!(matches!(lost, Err(Failure::Unanswered(_))), "{lost:?}");
    assert_eq!(shop.ledger().await["payments"][0]["status"], "captured");
    assert_eq!(shop.pay("o1-1", "o1", "tok_lost_answer").await.1["status"], "captured");
    assert_eq!(shop.ledger().await["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_hanging_payment_takes_nothing_and_a_slow_one_takes_its_time() {
    let shop = shop(Storage::Memory, None).await;
    let hung = shop.post("/v1/payments", "o1-1", payment("o1", "tok_hang"), 100).await;
    assert!(matches!(hung, Err(Failure::Unanswered(_))));
    assert_eq!(shop.ledger().await["payments"], json!([]));
    let slow = shop.post("/v1/payments", "o2-1", payment("o2", "tok_slow_400"), 100).await;
    assert!(matches!(slow, Err(Failure::Unanswered(_))));
    assert_eq!(shop.pay("o2-1", "o2", "tok_slow_400").await.1["status"], "captured");
}

#[tokio::test]
async fn promises_are_taken_or_given_back_and_refunds_never_exceed_what_was_taken() {
    let shop = shop(Storage::Memory, None).await;
    let mut promise = payment("o1", "tok_approve");
    promise["capture"] = json!(false);
    let (_, promised) = shop.change("/v1/payments", "o1-1", promise).await;
    assert_eq!(promised["status"], "authorized");
    let at = format!("/v1/payments/{}", promised["id"].as_str().unwrap());
    let capture = format!("{at}/capture");
    assert_eq!(shop.change(&capture, "c0", json!({"amount": 1})).await.0, 422);
    assert_eq!(shop.change(&capture, "c1", json!({"amount": 1999})).await.1["status"], "captured");
    assert_eq!(shop.change(&format!("{at}/void"), "v1", json!({})).await.0, 422);
    let refund = format!("{at}/refund");
    for _ in 0..2 {
        let (_, part) = shop.change(&refund, "r1", json!({"amount": 999})).await;
        assert_eq!((part["status"].as_str(), part["refunded"].as_i64()), (Some("partially_refunded"), Some(999)));
    }
    assert_eq!(shop.change(&refund, "r2", json!({"amount": 1001})).await.0, 422);
    assert_eq!(shop.change(&refund, "r3", json!({"amount": 1000})).await.1["status"], "refunded");
    assert_eq!(shop.change(&refund, "r4", json!({"amount": 1})).await.0, 422);
    let kinds: Vec<Value> =
        shop.ledger().await["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["authorized", "captured", "refunded", "refunded"]);
}

#[tokio::test]
async fn a_promise_that_was_given_back_stays_so() {
    let shop = shop(Storage::Memory, None).await;
    let mut promise = payment("o1", "tok_approve");
    promise["capture"] = json!(false);
    let (_, promised) = shop.change("/v1/payments", "o1-1", promise).await;
    let at = format!("/v1/payments/{}", promised["id"].as_str().unwrap());
    assert_eq!(shop.change(&format!("{at}/void"), "v1", json!({})).await.1["status"], "voided");
    assert_eq!(shop.change(&format!("{at}/void"), "v2", json!({})).await.1["status"], "voided");
    assert_eq!(shop.change(&format!("{at}/capture"), "c1", json!({"amount": 1999})).await.0, 422);
    assert_eq!(shop.change(&format!("{at}/explode"), "x", json!({})).await.0, 404);
    assert_eq!(shop.change("/v1/payments/pay_nothing/void", "v3", json!({})).await.0, 404);
}

#[tokio::test]
async fn a_second_promise_of_one_reference_cannot_be_taken_too() {
    let shop = shop(Storage::Memory, None).await;
    let mut promise = payment("o1", "tok_approve");
    promise["capture"] = json!(false);
    let (_, first) = shop.change("/v1/payments", "o1-1", promise.clone()).await;
    let (_, second) = shop.change("/v1/payments", "o1-2", promise).await;
    let capture = |payment: &Value| format!("/v1/payments/{}/capture", payment["id"].as_str().unwrap());
    assert_eq!(shop.change(&capture(&first), "c1", json!({"amount": 1999})).await.0, 200);
    assert_eq!(shop.change(&capture(&second), "c2", json!({"amount": 1999})).await.0, 422);
}

#[tokio::test]
async fn who_has_no_key_or_sends_nonsense_is_refused() {
    let shop = shop(Storage::Memory, None).await;
    let url = format!("{}/v1/payments", shop.base);
    let within = Duration::from_secs(2);
    let headers = [("authorization", "Bearer other"), ("idempotency-key", "k")];
    let body = payment("o1", "tok_approve").to_string().into_bytes();
    let ask = Ask { method: Method::POST, url: &url, headers: &headers, body, traceparent: None, within };
    assert_eq!(shop.client.send(ask).await.unwrap().status, StatusCode::UNAUTHORIZED);
    for nonsense in [
        json!([]),
        json!({"reference": "o1"}),
        json!({"reference": "o 1", "amount": 1, "currency": "USD", "token": "tok_approve"}),
        json!({"reference": "o1", "amount": 0, "currency": "USD", "token": "tok_approve"}),
        json!({"reference": "o1", "amount": 1, "currency": "usd", "token": "tok_approve"}),
        json!({"reference": "o1", "amount": 1.5, "currency": "USD", "token": "tok_approve"}),
        json!({"reference": "o1", "amount": 1, "currency": "USD", "token": "tok_approve", "number": "4242"}),
    ] {
        assert_eq!(shop.change("/v1/payments", "k", nonsense.clone()).await.0, 400, "{nonsense}");
    }
    assert_eq!(shop.change("/v1/payments", "", payment("o1", "tok_approve")).await.0, 400);
    assert_eq!(shop.ledger().await["payments"], json!([]));
}

#[tokio::test]
async fn payments_are_found_by_reference_and_the_ledger_reads_well() {
    let shop = shop(Storage::Memory, None).await;
    shop.pay("o1-1", "o1", "tok_decline").await;
    shop.pay("o1-2", "o1", "tok_approve").await;
    shop.pay("o2-1", "<o2>", "tok_approve").await;
    let found: Value = serde_json::from_str(&shop.get("/v1/payments?reference=o1", "*/*").await).unwrap();
    let standings: Vec<&str> =
        found["items"].as_array().unwrap().iter().filter_map(|item| item["status"].as_str()).collect();
    assert_eq!(standings, ["declined", "captured"]);
    assert!(shop.get("/v1/payments", "*/*").await.contains("reference_missing"));
    let page = shop.get("/ledger", "text/html").await;
    assert!(page.contains("19.99 USD") && page.contains("&lt;o2&gt;") && page.contains("card_declined"), "{page}");
}

/// What a receiver has seen, and how often it refuses before it takes an event.
#[derive(Clone, Default)]
struct Seen {
    events: Arc<Mutex<Vec<(String, Value)>>>,
    refusals: Arc<Mutex<u32>>,
}

impl Seen {
    async fn after(&self, count: usize) -> Vec<(String, Value)> {
        for _ in 0..300 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let events = self.events.lock().unwrap();
            if events.len() >= count {
                return events.clone();
            }
        }
        panic!("{} of {count} events", self.events.lock().unwrap().len());
    }
}

async fn receive(State(seen): State<Seen>, headers: HeaderMap, body: String) -> StatusCode {
    let mut refusals = seen.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let secrets = [webhooks::Secret::parse(SECRET).unwrap()];
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let verified = webhooks::verify(&secrets, header, body.as_bytes(), Instant::from_seconds(now as i64)).unwrap();
    seen.events.lock().unwrap().push((verified.id, serde_json::from_str(&body).unwrap()));
    StatusCode::ACCEPTED
}

async fn receiver(seen: &Seen) -> String {
    serve(Router::new().route("/hook/sandbox", post(receive)).with_state(seen.clone())).await + "/hook"
}

#[tokio::test]
async fn every_effect_sends_a_signed_event_again_until_it_is_taken() {
    let seen = Seen { refusals: Arc::new(Mutex::new(2)), ..Seen::default() };
    let shop = shop(Storage::Memory, Some(receiver(&seen).await)).await;
    let (_, paid) = shop.pay("o1-1", "o1", "tok_approve").await;
    let first = seen.after(1).await;
    assert_eq!((first[0].1["type"].as_str(), &first[0].1["data"]["id"]), (Some("payment.captured"), &paid["id"]));
    assert_eq!(first[0].1["id"].as_str(), Some(first[0].0.as_str()));
    shop.change(&format!("/v1/payments/{}/refund", paid["id"].as_str().unwrap()), "r1", json!({"amount": 1})).await;
    assert_eq!(seen.after(2).await[1].1["type"], "payment.refunded");
    shop.pay("o2-1", "o2", "tok_decline").await;
    assert_eq!(seen.after(3).await[2].1["type"], "payment.declined");
}

#[tokio::test]
async fn a_duplicate_event_comes_three_times_under_one_id() {
    let seen = Seen::default();
    let shop = shop(Storage::Memory, Some(receiver(&seen).await)).await;
    shop.pay("o1-1", "o1", "tok_duplicate_event").await;
    let events = seen.after(3).await;
    assert!(events.iter().all(|(id, _)| *id == events[0].0));
}

#[tokio::test]
async fn events_that_an_earlier_run_did_not_deliver_are_sent_by_the_next() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("events-{}.sqlite", std::process::id()));
    // The first run knows no shop, so its event waits.
    shop(Storage::File(file.clone()), None).await.pay("o1-1", "o1", "tok_approve").await;
    let seen = Seen::default();
    let _second = shop(Storage::File(file.clone()), Some(receiver(&seen).await)).await;
    assert_eq!(seen.after(1).await[0].1["data"]["reference"], "o1");
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_sandbox_without_a_proper_secret_or_file_does_not_start() {
    let options = |storage: Storage, secret: &str| Options {
        storage,
        api_key: "key".to_owned(),
        webhook_secret: secret.to_owned(),
        events_to: None,
    };
    assert!(sandbox::router(options(Storage::Memory, "whsec_")).is_err());
    let nowhere = PathBuf::from("/nonexistent/folder/ledger.sqlite");
    assert!(sandbox::router(options(Storage::File(nowhere), SECRET)).is_err());
}

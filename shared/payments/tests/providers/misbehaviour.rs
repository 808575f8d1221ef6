//! Providers that misbehave: whatever they answer, it is never taken for a success that it is not.

use crate::stage::{Operation, PRICE, SECRET, TRACE, call, charge, link, order, serve};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kernel::{Amount, Currency, Kind, Money};
use payments::providers::{ALL, Failure};
use payments::{Link, Outcome, find, refund, void};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Answers by a script; the last answer is given for ever. Keeps what it was sent.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<(Uri, HeaderMap)>>>,
}

async fn play(State(script): State<Script>, request: Request) -> Response {
    script.asked.lock().unwrap().push((request.uri().clone(), request.headers().clone()));
    let mut answers = script.answers.lock().unwrap();
    let (status, body) = if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
    (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")], body).into_response()
}

impl Script {
    async fn of(answers: &[(u16, &str)]) -> (Self, Link) {
        let script = Self::default();
        script.answers.lock().unwrap().extend(answers.iter().map(|(status, body)| (*status, (*body).to_owned())));
        let base = serve(Router::new().fallback(play).with_state(script.clone())).await;
        (script, link(&base))
    }
}

fn operation(link: &Link) -> Operation<'_> {
    Operation { within: Duration::from_millis(2500), ..Operation::of(ALL[0], link, order("o"), "tok_approve") }
}

fn payment(change: impl FnOnce(&mut Value)) -> String {
    let card = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031, "fingerprint": "fp"});
    let mut payment = json!({
        "id": "pay_1", "reference": order("o").as_str(), "status": "captured", "amount": 1999, "currency": "USD", "card": card,
    });
    change(&mut payment);
    payment.to_string()
}

async fn outcome_of(answers: &[(u16, &str)]) -> (Outcome, u32) {
    let (_script, link) = Script::of(answers).await;
    operation(&link).run().await
}

#[tokio::test]
async fn exactly_our_payment_is_a_success() {
    let (outcome, _) = outcome_of(&[(200, &payment(|_| ()))]).await;
    assert!(matches!(outcome, Outcome::Captured { .. }), "{outcome:?}");
    let (outcome, _) = outcome_of(&[(200, &payment(|payment| payment["card"] = json!({"number": "4242"})))]).await;
    assert!(matches!(outcome, Outcome::Captured { card: None, .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_about_something_else_is_undecided_and_not_asked_for_again() {
    let changes: &[(&str, Value)] = &[
        ("amount", json!(1)),
        ("amount", json!(199_900)),
        ("currency", json!("EUR")),
        ("reference", json!("another order")),
        ("status", json!("authorized")),
        ("status", json!("processing")),
        ("status", json!("voided")),
        ("status", json!("refunded")),
        ("status", json!("succeeded!")),
        ("status", json!("")),
        ("status", json!(200)),
        ("amount", json!("1999")),
        ("amount", json!(19.99)),
        ("currency", json!("dollars")),
        ("refunded", json!(2000)),
        ("refunded", json!(-1)),
        ("id", json!("")),
        ("id", json!("../refunds")),
        ("id", Value::Null),
    ];
    for (field, value) in changes {
        let body = payment(|payment| payment[field] = value.clone());
        let (outcome, calls) = outcome_of(&[(200, &body)]).await;
        assert!(matches!(outcome, Outcome::Undecided { .. }), "{field} = {value}: {outcome:?}");
        assert_eq!(calls, 1, "{field} = {value}");
    }
}

#[tokio::test]
async fn garbage_with_a_good_status_is_undecided() {
    for body in ["", "null", "[]", "ok", "<html>", "{\"status\":\"captured\"}", "\u{0}"] {
        let (outcome, calls) = outcome_of(&[(200, body)]).await;
        assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == 1, "{body:?}: {outcome:?}");
    }
    let (outcome, _) = outcome_of(&[(204, "")]).await;
    assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_refused_request_failed_and_is_not_repeated() {
    for (status, body) in
        [(400, r#"{"error":{"code":"bad"}}"#), (401, ""), (403, "nonsense"), (404, "{}"), (422, "null")]
    {
        let (outcome, calls) = outcome_of(&[(status, body)]).await;
        assert!(matches!(outcome, Outcome::Failed { transient: false, .. }), "{status}: {outcome:?}");
        assert_eq!(calls, 1, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let (script, link) = Script::of(&[(status, ""), (200, &payment(|_| ()))]).await;
        let (outcome, calls) = operation(&link).run().await;
        assert!(matches!(outcome, Outcome::Failed { transient: false, .. }) && calls == 1, "{outcome:?}");
        assert_eq!(script.asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_under_the_same_key_in_the_same_trace() {
    let (script, link) = Script::of(&[(503, ""), (429, ""), (500, ""), (200, &payment(|_| ()))]).await;
    let (outcome, calls) = operation(&link).run().await;
    assert!(matches!(outcome, Outcome::Captured { .. }) && calls == 4, "{outcome:?}");
    for (_, headers) in script.asked.lock().unwrap().iter() {
        assert_eq!(headers["idempotency-key"], format!("{}-1", order("o")));
        assert_eq!(headers["traceparent"], TRACE);
        assert_eq!(headers["authorization"], "Bearer key");
    }
}

#[tokio::test]
async fn a_key_that_is_still_at_work_there_is_asked_about_again() {
    let (_script, link) = Script::of(&[(409, r#"{"error":{"code":"in_flight"}}"#), (200, &payment(|_| ()))]).await;
    let (outcome, calls) = operation(&link).run().await;
    assert!(matches!(outcome, Outcome::Captured { .. }) && calls == 2, "{outcome:?}");
}

#[tokio::test]
async fn what_failed_midway_stays_undecided_whatever_a_later_call_says() {
    for later in [(401, ""), (503, ""), (302, "")] {
        let (outcome, _) = outcome_of(&[(500, ""), later]).await;
        assert!(matches!(outcome, Outcome::Undecided { .. }), "{later:?}: {outcome:?}");
    }
    let (_script, link) = Script::of(&[(401, "")]).await;
    let (outcome, calls) = Operation { calls_made: 1, ..operation(&link) }.run().await;
    assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == 2, "{outcome:?}");
}

#[tokio::test]
async fn a_provider_that_is_not_there_surely_took_nothing() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let link = link(&format!("http://{free}"));
    let (outcome, calls) = operation(&link).run().await;
    assert!(matches!(outcome, Outcome::Failed { transient: true, .. }) && calls == 4, "{outcome:?}");
}

// Proves: S0-07
#[tokio::test]
async fn a_provider_is_never_called_over_plain_http() {
    let link = link("http://provider.example");
    let (outcome, calls) = operation(&link).run().await;
    assert!(matches!(outcome, Outcome::Failed { transient: false, .. }) && calls == 1, "{outcome:?}");
    let fault = find(ALL[0], &link, call(""), "o").await.unwrap_err();
    assert_eq!(fault.kind, Kind::Bug);
}

#[tokio::test]
async fn too_little_time_is_left_to_the_queue() {
    let (script, link) = Script::of(&[(200, &payment(|_| ()))]).await;
    let late = Operation { within: Duration::from_millis(100), ..operation(&link) };
    let (outcome, calls) = late.run().await;
    assert!(matches!(outcome, Outcome::Failed { transient: true, .. }) && calls == 0, "{outcome:?}");
    assert!(script.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_call_that_cannot_be_counted_is_not_made() {
    let (script, link) = Script::of(&[(503, "")]).await;
    let (order, token) = (order("o"), payments::Token::parse("tok_approve").unwrap());
    let charge = payments::Charge { attempt: 2, ..charge(&order, Some(&token), None) };
    let budget = payments::Budget {
        deadline: crate::stage::now().plus(Duration::from_secs(2)),
        clock: &crate::stage::now,
        random: &|| 0,
    };
    let before_call = async |number| if number < 2 { Ok(()) } else { Err("somebody else has it") };
    let refused = payments::pay(ALL[0], &link, &charge, &budget, 0, before_call).await;
    assert_eq!(refused, Err("somebody else has it"));
    assert_eq!(script.asked.lock().unwrap().len(), 1);
    assert_eq!(charge.key(), format!("{order}-2"));
}

#[tokio::test]
async fn a_refund_or_void_that_is_answered_wrongly_comes_again() {
    let part = Money::new(500, Currency::USD);
    for body in [
        payment(|payment| payment["refunded"] = json!(499)),
        payment(|payment| payment["id"] = json!("pay_2")),
        payment(|payment| payment["currency"] = json!("EUR")),
    ] {
        let (_script, link) = Script::of(&[(200, &body)]).await;
        let fault = refund(ALL[0], &link, call("r"), "pay_1", part, Amount::ZERO).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Unavailable, "{body}");
        let fault = void(ALL[0], &link, call("v"), "pay_1").await.unwrap_err();
        assert_eq!(fault.kind, Kind::Unavailable, "{body}");
    }
    let (_script, link) = Script::of(&[(503, "")]).await;
    assert_eq!(
        refund(ALL[0], &link, call("r"), "pay_1", part, Amount::ZERO).await.unwrap_err().kind,
        Kind::Unavailable
    );
}

#[tokio::test]
async fn books_about_another_reference_are_not_believed() {
    let (_script, link) = Script::of(&[(200, &format!("{{\"items\":[{}]}}", payment(|_| ())))]).await;
    assert_eq!(find(ALL[0], &link, call(""), "another").await.unwrap_err().kind, Kind::Unavailable);
    assert_eq!(find(ALL[0], &link, call(""), order("o").as_str()).await.unwrap().len(), 1);
}

#[test]
fn a_provider_s_word_is_fit_for_a_log_line() {
    let failure = Failure::Refused { status: 400, code: "bad".to_owned() };
    assert_eq!(failure.to_string(), "the provider refuses the request: 400 bad");
    assert!(!format!("{:?}", link("http://127.0.0.1:1")).contains(&SECRET[6..]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    // Proves: S3-07
    #[test]
    fn no_answer_but_our_payment_captured_is_a_success(
        status in prop_oneof!["captured", "authorized", "declined", "voided", "refunded", "partially_refunded", "[a-z_]{0,12}"],
        amount in prop_oneof![Just(1999i64), any::<i64>()],
        currency in prop_oneof!["USD", "EUR", "JPY"],
        ours in any::<bool>(),
    ) {
        use payments::pay::judge;
        use payments::{Report, Standing};
        let (order, token) = (order("o"), payments::Token::parse("tok").unwrap());
        let charge = charge(&order, Some(&token), None);
        let standing = match status.as_str() {
            "captured" | "partially_refunded" => Standing::Captured,
            "authorized" => Standing::Authorized,
            "declined" => Standing::Declined { code: "x".to_owned() },
            "voided" => Standing::Voided,
            "refunded" => Standing::Refunded,
            word => Standing::Unknown { word: word.to_owned() },
        };
        let report = Report {
            payment_id: "pay_1".to_owned(),
            reference: if ours { order.as_str().to_owned() } else { "other".to_owned() },
            attempt: Some(1),
            standing: standing.clone(),
            amount: Money::new(amount, Currency::parse(&currency).unwrap()),
            refunded: Amount::ZERO,
            card: None,
        };
        let ours_captured = ours && standing == Standing::Captured && report.amount == PRICE;
        prop_assert_eq!(matches!(judge(report, &charge), Outcome::Captured { .. }), ours_captured);
    }
}

#[test]
fn a_shopper_who_must_go_elsewhere_is_sent_there() {
    use payments::{Action, Report, Standing, pay::judge};
    let order = order("o");
    let action = Action::redirect("https://provider.example/approve".to_owned()).unwrap();
    let report = Report {
        payment_id: "pay_1".to_owned(),
        reference: order.as_str().to_owned(),
        attempt: None,
        standing: Standing::RequiresAction(action.clone()),
        amount: PRICE,
        refunded: Amount::ZERO,
        card: None,
    };
    let outcome = judge(report, &charge(&order, None, None));
    assert_eq!(outcome, Outcome::RequiresAction { payment_id: "pay_1".to_owned(), action });
}

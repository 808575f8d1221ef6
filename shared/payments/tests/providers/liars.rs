//! Providers that answer something else than what became of a payment: whatever member of an answer is another one, it is
//! never taken for a success that it is not. For every method, from the answers that its own provider gives.

use crate::stage::{Operation, PRICE, Sandbox, link, serve};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method as Verb, StatusCode};
use axum::response::{IntoResponse, Response};
use payments::providers::{ALL, How};
use payments::{Outcome, Verdict};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Stands before the sandbox and answers for it.
#[derive(Clone, Default)]
struct Liar {
    behind: String,
    lie: Arc<Mutex<Option<Lie>>>,
    heard: Arc<Mutex<Vec<Value>>>,
}

#[derive(Clone)]
enum Lie {
    /// Another status and body.
    Answer(u16, &'static str),
    /// One member is another one.
    Member(String, Value),
}

async fn answer(State(liar): State<Liar>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers = [("authorization", header("authorization")), ("idempotency-key", header("idempotency-key"))];
    let method = if parts.method == Verb::POST { outbound::Method::POST } else { outbound::Method::GET };
    let (url, within) = (format!("{}{}", liar.behind, parts.uri), Duration::from_secs(2));
    let body = to_bytes(body, 65_536).await.unwrap().to_vec();
    let ask = outbound::Ask { method, url: &url, headers: &headers, body, traceparent: None, within };
    let truth = outbound::Client::new().send(ask).await.unwrap();
    let mut told: Value = serde_json::from_slice(&truth.body).unwrap();
    liar.heard.lock().unwrap().push(told.clone());
    let lie = liar.lie.lock().unwrap().clone();
    match lie {
        None => (StatusCode::OK, told.to_string()).into_response(),
        Some(Lie::Answer(status, body)) => {
            (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")], body).into_response()
        }
        Some(Lie::Member(pointer, value)) => {
            *told.pointer_mut(&pointer).unwrap() = value;
            (StatusCode::OK, told.to_string()).into_response()
        }
    }
}

/// Where every text, number and nothing of a document stands.
fn leaves(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, member)| leaves(member, &format!("{at}/{name}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| leaves(item, &format!("{at}/{index}"))).collect()
        }
        _ => vec![at.to_owned()],
    }
}

/// Which of the outcomes it is.
fn kind(outcome: &Outcome) -> std::mem::Discriminant<Outcome> {
    std::mem::discriminant(outcome)
}

/// Each operation of each method, and what it comes to when nobody lies.
async fn each_operation(test: impl AsyncFn(&Liar, &Operation<'_>, &Outcome)) {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let liar = Liar { behind: sandbox.base.clone(), ..Liar::default() };
        let behind_it = link(&serve(Router::new().fallback(answer).with_state(liar.clone())).await);
        let honest = Operation::new(*method, &sandbox, "tok_approve").await;
        let first = Operation { link: &behind_it, within: Duration::from_millis(2000), ..honest };
        let (outcome, _) = first.run().await;
        test(&liar, &first, &outcome).await;
        if let (How::Redirect, Outcome::RequiresAction { payment_id, action }) = (method.about().how, &outcome) {
            sandbox.obey(action, "tok_approve").await;
            let approved = Some(payment_id.clone());
            let capture = Operation { approved, ..first.clone() };
            let (outcome, _) = capture.run().await;
            assert!(matches!(outcome, Outcome::Captured { .. }), "{outcome:?}");
            test(&liar, &capture, &outcome).await;
        }
    }
}

// Proves: S3-07
#[tokio::test]
async fn whatever_member_of_an_answer_is_another_one_it_is_never_taken_for_our_payment() {
    each_operation(async |liar, operation, truth| {
        let told = liar.heard.lock().unwrap().last().unwrap().clone();
        let ours = [json!(1999), json!("19.99"), json!("USD"), json!(operation.order.as_str())];
        for pointer in leaves(&told, "") {
            let true_value = told.pointer(&pointer).unwrap();
            for lie in [json!(null), json!(""), json!("x"), json!(1), json!(-1), json!(2.5), json!([]), json!({})] {
                *liar.lie.lock().unwrap() = Some(Lie::Member(pointer.clone(), lie.clone()));
                let (outcome, calls) = operation.run().await;
                let about = format!("{} {pointer} = {lie}: {outcome:?}", operation.method.about().id);
                let undecided = matches!(outcome, Outcome::Undecided { .. });
                assert!(undecided || kind(&outcome) == kind(truth), "{about}");
                assert!(undecided || !ours.contains(true_value), "{about}");
                if let Outcome::Captured { amount, .. } = &outcome {
                    assert_eq!(*amount, PRICE, "{about}");
                }
                assert_eq!(calls, 1, "the same call would get the same answer: {about}");
            }
        }
        *liar.lie.lock().unwrap() = None;
    })
    .await;
}

#[tokio::test]
async fn garbage_redirects_and_refusals_are_told_apart_whatever_the_method() {
    each_operation(async |liar, operation, _| {
        for (status, body) in
            [(200, ""), (200, "null"), (200, "[]"), (200, "<html>"), (200, "{}"), (204, ""), (500, "")]
        {
            *liar.lie.lock().unwrap() = Some(Lie::Answer(status, body));
            let last = Operation { calls_made: 3, ..operation.clone() };
            let outcome = if operation.approved.is_some() { last.run().await.0 } else { operation.run().await.0 };
            assert!(matches!(outcome, Outcome::Undecided { .. }), "{status} {body:?}: {outcome:?}");
        }
        for status in [301, 302, 307, 308, 400, 401, 403, 404, 422] {
            *liar.lie.lock().unwrap() = Some(Lie::Answer(status, "{}"));
            let (outcome, calls) = operation.run().await;
            assert!(matches!(outcome, Outcome::Failed { transient: false, .. }) && calls == 1, "{status}: {outcome:?}");
            assert_eq!(outcome.verdict(), Verdict::Fails);
        }
        *liar.lie.lock().unwrap() = None;
    })
    .await;
}

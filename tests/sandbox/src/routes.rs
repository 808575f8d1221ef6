//! The protocol over HTTP.

use crate::Sandbox;
use crate::ledger::{Answer, Change, Key, NewPayment, Trouble, refusal};
use crate::page;
use crate::token::Behaviour;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

type Shared = State<Arc<Sandbox>>;

pub(crate) fn router(sandbox: Arc<Sandbox>) -> Router {
    let protocol = Router::new()
        .route("/v1/payments", post(pay).get(read))
        .route("/v1/payments/{id}/{verb}", post(change))
        .layer(from_fn_with_state(Arc::clone(&sandbox), authenticated));
    protocol.route("/ledger", get(ledger)).with_state(sandbox)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayBody {
    reference: String,
    amount: i64,
    currency: String,
    token: String,
    #[serde(default = "yes")]
    capture: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountBody {
    amount: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// Only who has the key speaks the protocol.
async fn authenticated(State(sandbox): Shared, request: Request, next: Next) -> Response {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(sandbox.api_key.as_str()) {
        return next.run(request).await;
    }
    written(refusal(401, "api_key_invalid"))
}

async fn pay(State(sandbox): Shared, headers: HeaderMap, bytes: Bytes) -> Result<Response, Failed> {
    let (Some(key), Some(body)) = (key(&headers), parsed::<PayBody>(&bytes)) else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    let Some(new) = body.checked() else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    let behaviour = Behaviour::of(&new.token);
    if behaviour == Behaviour::Hang {
        std::future::pending::<()>().await;
    }
    let answer = sandbox.ledger.pay(Key::new(&key, "/v1/payments", &bytes), new).await?;
    sandbox.announce(&answer);
    match behaviour {
        Behaviour::LoseAnswer if !answer.repeated => Ok(dropped()),
        Behaviour::Slow(time) if !answer.repeated => {
            tokio::time::sleep(time).await;
            Ok(written(answer))
        }
        _ => Ok(written(answer)),
    }
}

async fn change(
    State(sandbox): Shared,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Failed> {
    let amount = || parsed::<AmountBody>(&bytes).map(|body| body.amount);
    let change = match verb.as_str() {
        "capture" => amount().map(Change::Capture),
        "refund" => amount().map(Change::Refund),
        "void" => parsed::<NoBody>(&bytes).map(|_| Change::Void),
        _ => return Ok(written(refusal(404, "route_unknown"))),
    };
    let (Some(key), Some(change)) = (key(&headers), change) else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    let key = Key::new(&key, &format!("/v1/payments/{id}/{verb}"), &bytes);
    let answer = sandbox.ledger.change(key, id, change).await?;
    sandbox.announce(&answer);
    Ok(written(answer))
}

async fn read(State(sandbox): Shared, RawQuery(query): RawQuery) -> Result<Response, Failed> {
    let reference = query.as_deref().and_then(|query| query.strip_prefix("reference=")).filter(|text| !text.is_empty());
    let Some(reference) = reference else {
        return Ok(written(refusal(400, "reference_missing")));
    };
    let items = sandbox.ledger.payments(Some(reference.to_owned())).await?;
    Ok(json_response(StatusCode::OK, json!({"items": items}).to_string()))
}

async fn ledger(State(sandbox): Shared, headers: HeaderMap) -> Result<Response, Failed> {
    let (payments, entries) = (sandbox.ledger.payments(None).await?, sandbox.ledger.entries().await?);
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        let html = page::of(&payments, &entries);
        return Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response());
    }
    Ok(json_response(StatusCode::OK, json!({"payments": payments, "entries": entries}).to_string()))
}

impl Sandbox {
    fn announce(&self, answer: &Answer) {
        if let Some(notifier) = &self.notifier {
            notifier.send(answer.events.clone());
        }
    }
}

impl PayBody {
    fn checked(self) -> Option<NewPayment> {
        let Self { reference, amount, currency, token, capture } = self;
        let plain =
            |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        let currency_holds = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        let holds = plain(&reference, 64) && plain(&token, 255) && currency_holds && amount > 0;
        holds.then_some(NewPayment { reference, amount, currency, token, capture })
    }
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

fn key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key")?.to_str().ok()?;
    (1..=255).contains(&key.len()).then(|| key.to_owned())
}

fn written(answer: Answer) -> Response {
    json_response(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), answer.body)
}

fn json_response(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A response whose body fails at once: the server closes the connection before it has written anything.
fn dropped() -> Response {
    let lost = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the answer is lost on purpose")) });
    Response::new(Body::from_stream(lost))
}

/// The ledger failed: nothing is known of the call.
struct Failed(Trouble);

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self(trouble)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": "ledger", "message": self.0.to_string()}}).to_string();
        json_response(StatusCode::INTERNAL_SERVER_ERROR, body)
    }
}

//! The protocol over HTTP.

use crate::ledger::{Answer, Change, Key, NewPayment, Trouble, refusal};
use crate::token::{self, Behaviour};
use crate::{Sandbox, crypto, page, paypal, protocol};
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
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) type Shared = State<Arc<Sandbox>>;

pub(crate) fn router(sandbox: Arc<Sandbox>) -> Router {
    let protocol = Router::new()
        .route("/v1/payments", post(pay).get(read))
        .route("/v1/payments/{id}/{verb}", post(change))
        .route("/moods", post(set_mood))
        .merge(paypal::protocol())
        .merge(crypto::protocol())
        .layer(from_fn_with_state(Arc::clone(&sandbox), authenticated));
    protocol.merge(paypal::pages()).merge(crypto::pages()).route("/ledger", get(ledger)).with_state(sandbox)
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
    let Some((behaviour, new)) = body.checked() else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    sandbox.made(behaviour, Key::new(&key, "/v1/payments", &bytes), new).await
}

async fn change(
    State(sandbox): Shared,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Failed> {
    let amount = || parsed::<AmountBody>(&bytes).map(|body| body.amount);
    let change = match verb.as_str() {
        "capture" => amount().map(|amount| Change::Capture(Some(amount))),
        "refund" => amount().map(Change::Refund),
        "void" => parsed::<NoBody>(&bytes).map(|_| Change::Void),
        _ => return Ok(written(refusal(404, "route_unknown"))),
    };
    let (Some(key), Some(change)) = (key(&headers), change) else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    sandbox.changed(Key::new(&key, &format!("/v1/payments/{id}/{verb}"), &bytes), id, change).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mood {
    reference: String,
    /// `make` or `capture`.
    step: String,
    token: String,
}

/// Not a provider's: tests say how a payment without a token behaves.
async fn set_mood(State(sandbox): Shared, bytes: Bytes) -> Result<StatusCode, Failed> {
    let Some(Mood { reference, step, token }) = parsed(&bytes) else {
        return Ok(StatusCode::BAD_REQUEST);
    };
    sandbox.ledger.set_mood(reference, step, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(State(sandbox): Shared, RawQuery(query): RawQuery) -> Result<Response, Failed> {
    sandbox.listed("sandbox", query.as_deref(), "reference=", "items").await
}

async fn ledger(State(sandbox): Shared, headers: HeaderMap) -> Result<Response, Failed> {
    let (payments, entries) = (sandbox.ledger.all_payments().await?, sandbox.ledger.entries().await?);
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

    /// Makes a payment, and answers as it behaves.
    pub(crate) async fn made(&self, behaviour: Behaviour, key: Key, new: NewPayment) -> Result<Response, Failed> {
        if behaviour == Behaviour::Hang {
            std::future::pending::<()>().await;
        }
        let answer = self.ledger.pay(key, new).await?;
        Ok(self.told(behaviour, answer).await)
    }

    /// Changes a payment, and answers as its mood is.
    pub(crate) async fn changed(&self, key: Key, id: String, change: Change) -> Result<Response, Failed> {
        let behaviour = match (change, self.ledger.payment(id.clone()).await?) {
            (Change::Capture(_), Some(payment)) => self.ledger.mood(payment.reference, "capture").await?,
            _ => Behaviour::Approve,
        };
        if behaviour == Behaviour::Hang {
            std::future::pending::<()>().await;
        }
        let answer = self.ledger.change(key, id, change).await?;
        Ok(self.told(behaviour, answer).await)
    }

    /// The payments of a provider under the reference that the query names, under the name that its protocol has for them.
    pub(crate) async fn listed(
        &self,
        provider: &'static str,
        query: Option<&str>,
        parameter: &str,
        name: &str,
    ) -> Result<Response, Failed> {
        let reference = query.and_then(|query| query.strip_prefix(parameter)).filter(|text| !text.is_empty());
        let Some(reference) = reference else {
            return Ok(written(refusal(400, "reference_missing")));
        };
        let payments = self.ledger.payments(provider, reference.to_owned()).await?;
        let list: Vec<Value> = payments.iter().map(protocol::payment).collect();
        Ok(json_response(StatusCode::OK, json!({ name: list }).to_string()))
    }

    /// Sends the events of an answer, and the answer itself: at once, late, or not at all.
    async fn told(&self, behaviour: Behaviour, answer: Answer) -> Response {
        self.announce(&answer);
        match behaviour {
            Behaviour::LoseAnswer if !answer.repeated => dropped(),
            Behaviour::Slow(time) if !answer.repeated => {
                tokio::time::sleep(time).await;
                written(answer)
            }
            _ => written(answer),
        }
    }
}

impl PayBody {
    fn checked(self) -> Option<(Behaviour, NewPayment)> {
        let Self { reference, amount, currency, token, capture } = self;
        let (behaviour, card) = (Behaviour::of(&token), token::card(&token));
        let new = NewPayment {
            provider: "sandbox",
            reference,
            amount,
            currency,
            behaviour: Some(behaviour.clone()),
            status: if capture { "captured" } else { "authorized" },
            card,
            details: Value::Null,
        };
        (plain(&token, 255) && new.holds()).then_some((behaviour, new))
    }
}

impl NewPayment {
    pub(crate) fn holds(&self) -> bool {
        let currency = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        plain(&self.reference, 64) && currency && self.amount > 0
    }
}

fn plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

pub(crate) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

pub(crate) fn key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key")?.to_str().ok()?;
    (1..=255).contains(&key.len()).then(|| key.to_owned())
}

pub(crate) fn written(answer: Answer) -> Response {
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
pub(crate) struct Failed(Trouble);

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

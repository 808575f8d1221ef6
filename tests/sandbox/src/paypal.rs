//! PayPal: orders that a shopper approves on a page of the provider's, and that the shop then captures.

use crate::Sandbox;
use crate::ledger::{Change, Key, NewPayment, Payment, refusal};
use crate::page;
use crate::routes::{Failed, Shared, key, parsed, written};
use axum::Router;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use kernel::{Amount, Currency};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const PROVIDER: &str = "sandbox-paypal";
const ORDERS: &str = "/paypal/v2/checkout/orders";

/// What the shop calls.
pub(crate) fn protocol() -> Router<Arc<Sandbox>> {
    Router::new().route(ORDERS, post(make).get(read)).route("/paypal/v2/checkout/orders/{id}/{verb}", post(change))
}

/// What the shopper sees.
pub(crate) fn pages() -> Router<Arc<Sandbox>> {
    Router::new().route("/paypal/approve/{id}", get(show).post(decide))
}

#[derive(Deserialize)]
struct NewOrder {
    purchase_units: [Unit; 1],
    application_context: Context,
}

#[derive(Deserialize)]
struct Unit {
    reference_id: String,
    amount: Money,
}

#[derive(Deserialize)]
struct Money {
    currency_code: String,
    value: String,
}

#[derive(Deserialize)]
struct Context {
    return_url: String,
}

#[derive(Deserialize)]
struct ChangeBody {
    amount: Option<Money>,
}

impl Money {
    fn minor(&self) -> Option<i64> {
        Some(Currency::parse(&self.currency_code).ok()?.parse_decimal(&self.value).ok()?.units())
    }
}

/// An order as PayPal writes it.
pub(crate) fn order(payment: &Payment) -> Value {
    let status = match payment.status.as_str() {
        "created" => "CREATED",
        "approved" => "APPROVED",
        "voided" => "VOIDED",
        "declined" => "DECLINED",
        _ => "COMPLETED",
    };
    let money = |minor: i64| {
        let value =
            Currency::parse(&payment.currency).map(|known| known.decimal(Amount::minor(minor))).unwrap_or_default();
        json!({"currency_code": payment.currency, "value": value})
    };
    let refunds: Vec<Value> =
        (payment.refunded > 0).then(|| json!({"amount": money(payment.refunded)})).into_iter().collect();
    json!({
        "id": payment.id,
        "status": status,
        "decline_code": payment.decline_code.clone().unwrap_or_default(),
        "purchase_units": [{
            "reference_id": payment.reference,
            "custom_id": payment.idempotency_key,
            "amount": money(payment.amount),
            "payments": {"refunds": refunds},
        }],
        "links": [{"rel": "approve", "href": payment.details["approve"], "method": "GET"}],
    })
}

async fn make(
    State(sandbox): Shared,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Failed> {
    let invalid = || written(refusal(400, "request_invalid"));
    let (Some(key), Some(new)) = (key(&headers), parsed::<NewOrder>(&bytes)) else {
        return Ok(invalid());
    };
    let [Unit { reference_id, amount }] = new.purchase_units;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let mounted = uri.path().strip_suffix(ORDERS).unwrap_or_default();
    let approve = format!("http://{host}{mounted}/paypal/approve/{{id}}");
    let new = NewPayment {
        provider: PROVIDER,
        reference: reference_id,
        amount: amount.minor().unwrap_or_default(),
        currency: amount.currency_code,
        behaviour: None,
        status: "created",
        card: Value::Null,
        details: json!({"approve": approve, "return_url": new.application_context.return_url}),
    };
    if !new.holds() {
        return Ok(invalid());
    }
    let behaviour = sandbox.ledger.mood(new.reference.clone(), "make").await?;
    sandbox.made(behaviour, Key::new(&key, ORDERS, &bytes), new).await
}

async fn change(
    State(sandbox): Shared,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Failed> {
    let amount = parsed::<ChangeBody>(&bytes).and_then(|body| body.amount).and_then(|amount| amount.minor());
    let change = match (verb.as_str(), amount) {
        ("capture", _) => Change::Capture(None),
        ("void", _) => Change::Void,
        ("refund", Some(amount)) => Change::Refund(amount),
        _ => return Ok(written(refusal(400, "request_invalid"))),
    };
    let Some(key) = key(&headers) else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    sandbox.changed(Key::new(&key, &format!("{ORDERS}/{id}/{verb}"), &bytes), id, change).await
}

async fn read(State(sandbox): Shared, RawQuery(query): RawQuery) -> Result<Response, Failed> {
    sandbox.listed(PROVIDER, query.as_deref(), "reference_id=", "orders").await
}

/// The page on which the shopper approves.
async fn show(State(sandbox): Shared, Path(id): Path<String>) -> Result<Response, Failed> {
    Ok(match sandbox.ledger.payment(id).await?.filter(|payment| payment.provider == PROVIDER) {
        Some(payment) => Html(page::approval(&payment)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

/// The form says `cancel`, or the token by which the capture behaves.
async fn decide(State(sandbox): Shared, Path(id): Path<String>, bytes: Bytes) -> Result<Response, Failed> {
    let decision = field(&bytes, "decision");
    let Some(payment) = sandbox.ledger.payment(id).await?.filter(|payment| payment.provider == PROVIDER) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    if !decision.is_empty() && decision != "cancel" && payment.status == "created" {
        sandbox.ledger.set_mood(payment.reference.clone(), "capture".to_owned(), decision).await?;
        let key = Key::new(&format!("approve {}", payment.id), "/paypal/approve", b"");
        sandbox.changed(key, payment.id.clone(), Change::Approve).await?;
    }
    let back = payment.details["return_url"].as_str().unwrap_or("/").to_owned();
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
}

/// The value of a form of one field. Every value of ours is plain.
pub(crate) fn field(form: &[u8], name: &str) -> String {
    let text = std::str::from_utf8(form).unwrap_or_default();
    text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).unwrap_or_default().to_owned()
}

/// What the buttons of the page do to the capture that follows.
pub(crate) const DECISIONS: [(&str, &str); 5] = [
    ("tok_approve", "Pay now"),
    ("cancel", "Cancel and go back"),
    ("tok_decline", "Approve, then decline the capture"),
    ("tok_fail_2", "Approve, then fail twice before the capture"),
    ("tok_lost_answer", "Approve, then lose the answer of the capture"),
];

#[cfg(test)]
mod tests {
    use super::DECISIONS;
    use crate::token::Behaviour;

    #[test]
    fn every_button_is_a_token_or_goes_back() {
        for (decision, _) in DECISIONS {
            let known = !matches!(Behaviour::of(decision), Behaviour::Decline("token_unknown"));
            assert!(known || decision == "cancel", "{decision}");
        }
    }
}

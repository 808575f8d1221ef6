//! Crypto: a quote of an address and an exact amount, and a page on which a shopper "pays" it.

use crate::Sandbox;
use crate::ledger::{Change, Key, NewPayment, Payment, now, refusal};
use crate::page;
use crate::paypal::field;
use crate::routes::{Failed, Shared, key, parsed, written};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use kernel::id::derived;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const PROVIDER: &str = "sandbox-crypto";
const CHARGES: &str = "/crypto/v1/charges";
/// Hundredths of a unit of money for one coin, always the same here.
const RATE: i64 = 6_500_000;
const COIN: i64 = 100_000_000;

/// What the shop calls.
pub(crate) fn protocol() -> Router<Arc<Sandbox>> {
    Router::new().route(CHARGES, post(make).get(read)).route("/crypto/v1/charges/{id}/{verb}", post(change))
}

/// Where a shopper pays, found by the address.
pub(crate) fn pages() -> Router<Arc<Sandbox>> {
    Router::new().route("/crypto/address/{address}", get(show).post(pay))
}

#[derive(Deserialize)]
struct NewCharge {
    reference: String,
    amount: i64,
    currency: String,
    due_at: i64,
}

#[derive(Deserialize)]
struct ChangeBody {
    amount: Option<i64>,
}

/// A charge as the provider writes it.
pub(crate) fn charge(payment: &Payment) -> Value {
    let expires_at = payment.details["expires_at"].as_i64().unwrap_or_default();
    let status = match payment.status.as_str() {
        "pending" if now() >= expires_at => "expired",
        "pending" => "pending",
        "voided" => "cancelled",
        "declined" => "expired",
        _ => "confirmed",
    };
    json!({
        "id": payment.id,
        "reference": payment.reference,
        "idempotency_key": payment.idempotency_key,
        "status": status,
        "amount": payment.amount,
        "currency": payment.currency,
        "refunded": payment.refunded,
        "address": payment.details["address"],
        "asset": "BTC",
        "asset_amount": payment.details["asset_amount"],
        "expires_at": expires_at,
    })
}

async fn make(State(sandbox): Shared, headers: HeaderMap, bytes: Bytes) -> Result<Response, Failed> {
    let invalid = || written(refusal(400, "request_invalid"));
    let (Some(key), Some(new)) = (key(&headers), parsed::<NewCharge>(&bytes)) else {
        return Ok(invalid());
    };
    let NewCharge { reference, amount, currency, due_at } = new;
    let sats = i128::from(amount) * i128::from(COIN) / i128::from(RATE);
    let asset_amount = format!("{}.{:08}", sats / i128::from(COIN), sats % i128::from(COIN));
    let address = format!("bc1q{}", derived(&["address", &key]));
    let details = json!({"address": address, "asset_amount": asset_amount, "expires_at": due_at});
    let new = NewPayment {
        provider: PROVIDER,
        reference,
        amount,
        currency,
        behaviour: None,
        status: "pending",
        card: Value::Null,
        details,
    };
    if !new.holds() {
        return Ok(invalid());
    }
    let behaviour = sandbox.ledger.mood(new.reference.clone(), "make").await?;
    sandbox.made(behaviour, Key::new(&key, CHARGES, &bytes), new).await
}

async fn change(
    State(sandbox): Shared,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Failed> {
    let amount = parsed::<ChangeBody>(&bytes).and_then(|body| body.amount);
    let change = match (verb.as_str(), amount) {
        ("cancel", _) => Change::Void,
        ("refund", Some(amount)) => Change::Refund(amount),
        _ => return Ok(written(refusal(400, "request_invalid"))),
    };
    let Some(key) = key(&headers) else {
        return Ok(written(refusal(400, "request_invalid")));
    };
    sandbox.changed(Key::new(&key, &format!("{CHARGES}/{id}/{verb}"), &bytes), id, change).await
}

async fn read(State(sandbox): Shared, RawQuery(query): RawQuery) -> Result<Response, Failed> {
    sandbox.listed(PROVIDER, query.as_deref(), "reference=", "charges").await
}

async fn show(State(sandbox): Shared, Path(address): Path<String>) -> Result<Response, Failed> {
    Ok(match sandbox.ledger.payment_at(address).await? {
        Some(payment) => Html(page::wallet(&payment)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

/// The form says `exact`, `little` or `late`.
async fn pay(State(sandbox): Shared, Path(address): Path<String>, bytes: Bytes) -> Result<Response, Failed> {
    let how = field(&bytes, "how");
    let Some(payment) = sandbox.ledger.payment_at(address.clone()).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let key = |what: &str| Key::new(&format!("{what} {} {}", payment.id, now()), "/crypto/address", b"");
    if how == "late" {
        // As if the quote had run out before the money came.
        sandbox.changed(key("expire"), payment.id.clone(), Change::Void).await?;
    }
    let amount = if how == "little" { payment.amount / 2 } else { payment.amount };
    sandbox.changed(key("receive"), payment.id.clone(), Change::Receive(amount)).await?;
    Ok(Redirect::to(&address).into_response())
}

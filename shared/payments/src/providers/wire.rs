//! What the protocols of providers have in common: JSON both ways, a status that says what became of a call, ids that stand in
//! paths and rows, events under Standard Webhooks 1.0.0.

use super::Failure;
use crate::event::{Delivery, Event, Unbelieved};
use crate::link::Credentials;
use crate::report::Report;
use outbound::{Answer, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A body to be sent.
pub(super) fn json<T: Serialize>(body: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(body).map_err(|error| Failure::NotSent(error.to_string()))
}

/// The body of a 200; every other status is a failure of its class. 429 and 503 say that nothing was done; others carry
/// `{"error": {"code"}}`.
pub(super) fn body<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    let status = answer.status;
    if status == StatusCode::OK {
        // Where, and not what: the error would quote the body.
        return serde_json::from_slice(&answer.body).map_err(|error| {
            let (kind, line, column) = (error.classify(), error.line(), error.column());
            Failure::Garbled(format!("{kind:?} at line {line}, column {column}"))
        });
    }
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Failure::Busy(status.to_string()),
        _ if status.is_server_error() => Failure::Unanswered(status.to_string()),
        _ if status.is_client_error() => {
            let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
            match refusal.error.code.as_str() {
                // An earlier call with this key is still at work there.
                "in_flight" => Failure::Unanswered(status.to_string()),
                code => Failure::Refused { status: status.as_u16(), code: word(code) },
            }
        }
        _ if status.is_redirection() => Failure::Misled(status.to_string()),
        _ => Failure::Garbled(format!("the status {status}")),
    })
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: RefusalCode,
}

#[derive(Default, Deserialize)]
struct RefusalCode {
    #[serde(default)]
    code: String,
}

/// A provider's id of a payment: 1 to 255 letters, digits, `_` and `-`.
pub(super) fn id(text: String) -> Result<String, Failure> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if fits { Ok(text) } else { Err(Failure::Garbled("the payment has no proper id".to_owned())) }
}

/// Refuses a report by which more went back than was taken.
pub(super) fn sound(report: Report) -> Result<Report, Failure> {
    let (refunded, amount) = (report.refunded.units(), report.amount.amount.units());
    if (0..=amount).contains(&refunded) {
        return Ok(report);
    }
    Err(Failure::Garbled("more went back than was taken".to_owned()))
}

/// The attempt in a key as [`crate::Charge::key`] writes it.
pub(super) fn attempt_of(key: &str, reference: &str) -> Option<u32> {
    key.strip_prefix(reference)?.strip_prefix('-')?.parse().ok()
}

/// A provider's word, fit for a log line: its first 64 letters, digits, `_`, `-`, `.`.
pub(super) fn word(text: &str) -> String {
    let word: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(64).collect();
    if word.is_empty() { "unspecified".to_owned() } else { word }
}

/// Checks that a message is signed by the provider, and reads it: its kind and the report in it.
pub(super) fn event<T: DeserializeOwned>(
    credentials: &Credentials,
    delivery: &Delivery<'_>,
    read: impl FnOnce(T) -> (String, Result<Report, Failure>),
) -> Result<Event, Unbelieved> {
    let verified =
        webhooks::verify(&credentials.webhook_secrets(), delivery.header, delivery.body, delivery.received_at)?;
    let told: T = serde_json::from_slice(delivery.body).map_err(|error| Unbelieved::Unreadable(error.to_string()))?;
    let (kind, report) = read(told);
    let report = report.map_err(|failure| Unbelieved::Unreadable(failure.to_string()))?;
    Ok(Event { id: verified.id, kind, sent_at: verified.sent_at, report })
}

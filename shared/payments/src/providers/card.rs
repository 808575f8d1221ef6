//! Cards, by a token from the provider's own fields.
//!
//! The provider's protocol: `POST /v1/payments`, `GET /v1/payments?reference=`, `POST /v1/payments/{id}/capture|void|refund`,
//! JSON both ways, a bearer key, an `Idempotency-Key` on each POST. 200 carries the payment with the key that made it, declined ones too; 429 and 503
//! say that nothing was done; other statuses carry `{"error": {"code"}}`. Its events are Standard Webhooks 1.0.0.

use super::{About, Can, Failure, Field, How, Method, Said};
use crate::card::Card as Kept;
use crate::event::{Delivery, Event, Unbelieved};
use crate::link::{Call, Credentials, Link};
use crate::pay::Charge;
use crate::report::{Report, Standing};
use kernel::{Amount, Currency, Money};
use outbound::{Answer, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The method `card`.
pub(super) struct Card;

const ABOUT: About = About {
    id: "card",
    provider: "sandbox",
    label: "Card",
    description: "Credit or debit card. The number goes to the payment provider, never to us.",
    how: How::Token,
    fields: &[Field { name: "token", label: "Card" }],
    can: &[Can::Capture, Can::Void, Can::Refund],
};

impl Method for Card {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn authorise<'a>(
        &'a self,
        link: &'a Link,
        call: Call<'a>,
        charge: &'a Charge<'a>,
        capture: bool,
    ) -> Said<'a, Report> {
        Box::pin(async move {
            let (amount, currency) = (charge.amount.amount, charge.amount.currency);
            let (reference, token) = (charge.order.as_str(), charge.token.reveal());
            let body = json(&NewPayment { reference, amount, currency, token, capture })?;
            payment(&link.post("/v1/payments", call, body).await?)
        })
    }

    fn capture<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "capture", Some(amount)))
    }

    fn void<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "void", None))
    }

    fn refund<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "refund", Some(amount)))
    }

    fn read<'a>(&'a self, link: &'a Link, call: Call<'a>, reference: &'a str) -> Said<'a, Vec<Report>> {
        Box::pin(async move {
            let answer = link.get(&format!("/v1/payments?reference={reference}"), call).await?;
            let list: List = body(&answer)?;
            list.items.into_iter().map(report).collect()
        })
    }

    fn parse_event(&self, credentials: &Credentials, delivery: &Delivery<'_>) -> Result<Event, Unbelieved> {
        let secrets = credentials.webhook_secrets();
        let verified = webhooks::verify(&secrets, delivery.header, delivery.body, delivery.received_at)?;
        let told: Told =
            serde_json::from_slice(delivery.body).map_err(|error| Unbelieved::Unreadable(error.to_string()))?;
        let report = report(told.data).map_err(|failure| Unbelieved::Unreadable(failure.to_string()))?;
        Ok(Event { id: verified.id, kind: told.kind, sent_at: verified.sent_at, report })
    }
}

#[derive(Serialize)]
struct NewPayment<'a> {
    reference: &'a str,
    amount: Amount,
    currency: Currency,
    token: &'a str,
    capture: bool,
}

#[derive(Serialize)]
struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

/// A payment as the provider writes it.
#[derive(Deserialize)]
struct Payment {
    id: String,
    reference: String,
    status: String,
    amount: Amount,
    currency: Currency,
    #[serde(default)]
    refunded: Amount,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    idempotency_key: String,
    #[serde(default)]
    card: Value,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Payment>,
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    data: Payment,
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

async fn change(
    link: &Link,
    call: Call<'_>,
    payment_id: &str,
    verb: &str,
    amount: Option<Money>,
) -> Result<Report, Failure> {
    let body = json(&Change { amount: amount.map(|money| money.amount) })?;
    payment(&link.post(&format!("/v1/payments/{payment_id}/{verb}"), call, body).await?)
}

fn json<T: Serialize>(body: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(body).map_err(|error| Failure::NotSent(error.to_string()))
}

fn payment(answer: &Answer) -> Result<Report, Failure> {
    report(body(answer)?)
}

/// The body of a 200; every other status is a failure of its class.
fn body<T: for<'a> Deserialize<'a>>(answer: &Answer) -> Result<T, Failure> {
    let status = answer.status;
    if status == StatusCode::OK {
        return serde_json::from_slice(&answer.body).map_err(|error| Failure::Garbled(error.to_string()));
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

fn report(payment: Payment) -> Result<Report, Failure> {
    if payment.id.is_empty() || payment.id.len() > 255 || !payment.id.bytes().all(is_of_an_id) {
        return Err(Failure::Garbled("the payment has no proper id".to_owned()));
    }
    if payment.refunded < Amount::ZERO || payment.refunded > payment.amount {
        return Err(Failure::Garbled("more went back than was taken".to_owned()));
    }
    let standing = match payment.status.as_str() {
        "processing" => Standing::Processing,
        "authorized" => Standing::Authorized,
        "captured" | "partially_refunded" => Standing::Captured,
        "refunded" => Standing::Refunded,
        "voided" => Standing::Voided,
        "declined" => Standing::Declined { code: word(&payment.decline_code.unwrap_or_default()) },
        other => Standing::Unknown { word: word(other) },
    };
    Ok(Report {
        payment_id: payment.id,
        attempt: attempt_of(&payment.idempotency_key, &payment.reference),
        reference: payment.reference,
        standing,
        amount: Money { amount: payment.amount, currency: payment.currency },
        refunded: payment.refunded,
        card: Kept::kept_of(&payment.card),
    })
}

/// The attempt in a key as [`Charge::key`] writes it.
fn attempt_of(key: &str, reference: &str) -> Option<u32> {
    key.strip_prefix(reference)?.strip_prefix('-')?.parse().ok()
}

/// Ids stand in paths and in rows.
const fn is_of_an_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A provider's word, fit for a log line: its first 64 letters, digits, `_`, `-`, `.`.
fn word(text: &str) -> String {
    let word: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(64).collect();
    if word.is_empty() { "unspecified".to_owned() } else { word }
}

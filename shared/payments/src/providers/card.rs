//! Cards, by a token from the provider's own fields.
//!
//! The provider's protocol: `POST /v1/payments`, `GET /v1/payments?reference=`, `POST /v1/payments/{id}/capture|void|refund`,
//! JSON both ways, a bearer key, an `Idempotency-Key` on each POST. 200 carries the payment with the key that made it, declined ones too; 429 and 503
//! say that nothing was done; other statuses carry `{"error": {"code"}}`. Its events are Standard Webhooks 1.0.0.

use super::wire::{attempt_of, body, event, id, json, sound, word};
use super::{About, Can, Failure, Field, How, Method, Said};
use crate::card::Card as Kept;
use crate::event::{Delivery, Event, Unbelieved};
use crate::link::{Call, Credentials, Link};
use crate::pay::Charge;
use crate::report::{Report, Standing};
use kernel::{Amount, Currency, Money};
use outbound::Answer;
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
            let token = charge.token.ok_or_else(|| Failure::NotAsked("a card without its token".to_owned()))?;
            let (reference, token) = (charge.order.as_str(), token.reveal());
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
        event(credentials, delivery, |told: Told| (told.kind, report(told.data)))
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

fn payment(answer: &Answer) -> Result<Report, Failure> {
    report(body(answer)?)
}

fn report(payment: Payment) -> Result<Report, Failure> {
    let standing = match payment.status.as_str() {
        "processing" => Standing::Processing,
        "authorized" => Standing::Authorized,
        "captured" | "partially_refunded" => Standing::Captured,
        "refunded" => Standing::Refunded,
        "voided" => Standing::Voided,
        "declined" => Standing::Declined { code: word(&payment.decline_code.unwrap_or_default()) },
        other => Standing::Unknown { word: word(other) },
    };
    sound(Report {
        payment_id: id(payment.id)?,
        attempt: attempt_of(&payment.idempotency_key, &payment.reference),
        reference: payment.reference,
        standing,
        amount: Money { amount: payment.amount, currency: payment.currency },
        refunded: payment.refunded,
        card: Kept::kept_of(&payment.card),
    })
}

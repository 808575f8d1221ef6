//! Crypto: the provider quotes an address and an exact amount that stand for a while; the shopper pays from their own
//! wallet, and the provider tells when it is confirmed.
//!
//! The provider's protocol: `POST /crypto/v1/charges`, `POST …/charges/{id}/cancel|refund`, `GET …/charges?reference=`. What comes too late is
//! confirmed all the same, and is ours to give back; what is too little is no payment, and the provider sends it back. Idempotency
//! keys, refusals and the signature of events are as for cards.

use super::wire::{attempt_of, body, event, id, json, sound, word};
use super::{About, Can, Failure, How, Method, Said};
use crate::event::{Delivery, Event, Unbelieved};
use crate::link::{Call, Credentials, Link};
use crate::pay::Charge;
use crate::report::{Action, Report, Standing};
use kernel::{Amount, Currency, Instant, Money};
use outbound::Answer;
use serde::{Deserialize, Serialize};

/// The method `crypto`.
pub(super) struct Crypto;

const ABOUT: About = About {
    id: "crypto",
    provider: "sandbox-crypto",
    label: "Crypto",
    description: "You pay an exact amount to an address from your own wallet, within ten minutes.",
    how: How::Later,
    fields: &[],
    can: &[Can::Void, Can::Refund],
};

const CHARGES: &str = "/crypto/v1/charges";

impl Method for Crypto {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn authorise<'a>(&'a self, link: &'a Link, call: Call<'a>, charge: &'a Charge<'a>, _: bool) -> Said<'a, Report> {
        Box::pin(async move {
            let (reference, due_at) = (charge.order.as_str(), charge.due_at);
            let (amount, currency) = (charge.amount.amount, charge.amount.currency);
            charged(&link.post(CHARGES, call, json(&NewCharge { reference, amount, currency, due_at })?).await?)
        })
    }

    fn capture<'a>(&'a self, _: &'a Link, _: Call<'a>, _: &'a str, _: Money) -> Said<'a, Report> {
        Box::pin(async { Err(Failure::NotAsked("what comes from outside is not captured".to_owned())) })
    }

    fn void<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "cancel", None))
    }

    fn refund<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "refund", Some(amount.amount)))
    }

    fn read<'a>(&'a self, link: &'a Link, call: Call<'a>, reference: &'a str) -> Said<'a, Vec<Report>> {
        Box::pin(async move {
            let answer = link.get(&format!("{CHARGES}?reference={reference}"), call).await?;
            body::<Charges>(&answer)?.charges.into_iter().map(report).collect()
        })
    }

    fn parse_event(&self, credentials: &Credentials, delivery: &Delivery<'_>) -> Result<Event, Unbelieved> {
        event(credentials, delivery, |told: Told| (told.kind, report(told.charge)))
    }
}

#[derive(Serialize)]
struct NewCharge<'a> {
    reference: &'a str,
    amount: Amount,
    currency: Currency,
    due_at: Instant,
}

#[derive(Serialize)]
struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

/// A charge as the provider writes it.
#[derive(Deserialize)]
struct Quoted {
    id: String,
    reference: String,
    #[serde(default)]
    idempotency_key: String,
    status: String,
    amount: Amount,
    currency: Currency,
    #[serde(default)]
    refunded: Amount,
    address: String,
    asset: String,
    asset_amount: String,
    expires_at: Instant,
}

#[derive(Deserialize)]
struct Charges {
    charges: Vec<Quoted>,
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    charge: Quoted,
}

async fn change(
    link: &Link,
    call: Call<'_>,
    payment_id: &str,
    verb: &str,
    amount: Option<Amount>,
) -> Result<Report, Failure> {
    charged(&link.post(&format!("{CHARGES}/{payment_id}/{verb}"), call, json(&Change { amount })?).await?)
}

fn charged(answer: &Answer) -> Result<Report, Failure> {
    report(body(answer)?)
}

fn report(charge: Quoted) -> Result<Report, Failure> {
    let standing = match charge.status.as_str() {
        "pending" => {
            let amount = format!("{} {}", charge.asset_amount, charge.asset);
            let action = Action::transfer(charge.address, amount, charge.expires_at);
            Standing::RequiresAction(action.ok_or_else(|| Failure::Garbled("no address to pay to".to_owned()))?)
        }
        "confirming" => Standing::Processing,
        "confirmed" if charge.refunded == charge.amount => Standing::Refunded,
        "confirmed" => Standing::Captured,
        "expired" | "cancelled" => Standing::Voided,
        other => Standing::Unknown { word: word(other) },
    };
    let attempt = attempt_of(&charge.idempotency_key, &charge.reference);
    let amount = Money { amount: charge.amount, currency: charge.currency };
    let (payment_id, reference, refunded) = (id(charge.id)?, charge.reference, charge.refunded);
    sound(Report { payment_id, reference, attempt, standing, amount, refunded, card: None })
}

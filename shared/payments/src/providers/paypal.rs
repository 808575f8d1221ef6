//! PayPal: the shopper approves on PayPal's page and comes back; then the money is taken.
//!
//! The provider's protocol: `POST /paypal/v2/checkout/orders` makes an order that names the page to approve it on,
//! `POST …/orders/{id}/capture|void|refund`, `GET …/orders?reference_id=`. Amounts are decimal texts in purchase units. Idempotency
//! keys, refusals and the signature of events are as for cards.

use super::wire::{attempt_of, body, event, id, json, sound, word};
use super::{About, Can, Failure, How, Method, Said};
use crate::event::{Delivery, Event, Unbelieved};
use crate::link::{Call, Credentials, Link};
use crate::pay::Charge;
use crate::report::{Action, Report, Standing};
use kernel::{Amount, Currency, Money};
use outbound::Answer;
use serde::{Deserialize, Serialize};

/// The method `paypal`.
pub(super) struct PayPal;

const ABOUT: About = About {
    id: "paypal",
    provider: "sandbox-paypal",
    label: "PayPal",
    description: "You approve the payment on PayPal's page and come back here.",
    how: How::Redirect,
    fields: &[],
    can: &[Can::Capture, Can::Void, Can::Refund],
};

const ORDERS: &str = "/paypal/v2/checkout/orders";

impl Method for PayPal {
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
            let intent = if capture { "CAPTURE" } else { "AUTHORIZE" };
            let unit =
                NewUnit { reference_id: charge.order.as_str(), custom_id: call.key, amount: Value::of(charge.amount) };
            let (return_url, cancel_url) = (charge.return_url, charge.return_url);
            let new =
                NewOrder { intent, purchase_units: [unit], application_context: Context { return_url, cancel_url } };
            order(&link.post(ORDERS, call, json(&new)?).await?)
        })
    }

    fn capture<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, _: Money) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "capture", None))
    }

    fn void<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "void", None))
    }

    fn refund<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report> {
        Box::pin(change(link, call, payment_id, "refund", Some(amount)))
    }

    fn read<'a>(&'a self, link: &'a Link, call: Call<'a>, reference: &'a str) -> Said<'a, Vec<Report>> {
        Box::pin(async move {
            let answer = link.get(&format!("{ORDERS}?reference_id={reference}"), call).await?;
            body::<Orders>(&answer)?.orders.into_iter().map(report).collect()
        })
    }

    fn parse_event(&self, credentials: &Credentials, delivery: &Delivery<'_>) -> Result<Event, Unbelieved> {
        event(credentials, delivery, |told: Told| (told.event_type, report(told.resource)))
    }
}

#[derive(Serialize)]
struct NewOrder<'a> {
    intent: &'a str,
    purchase_units: [NewUnit<'a>; 1],
    application_context: Context<'a>,
}

#[derive(Serialize)]
struct NewUnit<'a> {
    reference_id: &'a str,
    custom_id: &'a str,
    amount: Value,
}

#[derive(Serialize)]
struct Context<'a> {
    return_url: &'a str,
    cancel_url: &'a str,
}

#[derive(Serialize)]
struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Value>,
}

/// Money as the provider writes it: `{"currency_code": "USD", "value": "19.99"}`.
#[derive(Serialize, Deserialize)]
struct Value {
    currency_code: Currency,
    value: String,
}

impl Value {
    fn of(money: Money) -> Self {
        Self { currency_code: money.currency, value: money.decimal() }
    }

    fn money(&self) -> Result<Money, Failure> {
        let currency = self.currency_code;
        let amount = currency.parse_decimal(&self.value).map_err(|error| Failure::Garbled(error.to_string()))?;
        Ok(Money { amount, currency })
    }
}

/// An order as the provider writes it.
#[derive(Deserialize)]
struct Order {
    id: String,
    status: String,
    purchase_units: [Unit; 1],
    #[serde(default)]
    links: Vec<Related>,
    #[serde(default)]
    decline_code: String,
}

#[derive(Deserialize)]
struct Unit {
    reference_id: String,
    #[serde(default)]
    custom_id: String,
    amount: Value,
    #[serde(default)]
    payments: Payments,
}

#[derive(Default, Deserialize)]
struct Payments {
    #[serde(default)]
    refunds: Vec<Refund>,
}

#[derive(Deserialize)]
struct Refund {
    amount: Value,
}

#[derive(Deserialize)]
struct Related {
    rel: String,
    href: String,
}

#[derive(Deserialize)]
struct Orders {
    orders: Vec<Order>,
}

#[derive(Deserialize)]
struct Told {
    event_type: String,
    resource: Order,
}

async fn change(
    link: &Link,
    call: Call<'_>,
    payment_id: &str,
    verb: &str,
    amount: Option<Money>,
) -> Result<Report, Failure> {
    let new = json(&Change { amount: amount.map(Value::of) })?;
    order(&link.post(&format!("{ORDERS}/{payment_id}/{verb}"), call, new).await?)
}

fn order(answer: &Answer) -> Result<Report, Failure> {
    report(body(answer)?)
}

fn report(order: Order) -> Result<Report, Failure> {
    let [unit] = order.purchase_units;
    let amount = unit.amount.money()?;
    let mut refunded = Amount::ZERO;
    for refund in &unit.payments.refunds {
        let part = refund.amount.money()?.in_currency(amount.currency);
        refunded += part.ok_or_else(|| Failure::Garbled("a refund in another currency".to_owned()))?;
    }
    let standing = match order.status.as_str() {
        "CREATED" | "PAYER_ACTION_REQUIRED" => {
            let approve = order.links.into_iter().find(|related| related.rel == "approve");
            let action = approve.and_then(|related| Action::redirect(related.href));
            Standing::RequiresAction(action.ok_or_else(|| Failure::Garbled("no page to approve it on".to_owned()))?)
        }
        "APPROVED" => Standing::Authorized,
        "COMPLETED" if refunded == amount.amount => Standing::Refunded,
        "COMPLETED" => Standing::Captured,
        "VOIDED" => Standing::Voided,
        "DECLINED" => Standing::Declined { code: word(&order.decline_code) },
        other => Standing::Unknown { word: word(other) },
    };
    let attempt = attempt_of(&unit.custom_id, &unit.reference_id);
    let (payment_id, reference) = (id(order.id)?, unit.reference_id);
    sound(Report { payment_id, reference, attempt, standing, amount, refunded, card: None })
}

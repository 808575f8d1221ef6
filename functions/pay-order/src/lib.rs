//! `POST /api/orders/{orderId}/payments`: pays an order that waits: a second try, or another method.

use checkout::{Checkout, Pay, Tender};
use kernel::{Fault, OrderId};
use lambda::idempotency::UsedKey;
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use orders::Told;
use payments::Token;
use serde::Deserialize;
use std::time::Duration;

/// How long a shopper waits for an answer at the most.
const PATIENCE: Duration = Duration::from_millis(4_500);

/// Needs all that settles an order.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let checkout = wiring::checkout(platform)?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(checkout.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayOrder {
    method: String,
    token: String,
}

async fn handle(checkout: Checkout, request: Request) -> Result<Reply, Problem> {
    let who = request.principal().await?;
    let id: OrderId = request.path("orderId")?;
    let PayOrder { method, token } = request.json()?;
    let token = Token::parse(&token).map_err(|error| Fault::field("/token", "format", error.to_string()))?;
    let key = UsedKey::of(&request, &who.to_string(), Need::Required)?;
    let key = key.ok_or_else(|| Fault::bug("a required key is missing"))?;
    request.span().key("order", id.as_str());

    let order = checkout.orders.get(&id, &who).await?;
    let placement = checkout
        .pay(Pay {
            order,
            by: who.to_string(),
            key: key.id,
            fingerprint: key.fingerprint,
            tender: Tender { method, token },
            now: request.received_at(),
            deadline: request.received_at().plus(PATIENCE).min(request.deadline()),
            traceparent: request.span().trace().to_string(),
            told: Told {
                request: request.span().request_id().to_owned(),
                trace: request.span().trace().trace_id().to_owned(),
            },
        })
        .await?;
    wiring::placed(&placement)
}

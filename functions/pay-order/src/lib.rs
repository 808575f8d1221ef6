//! `POST /api/orders/{orderId}/payments`: pays an order that waits: a second try, another method, or the return from the
//! provider's page.

use checkout::{Checkout, Pay, Tender};
use kernel::{Fault, Kind, OrderId};
use lambda::idempotency::UsedKey;
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use orders::Told;
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
    token: Option<String>,
}

async fn handle(checkout: Checkout, request: Request) -> Result<Reply, Problem> {
    let who = request.principal().await?;
    let id: OrderId = request.path("orderId")?;
    let PayOrder { method, token } = request.json()?;
    let tender = Tender::parse(method, token.as_deref(), "")?;
    let key = UsedKey::of(&request, &who.to_string(), Need::Required)?;
    let key = key.ok_or_else(|| Fault::bug("a required key is missing"))?;
    request.span().key("order", id.as_str());

    // The look at the provider is made beside the look at the order; paying goes by it.
    let (order, ready) =
        futures::future::join(checkout.orders.get(&id, &who), checkout.till.ready(&tender.method)).await;
    let order = order?;
    if let Err(fault) = ready
        && fault.kind != Kind::Unavailable
    {
        return Err(fault.into());
    }
    let placement = checkout
        .pay(Pay {
            order,
            by: who.to_string(),
            key: key.id,
            fingerprint: key.fingerprint,
            tender,
            now: request.received_at(),
            deadline: request.received_at().plus(PATIENCE).min(request.deadline()),
            traceparent: request.span().trace().to_string(),
            told: Told {
                request: request.span().request_id().to_owned(),
                trace: request.span().trace().trace_id().to_owned(),
            },
        })
        .await?;
    wiring::placed(request.span(), &placement)
}

//! `POST /webhooks/payments/{provider}`: what a payment provider tells us. Its signature is checked before anything else, over
//! the bytes as they came; what it tells is settled before it is acknowledged, so a repeat finds nothing to change.

use checkout::Heard;
use kernel::Fault;
use lambda::{Error, Function, Platform, Problem, Reply, Request, StatusCode};
use payments::{Credentials, Delivery, Event};
use serde::Serialize;

/// Needs the orders, and the secret that providers sign with.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let orders = orders::Store::new(platform.table("orders")?);
    let platform_of_handler = platform.clone();
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| {
        handle(platform_of_handler.clone(), orders.clone(), request)
    })
}

async fn handle(platform: Platform, orders: orders::Store, request: Request) -> Result<Reply, Problem> {
    let event = believed(&platform, &request).await?;
    let span = request.span();
    span.key("order", &event.report.reference);
    span.key("event", &event.id);

    let trace = span.trace().to_string();
    let heard = checkout::settle_payment_event(&orders, &event.report, request.received_at(), &trace).await?;

    let standing = format!("{:?}", event.report.standing);
    let fields = [("kind", event.kind.as_str()), ("standing", standing.as_str()), ("heard", heard.name())];
    match heard {
        Heard::Settled | Heard::Known => span.info("a provider told of a payment", &fields),
        Heard::Strange => span.warn("a provider told of a payment that no order of ours has", &fields),
    }
    Ok(Reply::json(StatusCode::ACCEPTED, &Accepted { status: "accepted" }))
}

/// The event, if its provider is one of ours and has signed it.
async fn believed(platform: &Platform, request: &Request) -> Result<Event, Problem> {
    let provider: String = request.path("provider")?;
    let method = payments::by_provider(&provider).ok_or_else(Fault::missing)?;
    let credentials: Credentials = platform.secret("payments").await?.json()?;
    let header = |name: &str| request.header(name);
    let delivery = Delivery { header: &header, body: request.body(), received_at: request.received_at() };
    Ok(method.parse_event(&credentials, &delivery).map_err(Fault::from)?)
}

#[derive(Serialize)]
struct Accepted {
    status: &'static str,
}

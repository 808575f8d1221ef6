//! Queue `payment-retry`: looks after a payment that is not decided. Calls the provider while calls are left, asks it
//! afterwards.

use checkout::{Checkout, Next};
use kernel::{Fault, OrderId};
use lambda::{Error, Function, Message, Platform};
use queue::Queue;
use telemetry::Span;

/// Needs all that settles an order, and its own queue for payments that take longer.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (checkout, again) = (wiring::checkout(platform)?, platform.queue("payment-retry")?);
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| {
        handle(checkout.clone(), again.clone(), message, span)
    })
}

async fn handle(checkout: Checkout, again: Queue, message: Message, span: Span) -> Result<(), Fault> {
    let id = OrderId::parse(message.body.trim())
        .map_err(|_| Fault::new(kernel::Kind::Invalid, "invalid_message", "no order id"))?;
    span.key("order", id.as_str());
    let trace = span.trace().to_string();
    match checkout.resume(&id, &trace).await? {
        Next::Done => Ok(()),
        Next::Later(wait) => again.send(&queue::Message::text(id.as_str()).after(wait), Some(&trace)).await,
    }
}

//! Queue `payment-retry`: looks after a payment that is not decided. Calls the provider while calls are left, asks it
//! afterwards. How long a message waited for its first look is noted: when the queue is behind, no new payments are taken.

use checkout::{Checkout, Next};
use kernel::{Fault, Instant, OrderId};
use lambda::{Error, Function, Message, Platform};
use queue::Queue;
use telemetry::Span;

/// Needs all that settles an order, and its own queue for payments that take longer.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (checkout, again) = (wiring::checkout(platform)?, platform.queue("payment-retry")?);
    let clock = platform.clock();
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| {
        handle(checkout.clone(), again.clone(), clock(), message, span)
    })
}

async fn handle(checkout: Checkout, again: Queue, now: Instant, message: Message, span: Span) -> Result<(), Fault> {
    let id = OrderId::parse(message.body.trim())
        .map_err(|_| Fault::new(kernel::Kind::Invalid, "invalid_message", "no order id"))?;
    span.key("order", id.as_str());
    let trace = span.trace().to_string();
    // A message that failed and comes again has waited for its own sake.
    let waited = message.sent_at.filter(|_| message.receives == 1).map(|sent_at| now.since(sent_at));
    match checkout.resume_waited(&id, waited, &trace).await? {
        Next::Done => Ok(()),
        Next::Later(wait) => again.send(&queue::Message::text(id.as_str()).after(wait), Some(&trace)).await,
    }
}

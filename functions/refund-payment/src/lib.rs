//! Queue `refunds`: sends one refund of an order back to whoever paid. A repeat sends nothing twice. While the provider is
//! left alone the message is sent again for later, so that waiting does not use up its deliveries.

use checkout::Checkout;
use kernel::{Fault, Kind};
use lambda::{Error, Function, Message, Platform};
use orders::publish::RefundAsked;
use payments::breakers::RESTING;
use queue::Queue;
use telemetry::Span;

/// Needs all that settles an order, and its own queue for refunds that wait.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (checkout, again) = (wiring::checkout(platform)?, platform.queue("refunds")?);
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| {
        handle(checkout.clone(), again.clone(), message, span)
    })
}

async fn handle(checkout: Checkout, again: Queue, message: Message, span: Span) -> Result<(), Fault> {
    let RefundAsked { order, refund } = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    span.key("order", order.as_str());
    let trace = span.trace().to_string();
    match checkout.refund(&order, refund, &trace).await {
        Err(Fault { code: RESTING, retry_after: Some(wait), .. }) => {
            again.send(&queue::Message::text(message.body).after(wait), Some(&trace)).await
        }
        sent => sent,
    }
}

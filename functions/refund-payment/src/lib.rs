//! Queue `refunds`: sends one refund of an order back to whoever paid. A repeat sends nothing twice.

use checkout::Checkout;
use kernel::{Fault, Kind};
use lambda::{Error, Function, Message, Platform};
use orders::publish::RefundAsked;
use telemetry::Span;

/// Needs all that settles an order.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let checkout = wiring::checkout(platform)?;
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(checkout.clone(), message, span))
}

async fn handle(checkout: Checkout, message: Message, span: Span) -> Result<(), Fault> {
    let RefundAsked { order, refund } = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    span.key("order", order.as_str());
    checkout.refund(&order, refund, &span.trace().to_string()).await
}

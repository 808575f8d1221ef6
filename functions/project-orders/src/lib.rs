//! Queue `order-projection`: keeps the lists and counters of orders at the latest version of each.

use kernel::{Fault, Kind};
use lambda::{Error, Function, Message, Platform};
use orders::view::{Summary, Views};
use telemetry::Span;

/// Needs the projection of the orders.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let views = Views::new(platform.table("order-views")?);
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(views.clone(), message, span))
}

async fn handle(views: Views, message: Message, span: Span) -> Result<(), Fault> {
    let summary: Summary = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    span.key("order", summary.id.as_str());
    views.project(&summary).await
}

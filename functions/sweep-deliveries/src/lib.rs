//! Every minute: sends for tries that are due and that nobody makes, because they lie further ahead than a message can wait, or
//! because whoever was to make them died.

use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use partners::Store;
use partners::delivery::Asked;
use queue::{Message, Queue};
use telemetry::Span;

/// Deliveries of one run at the most; the next run goes on.
const MOST: usize = 500;

/// Needs the partners and the queue of deliveries.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let partners = Store::new(platform.table("partners")?);
    let deliveries = platform.queue("webhook-deliveries")?;
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| {
        handle(partners.clone(), deliveries.clone(), clock(), span)
    })
}

async fn handle(partners: Store, deliveries: Queue, now: Instant, span: Span) -> Result<(), Fault> {
    let overdue = partners.overdue_deliveries(now, MOST).await?;
    if overdue.is_empty() {
        return Ok(());
    }
    let messages = overdue.into_iter().map(|delivery| Message::json(&Asked::Delivery(delivery.id)));
    let messages: Vec<Message> = messages.collect::<Result<_, _>>()?;
    deliveries.send_all(&messages, None).await?;
    span.info("tries that are due were sent for", &[("deliveries", &*messages.len().to_string())]);
    Ok(())
}

//! Every minute: sends for what is due and nobody comes for, because it lies further ahead than a message can wait, or because
//! whoever was to come died: tries of deliveries, and feeds that wait to be read.

use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use partners::Store;
use partners::delivery::Asked;
use partners::turn::LookAfter;
use queue::{Message, Queue};
use telemetry::Span;

/// Deliveries, and partners whose feeds wait, of one run at the most; the next run goes on.
const MOST: usize = 500;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    partners: Store,
    deliveries: Queue,
    feeds: Queue,
}

/// Needs the partners and the queues of deliveries and of feeds.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        partners: Store::new(platform.table("partners")?),
        deliveries: platform.queue("webhook-deliveries")?,
        feeds: platform.queue("feed-jobs")?,
    };
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| handle(needs.clone(), clock(), span))
}

async fn handle(needs: Needs, now: Instant, span: Span) -> Result<(), Fault> {
    // Trouble with one does not keep the other waiting.
    let (deliveries, feeds) = (sweep_deliveries(&needs, now, &span).await, sweep_feeds(&needs, now, &span).await);
    deliveries.and(feeds)
}

async fn sweep_deliveries(needs: &Needs, now: Instant, span: &Span) -> Result<(), Fault> {
    let deliveries = needs.partners.overdue_deliveries(now, MOST).await?;
    let asked = deliveries.into_iter().map(|delivery| Message::json(&Asked::Delivery(delivery.id)));
    send(&needs.deliveries, asked.collect::<Result<_, _>>()?, "tries that are due were sent for", span).await
}

async fn sweep_feeds(needs: &Needs, now: Instant, span: &Span) -> Result<(), Fault> {
    let turns = needs.partners.overdue_turns(now, MOST).await?;
    let asked = turns.into_iter().map(|turns| Message::json(&LookAfter::all_of(turns.partner)));
    send(&needs.feeds, asked.collect::<Result<_, _>>()?, "feeds that wait were sent for", span).await
}

async fn send(queue: &Queue, messages: Vec<Message>, said: &str, span: &Span) -> Result<(), Fault> {
    if messages.is_empty() {
        return Ok(());
    }
    queue.send_all(&messages, None).await?;
    span.info(said, &[("sent", &*messages.len().to_string())]);
    Ok(())
}

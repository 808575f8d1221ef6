//! Stream of `partners`: tells the rest of the shop what happened. The one reader of the stream; each consumer has a queue.

use kernel::{Fault, PartnerId};
use lambda::{Change, Error, Function, Platform};
use partners::Job;
use partners::job::State;
use partners::stated::Stated;
use queue::{Message, Queue};
use serde::Serialize;
use telemetry::Span;

/// A queue for each consumer.
#[derive(Clone)]
struct Queues {
    feeds: Queue,
    stock: Queue,
}

/// The message that asks for a partner's feeds to be looked after.
#[derive(Serialize)]
struct LookAfter {
    partner: PartnerId,
}

/// Needs a queue for each consumer.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let queues = Queues { feeds: platform.queue("feed-jobs")?, stock: platform.queue("stock-updates")? };
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, span| publish(queues.clone(), changes, span))
}

async fn publish(queues: Queues, changes: Vec<Change>, _span: Span) -> Result<(), (usize, Fault)> {
    let (mut feeds, mut stock) = (Vec::new(), Vec::new());
    for (at, change) in changes.into_iter().enumerate() {
        let failed = |fault| (at, fault);
        let Some(new) = change.new else { continue };
        if change.pk.starts_with(Job::PREFIX) {
            let job: Job = new.read().map_err(failed)?;
            change.span.key("job", job.id.as_str());
            // While a job is read its item changes with every step; it waits only once for each time it is received.
            if job.state == State::Received {
                let message = Message::json(&LookAfter { partner: job.partner.clone() }).map_err(failed)?;
                feeds.push(traced(message, job.trace.as_deref()));
            }
        } else if change.pk.starts_with(Stated::PREFIX) {
            let stated: Stated = new.read().map_err(failed)?;
            let message = Message::text(&stated.id);
            stock.push(traced(message, stated.trace.as_deref()));
        }
    }
    // A batch that is sent twice is the same messages twice, which every consumer bears.
    for (queue, messages) in [(&queues.feeds, feeds), (&queues.stock, stock)] {
        if !messages.is_empty() {
            queue.send_all(&messages, None).await.map_err(|fault| (0, fault))?;
        }
    }
    Ok(())
}

fn traced(message: Message, trace: Option<&str>) -> Message {
    match trace {
        Some(trace) => message.with(queue::TRACE_ATTRIBUTE, trace.to_owned()),
        None => message,
    }
}

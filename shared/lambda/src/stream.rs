//! Functions that read a table's stream. They stop at the first change that fails: Lambda begins there again.

use crate::function::{Function, Start};
use crate::platform::{Error, Platform};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use kernel::{Fault, Instant};
use serde::Serialize;
use std::sync::Arc;
use table::Item;
use telemetry::Span;

/// One change of one item.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where it stands in its shard.
    pub sequence: String,
    /// The item's partition key.
    pub pk: String,
    /// The item before, if it was there.
    pub old: Option<Item>,
    /// The item after, if it is there.
    pub new: Option<Item>,
    /// When the change was made, to the second.
    pub at: Instant,
}

/// A function that reads changes, in order. The handler answers how many of them, from the first on, are done; all of
/// them, or the fault that stopped it at that one.
///
/// # Errors
/// None yet; a setting may be asked for later.
pub fn stream<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Vec<Change>, Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), (usize, Fault)>> + Send + 'static,
{
    let start = Start::new(platform, operation);
    let handler = Arc::new(handler);
    Ok(Function::new(operation, move |event, invocation| {
        let (start, handler) = (start.clone(), Arc::clone(&handler));
        Box::pin(async move {
            let received_at = start.platform.now();
            let event: Event = serde_json::from_slice(&event)?;
            let changes: Vec<Change> = event.records.into_iter().map(read).collect();
            let traceparent = changes.first().and_then(|change| change.new.as_ref()?.text("trace").map(str::to_owned));
            let span = start.span(traceparent.as_deref(), &invocation.request_id);
            let sequences: Vec<String> = changes.iter().map(|change| change.sequence.clone()).collect();
            let mut answer = Answer { batch_item_failures: Vec::new() };
            if let Err((done, fault)) = handler(changes, span.clone()).await {
                let cause = fault.to_string();
                span.warn("a change failed and comes again", &[("code", fault.code), ("cause", &cause)]);
                let stopped_at = sequences.get(done).or_else(|| sequences.last()).cloned().unwrap_or_default();
                answer.batch_item_failures.push(Failure { item_identifier: stopped_at });
            }
            crate::function::tell(&span, &start, received_at, answer.batch_item_failures.len());
            Ok(serde_json::to_vec(&answer)?)
        })
    }))
}

fn read(record: EventRecord) -> Change {
    let image = |attributes: serde_dynamo::Item| (!attributes.is_empty()).then(|| Item::new(attributes));
    let keys = Item::new(record.change.keys);
    Change {
        sequence: record.change.sequence_number.unwrap_or_default(),
        pk: keys.pk().to_owned(),
        old: image(record.change.old_image),
        new: image(record.change.new_image),
        at: Instant::from_millis(record.change.approximate_creation_date_time.timestamp_millis()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

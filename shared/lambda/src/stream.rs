//! Functions that read a table's stream. They stop at the first change that fails: Lambda begins there again.

use crate::function::{Function, Start, caught, tell, unreadable};
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
    /// Its own voice, under the trace of the request that made it where the item tells.
    pub span: Span,
}

impl Change {
    /// The trace of the request that made it, as the item tells.
    fn traceparent(&self) -> Option<&str> {
        traceparent(self.new.as_ref())
    }
}

/// The attribute under which an item keeps the trace of its latest change.
fn traceparent(item: Option<&Item>) -> Option<&str> {
    item?.text("trace").filter(|trace| !trace.is_empty())
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
            let watch = start.platform.stopwatch();
            let event: Event = serde_json::from_slice(&event)
                .map_err(|error| unreadable(&start.span(None, &invocation.request_id), &start, watch, &error))?;
            let images: Vec<Images> = event.records.into_iter().map(Images::read).collect();
            let span =
                start.batch_span(images.iter().map(|read| traceparent(read.new.as_ref())), &invocation.request_id);
            let changes: Vec<Change> = images.into_iter().map(|images| images.change(&start, &span)).collect();
            let seen: Vec<Seen> = changes.iter().map(Seen::of).collect();
            let done = caught(&start, async { handler(changes, span.clone()).await }).await;
            let stopped = done.unwrap_or_else(|panic| Err((0, panic))).err();
            let answer = Answer { batch_item_failures: told(&seen, stopped, &span) };
            tell(&span, &start, watch, answer.batch_item_failures.len());
            Ok(serde_json::to_vec(&answer)?)
        })
    }))
}

/// What is left to say of a change once the handler has it.
struct Seen {
    sequence: String,
    span: Span,
    traced: bool,
}

impl Seen {
    fn of(change: &Change) -> Self {
        let traced = change.traceparent().is_some();
        Self { sequence: change.sequence.clone(), span: change.span.clone(), traced }
    }
}

/// Tells of each change that a request made under the trace of that request, and names the one that comes again.
fn told(seen: &[Seen], stopped: Option<(usize, Fault)>, span: &Span) -> Vec<Failure> {
    let (done, fault) = stopped.map_or((seen.len(), None), |(done, fault)| (done, Some(fault)));
    for change in seen.iter().take(done).filter(|change| change.traced) {
        change.span.info("change", &[("sequence", &change.sequence)]);
    }
    let Some(fault) = fault else {
        return Vec::new();
    };
    let stopped = seen.get(done).or(seen.last());
    let cause = fault.to_string();
    let fields = [("code", fault.code), ("cause", cause.as_str())];
    stopped.map_or(span, |change| &change.span).warn("a change failed and comes again", &fields);
    vec![Failure { item_identifier: stopped.map(|change| change.sequence.clone()).unwrap_or_default() }]
}

/// One record, read.
struct Images {
    sequence: String,
    pk: String,
    old: Option<Item>,
    new: Option<Item>,
    at: Instant,
}

impl Images {
    fn read(record: EventRecord) -> Self {
        let image = |attributes: serde_dynamo::Item| (!attributes.is_empty()).then(|| Item::new(attributes));
        let keys = Item::new(record.change.keys);
        Self {
            sequence: record.change.sequence_number.unwrap_or_default(),
            pk: keys.pk().to_owned(),
            old: image(record.change.old_image),
            new: image(record.change.new_image),
            at: Instant::from_millis(record.change.approximate_creation_date_time.timestamp_millis()),
        }
    }

    fn change(self, start: &Start, span: &Span) -> Change {
        let span = start.part(span, traceparent(self.new.as_ref()));
        let Self { sequence, pk, old, new, at } = self;
        Change { sequence, pk, old, new, at, span }
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

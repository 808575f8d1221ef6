//! Functions that take messages from a queue. A batch succeeds message by message: what failed comes again, and after
//! its last try it lies with the dead letters.

use crate::function::{Function, Start, caught, tell, unreadable};
use crate::platform::{Error, Platform};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use kernel::{Fault, Instant, Kind};
use serde::Serialize;
use std::sync::Arc;
use telemetry::Span;

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// SQS's id of it.
    pub id: String,
    /// What it says.
    pub body: String,
    /// How often it was delivered, this time included.
    pub receives: u32,
    /// When it was sent.
    pub sent_at: Option<Instant>,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
    /// Its own voice, under that trace. What is said about this message is said here.
    pub span: Span,
}

/// A function that takes messages one by one, each with its own voice.
///
/// # Errors
/// None yet; a setting may be asked for later.
pub fn queue<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Message, Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let handler = Arc::new(handler);
    let start = Start::new(platform, operation);
    batches(start.clone(), operation, move |messages, _span| {
        let (start, handler) = (start.clone(), Arc::clone(&handler));
        async move {
            let mut results = Vec::with_capacity(messages.len());
            for message in messages {
                let span = message.span.clone();
                // One message that makes the handler panic fails alone.
                let done = caught(&start, async { handler(message, span).await }).await;
                results.push(done.and_then(|done| done));
            }
            results
        }
    })
}

/// A function that takes a batch at once and answers with one result for each message, in their order.
///
/// # Errors
/// As [`queue`].
pub fn queue_batch<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Vec<Message>, Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<Result<(), Fault>>> + Send + 'static,
{
    batches(Start::new(platform, operation), operation, handler)
}

fn batches<F, Fut>(start: Start, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Vec<Message>, Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<Result<(), Fault>>> + Send + 'static,
{
    let handler = Arc::new(handler);
    Ok(Function::new(operation, move |event, invocation| {
        let (start, handler) = (start.clone(), Arc::clone(&handler));
        Box::pin(async move {
            let watch = start.platform.stopwatch();
            let records: SqsEvent = serde_json::from_slice(&event)
                .map_err(|error| unreadable(&start.span(None, &invocation.request_id), &start, watch, &error))?;
            let records = records.records;
            let span = start.batch_span(records.iter().map(traceparent), &invocation.request_id);
            let messages: Vec<Message> = records.into_iter().map(|record| read(record, &start, &span)).collect();
            let seen: Vec<Message> = messages.iter().map(Message::without_body).collect();
            let results = caught(&start, async { handler(messages, span.clone()).await }).await;
            let results = results.unwrap_or_else(|panic| vec![Err(panic); seen.len()]);
            let answer = Answer { batch_item_failures: failures(seen, results) };
            tell(&span, &start, watch, answer.batch_item_failures.len());
            Ok(serde_json::to_vec(&answer)?)
        })
    }))
}

fn traceparent(record: &SqsMessage) -> Option<&str> {
    record.message_attributes.get("traceparent")?.string_value.as_deref()
}

fn read(record: SqsMessage, start: &Start, span: &Span) -> Message {
    let traceparent = traceparent(&record).map(str::to_owned);
    Message {
        span: start.part(span, traceparent.as_deref()),
        id: record.message_id.unwrap_or_default(),
        body: record.body.unwrap_or_default(),
        receives: record.attributes.get("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1),
        sent_at: record.attributes.get("SentTimestamp").and_then(|n| n.parse().ok()).map(Instant::from_millis),
        traceparent,
    }
}

impl Message {
    /// What is left to say of it once the handler has it.
    fn without_body(&self) -> Self {
        Self { id: self.id.clone(), body: String::new(), traceparent: None, span: self.span.clone(), ..*self }
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

/// Tells of each message under its own trace, and names those that come again.
fn failures(messages: Vec<Message>, results: Vec<Result<(), Fault>>) -> Vec<Failure> {
    let mut results = results.into_iter();
    messages
        .into_iter()
        .filter_map(|message| {
            // A handler that answers for fewer messages than it got has failed the rest.
            let result = results.next().unwrap_or_else(|| Err(Fault::bug("the handler gave no result")));
            let receives = message.receives.to_string();
            let fields = [("message_id", message.id.as_str()), ("receives", receives.as_str())];
            let Err(fault) = result else {
                message.span.info("message", &fields);
                return None;
            };
            let cause = fault.to_string();
            let fields = [fields[0], fields[1], ("code", fault.code), ("cause", cause.as_str())];
            match after(fault.kind) {
                After::Drop => message.span.info("a message asked for what is already settled", &fields),
                After::Retry => message.span.warn("a message failed and comes again", &fields),
                After::Park => message.span.error("a message can never succeed and goes to the dead letters", &fields),
            }
            (after(fault.kind) != After::Drop).then_some(Failure { item_identifier: message.id })
        })
        .collect()
}

/// What becomes of a message whose work failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// It comes again.
    Retry,
    /// It fails until its redrive puts it with the dead letters, for a person to see.
    Park,
    /// It is done: what it asks for is over.
    Drop,
}

/// The one table from faults to what becomes of a message.
const fn after(kind: Kind) -> After {
    match kind {
        Kind::Conflict | Kind::Precondition | Kind::Limited | Kind::Unavailable | Kind::Bug => After::Retry,
        Kind::Invalid | Kind::Unprocessable | Kind::Unauthenticated | Kind::Forbidden | Kind::TooLarge => After::Park,
        Kind::Missing | Kind::Gone | Kind::Declined => After::Drop,
    }
}

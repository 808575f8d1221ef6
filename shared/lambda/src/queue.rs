//! Functions that take messages from a queue. A batch succeeds message by message: what failed comes again, and after
//! its last try it lies with the dead letters.

use crate::function::{Function, Start};
use crate::platform::{Error, Platform};
use aws_lambda_events::sqs::SqsEvent;
use kernel::{Fault, Kind};
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
    /// The trace it belongs to.
    pub traceparent: Option<String>,
}

/// A function that takes messages one by one.
///
/// # Errors
/// None yet; a setting may be asked for later.
pub fn queue<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Message, Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let handler = Arc::new(handler);
    queue_batch(platform, operation, move |messages, span| {
        let handler = Arc::clone(&handler);
        async move {
            let mut results = Vec::with_capacity(messages.len());
            for message in messages {
                results.push(handler(message, span.clone()).await);
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
    let start = Start::new(platform, operation);
    let handler = Arc::new(handler);
    Ok(Function::new(operation, move |event, invocation| {
        let (start, handler) = (start.clone(), Arc::clone(&handler));
        Box::pin(async move {
            let received_at = start.platform.now();
            let messages = read(&event)?;
            let span =
                start.span(messages.first().and_then(|message| message.traceparent.as_deref()), &invocation.request_id);
            let ids: Vec<String> = messages.iter().map(|message| message.id.clone()).collect();
            let results = handler(messages, span.clone()).await;
            let answer = Answer { batch_item_failures: failures(&span, ids, results) };
            crate::function::tell(&span, &start, received_at, answer.batch_item_failures.len());
            Ok(serde_json::to_vec(&answer)?)
        })
    }))
}

fn read(event: &[u8]) -> Result<Vec<Message>, Error> {
    let event: SqsEvent = serde_json::from_slice(event)?;
    let messages = event.records.into_iter().map(|record| {
        let traceparent =
            record.message_attributes.get("traceparent").and_then(|attribute| attribute.string_value.clone());
        Message {
            id: record.message_id.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
            receives: record.attributes.get("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1),
            traceparent,
        }
    });
    Ok(messages.collect())
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

fn failures(span: &Span, ids: Vec<String>, results: Vec<Result<(), Fault>>) -> Vec<Failure> {
    let mut results = results.into_iter();
    ids.into_iter()
        .filter_map(|id| {
            // A handler that answers for fewer messages than it got has failed the rest.
            let fault = results.next().unwrap_or_else(|| Err(Fault::bug("the handler gave no result"))).err()?;
            let again = after(fault.kind) != After::Drop;
            let cause = fault.to_string();
            let fields = [("message", id.as_str()), ("code", fault.code), ("cause", cause.as_str())];
            match after(fault.kind) {
                After::Drop => span.info("a message asked for what is already settled", &fields),
                After::Retry => span.warn("a message failed and comes again", &fields),
                After::Park => span.error("a message can never succeed and goes to the dead letters", &fields),
            }
            again.then_some(Failure { item_identifier: id })
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

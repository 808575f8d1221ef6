//! One queue: send one, send many.

use crate::message::{Message, TRACE_ATTRIBUTE};
use crate::trouble::fault;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry};
use kernel::Fault;
use std::collections::HashMap;
use std::sync::Arc;

/// Entries of one `SendMessageBatch` at the most.
const BATCH: usize = 10;
/// Bytes of one `SendMessageBatch` at the most: the smallest limit that SQS has had.
const BATCH_BYTES: usize = 256 * 1024;
/// How often the entries that a batch left out are sent again.
const ROUNDS: usize = 3;

/// A queue by its URL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: Arc<str>,
}

impl Queue {
    /// The queue at that URL, through that client.
    #[must_use]
    pub fn new(client: Client, url: impl Into<Arc<str>>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends one message; when this returns, SQS has it. `trace` is the `traceparent` that its reader goes on with.
    ///
    /// # Errors
    /// Unavailable when the queue does not answer (the message may have been sent all the same); a bug when it refuses.
    pub async fn send(&self, message: &Message, trace: Option<&str>) -> Result<(), Fault> {
        let request = self
            .client
            .send_message()
            .queue_url(&*self.url)
            .message_body(&message.body)
            .set_delay_seconds(delay(message))
            .set_message_attributes(attributes(message, trace)?);
        request.send().await.map_err(|error| fault("SendMessage", &error))?;
        Ok(())
    }

    /// Sends all of `messages`, ten at a time; entries that a batch leaves out are sent again.
    ///
    /// # Errors
    /// As [`Queue::send`]; some of the messages may have been sent then, so that sending all again repeats them.
    pub async fn send_all(&self, messages: &[Message], trace: Option<&str>) -> Result<(), Fault> {
        for batch in batches(messages) {
            self.send_batch(batch, trace).await?;
        }
        Ok(())
    }

    async fn send_batch(&self, batch: &[Message], trace: Option<&str>) -> Result<(), Fault> {
        let mut open: Vec<usize> = (0..batch.len()).collect();
        for _ in 0..ROUNDS {
            let entries: Vec<_> = open.iter().map(|at| entry(*at, &batch[*at], trace)).collect::<Result<_, _>>()?;
            let request = self.client.send_message_batch().queue_url(&*self.url).set_entries(Some(entries));
            let answer = request.send().await.map_err(|error| fault("SendMessageBatch", &error))?;
            if let Some(refused) = answer.failed.iter().find(|entry| entry.sender_fault) {
                return Err(Fault::bug(format!("SendMessageBatch: {}", words(refused))));
            }
            open =
                answer.failed.iter().filter_map(|entry| entry.id.parse().ok()).filter(|at| *at < batch.len()).collect();
            if open.is_empty() {
                return Ok(());
            }
        }
        Err(Fault::unavailable(format!("SendMessageBatch: {} entries were not taken", open.len())))
    }
}

/// `messages` in runs of at most ten that fit into one call.
fn batches(messages: &[Message]) -> Vec<&[Message]> {
    let mut runs = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, message) in messages.iter().enumerate() {
        let full = at - start == BATCH || bytes + message.size_bytes() > BATCH_BYTES;
        if full && at > start {
            runs.push(&messages[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += message.size_bytes();
    }
    if start < messages.len() {
        runs.push(&messages[start..]);
    }
    runs
}

fn entry(at: usize, message: &Message, trace: Option<&str>) -> Result<SendMessageBatchRequestEntry, Fault> {
    SendMessageBatchRequestEntry::builder()
        .id(at.to_string())
        .message_body(&message.body)
        .set_delay_seconds(delay(message))
        .set_message_attributes(attributes(message, trace)?)
        .build()
        .map_err(unbuilt)
}

/// `None` without a delay: then the queue's own applies.
fn delay(message: &Message) -> Option<i32> {
    (message.delay_seconds > 0).then(|| i32::from(message.delay_seconds))
}

fn attributes(message: &Message, trace: Option<&str>) -> Result<Option<HashMap<String, MessageAttributeValue>>, Fault> {
    let own = message.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: HashMap<_, _> = own
        .chain(trace.map(|trace| (TRACE_ATTRIBUTE, trace)))
        .map(|(name, value)| {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(value).build().map_err(unbuilt)?;
            Ok((name.to_owned(), value))
        })
        .collect::<Result<_, Fault>>()?;
    Ok((!all.is_empty()).then_some(all))
}

fn unbuilt(error: BuildError) -> Fault {
    Fault::bug(format!("SQS request: {error}"))
}

fn words(entry: &BatchResultErrorEntry) -> String {
    format!("{} {}", entry.code, entry.message.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BYTES, batches};
    use crate::Message;

    #[test]
    fn messages_go_ten_at_a_time() {
        let messages: Vec<_> = (0..23).map(|n| Message::text(n.to_string())).collect();
        let sizes: Vec<_> = batches(&messages).iter().map(|run| run.len()).collect();
        assert_eq!(sizes, [10, 10, 3]);
        assert!(batches(&[]).is_empty());
    }

    #[test]
    fn a_batch_stays_under_the_limit_of_one_call() {
        let large = Message::text("x".repeat(BATCH_BYTES / 2));
        let sizes: Vec<_> = batches(&[large.clone(), large.clone(), large]).iter().map(|run| run.len()).collect();
        assert_eq!(sizes, [1, 1, 1]);
    }
}

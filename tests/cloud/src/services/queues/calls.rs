//! The operations of SQS in its JSON protocol.

use super::messages::Received;
use super::state::{Queues, millis};
use crate::wire::{Refusal, read_json};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Entries of one batch at the most.
const BATCH: usize = 10;
/// Bytes of one message, and of one batch, at the most.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// The longest delay, in seconds.
const DELAY_SECONDS_MAX: u64 = 900;
/// The longest wait of one receive, in seconds.
const WAIT_SECONDS_MAX: u64 = 20;

pub(super) async fn answer(queues: &Queues, action: &str, body: &[u8]) -> Result<Value, Refusal> {
    match action {
        "SendMessage" => send(queues, &read_json(body)?).await,
        "SendMessageBatch" => send_batch(queues, read_json(body)?).await,
        "ReceiveMessage" => receive(queues, &read_json(body)?).await,
        "DeleteMessage" => {
            let Receipt { queue_url, receipt_handle, .. } = read_json(body)?;
            queues.delete(queue_name(&queue_url), &receipt_handle)?;
            Ok(json!({}))
        }
        "DeleteMessageBatch" => {
            let batch: Batch<ReceiptEntry> = read_json(body)?;
            let queue = queue_name(&batch.queue_url).to_owned();
            each(batch, |entry| queues.delete(&queue, &entry.receipt_handle).map(|()| json!({})))
        }
        "ChangeMessageVisibility" => {
            let Receipt { queue_url, receipt_handle, visibility_timeout } = read_json(body)?;
            let visibility = Duration::from_secs(visibility_timeout.unwrap_or(0));
            queues.change_visibility(queue_name(&queue_url), &receipt_handle, visibility)?;
            Ok(json!({}))
        }
        "ChangeMessageVisibilityBatch" => {
            let batch: Batch<ReceiptEntry> = read_json(body)?;
            let queue = queue_name(&batch.queue_url).to_owned();
            each(batch, |entry| {
                let visibility = Duration::from_secs(entry.visibility_timeout.unwrap_or(0));
                queues.change_visibility(&queue, &entry.receipt_handle, visibility).map(|()| json!({}))
            })
        }
        "PurgeQueue" => {
            let Url { queue_url } = read_json(body)?;
            queues.purge(queue_name(&queue_url))?;
            queues.written().await?;
            Ok(json!({}))
        }
        "GetQueueUrl" => {
            let Name { queue_name } = read_json(body)?;
            queues.settings(&queue_name)?;
            Ok(json!({"QueueUrl": format!("https://sqs.us-east-1.amazonaws.com/000000000000/{queue_name}")}))
        }
        "GetQueueAttributes" => {
            let Url { queue_url } = read_json(body)?;
            attributes(queues, queue_name(&queue_url))
        }
        _ => Err(Refusal::unknown_action(action)),
    }
}

/// The queue's name in its URL: the last part of the path, whatever the host.
pub(crate) fn queue_name(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(_, name)| name)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Url {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Name {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receipt {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiptEntry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<T> {
    queue_url: String,
    #[serde(default = "Vec::new")]
    entries: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    #[serde(default)]
    id: String,
    #[serde(default)]
    queue_url: String,
    message_body: String,
    delay_seconds: Option<u64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Value>,
}

trait Entry {
    fn id(&self) -> &str;
}

impl Entry for ReceiptEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for Send {
    fn id(&self) -> &str {
        &self.id
    }
}

async fn send(queues: &Queues, request: &Send) -> Result<Value, Refusal> {
    let sent = take(queues, queue_name(&request.queue_url), request)?;
    queues.written().await?;
    Ok(sent)
}

async fn send_batch(queues: &Queues, batch: Batch<Send>) -> Result<Value, Refusal> {
    if batch.entries.iter().map(|entry| entry.message_body.len()).sum::<usize>() > MESSAGE_BYTES_MAX {
        return Err(Refusal::new("BatchRequestTooLong", "The batch is longer than 1048576 bytes."));
    }
    let queue = queue_name(&batch.queue_url).to_owned();
    let sent = each(batch, |entry| take(queues, &queue, entry))?;
    queues.written().await?;
    Ok(sent)
}

fn take(queues: &Queues, queue: &str, request: &Send) -> Result<Value, Refusal> {
    let invalid = |text: &str| Err(Refusal::new("InvalidParameterValue", text));
    if request.message_body.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter MessageBody."));
    }
    if request.message_body.len() > MESSAGE_BYTES_MAX {
        return invalid("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
    }
    if request.delay_seconds.is_some_and(|seconds| seconds > DELAY_SECONDS_MAX) {
        return invalid("Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
    }
    if request.message_attributes.len() > BATCH {
        return invalid("Number of message attributes exceeds the allowed maximum.");
    }
    let delay = request.delay_seconds.map(Duration::from_secs);
    let id = queues.send(queue, request.message_body.clone(), request.message_attributes.clone(), delay)?;
    Ok(json!({"MessageId": id, "MD5OfMessageBody": md5_hex(&request.message_body)}))
}

/// Does the entries of a batch one by one and tells for each what came of it.
fn each<T: Entry>(batch: Batch<T>, work: impl Fn(&T) -> Result<Value, Refusal>) -> Result<Value, Refusal> {
    if batch.entries.is_empty() {
        return Err(Refusal::new("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if batch.entries.len() > BATCH {
        return Err(Refusal::new("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10."));
    }
    let ids: HashSet<&str> = batch.entries.iter().map(Entry::id).collect();
    if ids.len() < batch.entries.len() {
        return Err(Refusal::new("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id."));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in &batch.entries {
        match work(entry) {
            Ok(mut value) => {
                value["Id"] = json!(entry.id());
                successful.push(value);
            }
            Err(refusal) if refusal.code == "QueueDoesNotExist" => return Err(refusal),
            Err(refusal) => failed.push(json!({
                "Id": entry.id(), "Code": refusal.code, "Message": refusal.message, "SenderFault": refusal.status < 500
            })),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    wait_time_seconds: Option<u64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

async fn receive(queues: &Queues, request: &Receive) -> Result<Value, Refusal> {
    let most = request.max_number_of_messages.unwrap_or(1);
    if !(1..=BATCH).contains(&most) {
        let text = "Value for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.";
        return Err(Refusal::new("InvalidParameterValue", text));
    }
    let queue = queue_name(&request.queue_url);
    let visibility = request.visibility_timeout.map(Duration::from_secs);
    let wait = Duration::from_secs(request.wait_time_seconds.unwrap_or(0).min(WAIT_SECONDS_MAX));
    let mut received = queues.receive(queue, most, visibility)?;
    if received.is_empty() && !wait.is_zero() {
        // Whoever comes first gets the message, so somebody else may have it; then the wait was for nothing.
        if let Ok(waited) = tokio::time::timeout(wait, queues.wait(queue)).await {
            waited?;
            received = queues.receive(queue, most, visibility)?;
        }
    }
    let messages: Vec<Value> = received.iter().map(|received| message(received, request)).collect();
    Ok(if messages.is_empty() { json!({}) } else { json!({"Messages": messages}) })
}

fn message(received: &Received, request: &Receive) -> Value {
    let message = &received.message;
    let mut shown = json!({
        "MessageId": message.id, "ReceiptHandle": received.receipt, "Body": message.body, "MD5OfBody": md5_hex(&message.body)
    });
    let wants = |name: &str| {
        let asked = request.attribute_names.iter().chain(&request.message_system_attribute_names);
        asked.into_iter().any(|asked| asked == "All" || asked == name)
    };
    let system: Map<String, Value> = system_attributes(message)
        .into_iter()
        .filter(|(name, _)| wants(name))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    if !system.is_empty() {
        shown["Attributes"] = Value::Object(system);
    }
    let named = |name: &str| {
        request.message_attribute_names.iter().any(|asked| {
            asked == "All" || asked == name || asked.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let own: Map<String, Value> = message
        .attributes
        .iter()
        .filter(|(name, _)| named(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !own.is_empty() {
        shown["MessageAttributes"] = Value::Object(own);
    }
    shown
}

/// What SQS says about a message besides its body.
pub(crate) fn system_attributes(message: &super::Message) -> [(&'static str, String); 4] {
    [
        ("ApproximateReceiveCount", message.receives.to_string()),
        ("ApproximateFirstReceiveTimestamp", millis(message.first_received_at.unwrap_or(message.sent_at))),
        ("SenderId", "AIDAAAAAAAAAAAAAAAAAA".to_owned()),
        ("SentTimestamp", millis(message.sent_at)),
    ]
}

fn attributes(queues: &Queues, name: &str) -> Result<Value, Refusal> {
    let (settings, depth) = (queues.settings(name)?, queues.depth(name)?);
    let redrive = settings.redrive.as_ref().map(|redrive| {
        json!({"deadLetterTargetArn": arn(&redrive.queue), "maxReceiveCount": redrive.receives_max}).to_string()
    });
    let mut shown = json!({
        "QueueArn": arn(name),
        "ApproximateNumberOfMessages": depth.visible.to_string(),
        "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
        "ApproximateNumberOfMessagesDelayed": depth.delayed.to_string(),
        "VisibilityTimeout": settings.visibility.as_secs().to_string(),
        "DelaySeconds": settings.delay.as_secs().to_string(),
        "MessageRetentionPeriod": settings.retention.as_secs().to_string(),
    });
    if let Some(redrive) = redrive {
        shown["RedrivePolicy"] = json!(redrive);
    }
    Ok(json!({"Attributes": shown}))
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}

/// MD5 in hex: how SQS lets its clients check what arrived.
pub(crate) fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

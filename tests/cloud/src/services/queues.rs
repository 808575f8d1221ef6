//! SQS: standard queues. A message is kept until it is deleted; who receives it hides it for a while.

mod calls;
mod messages;
mod state;

pub(crate) use calls::{md5_hex, system_attributes};
pub(crate) use messages::{Message, Received};
pub(crate) use state::Queues;
pub use state::{QueueSettings, Redrive};

use crate::wire::{Refusal, Reply, Request, json_reply};

/// Answers one call of the JSON protocol.
pub(crate) async fn answer(queues: &Queues, action: &str, request: &Request) -> Reply {
    let answer = calls::answer(queues, action, &request.body).await;
    let query_code = answer.as_ref().err().map(query_compatible);
    let reply = json_reply("application/x-amz-json-1.0", answer);
    match query_code {
        Some(code) => reply.with("x-amzn-query-error", code),
        None => reply,
    }
}

/// The code that SQS gave the error before it spoke JSON; the SDKs go by it.
fn query_compatible(refusal: &Refusal) -> String {
    let code = match refusal.code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        other => other,
    };
    format!("{code};{}", if refusal.status < 500 { "Sender" } else { "Receiver" })
}

/// The resource of a call, for the counters: the queue's name.
pub(crate) fn resource(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        queue_url: Option<String>,
        queue_name: Option<String>,
    }
    let named: Option<Named> = serde_json::from_slice(body).ok();
    let by_url = |url: String| calls::queue_name(&url).to_owned();
    named.and_then(|named| named.queue_url.map(by_url).or(named.queue_name)).unwrap_or_default()
}

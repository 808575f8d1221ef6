//! Messages of a queue to a function. What the function does not fail is deleted; what it fails is seen again after the
//! queue's visibility timeout, and after too many times it goes to the dead letters.

use super::{Shared, events};
use crate::definition::{Function, QueueTrigger};
use crate::services::queues::Received;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Invocations at a time when the mapping does not say. Lambda begins with five and adds more as the queue grows.
const CONCURRENCY: usize = 10;

pub(super) async fn run(shared: Arc<Shared>, function: Function, trigger: QueueTrigger) {
    if !shared.services.queues.exists(&trigger.queue) {
        return;
    }
    let slots = Arc::new(Semaphore::new(trigger.concurrency_max.unwrap_or(CONCURRENCY)));
    let (function, trigger) = (Arc::new(function), Arc::new(trigger));
    let mut deliveries = JoinSet::new();
    loop {
        let slot = Arc::clone(&slots);
        let next = async {
            let slot = slot.acquire_owned().await;
            // The queue is there: that was seen above.
            drop(shared.services.queues.wait(&trigger.queue).await);
            slot
        };
        let slot = tokio::select! {
            slot = next => slot,
            () = shared.ended() => break,
        };
        if !trigger.window.is_zero() {
            tokio::time::sleep(trigger.window).await;
        }
        let received = shared.services.queues.receive(&trigger.queue, trigger.batch_max, None).unwrap_or_default();
        shared.count("sqs", "ReceiveMessage", &trigger.queue);
        if !received.is_empty() {
            let (shared, function, trigger) = (Arc::clone(&shared), Arc::clone(&function), Arc::clone(&trigger));
            deliveries.spawn(async move {
                deliver(&shared, &function, &trigger, received).await;
                drop(slot);
            });
        }
        while deliveries.try_join_next().is_some() {}
    }
    while deliveries.join_next().await.is_some() {}
}

async fn deliver(shared: &Shared, function: &Function, trigger: &QueueTrigger, received: Vec<Received>) {
    let region = &shared.services.definition.region;
    let records: Vec<Value> =
        received.iter().map(|received| events::queue_record(received, &trigger.queue, region)).collect();
    let payload = json!({"Records": records}).to_string().into_bytes();
    let Ok(answer) = shared.invoke(&function.operation, payload).await else {
        return;
    };
    let failed = if trigger.partial_failures { events::failures(&answer) } else { Some(Vec::new()) };
    let Some(failed) = failed else { return };
    if failed.iter().any(|id| !received.iter().any(|received| received.message.id == *id)) {
        // An id that was not in the batch: Lambda takes the whole batch for failed.
        return;
    }
    let done: Vec<&Received> = received.iter().filter(|received| !failed.contains(&received.message.id)).collect();
    for received in &done {
        // A message that somebody else has by now is theirs to delete.
        drop(shared.services.queues.delete(&trigger.queue, &received.receipt));
    }
    if !done.is_empty() {
        shared.count("sqs", "DeleteMessage", &trigger.queue);
    }
}

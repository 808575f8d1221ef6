//! All queues of one cloud: what can be done with them, written to the journal as it happens.

use super::messages::{ByReceipt, Depth, Message, Messages, Received};
use crate::clock::Clock;
use crate::journal::{Entries, Journal, Kind};
use crate::random::Random;
use crate::wire::Refusal;
use kernel::Instant;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How a queue is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// The queue's name.
    pub name: String,
    /// How long a received message stays hidden when the receiver does not say.
    pub visibility: Duration,
    /// How long a sent message waits when the sender does not say.
    pub delay: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// Where a message goes that was received too often, and how often that is.
    pub redrive: Option<Redrive>,
}

/// Where a message goes that was received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue's name.
    pub queue: String,
    /// How often a message is received before it goes there.
    pub receives_max: u32,
}

impl QueueSettings {
    /// A queue with SQS's own defaults: 30 s of visibility, no delay, four days.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            retention: Duration::from_secs(345_600),
            redrive: None,
        }
    }
}

struct Queue {
    settings: QueueSettings,
    messages: Messages,
    changed: watch::Sender<()>,
}

/// The SQS of one cloud.
pub(crate) struct Queues {
    queues: Mutex<HashMap<String, Queue>>,
    journal: Arc<Journal>,
    clock: Clock,
    next_number: AtomicU64,
    random: Random,
    twice: AtomicBool,
}

impl Queues {
    /// The queues in `settings`, with the messages that an older process left. What was in flight then can be
    /// received at once: its receiver is gone.
    pub(crate) fn new(
        settings: &[QueueSettings],
        journal: Arc<Journal>,
        clock: Clock,
        random: Random,
        left: Entries,
    ) -> Self {
        let now = clock.now();
        let mut queues: HashMap<String, Queue> = settings
            .iter()
            .map(|settings| {
                let queue = Queue {
                    settings: settings.clone(),
                    messages: Messages::default(),
                    changed: watch::Sender::new(()),
                };
                (settings.name.clone(), queue)
            })
            .collect();
        let mut last = 0;
        for (key, value) in left {
            let place =
                key.split_once('/').and_then(|(queue, number)| Some((queues.get_mut(queue)?, number.parse().ok()?)));
            let (Some((queue, number)), Ok(mut message)) = (place, serde_json::from_slice::<Message>(&value)) else {
                continue;
            };
            if message.receives > 0 {
                message.visible_at = message.visible_at.min(now);
            }
            queue.messages.insert(number, message);
            last = last.max(number);
        }
        Self {
            queues: Mutex::new(queues),
            journal,
            clock,
            next_number: AtomicU64::new(last + 1),
            random,
            twice: AtomicBool::new(false),
        }
    }

    /// From now on each message that is sent is there twice, with the same id.
    pub(crate) fn send_twice(&self, twice: bool) {
        self.twice.store(twice, Ordering::Relaxed);
    }

    /// Puts a message into a queue and gives back its id. On disk once [`Queues::written`] returns.
    pub(crate) fn send(
        &self,
        queue: &str,
        body: String,
        attributes: BTreeMap<String, Value>,
        delay: Option<Duration>,
    ) -> Result<String, Refusal> {
        let id = self.random.uuid();
        self.with(queue, |queue| {
            let now = self.clock.now();
            let message = Message {
                id: id.clone(),
                body,
                attributes,
                sent_at: now,
                visible_at: now.plus(delay.unwrap_or(queue.settings.delay)),
                receives: 0,
                first_received_at: None,
            };
            if self.twice.load(Ordering::Relaxed) {
                self.insert(queue, message.clone());
            }
            self.insert(queue, message);
        })?;
        Ok(id)
    }

    /// Returns once every change so far is on disk.
    pub(crate) async fn written(&self) -> Result<(), Refusal> {
        if self.journal.written().await { Ok(()) } else { Err(Refusal::unwritten()) }
    }

    /// Hands out up to `most` messages and hides them. Messages that were received too often go to the dead letters.
    pub(crate) fn receive(
        &self,
        name: &str,
        most: usize,
        visibility: Option<Duration>,
    ) -> Result<Vec<Received>, Refusal> {
        let mut received = Vec::new();
        let mut dead = Vec::new();
        let redrive = self.with(name, |queue| {
            let now = self.clock.now();
            for number in queue.messages.forget_old(now, queue.settings.retention) {
                self.journal.remove(Kind::Message, entry(name, number));
            }
            let hidden_until = now.plus(visibility.unwrap_or(queue.settings.visibility));
            while received.len() < most
                && let Some(number) = queue.messages.first_visible(now)
            {
                if self.is_dead(queue, number) {
                    self.journal.remove(Kind::Message, entry(name, number));
                    dead.extend(queue.messages.remove(number));
                } else if let Some(handed) = queue.messages.receive(number, now, hidden_until) {
                    // The first receipt is not worth a write: losing it means one more try.
                    if handed.message.receives > 1 {
                        self.keep(name, number, &handed.message);
                    }
                    received.push(handed);
                }
            }
            queue.settings.redrive.clone()
        })?;
        if let Some(redrive) = redrive {
            dead.into_iter().try_for_each(|message| self.bury(&redrive.queue, message))?;
        }
        Ok(received)
    }

    fn is_dead(&self, queue: &Queue, number: u64) -> bool {
        let receives = queue.messages.get(number).map_or(0, |message| message.receives);
        queue.settings.redrive.as_ref().is_some_and(|redrive| receives >= redrive.receives_max)
    }

    fn bury(&self, dead_letters: &str, message: Message) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.with(dead_letters, |queue| {
            let message = Message { visible_at: now, receives: 0, first_received_at: None, ..message };
            self.insert(queue, message);
        })
    }

    /// Returns once a message can be received from `name`.
    pub(crate) async fn wait(&self, name: &str) -> Result<(), Refusal> {
        let mut changed = self.with(name, |queue| queue.changed.subscribe())?;
        loop {
            let next = self.with(name, |queue| queue.messages.next_visible_at())?;
            let now = self.clock.now();
            match next {
                Some(visible_at) if visible_at <= now => return Ok(()),
                Some(visible_at) => {
                    tokio::select! {
                        result = changed.changed() => if result.is_err() { return Ok(()) },
                        () = self.clock.sleep_until(visible_at) => {}
                    }
                }
                None => {
                    if changed.changed().await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Deletes what was received. A stale receipt deletes nothing, and that is no error.
    pub(crate) fn delete(&self, name: &str, receipt: &str) -> Result<(), Refusal> {
        self.with(name, |queue| match queue.messages.by_receipt(receipt) {
            ByReceipt::Message(number) => {
                queue.messages.remove(number);
                self.journal.remove(Kind::Message, entry(name, number));
                // Who waits for the queue to run empty learns it.
                queue.changed.send_replace(());
                Ok(())
            }
            ByReceipt::Stale => Ok(()),
            ByReceipt::Invalid => Err(Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")),
        })?
    }

    /// Hides what was received for that much longer from now, or shows it at once for zero.
    pub(crate) fn change_visibility(&self, name: &str, receipt: &str, visibility: Duration) -> Result<(), Refusal> {
        self.with(name, |queue| {
            let now = self.clock.now();
            match queue.messages.by_receipt(receipt) {
                ByReceipt::Message(number) => {
                    let hidden = queue.messages.get(number).is_some_and(|message| message.visible_at > now);
                    if !hidden {
                        return Err(Refusal::new("MessageNotInflight", "The message is not in flight."));
                    }
                    queue.messages.show_at(number, now.plus(visibility));
                    if let Some(message) = queue.messages.get(number) {
                        self.keep(name, number, message);
                    }
                    queue.changed.send_replace(());
                    Ok(())
                }
                ByReceipt::Stale => Err(Refusal::new("MessageNotInflight", "The message is not in flight.")),
                ByReceipt::Invalid => {
                    Err(Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid."))
                }
            }
        })?
    }

    /// Deletes everything in a queue.
    pub(crate) fn purge(&self, name: &str) -> Result<(), Refusal> {
        self.with(name, |queue| {
            queue.messages.clear();
            self.journal.remove_all(Kind::Message, format!("{name}/"));
            queue.changed.send_replace(());
        })
    }

    pub(crate) fn depth(&self, name: &str) -> Result<Depth, Refusal> {
        self.with(name, |queue| queue.messages.depth(self.clock.now()))
    }

    pub(crate) fn settings(&self, name: &str) -> Result<QueueSettings, Refusal> {
        self.with(name, |queue| queue.settings.clone())
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// The messages in a queue, oldest first, whether they can be received or not.
    pub(crate) fn messages(&self, name: &str) -> Result<Vec<Message>, Refusal> {
        self.with(name, |queue| {
            let mut all: Vec<_> = queue.messages.bodies().collect();
            all.sort_by_key(|(number, _)| **number);
            all.into_iter().map(|(_, message)| message.clone()).collect()
        })
    }

    fn insert(&self, queue: &mut Queue, message: Message) {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        self.keep(&queue.settings.name, number, &message);
        queue.messages.insert(number, message);
        queue.changed.send_replace(());
    }

    fn keep(&self, queue: &str, number: u64, message: &Message) {
        if self.journal.on_disk()
            && let Ok(value) = serde_json::to_vec(message)
        {
            self.journal.put(Kind::Message, entry(queue, number), value);
        }
    }

    fn with<T>(&self, name: &str, work: impl FnOnce(&mut Queue) -> T) -> Result<T, Refusal> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues
            .get_mut(name)
            .ok_or_else(|| Refusal::new("QueueDoesNotExist", "The specified queue does not exist."))?;
        Ok(work(queue))
    }
}

/// The journal's key of a message.
fn entry(queue: &str, number: u64) -> String {
    format!("{queue}/{number:020}")
}

/// When a message was sent, as Lambda and SQS write it.
pub(crate) fn millis(at: Instant) -> String {
    at.millis().to_string()
}

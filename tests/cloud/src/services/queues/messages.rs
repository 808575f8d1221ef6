//! The messages of one queue, in the order in which they can be received. No IO: the time is passed in.

use kernel::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// One message as the queue keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    /// Message attributes, each as `{"DataType": …, "StringValue": …}`.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) sent_at: Instant,
    /// When it can be received (again).
    pub(crate) visible_at: Instant,
    #[serde(default)]
    pub(crate) receives: u32,
    #[serde(default)]
    pub(crate) first_received_at: Option<Instant>,
}

/// A message in the hands of a receiver.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) message: Message,
    /// What deletes it, or changes when it is seen again.
    pub(crate) receipt: String,
}

/// How many messages are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Depth {
    pub(crate) visible: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}

/// What came of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByReceipt {
    /// The message with this number.
    Message(u64),
    /// It was deleted, or somebody else has received it since.
    Stale,
    /// No receipt of this queue.
    Invalid,
}

/// The messages of one queue by number.
#[derive(Default)]
pub(crate) struct Messages {
    by_number: HashMap<u64, Message>,
    /// By the time at which they can be received.
    order: BTreeSet<(Instant, u64)>,
}

impl Messages {
    pub(crate) fn insert(&mut self, number: u64, message: Message) {
        self.order.insert((message.visible_at, number));
        self.by_number.insert(number, message);
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<Message> {
        let message = self.by_number.remove(&number)?;
        self.order.remove(&(message.visible_at, number));
        Some(message)
    }

    pub(crate) fn clear(&mut self) {
        self.by_number.clear();
        self.order.clear();
    }

    /// The number of the first message that can be received at `now`.
    pub(crate) fn first_visible(&self, now: Instant) -> Option<u64> {
        let (visible_at, number) = self.order.first()?;
        (*visible_at <= now).then_some(*number)
    }

    /// When the next message can be received, if there is any.
    pub(crate) fn next_visible_at(&self) -> Option<Instant> {
        self.order.first().map(|(visible_at, _)| *visible_at)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Message> {
        self.by_number.get(&number)
    }

    /// Hands a message out and hides it until `hidden_until`.
    pub(crate) fn receive(&mut self, number: u64, now: Instant, hidden_until: Instant) -> Option<Received> {
        self.show_at(number, hidden_until);
        let message = self.by_number.get_mut(&number)?;
        message.receives += 1;
        message.first_received_at.get_or_insert(now);
        Some(Received { message: message.clone(), receipt: format!("{number}.{}", message.receives) })
    }

    /// Moves the time at which a message can be received.
    pub(crate) fn show_at(&mut self, number: u64, visible_at: Instant) {
        if let Some(message) = self.by_number.get_mut(&number) {
            self.order.remove(&(message.visible_at, number));
            message.visible_at = visible_at;
            self.order.insert((visible_at, number));
        }
    }

    /// The message that a receipt is for.
    pub(crate) fn by_receipt(&self, receipt: &str) -> ByReceipt {
        let parts = receipt
            .split_once('.')
            .and_then(|(number, receives)| Some((number.parse::<u64>().ok()?, receives.parse::<u32>().ok()?)));
        let Some((number, receives)) = parts else {
            return ByReceipt::Invalid;
        };
        match self.by_number.get(&number) {
            Some(message) if message.receives == receives => ByReceipt::Message(number),
            _ => ByReceipt::Stale,
        }
    }

    pub(crate) fn depth(&self, now: Instant) -> Depth {
        let mut depth = Depth::default();
        for message in self.by_number.values() {
            match (message.visible_at > now, message.receives) {
                (false, _) => depth.visible += 1,
                (true, 0) => depth.delayed += 1,
                (true, _) => depth.in_flight += 1,
            }
        }
        depth
    }

    /// Lets go of messages that were sent more than `kept` ago and gives back their numbers.
    pub(crate) fn forget_old(&mut self, now: Instant, kept: Duration) -> Vec<u64> {
        let old: Vec<u64> = self
            .by_number
            .iter()
            .filter(|(_, message)| now.since(message.sent_at) > kept)
            .map(|(number, _)| *number)
            .collect();
        old.iter().for_each(|number| {
            self.remove(*number);
        });
        old
    }

    pub(crate) fn bodies(&self) -> impl Iterator<Item = (&u64, &Message)> {
        self.by_number.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{ByReceipt, Depth, Message, Messages};
    use kernel::Instant;

    fn message(visible_at: i64) -> Message {
        Message {
            id: format!("id-{visible_at}"),
            body: String::new(),
            attributes: std::collections::BTreeMap::new(),
            sent_at: Instant::from_seconds(0),
            visible_at: Instant::from_seconds(visible_at),
            receives: 0,
            first_received_at: None,
        }
    }

    #[test]
    fn a_received_message_is_hidden_and_its_older_receipts_are_stale() {
        let at = Instant::from_seconds;
        let mut messages = Messages::default();
        messages.insert(1, message(0));
        let first = messages.receive(1, at(0), at(30)).unwrap();
        assert_eq!(messages.first_visible(at(29)), None);
        assert_eq!(messages.first_visible(at(30)), Some(1));

        let second = messages.receive(1, at(30), at(60)).unwrap();
        assert_eq!(messages.by_receipt(&first.receipt), ByReceipt::Stale);
        assert_eq!(messages.by_receipt(&second.receipt), ByReceipt::Message(1));
        assert_eq!(messages.by_receipt("nonsense"), ByReceipt::Invalid);
        assert_eq!(second.message.receives, 2);
        assert_eq!(second.message.first_received_at, Some(at(0)));
    }

    #[test]
    fn delayed_hidden_and_visible_messages_are_counted_apart() {
        let at = Instant::from_seconds;
        let mut messages = Messages::default();
        (1..=3).for_each(|number| messages.insert(number, message(if number == 3 { 900 } else { 0 })));
        messages.receive(1, at(0), at(30));
        assert_eq!(messages.depth(at(1)), Depth { visible: 1, in_flight: 1, delayed: 1 });
        assert_eq!(messages.next_visible_at(), Some(at(0)));
    }
}

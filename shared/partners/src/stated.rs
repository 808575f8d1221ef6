//! What a partner states that it has on hand, in a webhook: kept until it is applied, and for as long as it may come again.

use crate::partner::Partner;
use kernel::{Instant, PartnerId, Sku};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Key, Row};

/// Items of one message at the most.
pub const LINES_MOST: usize = 100;
/// How long ago a count may have been made: counts of two days ago are not taken any more when they are applied.
pub const REACH: Duration = Duration::from_secs(24 * 3600);
/// How long a message is known again: longer than anybody repeats one.
const KNOWN: Duration = Duration::from_secs(7 * 24 * 3600);

/// Units of one SKU on hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The partner's own SKU.
    pub sku: Sku,
    /// How many.
    pub units: u32,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Derived from the partner and the message's own id: a repeat is the same.
    pub id: String,
    /// The message's own id, as its sender chose it.
    #[serde(default)]
    pub message: String,
    /// Whose.
    pub partner: PartnerId,
    /// See [`Partner::handle`].
    pub handle: String,
    /// Of which moment it speaks.
    pub as_of: Instant,
    /// What was on hand.
    pub counts: Vec<Count>,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// When it is dropped, in seconds.
    pub expires_at: i64,
}

impl Row for Stated {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

impl Stated {
    /// What every message's partition key begins with.
    pub const PREFIX: &'static str = "STATED#";

    /// Where the message `id` stands.
    #[must_use]
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("{}{id}", Self::PREFIX))
    }

    /// The message `message` of `partner`.
    #[must_use]
    pub fn new(
        partner: &Partner,
        message: &str,
        as_of: Instant,
        counts: Vec<Count>,
        trace: Option<String>,
        now: Instant,
    ) -> Self {
        Self {
            id: kernel::id::derived(&["stated", partner.id.as_str(), message]),
            message: message.to_owned(),
            partner: partner.id.clone(),
            handle: partner.handle.clone(),
            as_of,
            counts,
            trace,
            expires_at: now.plus(KNOWN).seconds(),
        }
    }
}

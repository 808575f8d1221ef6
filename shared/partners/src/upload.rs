//! Feeds that are too large for a request: what a partner said of one before it stored the bytes by itself.

use kernel::{Instant, PartnerId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// The largest feed that is taken, in bytes.
pub const BYTES_MOST: u64 = 256 * 1024 * 1024;
/// For how long the bytes may be stored.
pub const WITHIN: Duration = Duration::from_secs(3600);
/// How long it is remembered.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// One upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// Whose.
    pub partner: PartnerId,
    /// Where the bytes are stored.
    pub object: String,
    /// How many there are.
    pub bytes: u64,
    /// SHA-256 over them, in hex.
    pub sha256: String,
    /// What the sender says it is.
    pub media_type: String,
    /// What the sender calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// When it is dropped, in seconds.
    pub expires_at: i64,
}

impl Row for Upload {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

impl Upload {
    /// Where the upload `id` stands.
    #[must_use]
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("UPLOAD#{id}"))
    }

    /// Where the bytes of the upload `id` of a partner are stored.
    #[must_use]
    pub fn object(partner: &PartnerId, id: &str) -> String {
        format!("feeds/{partner}/uploads/{id}")
    }

    /// When what is made now is dropped.
    #[must_use]
    pub fn kept_until(now: Instant) -> i64 {
        now.plus(KEPT).seconds()
    }

    /// The write that makes it.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn create(&self) -> Result<Write, kernel::Fault> {
        Ok(Write::put(self)?.when(Guard::ABSENT))
    }
}

//! Which segments are the catalog now.
//!
//! The pointer stands in the table `control`, not in `catalog`. Segments lie in the bucket of one region, so the
//! pointer must be regional as well, and `control` is the table that is not replicated; and `control` has no stream,
//! so that moving the pointer can never set off the projection that moves it.

use kernel::Instant;
use serde::{Deserialize, Serialize};
use table::{Key, Row};

/// A segment in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRef {
    /// Its key: it names the pointer's version that brought it and the SHA-256 of its bytes.
    pub key: String,
    /// Its size.
    pub bytes: usize,
    /// Places in it.
    pub products: usize,
}

/// A segment that is no longer part of the catalog, kept for readers that are a moment behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retired {
    pub key: String,
    pub at: Instant,
}

/// The one item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pointer {
    /// One more with each move; 0 before the first.
    pub version: u64,
    /// The segments that are the catalog, together.
    pub segments: Vec<SegmentRef>,
    /// Those that were, and are still in the bucket.
    #[serde(default)]
    pub(crate) retired: Vec<Retired>,
    /// Products for sale.
    pub products: usize,
}

impl Row for Pointer {
    fn key(&self) -> Key {
        Self::place()
    }
}

impl Pointer {
    /// Where it stands.
    #[must_use]
    pub fn place() -> Key {
        Key::new("VIEW#catalog")
    }

    /// The memory that the index takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}

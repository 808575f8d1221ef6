//! What a feed has brought already, in few bytes a row.
//!
//! A SKU is remembered by eight bytes of its hash, with four bytes of the hash of its row and the number of its line;
//! a product with several variants by its hash and their number. That is at most 36 bytes a row for each of the two
//! tables, so a million rows take 72 MB at the worst, when every row is a product of its own with a group. The chance
//! that two SKUs of a million share a hash is one in thirty million.

use super::limits;
use crate::feeds::Record;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Debug, Default)]
pub(crate) struct Seen {
    rows: HashMap<u64, (u32, u32)>,
    variants: HashMap<u64, u16>,
}

/// Whether a SKU is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// It is.
    Never,
    /// It came in this line, and its row was the same.
    Same,
    /// It came in this line, and its row was another.
    Different(u32),
}

impl Seen {
    /// Remembers the row of a SKU, unless there is one already.
    pub fn row(&mut self, sku: &str, record: &Record) -> Before {
        let content = u32::try_from(content(record) >> 32).unwrap_or_default();
        match self.rows.entry(hash(sku)) {
            Entry::Vacant(free) => {
                free.insert((content, u32::try_from(record.line).unwrap_or(u32::MAX)));
                Before::Never
            }
            Entry::Occupied(taken) if taken.get().0 == content => Before::Same,
            Entry::Occupied(taken) => Before::Different(taken.get().1),
        }
    }

    /// Whether the product has room for another variant.
    pub fn has_room(&self, group: &str) -> bool {
        self.variants.get(&hash(group)).is_none_or(|count| *count < limits::VARIANTS)
    }

    /// Counts another variant of the product.
    pub fn variant(&mut self, group: &str) {
        *self.variants.entry(hash(group)).or_default() += 1;
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The hash of everything that the row says.
fn content(record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    for field in record.fields.iter().filter(|field| !field.value.trim().is_empty()) {
        field.name.key().hash(&mut hasher);
        field.value.trim().hash(&mut hasher);
    }
    hasher.finish()
}

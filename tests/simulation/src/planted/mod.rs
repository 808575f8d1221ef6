//! Bugs on purpose: handlers that stand in the place of the right ones, each wrong in one way that is known from elsewhere.
//! They are made of the shop's own verbs and rows. A test holds that the laws notice each of them.

pub mod breaker_in_memory;
pub mod double_settle;
pub mod lost_event;
mod placing;
pub mod record_apart;
pub mod release_after_commit;
pub mod two_buckets;

use kernel::Instant;
use table::{Guard, Write};

/// What a wrong settlement does to the hold of an order, if the order is known to the cell at all.
fn known(write: Write, order: &kernel::OrderId) -> Write {
    const KNOWN: Guard = Guard::new("known", "attribute_exists(holds.#order)");
    write.when(KNOWN).name("#order", order.as_str()).number(":one", 1)
}

/// The mark of a sale.
fn mark(quantity: u32, now: Instant) -> stock::Entry {
    stock::Entry::Done { q: quantity, done: now }
}

//! The read model at rest and on its way into memory.
//!
//! - [`Pointer`]: the one item that says which segments are the catalog now.
//! - [`Shelf`]: what readers hold: the pointer looked at again each second, segments kept in memory.
//! - [`Pages`]: answers that were made already, as bytes.
//! - [`project`]: folds changes into a new segment and moves the pointer, or changes nothing.

mod compaction;
mod new_segment;
mod news;
mod pages;
mod pointer;
mod project;
mod shelf;

pub use pages::{Page, Pages};
pub use pointer::{Pointer, SegmentRef};
pub use project::{Change, INDEX_BYTES, PRODUCTS, Projected, Refusals, project};
pub use shelf::{POINTER_LIFE, Reading, STALE_LIFE, Shelf};

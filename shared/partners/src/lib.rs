//! Partners' feeds: from bytes to products that may be stored, or to the reason why not.
//!
//! - [`feeds`]: the formats, what a file is, and the events of a feed: [`feeds::detect`], then [`feeds::open`].
//! - [`mapping`]: which field means what, as data.
//! - [`validation`]: the rules, each with a name, and the reports on them.
//!
//! Pure: no clock, no network, no tables. Sources are pulled, so the caller runs a feed on a thread that may block.

pub mod feeds;
pub mod mapping;
pub mod validation;

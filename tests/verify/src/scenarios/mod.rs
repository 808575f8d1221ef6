//! The scenario map: which requirement is proved by which test that ran and passed.

pub mod claims;
pub mod judge;
pub mod requirements;
pub mod rust_source;
pub mod script_source;

pub use claims::{Claim, Subject};
pub use judge::{Judged, judge};
pub use requirements::Requirements;

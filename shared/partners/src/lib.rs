//! Partners: who they are, their keys, their feeds and what became of them.
//!
//! - [`key`]: keys, shown once and stored as a hash.
//! - [`partner`]: a partner, the checklist by which it goes live, what happened.
//! - [`feeds`]: the formats, what a file is, and the events of a feed: [`feeds::detect`], then [`feeds::open`].
//! - [`mapping`]: which field means what, as data; [`validation`]: the rules, each with a name.
//! - [`contract`]: the fields of a feed, for people.
//! - [`job`]: one feed from the moment it is received; [`turn`] says which of a partner's feeds is dealt with next.
//! - [`upload`]: a feed that is too large for a request.
//! - [`report`]: what is wrong with a feed, as it is kept and sent.
//! - [`stated`]: stock that a partner states by a webhook.
//! - [`webhook`]: where its events go, and the secrets that both sides sign with.
//! - [`told`]: what partners are told in turn; [`delivery`]: how it gets to them.
//! - [`letters`]: what letters to them say.
//! - [`audit`]: every attempt to use a key.
//! - [`evidence`]: what looks like an attack.
//! - [`shown`]: what partners and staff see of all that.
//!
//! Reading feeds is pure: no clock, no network, no tables. Sources are pulled, so the caller runs a feed on a thread that may block.

pub mod audit;
pub mod contract;
pub mod delivery;
pub mod evidence;
pub mod feeds;
pub mod job;
pub mod key;
pub mod letters;
pub mod mapping;
pub mod partner;
pub mod report;
pub mod shown;
pub mod stated;
mod store;
pub mod told;
pub mod turn;
pub mod upload;
pub mod validation;
pub mod webhook;

pub use delivery::Delivery;
pub use job::Job;
pub use key::{KeyRow, NewKey, Scope, World};
pub use partner::Partner;
pub use store::{Arrived, Position, Store};
pub use upload::Upload;

use std::time::Duration;

/// How late whoever was sent may be before the sweep sends again: messages are on their way for what is usual.
const GRACE: Duration = Duration::from_secs(60);

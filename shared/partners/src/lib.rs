//! Partners: who they are, their keys, their feeds and what became of them.
//!
//! - [`key`]: keys, shown once and stored as a hash.
//! - [`partner`]: a partner, the checklist by which it goes live, what happened.
//! - [`job`]: one feed from the moment it is received; [`turn`] says which of a partner's feeds is dealt with next.
//! - [`stated`]: stock that a partner states by a webhook.
//! - [`audit`]: every attempt to use a key.
//! - [`shown`]: what partners and staff see of all that.

pub mod audit;
pub mod feeds;
pub mod job;
pub mod key;
pub mod mapping;
pub mod partner;
pub mod shown;
pub mod stated;
mod store;
pub mod turn;
pub mod validation;

pub use job::Job;
pub use key::{KeyRow, NewKey, Scope, World};
pub use partner::Partner;
pub use store::{Arrived, Position, Store};

//! The whole shop under seeded faults, in one thread, on paused time.
//!
//! The functions are those that ship, called with the events that Lambda would send; the stand-ins for AWS do each call
//! where it is made; the payment provider keeps its ledger in the same thread. All chance is drawn from one seed, so that
//! a run can be repeated bit for bit.
//!
//! - [`shop`]: the shop of one run. - [`environments`]: its functions. - [`provider`]: who takes the money.
//! - [`weather`]: what goes wrong. - [`people`]: what shoppers and staff do. - [`books`]: what they were told.
//! - [`outage`]: a provider that dies for a while.
//! - [`planted`]: bugs on purpose, in the place of what ships.
//! - [`watch`]: the laws of every moment. - [`ending`]: the laws of the end. - [`run`](mod@run): one run of a seed.

pub mod books;
pub mod chance;
pub mod ending;
pub mod environments;
pub mod outage;
pub mod people;
pub mod planted;
pub mod provider;
pub mod run;
pub mod shop;
pub mod trace;
pub mod watch;
pub mod weather;

pub use run::{Failed, Plan, Ran, run};

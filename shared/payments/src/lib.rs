//! Payments: the methods there are, the calls to their providers, and what the answers mean. The order keeps the payment;
//! all that this crate writes is the state of its breakers.
//!
//! - [`providers`]: one file for each method, one list of them, and the trait that they implement.
//! - [`pay`](mod@pay): an operation of up to four calls within a deadline, and its [`Outcome`].
//! - [`breaker`]: whether a provider is asked at all. Pure. [`breakers`]: that, for all environments at once.
//! - [`mend`]: asking about, voiding and refunding what was paid.
//! - [`card`]: all that is kept of a card. [`token`]: what stands for it.
//! - [`report`]: what a provider says of a payment. [`event`]: what it tells us unasked. [`link`]: the way to it.

pub mod breaker;
pub mod breakers;
pub mod card;
pub mod event;
pub mod link;
pub mod mend;
pub mod pay;
pub mod providers;
pub mod report;
pub mod token;

pub use breakers::{Admission, Breakers, Pass, Verdict, resting};
pub use card::Card;
pub use event::{Delivery, Event, Unbelieved};
pub use link::{Call, Credentials, Link};
pub use mend::{find, refund, void};
pub use pay::{Budget, CALLS_MOST, Charge, Outcome, pay};
pub use providers::{About, Can, Failure, Field, How, Method, by_id, by_provider};
pub use report::{Action, Report, Standing};
pub use token::Token;

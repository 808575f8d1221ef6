//! How to be a Lambda function: what every one of them needs, once.
//!
//! A function is `pub async fn function(platform: &Platform) -> Result<Function, Error>`: it takes what it needs from the
//! [`Platform`] and gives [`http`], [`queue`], [`stream`] or [`schedule`] its handler. [`run`] serves it on Lambda; the
//! local run mounts the same function as often as it wants environments.

mod conflicts;
mod function;
mod http;
pub mod idempotency;
mod identity;
pub mod limits;
mod measured;
mod platform;
mod problem;
mod queue;
mod reply;
mod request;
mod runtime;
mod schedule;
mod stream;

pub use crate::http::{BODY_LIMIT, http, http_of_feeds, http_with_limit};
pub use ::http::StatusCode;
pub use function::{Function, Invocation};
pub use idempotency::{Need, Once, Unmade, once, once_for};
pub use identity::{StaffToken, pseudonym};
pub use measured::{Figure, Measured, Question, Window};
pub use platform::{Clock, Error, Platform, Reach, Settings};
pub use problem::Problem;
pub use queue::{Message, queue, queue_batch};
pub use reply::{Reply, to_json};
pub use request::{Request, parse_json, text_limit};
pub use runtime::run;
pub use schedule::schedule;
pub use stream::{Change, stream};

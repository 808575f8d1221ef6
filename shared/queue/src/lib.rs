//! SQS as Russet uses it: send, with the trace of the request that sends. Receiving and deleting is Lambda's part.

mod message;
mod queue;
mod trouble;

pub use aws_sdk_sqs::{Client, config};
pub use message::{Message, TRACE_ATTRIBUTE};
pub use queue::Queue;

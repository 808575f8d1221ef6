//! The stand-ins for AWS, in process.
//!
//! One listener on loopback speaks the wire protocols of DynamoDB, SQS, KMS, Secrets Manager, SES, CloudWatch and S3 to the official
//! SDK clients and routes by the service that each call is signed for. It knows the caller by its access key, counts
//! calls and units, and makes the troubles that a test asks for. [`Pollers`] deliver messages, stream records and
//! schedules to functions as Lambda does. What there is comes from the template ([`Definition`]).
//!
//! State is in memory, or in a folder: `dynamodb.sqlite` for the tables, `cloud.sqlite` for everything else. What was
//! acknowledged is on disk. All threads are named `cloud-…`, so that what they cost can be told from what the functions
//! cost.

mod clock;
mod cloud;
mod counters;
mod definition;
mod direct;
mod dynamo;
mod faults;
mod journal;
mod listener;
mod pollers;
mod random;
mod services;
pub mod testing;
mod wire;

pub use clock::Clock;
pub use cloud::{Cloud, Options, StartError, Storage};
pub use counters::{Action, Snapshot, Tally};
pub use definition::{Definition, Function, QueueTrigger, Schedule, StreamTrigger, Table, Trigger};
pub use faults::{Call, Faults, Trouble};
pub use pollers::{Invoke, Pollers};
pub use random::Random;
pub use services::mails::Mail;
pub use services::queues::{QueueSettings, Redrive};

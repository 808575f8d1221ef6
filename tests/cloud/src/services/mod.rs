//! The stand-ins other than DynamoDB, one file each.

mod cbor;
pub(crate) mod keys;
pub(crate) mod mails;
pub(crate) mod metrics;
pub(crate) mod objects;
pub(crate) mod queues;
pub(crate) mod scaling;
pub(crate) mod secrets;

//! The stand-ins other than DynamoDB, one file each.

pub(crate) mod keys;
pub(crate) mod mails;
pub(crate) mod objects;
pub(crate) mod queues;
pub(crate) mod secrets;

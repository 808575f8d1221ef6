//! S3 as Russet uses it: put and get of whole objects, and offers to put one.

mod bucket;
mod trouble;

pub use aws_sdk_s3::{Client, config};
pub use bucket::{Bucket, Expected, Offer};

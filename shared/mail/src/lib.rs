//! SES as Russet uses it: one message to one person.

mod mailer;
mod trouble;

pub use aws_sdk_sesv2::{Client, config};
pub use mailer::{Mail, Mailer};

//! DynamoDB as Russet uses it. The only crate that imports its SDK.
//!
//! - [`Key`], [`Row`], [`Item`]: what a row is called and what it holds.
//! - [`Write`]: one conditional write, built and passed around before it is made; a [`Guard`] names its condition.
//! - [`Table`]: reads, [`Table::write`] for one item, [`Table::transact`] for the rare case that spans items.
//! - [`Refused`]: the guard that held, with the item as it was; everything else that goes wrong is a
//!   [`kernel::Fault`].

mod read;
mod row;
mod table;
mod trouble;
mod write;

pub use read::{Page, Query};
pub use row::{Item, Key, Row};
pub use table::Table;
pub use trouble::{Refused, WriteError};
pub use write::{Guard, Write};

pub use aws_sdk_dynamodb::{Client, Config, config};

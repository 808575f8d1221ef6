//! The rules of flash sales, against the table as it ships, over many environments.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say where")]

mod line;
mod listing;
mod store;
mod support;
mod warm;

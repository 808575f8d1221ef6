//! The rules of stock, against the table as it ships: conditions, transactions and all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say where")]
#![allow(clippy::print_stdout, reason = "the history that failed is what one wants to see")]

mod histories;
mod holds;
mod races;
mod sales;
mod settlement;
mod support;

//! Payments that survive their provider, on a clock of their own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says why by panicking")]

mod breakers;
mod flaky;
mod outages;
mod retries;
mod shop;

//! Payments over HTTP on this machine: every method against the sandbox, and against providers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test")]

mod conformance;
mod events;
mod liars;
mod misbehaviour;
mod stage;

//! Readers of what the test runners print.

pub mod cargo;
pub mod tap;
pub mod vitest;

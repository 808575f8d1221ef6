//! The test command. It runs every check of the repository as a step, keeps each step's output, adds up what the test
//! runners report, and says which requirements are proved by a test that ran and passed.

// A program for a terminal: printing is what it does, and its figures are for people.
#![allow(clippy::print_stdout, clippy::float_arithmetic)]

pub mod command_line;
pub mod coverage;
pub mod dependencies;
pub mod process;
pub mod readers;
pub mod regression;
pub mod report;
pub mod run;
pub mod scenarios;
pub mod secrets;
pub mod step;
pub mod steps;

use std::path::PathBuf;

/// The root of the repository: the nearest folder, from here upwards, with a lock file of cargo.
#[must_use]
pub fn repository() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join("Cargo.lock").exists()).map(PathBuf::from)
}

//! What a checkout costs. Counts (calls, units, instructions, allocations, bytes) are the same on every machine and are kept in a
//! baseline; times are this machine's and are printed with its load.

// A program for a terminal: printing is what it does, and its figures are for people.
#![allow(clippy::print_stdout, clippy::float_arithmetic)]

pub mod allocations;
pub mod baseline;
pub mod bootstrap;
pub mod command_line;
pub mod counts;
pub mod dollars;
pub mod events;
pub mod handler;
pub mod instructions;
pub mod load;
pub mod machine;
pub mod package;
pub mod report;
pub mod requests;
pub mod runtime_api;
pub mod shopper;
pub mod stage;

/// Why a figure could not be taken, in one sentence.
pub type Why = String;

/// The repository.
#[must_use]
pub fn root() -> std::path::PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// A release binary of this repository, by its name.
#[must_use]
pub fn release_binary(name: &str) -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    target.join("release").join(name)
}

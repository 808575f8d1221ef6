//! Clippy, without a warning.

use crate::process::Task;
use crate::step::{Stage, Stop};

/// Asks clippy about every target of every package.
///
/// # Errors
/// With the number of warnings and errors.
// Proves: S2-20
pub fn lints(stage: &Stage) -> Result<(), Stop> {
    let words = ["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"];
    let task = Task::new(stage, "cargo").args(words).minutes(20).telling(super::rust_tests::telling);
    let (printed, status) = task.end()?;
    let complaints = printed.lines.iter().filter(|line| line.starts_with("error")).count();
    if status.success() { Ok(()) } else { Err(Stop::Failed(format!("clippy found something: {complaints} errors"))) }
}

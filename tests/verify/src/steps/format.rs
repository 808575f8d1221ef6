//! The code is formatted.

use crate::process::Task;
use crate::step::{Stage, Stop};

/// Asks rustfmt.
///
/// # Errors
/// When a file is not as rustfmt would write it.
pub fn format(stage: &Stage) -> Result<(), Stop> {
    let task = Task::new(stage, "cargo").args(["fmt", "--all", "--", "--check", "--files-with-diff"]);
    let (printed, status) = task.end()?;
    let files = printed.lines.iter().filter(|line| line.ends_with(".rs")).count();
    match (status.success(), files) {
        (true, _) => Ok(()),
        (false, 0) => Err(Stop::Failed("`cargo fmt` failed".to_owned())),
        (false, files) => Err(Stop::Failed(format!("{files} files are not formatted: run `cargo fmt --all`"))),
    }
}

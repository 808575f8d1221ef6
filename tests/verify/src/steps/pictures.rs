//! The demo catalog and its pictures, held to their rules by a script of their own.

use super::needs;
use crate::process::Task;
use crate::readers::tap;
use crate::step::{Stage, Stop};

const CHECK: &str = "web/pictures/check.mjs";

/// Runs the check.
///
/// # Errors
/// When Node is missing or a rule is broken.
pub fn pictures(stage: &Stage) -> Result<(), Stop> {
    needs("node", "install Node 20 or later")?;
    let (printed, status) = Task::new(stage, "node").args(["--test-reporter=tap", "--test", CHECK]).end()?;
    // The runner reports a file whose tests it runs by themselves as one more level around them.
    let lines: Vec<&str> = printed.lines.iter().map(String::as_str).collect();
    stage.add(tap::read(CHECK, &lines.join("\n")));
    if status.success() { Ok(()) } else { Err(Stop::Failed(format!("{CHECK} failed"))) }
}

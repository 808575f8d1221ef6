//! No secret in any file that is committed.

use super::needs;
use crate::process::Task;
use crate::secrets::Scanner;
use crate::step::{Stage, Stop};
use std::path::PathBuf;

/// Scans every file that git knows or would take.
///
/// # Errors
/// With the number of findings.
// Proves: S1-P15
pub fn secrets(stage: &Stage) -> Result<(), Stop> {
    needs("git", "install git")?;
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let files: Vec<PathBuf> =
        Task::new(stage, "git").args(list).quietly().run()?.lines.iter().map(PathBuf::from).collect();
    let found = Scanner::new().map_err(Stop::Failed)?.of_files(&stage.root, &files);
    stage.shown.set(!found.is_empty());
    for finding in &found {
        println!("    {finding}");
    }
    stage.note(format!("{} files scanned", files.len()));
    if found.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("{} strings look like secrets", found.len()))) }
}

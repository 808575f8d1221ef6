//! The pages: types, build, bundle budget, unit tests and how much of the code they reach.

use super::{installed_from, needs, note_installed};
use crate::process::Task;
use crate::readers::vitest;
use crate::step::{Stage, Stop};
use std::fs;

/// Builds and tests the pages.
///
/// # Errors
/// When Node is missing, the build or a test fails, or the bundle or the coverage is beyond its bound.
// Proves: S1-T02
pub fn web(stage: &Stage) -> Result<(), Stop> {
    install(stage, "web")?;
    let build = Task::new(stage, "npm").args(["run", "--silent", "build"]).in_folder("web");
    build.telling(|line| line.contains("(shell)").then(|| line.to_owned())).run()?;
    let report = stage.out.join("vitest.json");
    if report.exists() {
        fs::remove_file(&report).map_err(Stop::fault)?;
    }
    let file = format!("--outputFile.json={}", report.display());
    let words = ["test", "--silent", "--", "--reporter=default", "--reporter=json", &file];
    let tests = Task::new(stage, "npm").args(words).in_folder("web").telling(telling);
    let (_, status) = tests.end()?;
    let text = fs::read_to_string(&report).map_err(|error| Stop::Failed(format!("no report of the tests: {error}")))?;
    stage.add(vitest::read(&text, &stage.root).map_err(Stop::Failed)?);
    if status.success() {
        Ok(())
    } else {
        Err(Stop::Failed("the tests, or the bound on their coverage, failed".to_owned()))
    }
}

fn telling(line: &str) -> Option<String> {
    let line = line.trim();
    let told = line.starts_with("Tests ") || line.starts_with("Lines ") || line.starts_with("FAIL");
    told.then(|| line.to_owned())
}

/// Installs the packages of a folder, unless its lock file is the one they were installed from.
pub(super) fn install(stage: &Stage, folder: &str) -> Result<(), Stop> {
    needs("node", "install Node 20 or later")?;
    needs("npm", "install Node 20 or later, with npm")?;
    let lock = digest(stage, &format!("{folder}/package-lock.json"))?;
    let modules = format!("{folder}/node_modules");
    if installed_from(stage, &modules, &lock) {
        return Ok(());
    }
    println!("    installing the packages of {folder} …");
    Task::new(stage, "npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).in_folder(folder).run()?;
    note_installed(stage, &modules, &lock)
}

/// The SHA-256 of a file, by which the local run knows as well that packages are installed.
fn digest(stage: &Stage, path: &str) -> Result<String, Stop> {
    const SCRIPT: &str = "const { createHash } = require('node:crypto'), { readFileSync } = require('node:fs');\
        console.log(createHash('sha256').update(readFileSync(process.argv[1])).digest('hex'))";
    Ok(Task::new(stage, "node").args(["-e", SCRIPT, path]).quietly().run()?.lines.concat())
}

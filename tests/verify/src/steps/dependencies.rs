//! What we depend on keeps to `deny.toml`, and is used.

use super::read;
use crate::dependencies::{Package, Rules, packages, violations};
use crate::process::{Task, there_is};
use crate::secrets::files_below;
use crate::step::{Stage, Stop};
use std::fs;

/// Checks licences, bans, sources and unused dependencies, and asks cargo-deny and cargo-machete where they are installed.
///
/// # Errors
/// With what breaks a rule.
pub fn dependencies(stage: &Stage) -> Result<(), Stop> {
    let metadata = metadata(stage)?;
    let mut found = violations(&metadata, &Rules::parse(&read(stage, "deny.toml")?));
    found.extend(packages(&metadata).iter().flat_map(never_used));
    for (tool, words) in
        [("cargo-deny", &["deny", "check", "bans", "licenses", "sources"][..]), ("cargo-machete", &["machete"])]
    {
        if !there_is(tool) {
            stage.note(format!(
                "{tool} is not installed: only the rules above were checked (`cargo install --locked {tool}`)"
            ));
        } else if !Task::new(stage, "cargo").args(words).end()?.1.success() {
            found.push(format!("{tool} found something"));
        }
    }
    stage.shown.set(!found.is_empty());
    for finding in &found {
        println!("    {finding}");
    }
    if found.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("{} rules are broken", found.len()))) }
}

/// What cargo knows of the packages, on the platform that the functions run on.
fn metadata(stage: &Stage) -> Result<serde_json::Value, Stop> {
    let words =
        ["metadata", "--format-version", "1", "--locked", "--quiet", "--filter-platform", "x86_64-unknown-linux-gnu"];
    let printed = Task::new(stage, "cargo").args(words).quietly().run()?;
    let line = printed.lines.iter().find(|line| line.starts_with('{')).map_or("", String::as_str);
    serde_json::from_str(line).map_err(Stop::fault)
}

fn never_used(package: &Package) -> Vec<String> {
    let files = files_below(&package.folder).into_iter();
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    let sources: Vec<String> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    let unused = package.unused(&sources);
    unused.iter().map(|unused| format!("{} names {unused} and does not use it", package.name)).collect()
}

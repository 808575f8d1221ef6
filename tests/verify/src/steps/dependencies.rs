//! What we depend on keeps to `deny.toml`, and is used.

use super::read;
use crate::dependencies::{Rules, unused, violations};
use crate::process::{Task, there_is};
use crate::secrets::files_below;
use crate::step::{Stage, Stop};
use std::fs;
use std::path::Path;

/// Checks licences, bans, sources and unused dependencies, and asks cargo-deny and cargo-machete where they are installed.
///
/// # Errors
/// With what breaks a rule.
pub fn dependencies(stage: &Stage) -> Result<(), Stop> {
    let printed = Task::new(stage, "cargo").args(["metadata", "--format-version", "1", "--locked", "--quiet"]).run()?;
    let line = printed.lines.iter().find(|line| line.starts_with('{')).map_or("", String::as_str);
    let metadata = serde_json::from_str(line).map_err(Stop::fault)?;
    let mut found = violations(&metadata, &Rules::parse(&read(stage, "deny.toml")?));
    found.extend(never_used(stage));
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
    for finding in &found {
        println!("    {finding}");
    }
    if found.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("{} rules are broken", found.len()))) }
}

/// Every dependency that a package names and does not use.
fn never_used(stage: &Stage) -> Vec<String> {
    let packages = ["functions", "shared", "tests"].iter().flat_map(|folder| {
        let entries = fs::read_dir(stage.root.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    });
    packages.flat_map(|package| of_package(&package)).collect()
}

fn of_package(package: &Path) -> Vec<String> {
    let Ok(manifest) = fs::read_to_string(package.join("Cargo.toml")) else { return Vec::new() };
    let files = files_below(package).into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    let sources: Vec<String> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
    unused(&manifest, &sources).iter().map(|unused| format!("{name} names {unused} and does not use it")).collect()
}

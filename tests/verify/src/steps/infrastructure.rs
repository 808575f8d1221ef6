//! The templates and the contract are valid by the tools of those who read them.

use super::{python::FOLDER, read};
use crate::process::Task;
use crate::report::{Ran, Verdict};
use crate::step::{Stage, Stop};
use std::fs;

/// The contract: it is no template.
const CONTRACT: &str = "infra/openapi.yaml";

/// Validates and lints each template, and validates the contract.
///
/// # Errors
/// With the files that are not valid.
// Proves: S0-26, S1-A04
pub fn infrastructure(stage: &Stage) -> Result<(), Stop> {
    let tools = stage.root.join(FOLDER).join("bin");
    if !tools.join("sam").exists() {
        return Err(Stop::Missing("the template tools are missing: `cargo run -p verify -- --only python`".to_owned()));
    }
    let mut bad = Vec::new();
    for path in templates(stage)? {
        let sam = Task::new(stage, tools.join("sam")).args(["validate", "--lint", "--template", &path]).minutes(5);
        let sam = sam.env("AWS_DEFAULT_REGION", "eu-central-1").env("SAM_CLI_TELEMETRY", "0");
        bad.extend(ended(stage, &path, &sam.end()?));
    }
    let contract = Task::new(stage, tools.join("openapi-spec-validator")).args([CONTRACT]).minutes(5);
    bad.extend(ended(stage, CONTRACT, &contract.end()?));
    if bad.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("not valid: {}", bad.join(", ")))) }
}

fn templates(stage: &Stage) -> Result<Vec<String>, Stop> {
    let mut paths = vec!["template.yaml".to_owned()];
    for entry in fs::read_dir(stage.root.join("infra")).map_err(Stop::fault)?.flatten() {
        let path = format!("infra/{}", entry.file_name().to_string_lossy());
        if path.ends_with(".yaml") && read(stage, &path)?.contains("\nResources:") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn ended(stage: &Stage, path: &str, end: &(crate::process::Printed, std::process::ExitStatus)) -> Option<String> {
    let (printed, status) = end;
    let verdict = if status.success() { Verdict::Passed } else { Verdict::Failed };
    stage.add([Ran::new(verdict, "infrastructure", path)]);
    if status.success() {
        return None;
    }
    for line in printed.lines.iter().filter(|line| !line.is_empty()).take(10) {
        println!("    {line}");
    }
    Some(path.to_owned())
}

//! The steps, in the order in which they run: what fails quickly comes first.

pub mod browser;
pub mod costs;
pub mod coverage;
pub mod dependencies;
pub mod format;
pub mod infrastructure;
pub mod lints;
pub mod pictures;
pub mod python;
pub mod rust_tests;
pub mod scenarios;
pub mod secrets;
pub mod web;

use crate::step::{Stage, Step, Stop, When};
use std::fs;

/// Every step.
pub const ALL: [Step; 13] = [
    always("format", "the code is formatted", format::format),
    always("secrets", "no secret in any file that is committed", secrets::secrets),
    always("dependencies", "licences, sources, bans, nothing unused", dependencies::dependencies),
    always("python", "the Python environment of the template tools", python::python),
    always("infrastructure", "the templates and the contract are valid", infrastructure::infrastructure),
    always("pictures", "the demo catalog and its pictures", pictures::pictures),
    always("web", "the pages: types, build, bundle budget, unit tests", web::web),
    always("lints", "clippy, without a warning", lints::lints),
    always("rust-tests", "unit, property, contract and black-box tests", rust_tests::rust_tests),
    always("browser", "the journeys in a real browser", browser::browser),
    in_full("coverage", "a test reaches every line of the critical modules", coverage::coverage),
    in_full("costs", "instructions, allocations, units and sizes against their baseline", costs::costs),
    always("scenarios", "which requirements all that proves", scenarios::scenarios),
];

const fn always(name: &'static str, about: &'static str, run: fn(&Stage) -> Result<(), Stop>) -> Step {
    Step { name, about, when: When::Always, run }
}

const fn in_full(name: &'static str, about: &'static str, run: fn(&Stage) -> Result<(), Stop>) -> Step {
    Step { name, about, when: When::InFull, run }
}

/// Whether `folder` was installed from just this list of packages.
fn installed_from(stage: &Stage, folder: &str, list: &str) -> bool {
    fs::read_to_string(stage.root.join(folder).join(".installed-from")).is_ok_and(|noted| noted == list)
}

/// Notes what `folder` was installed from.
fn note_installed(stage: &Stage, folder: &str, list: &str) -> Result<(), Stop> {
    fs::write(stage.root.join(folder).join(".installed-from"), list).map_err(Stop::fault)
}

/// Reads a file of the repository.
fn read(stage: &Stage, path: &str) -> Result<String, Stop> {
    fs::read_to_string(stage.root.join(path)).map_err(|error| Stop::Failed(format!("{path}: {error}")))
}

/// Stops where a program is missing.
fn needs(program: &str, how: &str) -> Result<(), Stop> {
    if crate::process::there_is(program) { Ok(()) } else { Err(Stop::Missing(format!("{program} is missing: {how}"))) }
}

/// Installs packages of Debian, where that may be done; says what to do where it may not.
fn install_with_apt(stage: &Stage, package: &str) -> Result<(), Stop> {
    let how = format!("`apt-get install {package}`, or your system's like");
    needs("apt-get", &how)?;
    let root = fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
    });
    if !root {
        return Err(Stop::Missing(format!("{package} is missing, and only root may install it: {how}")));
    }
    let apt = |words: &[&str]| {
        let task = crate::process::Task::new(stage, "apt-get").args(words).env("DEBIAN_FRONTEND", "noninteractive");
        task.telling(|line| line.starts_with("Setting up ").then(|| line.to_owned())).run()
    };
    let install = ["install", "-y", "--no-install-recommends", package];
    let installed = apt(&install).or_else(|_| apt(&["update"]).and_then(|_| apt(&install)));
    installed.map(|_| ()).map_err(|_| Stop::Missing(format!("{package} could not be installed: {how}")))
}

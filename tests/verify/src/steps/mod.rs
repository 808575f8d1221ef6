//! The steps, in the order in which they run: what fails quickly comes first.

pub mod browser;
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

use crate::step::{Stage, Step, Stop};
use std::fs;

/// Every step.
pub const ALL: [Step; 11] = [
    Step { name: "format", about: "the code is formatted", run: format::format },
    Step { name: "secrets", about: "no secret in any file that is committed", run: secrets::secrets },
    Step { name: "dependencies", about: "licences, sources, bans, nothing unused", run: dependencies::dependencies },
    Step { name: "python", about: "the Python environment of the template tools", run: python::python },
    Step {
        name: "infrastructure",
        about: "the templates and the contract are valid",
        run: infrastructure::infrastructure,
    },
    Step { name: "pictures", about: "the demo catalog and its pictures", run: pictures::pictures },
    Step { name: "web", about: "the pages: types, build, bundle budget, unit tests", run: web::web },
    Step { name: "lints", about: "clippy, without a warning", run: lints::lints },
    Step { name: "rust-tests", about: "unit, property, contract and black-box tests", run: rust_tests::rust_tests },
    Step { name: "browser", about: "the journeys in a real browser", run: browser::browser },
    Step { name: "scenarios", about: "which requirements all that proves", run: scenarios::scenarios },
];

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
        task.telling(|line| line.starts_with("Setting up chromium").then(|| line.to_owned())).run()
    };
    let install = ["install", "-y", "--no-install-recommends", package];
    let installed = apt(&install).or_else(|_| apt(&["update"]).and_then(|_| apt(&install)));
    installed.map(|_| ()).map_err(|_| Stop::Missing(format!("{package} could not be installed: {how}")))
}

//! Every line of the critical modules is reached by a test.

use super::{install_with_apt, rust_tests};
use crate::coverage::{CRITICAL, packages, parse, reached};
use crate::process::{Task, there_is};
use crate::step::{Stage, Stop};
use std::fs;

/// Where Debian puts what reads profiles.
const DEBIAN: &str = "/usr/bin";

/// Runs the tests of the critical modules with their lines counted, in a target folder of their own.
///
/// # Errors
/// When a tool is missing, a test fails, or a line was not reached.
pub fn coverage(stage: &Stage) -> Result<(), Stop> {
    if !there_is("cargo-llvm-cov") {
        return Err(Stop::Missing("cargo-llvm-cov is missing: `cargo install --locked cargo-llvm-cov`".to_owned()));
    }
    let report = stage.out.join("coverage.lcov");
    let mut task = Task::new(stage, "cargo").args(["llvm-cov", "--lcov", "--output-path"]).args([&report]).minutes(40);
    for package in packages() {
        task = task.args(["-p", package]);
    }
    if let Some(version) = version_to_install(stage)? {
        let tool = |name: &str| format!("{DEBIAN}/{name}-{version}");
        task = task.env("LLVM_COV", tool("llvm-cov")).env("LLVM_PROFDATA", tool("llvm-profdata"));
    }
    task.telling(rust_tests::telling).run()?;
    let text = fs::read_to_string(&report).map_err(Stop::fault)?;
    let lines = parse(&text, &stage.root);
    let source = |file: &str| fs::read_to_string(stage.root.join(file)).unwrap_or_default();
    let mut missed = 0;
    for critical in CRITICAL {
        let found = reached(&lines, critical.path, source);
        if found.lines == 0 {
            return Err(Stop::Failed(format!("the report does not know {}", critical.path)));
        }
        let percent = 100.0 * (1.0 - found.missed.len() as f64 / found.lines as f64);
        stage.note(format!("{}: {percent:.2} % of {} lines", critical.path, found.lines));
        missed += found.missed.len();
        found.missed.iter().for_each(|line| println!("    no test reaches {line}"));
        stage.shown.set(stage.shown.get() || !found.missed.is_empty());
    }
    if missed == 0 { Ok(()) } else { Err(Stop::Failed(format!("{missed} lines are reached by no test"))) }
}

/// The version of Debian's LLVM whose tools read this compiler's profiles, installed if need be; none where the toolchain brings its
/// own, or somebody says which to take.
fn version_to_install(stage: &Stage) -> Result<Option<String>, Stop> {
    if std::env::var_os("LLVM_COV").is_some() {
        return Ok(None);
    }
    let ask = |words: &[&str]| Task::new(stage, "rustc").args(words).quietly().run().map(|printed| printed.lines);
    let (sysroot, about) = (ask(&["--print", "sysroot"])?.concat(), ask(&["-vV"])?);
    let told = |name: &str| about.iter().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let own = format!("{sysroot}/lib/rustlib/{}/bin/llvm-cov", told("host: "));
    if fs::exists(own).is_ok_and(|there| there) {
        return Ok(None);
    }
    let version = told("LLVM version: ").split('.').next().unwrap_or_default().to_owned();
    if !there_is(&format!("llvm-cov-{version}")) {
        println!("    installing llvm-{version} …");
        install_with_apt(stage, &format!("llvm-{version}"))?;
    }
    Ok(Some(version))
}

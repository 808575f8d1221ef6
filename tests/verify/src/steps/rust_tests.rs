//! Everything `cargo test` runs: unit, property, contract and black-box tests, and the examples in the documentation.

use crate::process::Task;
use crate::readers::cargo::{self, Said};
use crate::report::{Count, Ran, Verdict};
use crate::step::{Stage, Stop};

/// The local run, where the build puts it.
pub(super) const LOCAL: &str = "debug/local";
/// What the tests are told when they are to run in full: how often.
const FULL: (&str, &str) = ("RUSSET_FULL", "1");
/// The programs with tests over the folder that `SAMPLE_DATA` names; they are ignored where it is not at hand.
const OVER_SAMPLES: [&str; 4] = ["hostile", "operations", "samples", "vectors"];
/// How many lines of a failure are shown.
const LINES_OF_FAILURE: usize = 12;
/// How many failures are shown.
const FAILURES_SHOWN: usize = 10;

/// Builds all tests and the local run, then runs the tests.
///
/// # Errors
/// When something does not build or a test fails.
// Proves: S0-23, S2-21
pub fn rust_tests(stage: &Stage) -> Result<(), Stop> {
    build(stage)?;
    let began = std::time::Instant::now();
    let (mut said, ended) = run(stage, &[], &[])?;
    let ended = if std::env::var_os("SAMPLE_DATA").is_some() {
        let programs: Vec<&str> = OVER_SAMPLES.iter().flat_map(|program| ["--test", program]).collect();
        let (over_samples, ended_over_samples) = run(stage, &programs, &["--ignored"])?;
        said = said.with_ignored(over_samples);
        let left = said.over_samples.first().map(|ran| format!("{} reads SAMPLE_DATA and was not run", ran.name));
        ended.and(ended_over_samples).and(left.map_or(Ok(()), |words| Err(Stop::Failed(words))))
    } else {
        stage.note("SAMPLE_DATA is not set: tests over real feeds, real attacks and published vectors are skipped");
        ended
    };
    stage.parts.borrow_mut().push(("rust-tests: run".to_owned(), began.elapsed()));
    report(stage, &said);
    match Count::of(&said.tests) {
        Count { failed: 0, .. } => ended,
        Count { failed, .. } => Err(Stop::Failed(format!("{failed} tests failed"))),
    }
}

/// Runs the tests of these programs, or of all, and shows what failed. In full with the numbers as the requirements write them, and
/// with what the tests say of them in the log.
fn run(stage: &Stage, programs: &[&str], words: &[&str]) -> Result<(Said, Result<(), Stop>), Stop> {
    let task =
        Task::new(stage, "cargo").args(["test", "--workspace", "--no-fail-fast"]).args(programs).telling(telling);
    let task = task.env("LOCAL_PROGRAM", stage.target().join(LOCAL)).args(["--"]).args(words);
    let task =
        if stage.full { task.env(FULL.0, FULL.1).args(["--show-output"]).minutes(600) } else { task.minutes(20) };
    let (printed, status) = task.end()?;
    let said = cargo::read(&printed.lines);
    if status.success() {
        return Ok((said, Ok(())));
    }
    for failure in cargo::failures(&printed.lines, LINES_OF_FAILURE).iter().take(FAILURES_SHOWN) {
        stage.shown.set(true);
        println!("    {}", failure.replace('\n', "\n    "));
    }
    Ok((said, Err(Stop::Failed("`cargo test` failed, and not by a test".to_owned()))))
}

/// The tests and the local run in one go, so that both share what they are built from.
pub(super) fn build(stage: &Stage) -> Result<(), Stop> {
    let began = std::time::Instant::now();
    let words = ["build", "--workspace", "--tests", "--bin", "local"];
    Task::new(stage, "cargo").args(words).minutes(25).telling(telling).run()?;
    stage.parts.borrow_mut().push(("rust-tests: build".to_owned(), began.elapsed()));
    Ok(())
}

fn report(stage: &Stage, said: &Said) {
    stage.add(said.tests.iter().cloned());
    // A line may be lost where a test writes past the runner; the runner's own sums are then right.
    let (read, summed) = (Count::of(&said.tests), said.summed);
    for (verdict, missing) in [
        (Verdict::Passed, summed.passed.saturating_sub(read.passed)),
        (Verdict::Failed, summed.failed.saturating_sub(read.failed)),
    ] {
        stage.add((0..missing).map(|_| Ran::new(verdict, "cargo test", "a test whose line could not be read")));
    }
    let mut programs = said.programs.clone();
    programs.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    stage
        .parts
        .borrow_mut()
        .extend(programs.into_iter().take(8).map(|(path, time)| (format!("  {}", short(&path)), time)));
}

/// The name of a test program, without its folder and its hash.
fn short(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('-').map_or(name, |(name, _)| name)
}

/// What is worth a line on the screen while cargo works.
pub(super) fn telling(line: &str) -> Option<String> {
    let told = line.starts_with("error") || line.starts_with("test result: FAILED") || line.ends_with(" ... FAILED");
    told.then(|| line.chars().take(150).collect())
}

//! Runs the steps one after the other and adds up what came of them.

use crate::command_line::Options;
use crate::process::took;
use crate::report::{Count, Ran, Verdict, keep};
use crate::scenarios::judge::STEP;
use crate::step::{Stage, Step, Stop, When, log_of, target};
use crate::steps;
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many of the last lines of a failing step are shown.
const TAIL: usize = 30;
/// How many characters of a line.
const WIDTH: usize = 160;

/// What came of a step.
struct Ended {
    step: Step,
    /// None when it went well.
    stop: Option<Stop>,
    count: Count,
    /// The names of the tests that failed.
    broken: Vec<String>,
    time: Duration,
    parts: Vec<(String, Duration)>,
    notes: Vec<String>,
    shown: bool,
}

/// Runs all steps, or those that are asked for.
#[must_use]
pub fn all(root: &Path, options: &Options) -> ExitCode {
    let out = target(root).join("verify");
    if let Err(error) = begin(&out, options) {
        println!("{}: {error}", out.display());
        return ExitCode::from(2);
    }
    let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let chosen: Vec<Step> = steps::ALL.iter().filter(|step| asked(step, options)).copied().collect();
    let began = Instant::now();
    let mut ended = Vec::new();
    for (at, step) in chosen.iter().enumerate() {
        println!("[{:>2}/{}] {}: {}", at + 1, chosen.len(), step.name, step.about);
        let stage = stage(root, &out, step, options, ci);
        ended.push(one(*step, stage));
    }
    close(root, &out, &ended, began.elapsed())
}

/// Whether a step is to run: by its name, or because nothing else is asked for.
fn asked(step: &Step, options: &Options) -> bool {
    if options.only.is_empty() {
        options.full || step.when == When::Always
    } else {
        options.only.iter().any(|name| name == step.name)
    }
}

/// Makes the folder for logs; before a whole run, forgets the reports of earlier ones.
fn begin(out: &Path, options: &Options) -> std::io::Result<()> {
    fs::create_dir_all(out)?;
    for step in steps::ALL.iter().filter(|step| options.only.is_empty() || asked(step, options)) {
        for file in [out.join(format!("{}.tests", step.name)), log_of(out, step.name)] {
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
    }
    Ok(())
}

fn stage(root: &Path, out: &Path, step: &Step, options: &Options, ci: bool) -> Stage {
    Stage {
        root: root.to_path_buf(),
        out: PathBuf::from(out),
        name: step.name,
        full: options.full,
        ci,
        whole: options.only.is_empty(),
        tests: RefCell::default(),
        shown: Cell::default(),
        notes: RefCell::default(),
        parts: RefCell::default(),
    }
}

fn one(step: Step, stage: Stage) -> Ended {
    let began = Instant::now();
    let stop = (step.run)(&stage).err();
    let time = began.elapsed();
    let mut tests = stage.tests.into_inner();
    let failed = matches!(stop, Some(Stop::Failed(_))) || (stage.ci && stop.is_some());
    let count = counted(Count::of(&tests), failed, stop.is_some());
    let broken = tests.iter().filter(|test| test.verdict == Verdict::Failed).map(|test| test.name.clone()).collect();
    let verdict = if failed { Verdict::Failed } else { Verdict::Passed };
    tests.extend((failed || stop.is_none()).then(|| Ran::new(verdict, STEP, step.name)));
    let mut notes = stage.notes.into_inner();
    if let Err(error) = keep(&stage.out.join(format!("{}.tests", step.name)), &tests) {
        notes.push(format!("its report could not be kept: {error}"));
    }
    let ended =
        Ended { step, stop, count, broken, time, parts: stage.parts.into_inner(), notes, shown: stage.shown.get() };
    print(&ended, &log_of(&stage.out, step.name));
    ended
}

/// A step without tests of its own counts as one; one that failed for another reason than a test counts as a failure.
fn counted(tests: Count, failed: bool, stopped: bool) -> Count {
    let none = tests == Count::default();
    match (failed, stopped) {
        (true, _) => Count { failed: tests.failed.max(1), ..tests },
        (false, true) => tests,
        (false, false) if none => Count { passed: 1, ..tests },
        (false, false) => tests,
    }
}

fn print(ended: &Ended, log: &Path) {
    let Count { passed, failed, skipped } = ended.count;
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
    for note in &ended.notes {
        println!("    {note}");
    }
    match &ended.stop {
        None => println!("    passed in {} ({passed} passed{skipped})", took(ended.time)),
        Some(Stop::Missing(why)) => println!("    NOT RUN: {why}"),
        Some(Stop::Failed(why)) => {
            println!("    FAILED in {} ({passed} passed, {failed} failed{skipped}): {why}", took(ended.time));
            let text = fs::read_to_string(log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let tail = if ended.shown { 0 } else { TAIL };
            for line in &lines[lines.len().saturating_sub(tail)..] {
                println!("    | {}", line.chars().take(WIDTH).collect::<String>());
            }
            println!("    all of it: {}", log.display());
        }
    }
}

fn close(root: &Path, out: &Path, ended: &[Ended], time: Duration) -> ExitCode {
    println!("\nWhere the minutes went ({} in all)", took(time));
    for step in ended {
        let share = 100.0 * step.time.as_secs_f64() / time.as_secs_f64().max(0.001);
        println!("  {:<34}{:>14}{share:>6.0} %", step.step.name, took(step.time));
        for (part, time) in &step.parts {
            println!("    {part:<32}{:>14}", took(*time));
        }
    }
    println!();
    for step in ended {
        match &step.stop {
            Some(Stop::Failed(why)) => {
                println!("FAILED   {}: {why}", step.step.name);
                step.broken.iter().for_each(|name| println!("           FAILED  {name}"));
            }
            Some(Stop::Missing(why)) => println!("NOT RUN  {}: {why}", step.step.name),
            None => {}
        }
    }
    let left_out = steps::ALL.iter().filter(|step| ended.iter().all(|ended| ended.step.name != step.name));
    let left_out: Vec<&str> = left_out.map(|step| step.name).collect();
    if !left_out.is_empty() {
        println!("NOT RUN  not asked for: {}", left_out.join(", "));
    }
    println!("logs and reports: {}", out.strip_prefix(root).unwrap_or(out).display());
    let total = ended.iter().fold(Count::default(), |sum, step| sum.and(step.count));
    if total.skipped > 0 {
        println!("{} tests were skipped by their own choice", total.skipped);
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &Stage) -> Result<(), Stop> {
        Ok(())
    }

    fn breaks(stage: &Stage) -> Result<(), Stop> {
        stage.add([Ran::new(Verdict::Passed, "x", "one")]);
        Err(Stop::Failed("coverage is below its bound".to_owned()))
    }

    fn lacks(_: &Stage) -> Result<(), Stop> {
        Err(Stop::Missing("no browser".to_owned()))
    }

    fn ended(run: fn(&Stage) -> Result<(), Stop>, name: &str, ci: bool) -> (Count, Vec<Ran>) {
        let stage = Stage { ci, ..crate::step::testing::stage(name) };
        let report = stage.report("trial");
        let count = one(Step { name: "trial", about: "", when: When::Always, run }, stage).count;
        (count, crate::report::kept(&report))
    }

    #[test]
    fn what_builds_everything_once_more_runs_in_full_or_by_its_name() {
        let step = Step { name: "costs", about: "", when: When::InFull, run: nothing };
        let options =
            |full, only: &[&str]| Options { full, only: only.iter().map(|name| (*name).to_owned()).collect() };
        assert!(!asked(&step, &options(false, &[])) && asked(&step, &options(true, &[])));
        assert!(asked(&step, &options(false, &["costs"])) && !asked(&step, &options(true, &["web"])));
    }

    #[test]
    fn a_step_without_tests_counts_as_one() {
        let (count, report) = ended(nothing, "run-nothing", false);
        assert_eq!(count, Count { passed: 1, failed: 0, skipped: 0 });
        assert_eq!(report, [Ran::new(Verdict::Passed, STEP, "trial")]);
    }

    #[test]
    fn a_step_that_fails_beside_its_tests_counts_as_a_failure() {
        let (count, report) = ended(breaks, "run-breaks", false);
        assert_eq!(count, Count { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(report.last(), Some(&Ran::new(Verdict::Failed, STEP, "trial")));
    }

    #[test]
    fn a_step_that_cannot_run_is_left_out_and_said_to_be_so() {
        let (count, report) = ended(lacks, "run-lacks", false);
        assert_eq!((count, report), (Count::default(), vec![]));
    }

    #[test]
    fn a_step_that_cannot_run_fails_where_nothing_may_be_left_out() {
        assert_eq!(ended(lacks, "run-lacks-ci", true).0.failed, 1);
    }
}

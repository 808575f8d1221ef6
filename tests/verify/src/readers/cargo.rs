//! What `cargo test` prints.

use crate::report::{Count, Ran, Verdict};
use std::time::Duration;

/// The place of documentation tests: this, and the crate.
pub const DOCUMENTATION: &str = "doc:";

/// What one run of `cargo test` said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The tests, each at its test program (`target/debug/deps/kernel-1f2e`) or `doc:<crate>`.
    pub tests: Vec<Ran>,
    /// Those of them that were ignored since they read the folder that `SAMPLE_DATA` names.
    pub over_samples: Vec<Ran>,
    /// What the summary lines add up to.
    pub summed: Count,
    /// Each test program with the time that its own summary gives.
    pub programs: Vec<(String, Duration)>,
}

impl Said {
    /// The same with what a second run said of tests that were ignored in the first.
    #[must_use]
    pub fn with_ignored(mut self, second: Self) -> Self {
        let same = |one: &Ran, other: &Ran| (&one.place, &one.name) == (&other.place, &other.name);
        self.tests.retain(|ran| ran.verdict != Verdict::Skipped || !second.tests.iter().any(|later| same(later, ran)));
        self.over_samples.retain(|ran| !second.tests.iter().any(|later| same(later, ran)));
        self.tests.extend(second.tests);
        self.summed = self.summed.and(second.summed);
        self.programs.extend(second.programs);
        self
    }
}

/// Reads its lines.
#[must_use]
pub fn read(lines: &[String]) -> Said {
    let mut said = Said::default();
    let mut place = String::new();
    for line in lines {
        if let Some(next) = program(line) {
            place = next;
        } else if let Some((name, verdict)) = test(line) {
            let ran = Ran::new(verdict, &place, name);
            if verdict == Verdict::Skipped && line.contains("SAMPLE_DATA") {
                said.over_samples.push(ran.clone());
            }
            said.tests.push(ran);
        } else if let Some((count, time)) = summary(line) {
            said.summed = said.summed.and(count);
            said.programs.push((place.clone(), time));
        }
    }
    said
}

/// The blocks that say why a test failed: each a name and its first lines.
#[must_use]
pub fn failures(lines: &[String], lines_most: usize) -> Vec<String> {
    let (mut blocks, mut failing) = (Vec::new(), false);
    for (at, line) in lines.iter().enumerate() {
        // With `--show-output` the tests that passed have such blocks as well.
        failing = line == "failures:" || (failing && !line.starts_with("test result: "));
        if failing && line.starts_with("---- ") && line.ends_with(" ----") {
            let rest = lines[at + 1..]
                .iter()
                .take_while(|line| !line.starts_with("---- ") && *line != "failures:" && *line != "stack backtrace:");
            let rest: Vec<&str> = rest.map(String::as_str).filter(|line| !line.is_empty()).take(lines_most).collect();
            blocks.push(format!("{line}\n{}", rest.join("\n")));
        }
    }
    blocks
}

/// `     Running unittests src/lib.rs (target/debug/deps/kernel-1f2e)` or `   Doc-tests kernel`.
fn program(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{DOCUMENTATION}{name}"));
    }
    let path = line.strip_prefix("Running ")?.strip_suffix(')')?;
    path.rsplit_once('(').map(|(_, path)| path.to_owned())
}

/// `test cell::tests::a_hold_is_kept ... ok`
fn test(line: &str) -> Option<(&str, Verdict)> {
    let (name, ending) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = match ending.split([',', ' ']).next()? {
        "ok" => Verdict::Passed,
        "FAILED" => Verdict::Failed,
        "ignored" => Verdict::Skipped,
        _ => return None,
    };
    Some((name.strip_suffix(" - should panic").unwrap_or(name), verdict))
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.42s`
fn summary(line: &str) -> Option<(Count, Duration)> {
    let rest = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let number = |word: &str| {
        let part = rest.split("; ").find_map(|part| part.strip_suffix(word));
        part.and_then(|number| number.trim().parse().ok())
    };
    let seconds = rest.rsplit_once("finished in ").and_then(|(_, time)| time.strip_suffix('s')?.parse().ok());
    let count = Count { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? };
    Some((count, Duration::from_secs_f64(seconds.unwrap_or(0.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
   Compiling stock v0.1.0
     Running unittests src/lib.rs (target/debug/deps/stock-0a1b)

running 3 tests
test cell::tests::a_hold_is_kept ... ok
test cell::tests::nothing_is_sold_twice ... FAILED
test slow ... ignored, takes an hour

successes:

---- cell::tests::a_hold_is_kept stdout ----
held 1 of 1

successes:
    cell::tests::a_hold_is_kept

failures:

---- cell::tests::nothing_is_sold_twice stdout ----
sold 101 of 100

failures:
    cell::tests::nothing_is_sold_twice

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.25s

   Doc-tests kernel

running 1 test
test shared/kernel/src/money.rs - money (line 12) - compile fail ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s; merged doctests compilation took 0.9s
";

    fn lines() -> Vec<String> {
        PRINTED.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_test_that_a_second_run_did_not_ignore_counts_as_what_came_of_it_there() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let head = "     Running tests/real.rs (target/debug/deps/real-1)\n";
        let first = lines(&format!(
            "{head}test a ... ok\ntest b ... ignored, reads SAMPLE_DATA\ntest d ... ignored, reads SAMPLE_DATA\ntest c ... ignored, slow\n"
        ));
        let second = lines(&format!("{head}test b ... FAILED\n"));
        let said = read(&first).with_ignored(read(&second));
        let told: Vec<String> = said.tests.iter().map(|ran| format!("{:?} {}", ran.verdict, ran.name)).collect();
        assert_eq!(told, ["Passed a", "Skipped d", "Skipped c", "Failed b"]);
        let left: Vec<&str> = said.over_samples.iter().map(|ran| ran.name.as_str()).collect();
        assert_eq!(left, ["d"], "the samples were there, and nobody ran it");
    }

    #[test]
    fn every_test_is_read_with_its_program_and_its_end() {
        let stock = "target/debug/deps/stock-0a1b";
        assert_eq!(
            read(&lines()).tests,
            [
                Ran::new(Verdict::Passed, stock, "cell::tests::a_hold_is_kept"),
                Ran::new(Verdict::Failed, stock, "cell::tests::nothing_is_sold_twice"),
                Ran::new(Verdict::Skipped, stock, "slow"),
                Ran::new(Verdict::Passed, "doc:kernel", "shared/kernel/src/money.rs - money (line 12) - compile fail"),
            ]
        );
    }

    #[test]
    fn the_summaries_add_up_and_say_how_long_each_program_took() {
        let said = read(&lines());
        assert_eq!(said.summed, Count { passed: 2, failed: 1, skipped: 1 });
        assert_eq!(said.programs[0], ("target/debug/deps/stock-0a1b".to_owned(), Duration::from_millis(1250)));
    }

    #[test]
    fn a_failure_is_shown_with_its_first_lines() {
        let blocks = failures(&lines(), 5);
        assert_eq!(blocks, ["---- cell::tests::nothing_is_sold_twice stdout ----\nsold 101 of 100"]);
    }

    #[test]
    fn a_test_that_should_panic_keeps_its_name() {
        assert_eq!(test("test a::b - should panic ... ok"), Some(("a::b", Verdict::Passed)));
    }

    #[test]
    fn a_line_of_a_test_that_only_looks_like_a_report_is_none() {
        assert_eq!(test("test of strength ... maybe"), None);
    }
}

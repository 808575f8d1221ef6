//! What the test runners said: which tests ran, and how they ended. Kept as one file of lines per step.

use std::fmt;
use std::fs;
use std::path::Path;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It ran and passed.
    Passed,
    /// It ran and failed.
    Failed,
    /// It did not run, because it was told not to.
    Skipped,
}

impl Verdict {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Passed, "passed"), (Self::Failed, "failed"), (Self::Skipped, "skipped")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, word)| word)
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(verdict, _)| *verdict)
    }
}

/// One test that a runner reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub verdict: Verdict,
    /// The test program, the source file or the runner that holds it, as the runner names it.
    pub place: String,
    /// Its name there.
    pub name: String,
}

impl Ran {
    /// A report of one test.
    #[must_use]
    pub fn new(verdict: Verdict, place: &str, name: &str) -> Self {
        Self { verdict, place: place.to_owned(), name: name.to_owned() }
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flat = |text: &str| text.replace(['\t', '\n'], " ");
        write!(to, "{}\t{}\t{}", self.verdict.word(), flat(&self.place), flat(&self.name))
    }
}

/// How many tests passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// That ran and passed.
    pub passed: usize,
    /// That ran and failed.
    pub failed: usize,
    /// That did not run.
    pub skipped: usize,
}

impl Count {
    /// Counts reported tests.
    #[must_use]
    pub fn of(tests: &[Ran]) -> Self {
        let with = |verdict| tests.iter().filter(|test| test.verdict == verdict).count();
        Self { passed: with(Verdict::Passed), failed: with(Verdict::Failed), skipped: with(Verdict::Skipped) }
    }

    /// Both counts together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Keeps what a step's runners reported.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(file: &Path, tests: &[Ran]) -> std::io::Result<()> {
    let lines: String = tests.iter().map(|test| format!("{test}\n")).collect();
    fs::write(file, lines)
}

/// Reads what was kept; nothing, if nothing was.
#[must_use]
pub fn kept(file: &Path) -> Vec<Ran> {
    let lines = fs::read_to_string(file).unwrap_or_default();
    lines.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Ran> {
    let mut parts = line.splitn(3, '\t');
    let verdict = Verdict::of_word(parts.next()?)?;
    Some(Ran { verdict, place: parts.next()?.to_owned(), name: parts.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_the_same() {
        for verdict in [Verdict::Passed, Verdict::Failed, Verdict::Skipped] {
            let ran = Ran::new(verdict, "web/src/cart/cart.test.ts", "a cart > adds up");
            assert_eq!(line(&ran.to_string()), Some(ran));
        }
    }

    #[test]
    fn a_name_of_several_lines_stays_one_line() {
        let ran = Ran::new(Verdict::Passed, "a\tb", "c\nd");
        assert_eq!(ran.to_string(), "passed\ta b\tc d");
    }

    #[test]
    fn counts_add_up() {
        let tests = [Ran::new(Verdict::Passed, "", "a"), Ran::new(Verdict::Failed, "", "b")];
        let count = Count::of(&tests).and(Count { passed: 1, failed: 0, skipped: 2 });
        assert_eq!(count, Count { passed: 2, failed: 1, skipped: 2 });
    }
}

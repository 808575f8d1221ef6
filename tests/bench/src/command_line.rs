//! What may be asked for.

use lexopt::prelude::*;
use std::path::PathBuf;

/// How to use it.
pub const USAGE: &str = "\
What a checkout costs, next to the bars.

Usage: cargo run -p bench -- [OPTIONS]

  --quick            fewer repetitions: the counts are the same, the times are rougher
  --only SECTIONS    counts,processor,instructions,allocations,dollars,start,package,load: those, with commas
  --no-build         take the release binaries that are there
  --figures FILE     write the counts as JSON, for `cargo run -p verify -- --compare`
  --renew            keep the counts of the measured sections as the baseline, tests/bench/baseline.json
  --help             print this";

/// What to measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Fewer repetitions.
    pub quick: bool,
    /// Take the release binaries that are there.
    pub no_build: bool,
    /// Only these sections; all, if there is none.
    pub only: Vec<String>,
    /// Where the counts go.
    pub figures: Option<PathBuf>,
    /// Make the counts the baseline.
    pub renew: bool,
    /// Print [`USAGE`] and nothing else.
    pub help: bool,
    /// Only the throughput on that folder, as JSON: how the run measures the disk from outside.
    pub load: Option<PathBuf>,
}

impl Asked {
    /// Whether a section is to be measured.
    #[must_use]
    pub fn wants(&self, section: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == section)
    }
}

/// The sections there are.
pub const SECTIONS: [&str; 8] =
    ["counts", "processor", "instructions", "allocations", "dollars", "start", "package", "load"];

/// Reads the words after the program's name.
///
/// # Errors
/// In one sentence, when a word is not understood.
pub fn parse(words: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Asked, String> {
    read(words).map_err(|error| format!("{error}; --help says what there is."))
}

fn read(words: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Asked, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(words);
    let mut asked = Asked::default();
    while let Some(word) = parser.next()? {
        match word {
            Long("quick") => asked.quick = true,
            Long("no-build") => asked.no_build = true,
            Long("figures") => asked.figures = Some(parser.value()?.into()),
            Long("renew") => asked.renew = true,
            Long("only") => asked.only.extend(sections(&parser.value()?.string()?)?),
            Long("load") => asked.load = Some(parser.value()?.into()),
            Long("help") | Short('h') => asked.help = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(asked)
}

fn sections(text: &str) -> Result<Vec<String>, lexopt::Error> {
    let sections: Vec<String> = text.split(',').map(str::to_owned).collect();
    match sections.iter().find(|section| !SECTIONS.contains(&section.as_str())) {
        Some(unknown) => Err(format!("there is no section {unknown}").into()),
        None => Ok(sections),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sections_are_chosen_and_unknown_ones_refused() {
        let words = |words: &[&str]| parse(words.iter().map(std::ffi::OsString::from));
        let asked = words(&["--quick", "--only", "counts,start"]).unwrap();
        assert!(asked.quick && asked.wants("start") && !asked.wants("load"));
        assert!(words(&["--only", "nothing"]).is_err());
        assert!(words(&[]).unwrap().wants("load"));
    }
}

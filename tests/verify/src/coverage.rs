//! Which lines of the critical modules no test reached, from a report in the format of lcov.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One module whose every line is to be reached, and the packages whose tests are to reach it.
#[derive(Debug, Clone, Copy)]
pub struct Critical {
    /// Where its sources are: a folder, or one file.
    pub path: &'static str,
    /// Whose tests count.
    pub packages: &'static [&'static str],
}

/// The critical modules: where a line that no test reached could cost somebody their money or their goods, or let in unchecked what a
/// stranger wrote.
pub const CRITICAL: [Critical; 5] = [
    Critical { path: "shared/payments/src", packages: &["payments"] },
    Critical { path: "shared/flash/src", packages: &["flash"] },
    Critical { path: "shared/partners/src/validation", packages: &["partners"] },
    Critical { path: "shared/partners/src/feeds", packages: &["partners"] },
    Critical { path: "shared/partners/src/mapping.rs", packages: &["partners"] },
];

/// The lines of one module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many lines hold code.
    pub lines: usize,
    /// Those that no test reached, as `file:line`.
    pub missed: Vec<String>,
}

/// How often each line of each file ran.
pub type Lines = BTreeMap<String, BTreeMap<usize, u64>>;

/// Reads a report: `SF:` begins a file, `DA:<line>,<count>` is a line. A line that is told twice ran as often as both say.
#[must_use]
pub fn parse(report: &str, root: &Path) -> Lines {
    let root = format!("{}/", root.display());
    let (mut lines, mut file) = (Lines::new(), String::new());
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            path.strip_prefix(&root).unwrap_or(path).clone_into(&mut file);
        } else if let Some((number, count)) = line.strip_prefix("DA:").and_then(|told| told.split_once(',')) {
            let count = count.split(',').next().and_then(|count| count.parse::<u64>().ok());
            if let (Ok(number), Some(count)) = (number.parse(), count) {
                *lines.entry(file.clone()).or_default().entry(number).or_default() += count;
            }
        }
    }
    lines
}

/// The lines of a folder, or of one file; `source` gives the text of a file. Tests stand at the end of a file and are not counted: a
/// line of a test that did not run is where the test would have failed.
#[must_use]
pub fn reached(lines: &Lines, path: &str, source: impl Fn(&str) -> String) -> Reached {
    let inside = |file: &str| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut found = Reached::default();
    for (file, counts) in lines.iter().filter(|(file, _)| inside(file)) {
        let text = source(file);
        let tests = text.lines().position(|line| line.starts_with("#[cfg(test)]")).map_or(usize::MAX, |at| at + 1);
        let code = counts.iter().filter(|(line, _)| **line < tests);
        for (line, count) in code {
            found.lines += 1;
            if *count == 0 {
                found.missed.push(format!("{file}:{line}"));
            }
        }
    }
    found
}

/// The packages of all critical modules, each once.
#[must_use]
pub fn packages() -> BTreeSet<&'static str> {
    CRITICAL.iter().flat_map(|critical| critical.packages).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "SF:/shop/shared/flash/src/sale.rs\nDA:3,2\nDA:4,0\nDA:9,0\nend_of_record\n\
                          SF:/shop/shared/flash/src/room.rs\nDA:1,0\nend_of_record\nSF:/shop/shared/flash/src/room.rs\nDA:1,5\n\
                          end_of_record\nSF:/shop/shared/table/src/row.rs\nDA:1,0\nend_of_record\n";

    #[test]
    fn lines_that_no_test_reached_are_named_and_those_of_tests_are_not_counted() {
        let lines = parse(REPORT, Path::new("/shop"));
        let source = |_: &str| "one\ntwo\nthree\nfour\nfive\nsix\n#[cfg(test)]\nmod tests {\n".to_owned();
        let found = reached(&lines, "shared/flash/src", source);
        assert_eq!(found, Reached { lines: 3, missed: vec!["shared/flash/src/sale.rs:4".to_owned()] });
    }

    #[test]
    fn a_module_may_be_one_file_and_is_no_other_whose_name_begins_like_it() {
        let lines = parse(REPORT, Path::new("/shop"));
        let lines_of = |path: &str| reached(&lines, path, |_| String::new()).lines;
        assert_eq!(["shared/flash/src/room.rs", "shared/flash/src/ro", "shared/flash/src"].map(lines_of), [1, 0, 4]);
    }

    #[test]
    fn a_folder_that_the_report_does_not_know_has_no_lines() {
        assert_eq!(reached(&Lines::new(), "shared/flash/src", |_| String::new()).lines, 0);
    }

    #[test]
    fn every_critical_module_is_where_it_is_said_to_be() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        for critical in CRITICAL {
            assert!(root.join(critical.path).exists(), "{} is gone", critical.path);
        }
    }
}

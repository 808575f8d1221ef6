//! The Test Anything Protocol, as Node's own runner prints it.

use crate::report::{Ran, Verdict};

/// Reads the tests of `place`: those at the outermost level.
#[must_use]
pub fn read(place: &str, text: &str) -> Vec<Ran> {
    text.lines().filter_map(|line| test(place, line)).collect()
}

fn test(place: &str, line: &str) -> Option<Ran> {
    let (good, rest) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    let (_, name) = rest.split_once(" - ")?;
    let (name, directive) = name.split_once(" # ").unwrap_or((name, ""));
    let verdict = match (directive.to_ascii_uppercase(), good) {
        (word, _) if word.starts_with("SKIP") || word.starts_with("TODO") => Verdict::Skipped,
        (_, true) => Verdict::Passed,
        (_, false) => Verdict::Failed,
    };
    Some(Ran::new(verdict, place, name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_read_with_their_end() {
        let text = "TAP version 13\n# Subtest: one\nok 1 - one\n  ---\n  duration_ms: 2\n  ...\nnot ok 2 - two\n    ok 1 - inner\nok 3 - three # SKIP no browser\n1..3\n";
        assert_eq!(
            read("web/pictures/check.mjs", text),
            [
                Ran::new(Verdict::Passed, "web/pictures/check.mjs", "one"),
                Ran::new(Verdict::Failed, "web/pictures/check.mjs", "two"),
                Ran::new(Verdict::Skipped, "web/pictures/check.mjs", "three"),
            ]
        );
    }
}

//! The JSON report of vitest (the shape that Jest made known).

use crate::report::{Ran, Verdict};
use serde_json::Value;
use std::path::Path;

/// Reads the tests, each at its source file below `root`, named `suite > test`.
///
/// # Errors
/// When the text is not such a report.
pub fn read(text: &str, root: &Path) -> Result<Vec<Ran>, String> {
    let report: Value = serde_json::from_str(text).map_err(|error| format!("the report is not JSON: {error}"))?;
    let files = report["testResults"].as_array().ok_or("the report names no test files")?;
    Ok(files.iter().flat_map(|file| of_file(file, root)).collect())
}

fn of_file(file: &Value, root: &Path) -> Vec<Ran> {
    let path = Path::new(file["name"].as_str().unwrap_or_default());
    let place = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let tests = file["assertionResults"].as_array().map_or(&[][..], Vec::as_slice);
    let mut all: Vec<Ran> = tests.iter().map(|test| of_test(test, &place)).collect();
    if all.is_empty() && file["status"] == "failed" {
        all.push(Ran::new(Verdict::Failed, &place, "the file could not be run"));
    }
    all
}

fn of_test(test: &Value, place: &str) -> Ran {
    let suites = test["ancestorTitles"].as_array().map_or(&[][..], Vec::as_slice);
    let words = suites.iter().chain(std::iter::once(&test["title"])).filter_map(Value::as_str);
    let verdict = match test["status"].as_str() {
        Some("passed") => Verdict::Passed,
        Some("failed") => Verdict::Failed,
        _ => Verdict::Skipped,
    };
    Ran::new(verdict, place, &words.collect::<Vec<_>>().join(" > "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_read_with_their_file_and_suite() {
        let text = r#"{"testResults": [
            {"name": "/shop/web/src/cart.test.ts", "status": "passed", "assertionResults": [
                {"ancestorTitles": ["the bag"], "title": "adds up", "status": "passed"},
                {"ancestorTitles": [], "title": "is empty at first", "status": "pending"}]},
            {"name": "/shop/web/src/broken.test.ts", "status": "failed", "assertionResults": []}]}"#;
        assert_eq!(
            read(text, Path::new("/shop")).unwrap(),
            [
                Ran::new(Verdict::Passed, "web/src/cart.test.ts", "the bag > adds up"),
                Ran::new(Verdict::Skipped, "web/src/cart.test.ts", "is empty at first"),
                Ran::new(Verdict::Failed, "web/src/broken.test.ts", "the file could not be run"),
            ]
        );
    }

    #[test]
    fn what_is_no_report_is_said_to_be_none() {
        assert!(read("{}", Path::new("/")).is_err());
        assert!(read("<html>", Path::new("/")).is_err());
    }
}

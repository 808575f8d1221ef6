//! Looks for what must never be committed or shipped: strings in the shape of a secret.

use regex_lite::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One shape that secrets have.
struct Shape {
    /// What it is.
    what: &'static str,
    /// A part that every such string has: quick to look for.
    sign: &'static str,
    /// The whole shape.
    pattern: &'static str,
    /// Whether tests may hold made-up ones.
    free_in_tests: bool,
}

const SHAPES: [Shape; 14] = [
    shape("a key id of AWS", "AKIA", r"\bAKIA[A-Z0-9]{16}\b", true),
    shape("a temporary key id of AWS", "ASIA", r"\bASIA[A-Z0-9]{16}\b", true),
    shape("a secret key of AWS", "ecret", r#"(?i)secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}\b"#, true),
    shape("a private key", "PRIVATE KEY-----", r"-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\s)+[A-Za-z0-9+/]{40}", true),
    shape("a webhook secret", "whsec_", r"\bwhsec_[A-Za-z0-9+/]{16,}", true),
    shape("a staff token", "rst_", r"\brst_(support|warehouse|finance|admin)_[A-Za-z0-9]{16,}", true),
    shape("a token of GitHub", "gh", r"\bgh[pousr]_[A-Za-z0-9]{36}", false),
    shape("a token of GitHub", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{40}", false),
    shape("a token of Slack", "xox", r"\bxox[abprs]-[A-Za-z0-9-]{10,}", false),
    shape("a live key of a payment provider", "_live_", r"\b[sr]k_live_[A-Za-z0-9]{16,}", false),
    shape("a token of npm", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b", false),
    shape("a key of Google", "AIza", r"\bAIza[A-Za-z0-9_-]{35}\b", false),
    shape("a password in an address", "://", r"\b[a-z][a-z0-9+.-]*://[^\s/:@${}<>]+:[^\s/:@${}<>]{6,}@[a-z0-9]", true),
    shape("a signed token", "eyJ", r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", true),
];

const fn shape(what: &'static str, sign: &'static str, pattern: &'static str, free_in_tests: bool) -> Shape {
    Shape { what, sign, pattern, free_in_tests }
}

/// Published as examples by AWS: they open nothing.
const EXAMPLES: [&str; 2] = ["AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"];

/// The shapes, ready to look for.
pub struct Scanner {
    shapes: Vec<(&'static Shape, Regex)>,
}

impl Scanner {
    /// All shapes.
    ///
    /// # Errors
    /// When a pattern is not valid.
    pub fn new() -> Result<Self, String> {
        let ready = |shape: &'static Shape| Ok((shape, Regex::new(shape.pattern).map_err(|error| error.to_string())?));
        SHAPES.iter().map(ready).collect::<Result<_, _>>().map(|shapes| Self { shapes })
    }

    /// What looks like a secret in a text, by line; `path` decides what tests may hold. Says where, never what.
    #[must_use]
    pub fn findings(&self, path: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (shape, pattern) in &self.shapes {
            if !text.contains(shape.sign) || (shape.free_in_tests && is_test(path)) {
                continue;
            }
            for place in pattern.find_iter(text) {
                let line = text[..place.start()].matches('\n').count() + 1;
                let in_tests = shape.free_in_tests && after_tests_begin(path, text, place.start());
                if !in_tests && !EXAMPLES.iter().any(|example| place.as_str().contains(example)) {
                    found.push(format!("{path}:{line}: {}", shape.what));
                }
            }
        }
        found
    }

    /// What looks like a secret in the files, read from `root`. Files that are not text are read as far as they are.
    #[must_use]
    pub fn of_files(&self, root: &Path, paths: &[PathBuf]) -> Vec<String> {
        let findings = paths.iter().filter_map(|path| {
            let bytes = fs::read(root.join(path)).ok()?;
            Some(self.findings(&path.to_string_lossy(), &String::from_utf8_lossy(&bytes)))
        });
        findings.flatten().collect()
    }
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.contains("/test/") || path.contains(".test.")
}

/// Rust keeps unit tests at the end of the file they test.
fn after_tests_begin(path: &str, text: &str, at: usize) -> bool {
    path.ends_with(".rs") && text[..at].contains("#[cfg(test)]")
}

/// All files below a folder.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Scans a folder of built artefacts, prints what it found, and says by the exit code whether it was clean.
#[must_use]
pub fn scan_and_print(folder: &Path) -> ExitCode {
    let files = files_below(folder);
    let found = match Scanner::new() {
        Ok(scanner) => scanner.of_files(folder, &files),
        Err(why) => vec![why],
    };
    for finding in &found {
        println!("{finding}");
    }
    println!("{} files scanned, {} findings", files.len(), found.len());
    if found.is_empty() && !files.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One made-up string of each shape, put together here so that no file holds it.
    fn planted() -> Vec<String> {
        let letters = |count| "Ab3".repeat(14)[..count].to_owned();
        let capitals = |count| "Q7Z".repeat(14)[..count].to_owned();
        vec![
            format!("id = AKIA{}", capitals(16)),
            format!("ASIA{} and more", capitals(16)),
            format!("aws_secret_access_key = \"{}\"", letters(40)),
            format!("-----BEGIN EC {}-----\n{}", "PRIVATE KEY", letters(41)),
            format!("\"whsec_{}\"", letters(24)),
            format!("Bearer rst_admin_{}", letters(24)),
            format!("ghp_{}", letters(36)),
            format!("github_pat_{}", letters(40)),
            format!("xoxb-{}", letters(20)),
            format!("sk_live_{}", letters(20)),
            format!("npm_{}", letters(36)),
            format!("AIza{}", letters(35)),
            format!("https://me:{}@db.example.com", letters(12)),
            format!("eyJ{0}.eyJ{0}.{0}", letters(20)),
        ]
    }

    // Proves: S1-P15, S3-18
    #[test]
    fn each_planted_secret_is_found_in_code_configuration_and_templates() {
        let scanner = Scanner::new().unwrap();
        for secret in planted() {
            for path in ["shared/kernel/src/id.rs", "template.yaml", ".github/workflows/ci.yml", "web/src/main.tsx"] {
                let text = format!("first line\n  {secret}\n");
                assert_eq!(scanner.findings(path, &text).len(), 1, "{path}: {secret}");
            }
        }
    }

    #[test]
    fn a_finding_says_where_and_never_what() {
        let secret = &planted()[4];
        let found = Scanner::new().unwrap().findings("a/b.rs", &format!("one\ntwo\n{secret}"));
        assert_eq!(found, ["a/b.rs:3: a webhook secret"]);
    }

    #[test]
    fn tests_may_hold_made_up_ones_of_our_own_shapes_only() {
        let scanner = Scanner::new().unwrap();
        let (webhook, github) = (&planted()[4], &planted()[6]);
        assert!(scanner.findings("shared/webhooks/tests/vectors.rs", webhook).is_empty());
        assert!(scanner.findings("shared/webhooks/src/sign.rs", &format!("#[cfg(test)]\n{webhook}")).is_empty());
        assert_eq!(scanner.findings("shared/webhooks/src/sign.rs", &format!("{webhook}\n#[cfg(test)]")).len(), 1);
        assert_eq!(scanner.findings("tests/api/main.rs", github).len(), 1);
    }

    #[test]
    fn words_that_only_resemble_a_secret_are_left_alone() {
        let scanner = Scanner::new().unwrap();
        for text in [
            "whsec_…",
            "id AKIAIOSFODNN7EXAMPLE of the documentation",
            "http://127.0.0.1:3000/a@b",
            "https://${user}:${password}@host",
            "rst_<role>_<secret>",
            "-----BEGIN PRIVATE KEY-----",
            "the secret access key is in the vault",
        ] {
            assert_eq!(scanner.findings("README.md", text), Vec::<String>::new());
        }
    }

    // Feature: aws-devops-three-tier, Property 16: No secrets in image layers
    #[test]
    fn a_secret_is_found_in_an_artefact_wherever_it_is_planted() {
        use proptest::prelude::*;
        let scanner = Scanner::new().unwrap();
        let secrets = planted();
        let bytes = proptest::collection::vec(any::<u8>(), 0..2_000);
        proptest!(ProptestConfig::with_cases(128), |(before in bytes.clone(), after in bytes, which in 0..secrets.len())| {
            let layer = |middle: &[u8]| [&before[..], b" ", middle, b" ", &after[..]].concat();
            let clean = String::from_utf8_lossy(&layer(b"nothing")).into_owned();
            let dirty = String::from_utf8_lossy(&layer(secrets[which].as_bytes())).into_owned();
            prop_assert!(scanner.findings("bootstrap", &clean).is_empty());
            prop_assert_eq!(scanner.findings("bootstrap", &dirty).len(), 1);
        });
    }
}

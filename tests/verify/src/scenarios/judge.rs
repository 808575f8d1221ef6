//! Holds each claim against what the runners reported. Only a test that ran and passed proves anything.

use super::claims::{Claim, Subject};
use super::requirements::{Requirements, is_property};
use crate::readers::cargo::DOCUMENTATION;
use crate::report::{Ran, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Where the steps of this very command are written: a claim above one of them is about the step.
const STEPS: &str = "tests/verify/src/steps/";
/// The place under which steps are reported.
pub const STEP: &str = "step";

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its test ran and passed.
    Proved,
    /// Its test ran and failed.
    Failed,
    /// It does not count: why.
    Open(String),
}

/// What the claims of a repository are worth.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Each claim with what became of it.
    pub claims: Vec<(Claim, Standing)>,
}

impl Judged {
    /// The ids that are proved: with a test that passed, and none that failed; a property by a test with its tag.
    #[must_use]
    pub fn proved(&self) -> BTreeSet<&str> {
        let proves = |(claim, standing): &&(Claim, Standing)| {
            *standing == Standing::Proved && (claim.tag || !is_property(&claim.id))
        };
        let proved: BTreeSet<&str> = self.claims.iter().filter(proves).map(|(claim, _)| claim.id.as_str()).collect();
        let failed = self.claims.iter().filter(|(_, standing)| *standing == Standing::Failed);
        &proved - &failed.map(|(claim, _)| claim.id.as_str()).collect()
    }

    /// What is wrong with claims, whatever their tests did.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let faults = self.claims.iter().filter_map(|(claim, _)| {
            let no_test = claim.subject.is_none().then(|| "it stands above no test".to_owned());
            let fault = claim.fault.clone().or(no_test)?;
            Some(format!("{}:{} claims {}: {fault}", claim.path, claim.line, claim.id))
        });
        faults.collect()
    }

    /// The whole map as text: each requirement, whether it is proved, and the claims on it.
    #[must_use]
    pub fn map(&self, list: &Requirements) -> String {
        let proved = self.proved();
        let mut text = String::new();
        for (id, words) in list.rows() {
            let mark = if proved.contains(id) { "proved" } else { "open  " };
            text.push_str(&format!("{mark}  {id:<8}{words}\n"));
            for (claim, standing) in self.claims.iter().filter(|(claim, _)| claim.id == id) {
                let told = match standing {
                    Standing::Proved => "passed",
                    Standing::Failed => "FAILED",
                    Standing::Open(why) => why.as_str(),
                };
                text.push_str(&format!("        {}:{}  {}  {told}\n", claim.path, claim.line, subject(claim)));
            }
        }
        text
    }
}

fn subject(claim: &Claim) -> String {
    match &claim.subject {
        Some(Subject::Function { name, .. }) => name.clone(),
        Some(Subject::Example { line }) => format!("the example at line {line}"),
        Some(Subject::Title { text, .. }) => text.clone(),
        None => "?".to_owned(),
    }
}

/// The sources of each test program, by its path: the first is its root.
pub type Sources = BTreeMap<String, Vec<String>>;

/// Holds the claims against the reports.
#[must_use]
pub fn judge(claims: Vec<Claim>, tests: &[Ran], sources: &Sources) -> Judged {
    let judged = claims.into_iter().map(|claim| {
        let standing = standing(&claim, tests, sources);
        (claim, standing)
    });
    Judged { claims: judged.collect() }
}

fn standing(claim: &Claim, tests: &[Ran], sources: &Sources) -> Standing {
    if let Some(fault) = &claim.fault {
        return Standing::Open(fault.clone());
    }
    let Some(subject) = &claim.subject else { return Standing::Open("stands above no test".to_owned()) };
    let of_claim: Vec<&Ran> = match subject {
        Subject::Function { name, .. } if claim.path.starts_with(STEPS) => {
            tests.iter().filter(|ran| ran.place == STEP && ran.name == name.replace('_', "-")).collect()
        }
        Subject::Function { modules, name } => functions(&claim.path, modules, name, tests, sources),
        Subject::Example { line } => examples(&claim.path, *line, tests),
        Subject::Title { text, whole } => titles(&claim.path, text, *whole, tests),
    };
    let with = |verdict| of_claim.iter().any(|ran| ran.verdict == verdict);
    match (with(Verdict::Failed), with(Verdict::Passed), with(Verdict::Skipped)) {
        (true, _, _) => Standing::Failed,
        (false, true, false) => Standing::Proved,
        (false, _, true) => Standing::Open("was skipped".to_owned()),
        (false, false, false) => Standing::Open("did not run".to_owned()),
    }
}

/// The reports on a function, from every test program that holds its file.
fn functions<'t>(path: &str, modules: &[String], name: &str, tests: &'t [Ran], sources: &Sources) -> Vec<&'t Ran> {
    let programs = sources.iter().filter(|(_, files)| files.iter().any(|file| file == path));
    let reports = programs.flat_map(|(program, files)| {
        let own: Vec<&Ran> = tests.iter().filter(|ran| ran.place == *program).collect();
        let inside = [modules, &[name.to_owned()]].concat().join("::");
        let expected = [module_of(path, files.first().map_or("", String::as_str)), vec![inside.clone()]].concat();
        let exact: Vec<&Ran> = own.iter().copied().filter(|ran| ran.name == expected.join("::")).collect();
        if !exact.is_empty() {
            return exact;
        }
        // The module may be named by hand, or the test made by a macro: then every test of that ending counts.
        let ending = |ran: &&Ran| ran.name == inside || ran.name.ends_with(&format!("::{inside}"));
        own.into_iter().filter(ending).collect()
    });
    reports.collect()
}

/// The modules that lead from the root of a program to a file, where files are named as modules are.
fn module_of(path: &str, root: &str) -> Vec<String> {
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
    if path == root {
        return Vec::new();
    }
    let below = below.strip_suffix(".rs").unwrap_or(below);
    let mut parts: Vec<String> = below.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn examples<'t>(path: &str, line: usize, tests: &'t [Ran]) -> Vec<&'t Ran> {
    let (start, place) = (format!("{path} - "), format!("(line {line})"));
    let of_example =
        |ran: &&Ran| ran.place.starts_with(DOCUMENTATION) && ran.name.starts_with(&start) && ran.name.contains(&place);
    tests.iter().filter(of_example).collect()
}

/// The reports on a test by its title, or on all tests of a suite by the suite's.
fn titles<'t>(path: &str, text: &str, whole: bool, tests: &'t [Ran]) -> Vec<&'t Ran> {
    let fits = |part: &str| if whole { part == text } else { part.starts_with(text) };
    tests.iter().filter(|ran| ran.place == path && ran.name.split(" > ").any(fits)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::claims;

    const PROGRAM: &str = "target/debug/deps/stock-0a1b";

    fn list() -> Requirements {
        Requirements::parse("S3-06 = \"once\"\nS4-P2b = \"never twice\"\nS1-P22 = \"Data survives DB restart\"")
            .unwrap()
    }

    fn sources() -> Sources {
        let files = ["shared/stock/src/lib.rs", "shared/stock/src/cell.rs", "shared/stock/src/deep/mod.rs"];
        Sources::from([(PROGRAM.to_owned(), files.map(str::to_owned).to_vec())])
    }

    fn cell(above: &str) -> String {
        format!("mod tests {{\n    // Proves: S3-06\n{above}    #[test]\n    fn holds_once() {{}}\n}}\n")
    }

    fn judged(path: &str, source: &str, tests: &[Ran]) -> Judged {
        judge(claims::of_file(path, source, &list()), tests, &sources())
    }

    fn ran(verdict: Verdict, name: &str) -> Ran {
        Ran::new(verdict, PROGRAM, name)
    }

    // Proves: S0-28
    #[test]
    fn an_id_counts_when_its_test_ran_and_passed() {
        let judged = judged("shared/stock/src/cell.rs", &cell(""), &[ran(Verdict::Passed, "cell::tests::holds_once")]);
        assert_eq!(Vec::from_iter(judged.proved()), ["S3-06"]);
        assert!(judged.faults().is_empty() && judged.map(&list()).contains("proved  S3-06"));
    }

    // Proves: S0-28
    #[test]
    fn a_planted_claim_does_not_count_whose_test_failed_was_skipped_or_did_not_run() {
        let path = "shared/stock/src/cell.rs";
        for tests in [
            &[ran(Verdict::Failed, "cell::tests::holds_once")][..],
            &[ran(Verdict::Skipped, "cell::tests::holds_once")],
            &[ran(Verdict::Passed, "cell::tests::holds_once_more")],
            &[ran(Verdict::Passed, "cell::tests::never_holds_once")],
            &[Ran::new(Verdict::Passed, "target/debug/deps/cart-77", "cell::tests::holds_once")],
            &[],
        ] {
            assert!(judged(path, &cell(""), tests).proved().is_empty(), "{tests:?}");
        }
    }

    #[test]
    fn a_claim_does_not_count_that_is_commented_out_with_its_test() {
        let source = "/*\n// Proves: S3-06\n#[test]\nfn holds_once() {}\n*/";
        assert!(
            judged("shared/stock/src/cell.rs", source, &[ran(Verdict::Passed, "cell::holds_once")]).claims.is_empty()
        );
    }

    #[test]
    fn an_id_with_a_failing_proof_is_not_proved_by_another() {
        let source = "// Proves: S3-06\nfn one() {}\n// Proves: S3-06\nfn two() {}\n";
        let tests = [ran(Verdict::Passed, "cell::one"), ran(Verdict::Failed, "cell::two")];
        assert!(judged("shared/stock/src/cell.rs", source, &tests).proved().is_empty());
    }

    #[test]
    fn a_test_of_the_same_name_elsewhere_proves_nothing() {
        let tests = [ran(Verdict::Skipped, "cell::tests::holds_once"), ran(Verdict::Passed, "deep::tests::holds_once")];
        assert!(judged("shared/stock/src/cell.rs", &cell(""), &tests).proved().is_empty());
        assert_eq!(judged("shared/stock/src/deep/mod.rs", &cell(""), &tests).proved().len(), 1);
    }

    #[test]
    fn a_module_named_by_hand_is_found_by_its_ending() {
        let tests = [ran(Verdict::Passed, "by_hand::tests::holds_once")];
        assert_eq!(judged("shared/stock/src/cell.rs", &cell(""), &tests).proved().len(), 1);
    }

    #[test]
    fn a_tag_with_other_words_is_a_fault_and_does_not_count() {
        let source = "// Feature: aws-devops-three-tier, Property 22: Data survives anything\nfn survives() {}\n";
        let judged = judged("shared/stock/src/cell.rs", source, &[ran(Verdict::Passed, "cell::survives")]);
        assert!(judged.proved().is_empty() && judged.faults()[0].contains("Data survives DB restart"));
    }

    #[test]
    fn a_property_is_proved_by_a_test_with_its_tag_only() {
        let passed = [ran(Verdict::Passed, "cell::survives")];
        let source = "// Proves: S1-P22\nfn survives() {}\n";
        assert!(judged("shared/stock/src/cell.rs", source, &passed).proved().is_empty());
        let source = "// Feature: aws-devops-three-tier, Property 22: Data survives DB restart\nfn survives() {}\n";
        assert_eq!(judged("shared/stock/src/cell.rs", source, &passed).proved().len(), 1);
    }

    #[test]
    fn tests_and_suites_of_scripts_count_by_their_titles() {
        let (path, web) = ("web/src/cart.test.ts", |verdict, name| Ran::new(verdict, "web/src/cart.test.ts", name));
        let suite = "// Proves: S3-06\ndescribe(\"the bag\", () => {\n// Proves: S4-P2b\nit(\"adds up\", () => {";
        let good = [web(Verdict::Passed, "the bag > adds up"), web(Verdict::Passed, "the bag > is kept")];
        assert_eq!(judged(path, suite, &good).proved().len(), 2);
        let bad = [web(Verdict::Passed, "the bag > adds up"), web(Verdict::Failed, "the bag > is kept")];
        assert_eq!(Vec::from_iter(judged(path, suite, &bad).proved()), ["S4-P2b"]);
    }

    #[test]
    fn an_example_counts_by_its_line() {
        let source = "// Proves: S3-06\n/// ```compile_fail\n/// ```\nstruct X;";
        let name = "shared/kernel/src/secret.rs - secret::X (line 2) - compile fail";
        let tests = [Ran::new(Verdict::Passed, "doc:kernel", name)];
        assert_eq!(judged("shared/kernel/src/secret.rs", source, &tests).proved().len(), 1);
        assert!(judged("shared/kernel/src/money.rs", source, &tests).proved().is_empty());
    }

    #[test]
    fn a_claim_above_a_step_counts_when_the_step_passed() {
        let source = "// Proves: S3-06\npub fn rust_tests(stage: &Stage) {}";
        let path = "tests/verify/src/steps/rust_tests.rs";
        assert_eq!(judged(path, source, &[Ran::new(Verdict::Passed, STEP, "rust-tests")]).proved().len(), 1);
        assert!(judged(path, source, &[Ran::new(Verdict::Passed, STEP, "lints")]).proved().is_empty());
    }
}

//! The scripts of the pipeline, run for real, with stand-ins for what they call.

use crate::workflow::root;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pipeline-{}-{name}", std::process::id()));
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder can go");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Puts a program in front of all others of that name.
fn stand_in(folder: &Path, program: &str, script: &str) {
    let path = folder.join(program);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a stand-in can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a stand-in can be run");
}

fn run(script: &str, folder: &Path, words: &[&str]) -> Output {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").expect("a path"));
    Command::new(root().join(script)).args(words).current_dir(folder).env("PATH", path).output().expect("it starts")
}

/// A `gh` that notes what it is told and knows the open issue `known`.
fn issues(name: &str, known: &str) -> (PathBuf, Output, String) {
    let folder = folder(name);
    let script = format!(
        "[ \"$2\" = list ] && {{ echo '{known}'; exit 0; }}\necho \"$@\" >> calls\ncat \"$4\" \"$6\" >> text 2> /dev/null || true"
    );
    stand_in(&folder, "gh", &script);
    fs::write(folder.join("issue.md"), "write_units is 9; it was 7").expect("the text of the issue");
    let output = run(".ci/open-issue", &folder, &["It got worse", "issue.md"]);
    let calls = fs::read_to_string(folder.join("calls")).unwrap_or_default();
    (folder, output, calls)
}

// Proves: S0-13
#[test]
fn a_fabricated_regression_opens_an_issue() {
    let (folder, output, calls) = issues("new-issue", "");
    assert!(
        output.status.success() && calls.contains("issue create --title It got worse --body-file issue.md"),
        "{calls}"
    );
    assert!(fs::read_to_string(folder.join("text")).is_ok_and(|text| text.contains("write_units is 9")));
}

#[test]
fn a_regression_that_is_known_is_told_under_the_issue_that_is_open() {
    let (_, output, calls) = issues("known-issue", "41");
    assert!(output.status.success() && calls.contains("issue comment 41"), "{calls}");
    assert!(!calls.contains("create"));
}

// Proves: S4-X2
#[test]
fn one_command_runs_every_step_with_nothing_left_out() {
    let folder = folder("one-command");
    stand_in(&folder, "cargo", "echo \"CI=$CI: $@\"; cat");
    let output = run(".ci/run", &folder, &["--full"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "CI=true: run -q -p verify -- --full\n");
    assert!(fs::read_to_string(root().join("README.md")).is_ok_and(|readme| readme.contains("cargo run -p verify")));
    let steps: Vec<&str> = verify::steps::ALL.iter().map(|step| step.name).collect();
    assert!(["rust-tests", "web", "browser", "infrastructure"].iter().all(|step| steps.contains(step)));
    assert_eq!(steps.last(), Some(&"scenarios"), "the report on what is covered comes last");
}

#[test]
fn health_is_awaited_until_the_commit_that_was_deployed_answers() {
    let folder = folder("healthy");
    let old_first = "if [ -f asked ]; then echo '{\"status\":\"ok\",\"commit\":\"abc123\"}'; else touch asked; echo '{\"status\":\"ok\",\"commit\":\"000000\"}'; fi";
    stand_in(&folder, "curl", old_first);
    stand_in(&folder, "sleep", "");
    assert!(run(".ci/wait-until-healthy", &folder, &["https://shop.example.com", "abc123", "20"]).status.success());
    for answer in
        ["{\"status\":\"degraded\",\"commit\":\"abc123\"}", "{\"status\":\"ok\",\"commit\":\"000000\"}", "<html>"]
    {
        stand_in(&folder, "curl", &format!("echo '{answer}'"));
        let output = run(".ci/wait-until-healthy", &folder, &["https://shop.example.com", "abc123", "0"]);
        assert!(!output.status.success(), "{answer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    // Feature: aws-devops-three-tier, Property 1: Image tagging: every image has version + commit SHA
    #[test]
    fn the_name_of_every_artefact_and_the_version_of_every_function_say_version_and_commit(
        version in "[0-9]{1,2}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        commit in "[0-9a-f]{40}",
        names in proptest::collection::btree_set("[a-z]{2,9}(-[a-z0-9]{1,9}){0,3}", 1..4),
    ) {
        let folder = folder("package");
        for name in &names {
            let built = folder.join("target/lambda").join(name);
            fs::create_dir_all(&built).expect("a folder can be made");
            fs::write(built.join("bootstrap.zip"), name).expect("a function can be made");
        }
        prop_assert!(run(".ci/package", &folder, &[&version, &commit, "artefacts"]).status.success());
        let mut found = Vec::new();
        for entry in fs::read_dir(folder.join("artefacts")).expect("artefacts").flatten() {
            let file = entry.file_name().into_string().expect("a name is text");
            let parts: Vec<&str> = file.strip_suffix(".zip").expect("a zip").rsplitn(3, '-').collect();
            prop_assert_eq!((parts[0], parts[1]), (commit.as_str(), version.as_str()));
            found.push(parts[2].to_owned());
        }
        found.sort();
        prop_assert_eq!(found, Vec::from_iter(names));
        prop_assert!(!run(".ci/package", &folder, &[&version, "main", "artefacts"]).status.success());
        prop_assert!(!run(".ci/package", &folder, &["latest", "", "artefacts"]).status.success());
    }
}

#[test]
fn every_function_is_published_with_that_version() {
    for entry in fs::read_dir(root().join("infra")).expect("infra").flatten() {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let functions = text.matches("Type: AWS::Serverless::Function").count();
        let described = text.matches("VersionDescription: !Ref Version").count();
        assert_eq!(functions, described, "{}", entry.path().display());
    }
}

//! The pipeline: what its workflows promise, held by reading them and by foreseeing their runs.

#![allow(clippy::expect_used, clippy::panic)]

mod scripts;
mod workflow;

use proptest::prelude::*;
use serde_yaml_ng::Value;
use std::collections::BTreeSet;
use workflow::{End, Event, Workflow, root, workflows};

/// The jobs of the pipeline, each of which must pass before the next begins.
const ORDER: [&str; 6] = ["test", "build", "scan", "staging", "black-box", "deploy"];

fn ci() -> Workflow {
    workflows().remove("ci.yml").expect("there is a ci.yml")
}

fn nightly() -> Workflow {
    workflows().remove("nightly.yml").expect("there is a nightly.yml")
}

fn deployment() -> Workflow {
    workflows().remove("deploy.yml").expect("there is a deploy.yml")
}

// Proves: S1-A06
#[test]
fn the_pipeline_tests_builds_scans_publishes_deploys_watches_and_notifies_in_that_order() {
    let ci = ci();
    for pair in ORDER.windows(2) {
        assert!(ci.waits_for(pair[1], pair[0]), "{} must wait for {}", pair[1], pair[0]);
    }
    assert!(ORDER.iter().all(|job| ci.needs("notify").contains(job)));
    assert!(ci.does("test").contains(".ci/run"));
    assert!(ci.does("build").contains("cargo lambda build --release") && ci.does("build").contains("npm run build"));
    assert!(ci.does("build").contains("actions/upload-artifact"));
    for job in ["staging", "deploy"] {
        assert_eq!(ci.job(job)["uses"], "./.github/workflows/deploy.yml");
    }
    let deployment = deployment().does("deploy");
    let at = |part: &str| deployment.find(part).unwrap_or_else(|| panic!("the deployment does not {part}"));
    assert!(at("sts get-caller-identity") < at("sam deploy") && at("sam deploy") < at(".ci/wait-until-healthy"));
    assert!(ci.does("notify").contains(".ci/open-issue"));
}

// Proves: S1-A07
#[test]
fn the_pipeline_starts_on_a_push_to_main_on_a_pull_request_to_it_and_by_hand() {
    let ci = ci();
    let on = ci.on();
    assert_eq!(on["push"]["branches"][0], "main");
    assert_eq!(on["pull_request"]["branches"][0], "main");
    assert!(on.as_mapping().expect("events").contains_key("workflow_dispatch"));
}

// Proves: S1-A08
#[test]
fn build_waits_for_test_and_deploy_for_build_artefacts_carry_the_commit_and_health_is_verified() {
    let ci = ci();
    assert!(ci.needs("build").contains(&"test") && ci.needs("deploy").contains(&"build"));
    let reports =
        ci.steps("test").into_iter().find(|step| step["with"]["name"] == "test-report").expect("a report is kept");
    let kept = reports["with"]["path"].as_str().expect("paths");
    assert!(kept.contains("web/coverage") && kept.contains("target/verify"));
    assert!(ci.does("build").contains(".ci/package") && ci.does("build").contains("$GITHUB_SHA"));
    let deployment = deployment().does("deploy");
    assert!(deployment.contains("Version=\"$version+$GITHUB_SHA\""));
    assert!(deployment.contains(".ci/wait-until-healthy \"$PUBLIC_URL\" \"$GITHUB_SHA\""));
}

// Proves: S1-A09
#[test]
fn the_pipeline_takes_a_role_and_holds_no_key() {
    for (name, workflow) in workflows() {
        for key in ["aws-access-key-id", "aws-secret-access-key", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert!(!workflow.text.contains(key), "{name} names {key}");
        }
        for job in workflow.jobs() {
            let federates = workflow.job(job)["permissions"]["id-token"] == "write";
            let deploys = workflow.job(job)["uses"] == "./.github/workflows/deploy.yml";
            assert_eq!(federates, deploys, "{name}: {job}");
        }
    }
    let deployment = deployment();
    let role = deployment.steps("deploy").into_iter().find(|step| step["with"]["role-to-assume"].is_string());
    assert_eq!(role.expect("a role is taken")["with"]["role-to-assume"], "${{ secrets.AWS_ROLE_ARN }}");
    let text = deployment.text;
    assert!(["AWS_REGION", "SAM_STACK", "ARTIFACT_BUCKET"].iter().all(|name| text.contains(&format!("vars.{name} "))));
}

/// The places of a workflow where a secret could reach a log: all that is not an input or a variable of a step.
fn leaks(name: &str, workflow: &Workflow) -> Vec<String> {
    let mut found = Vec::new();
    for job in workflow.jobs() {
        for step in workflow.steps(job) {
            let script = step["run"].as_str().unwrap_or_default();
            for sign in ["${{", "set -x", "set -o xtrace", "bash -x", "printenv", "--debug"] {
                if script.contains(sign) {
                    found.push(format!("{name}: {job} runs a script with {sign}"));
                }
            }
            let secrets: Vec<&str> =
                step["env"].as_mapping().into_iter().flatten().filter_map(secret_variable).collect();
            for variable in secrets {
                let told = script.lines().filter(|line| line.contains("echo") || line.contains("printf"));
                if told
                    .into_iter()
                    .any(|line| line.contains(&format!("${variable}")) || line.contains(&format!("${{{variable}}}")))
                {
                    found.push(format!("{name}: {job} prints {variable}"));
                }
            }
        }
    }
    found
}

fn secret_variable<'a>((name, value): (&'a Value, &'a Value)) -> Option<&'a str> {
    let value = value.as_str()?;
    (value.contains("secrets.") || value.contains("github.token")).then(|| name.as_str()).flatten()
}

// Feature: aws-devops-three-tier, Property 18: CI credentials from GitHub Secrets, never logged
#[test]
fn no_workflow_can_log_a_secret() {
    for (name, workflow) in workflows() {
        assert_eq!(leaks(&name, &workflow), Vec::<String>::new());
        let lines = workflow.text.lines().filter(|line| line.contains("secrets."));
        assert!(
            lines.into_iter().all(|line| line.contains(": ${{ secrets.") && line.trim_end().ends_with("}}")),
            "{name}"
        );
    }
    let planted = [
        "run: |\n          curl -H \"Authorization: ${{ secrets.TOKEN }}\" https://example.com",
        "run: |\n          set -x\n          deploy",
        "run: echo \"$TOKEN\"\n        env:\n          TOKEN: ${{ secrets.TOKEN }}",
        "run: printf '%s' \"${TOKEN}\" | wc -c\n        env:\n          TOKEN: ${{ github.token }}",
    ];
    for step in planted {
        let text = format!("on: push\njobs:\n  bad:\n    steps:\n      - {step}\n");
        assert_eq!(leaks("planted", &Workflow::parse(&text)).len(), 1, "{step}");
    }
}

/// Any choice of jobs that would fail.
fn failures() -> impl Strategy<Value = BTreeSet<&'static str>> {
    proptest::sample::subsequence(ORDER.to_vec(), 0..=ORDER.len()).prop_map(|jobs| jobs.into_iter().collect())
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![Just(Event::Main), Just(Event::PullRequest)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: aws-devops-three-tier, Property 27: Images scanned before deployment
    // Proves: S1-T06
    #[test]
    fn nothing_is_deployed_that_was_not_scanned_and_found_clean(failing in failures(), event in event()) {
        let ci = ci();
        let ends = ci.run(event, |job| !failing.contains(job));
        for job in ["staging", "deploy"] {
            prop_assert!(ends[job] == End::Skipped || ends["scan"] == End::Passed);
        }
        let trivy = ci.steps("scan").into_iter().find(|step| {
            step["uses"].as_str().is_some_and(|uses| uses.starts_with("aquasecurity/trivy-action@"))
        });
        let with = &trivy.expect("the scan asks trivy")["with"];
        prop_assert!(with["severity"] == "HIGH,CRITICAL" && with["exit-code"] == "1");
        let scan = ci.does("scan");
        prop_assert!(scan.contains("cargo-deny-action") && scan.contains("--scan unpacked") && scan.contains("sbom-action"));
    }

    // Feature: aws-devops-three-tier, Property 28: Test failure halts deployment and notifies developers
    // Proves: S0-29, S1-E06
    #[test]
    fn a_failure_anywhere_halts_all_that_follows_and_is_told(failing in failures(), event in event()) {
        let ci = ci();
        let ends = ci.run(event, |job| !failing.contains(job));
        let first = ORDER.iter().position(|job| ends[job] == End::Failed);
        for job in first.map_or(&[][..], |first| &ORDER[first + 1..]) {
            prop_assert_eq!(ends[job], End::Skipped, "{} after {:?}", job, failing);
        }
        let told = ends["notify"] == End::Passed;
        prop_assert_eq!(told, first.is_some() && event == Event::Main);
    }

    // Feature: aws-devops-three-tier, Property 29: Success proceeds to build and push
    #[test]
    fn success_goes_on_to_build_and_publish_and_on_main_to_production(after in failures(), event in event()) {
        let ci = ci();
        let ends = ci.run(event, |job| job == "test" || !after.contains(job));
        prop_assert_ne!(ends["build"], End::Skipped);
        let all_good = ci.run(event, |_| true);
        prop_assert_eq!(all_good["scan"], End::Passed);
        let reaches_production = all_good["deploy"] == End::Passed;
        prop_assert_eq!(reaches_production, event == Event::Main);
    }
}

// Proves: S2-20, S2-21, S0-24
#[test]
fn lints_unit_tests_and_end_to_end_tests_run_for_every_pull_request() {
    let ci = ci();
    let ends = ci.run(Event::PullRequest, |_| true);
    assert_eq!(ends["test"], End::Passed);
    let steps: Vec<&str> = verify::steps::ALL.iter().map(|step| step.name).collect();
    assert!(["format", "lints", "rust-tests", "browser"].iter().all(|step| steps.contains(step)));
}

#[test]
fn a_cost_that_is_not_its_baselines_and_a_line_that_no_test_reaches_halt_the_pipeline_and_are_told() {
    let ci = ci();
    for job in ["costs", "coverage"] {
        assert!(ci.does(job).contains(&format!(".ci/run --only {job}")));
        let ends = ci.run(Event::Main, |other| other != job);
        assert_eq!((ends["build"], ends["deploy"], ends["notify"]), (End::Skipped, End::Skipped, End::Passed));
    }
}

// Proves: S0-13
#[test]
fn every_night_performance_is_measured_and_a_regression_opens_an_issue() {
    let nightly = nightly();
    assert!(nightly.on()["schedule"][0]["cron"].is_string());
    let bench = nightly.does("bench");
    assert!(bench.contains("cargo run -p bench") && bench.contains("--compare tests/bench/baseline.json figures.json"));
    for failing in nightly.jobs().into_iter().filter(|job| *job != "report") {
        let ends = nightly.run(Event::Main, |job| job != failing);
        assert_eq!(ends["report"], End::Passed, "{failing}");
    }
    assert_eq!(nightly.run(Event::Main, |_| true)["report"], End::Skipped);
    assert!(nightly.does("report").contains(".ci/open-issue"));
    assert!(nightly.does("full").contains(".ci/run --full"));
    assert!(nightly.does("emulator").contains("python3 tests/emulator/run.py"));
}

#[test]
fn every_script_that_a_workflow_calls_is_there_and_may_be_run() {
    use std::os::unix::fs::PermissionsExt;
    for (name, workflow) in workflows() {
        let words = workflow.text.split_whitespace().filter(|word| word.starts_with(".ci/"));
        for script in words.map(|word| word.trim_matches(['"', '\'', ';'])) {
            let about =
                std::fs::metadata(root().join(script)).unwrap_or_else(|_| panic!("{name}: there is no {script}"));
            assert!(about.permissions().mode() & 0o111 != 0, "{script} may not be run");
        }
    }
}

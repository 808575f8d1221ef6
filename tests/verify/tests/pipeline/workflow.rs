//! Workflows of GitHub Actions, as far as it takes to foresee what a run of them does.

use serde_yaml_ng::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    verify::repository().expect("the tests run inside the repository")
}

/// Every workflow by the name of its file.
pub fn workflows() -> BTreeMap<String, Workflow> {
    let entries = std::fs::read_dir(root().join(".github/workflows")).expect("there are workflows").flatten();
    let read = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, Workflow::parse(&std::fs::read_to_string(path).ok()?)))
    };
    entries.filter_map(|entry| read(entry.path())).collect()
}

/// One workflow.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// As it is written.
    pub text: String,
    /// As it is read.
    pub value: Value,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It ran and passed.
    Passed,
    /// It ran and failed.
    Failed,
    /// It did not run.
    Skipped,
}

/// What set the workflow going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A push to main, or a start by hand on it.
    Main,
    /// A pull request.
    PullRequest,
}

impl Workflow {
    /// Reads one.
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), value: serde_yaml_ng::from_str(text).expect("a workflow is YAML") }
    }

    /// What is under `on`, which YAML 1.1 takes for a truth value.
    pub fn on(&self) -> &Value {
        let on = self.value.get("on").or_else(|| self.value.get(Value::Bool(true)));
        on.expect("a workflow says when it runs")
    }

    /// A job by its name.
    pub fn job(&self, name: &str) -> &Value {
        let job = &self.value["jobs"][name];
        assert!(!job.is_null(), "there is no job {name}");
        job
    }

    /// The names of the jobs, in the order of the file.
    pub fn jobs(&self) -> Vec<&str> {
        self.value["jobs"].as_mapping().expect("jobs").keys().filter_map(Value::as_str).collect()
    }

    /// What a job needs.
    pub fn needs(&self, job: &str) -> Vec<&str> {
        match &self.job(job)["needs"] {
            Value::String(one) => vec![one],
            Value::Sequence(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a job waits for another, directly or not.
    pub fn waits_for(&self, job: &str, other: &str) -> bool {
        self.needs(job).iter().any(|need| *need == other || self.waits_for(need, other))
    }

    /// The steps of a job.
    pub fn steps(&self, job: &str) -> Vec<&Value> {
        self.job(job)["steps"].as_sequence().map(|steps| steps.iter().collect()).unwrap_or_default()
    }

    /// Every script and every action of a job, as one text.
    pub fn does(&self, job: &str) -> String {
        let of_step =
            |step: &&Value| ["uses", "run"].iter().filter_map(|key| step[key].as_str()).collect::<Vec<_>>().join("\n");
        self.steps(job).iter().map(of_step).collect::<Vec<_>>().join("\n")
    }

    /// What a run does when those jobs pass, if they run, that `passes` says pass.
    pub fn run(&self, event: Event, passes: impl Fn(&str) -> bool) -> BTreeMap<&str, End> {
        let mut ends = BTreeMap::new();
        while ends.len() < self.jobs().len() {
            let before = ends.len();
            for job in self.jobs() {
                if !ends.contains_key(job) && self.needs(job).iter().all(|need| ends.contains_key(need)) {
                    let end = match (self.starts(job, event, &ends), passes(job)) {
                        (false, _) => End::Skipped,
                        (true, true) => End::Passed,
                        (true, false) => End::Failed,
                    };
                    ends.insert(job, end);
                }
            }
            assert!(ends.len() > before, "jobs wait for each other");
        }
        ends
    }

    /// Whether a job starts: its condition holds, and what it needs passed, unless it asks for failures.
    fn starts(&self, job: &str, event: Event, ends: &BTreeMap<&str, End>) -> bool {
        let condition = self.job(job)["if"].as_str().unwrap_or_default();
        let asks_itself = ["failure()", "always()", "cancelled()"].iter().any(|word| condition.contains(word));
        let all_passed = self.needs(job).iter().all(|need| ends[need] == End::Passed);
        (asks_itself || all_passed)
            && condition.split("&&").map(str::trim).all(|part| self.holds(part, job, event, ends))
    }

    fn holds(&self, part: &str, job: &str, event: Event, ends: &BTreeMap<&str, End>) -> bool {
        match part {
            "" | "always()" => true,
            "failure()" => ends.iter().any(|(other, end)| *end == End::Failed && self.waits_for(job, other)),
            "github.ref == 'refs/heads/main'" => event == Event::Main,
            "github.event_name != 'pull_request'" => event != Event::PullRequest,
            other => panic!("the condition `{other}` is not understood here"),
        }
    }
}

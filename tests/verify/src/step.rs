//! A step: one kind of check, what it needs, and how it ended.

use crate::report::Ran;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One kind of check.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its name on the command line and of its log.
    pub name: &'static str,
    /// What it checks, in a few words.
    pub about: &'static str,
    /// When it runs without being named.
    pub when: When,
    /// Does it.
    pub run: fn(&Stage) -> Result<(), Stop>,
}

/// When a step runs that nobody named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In every run.
    Always,
    /// In a full run only: it builds everything once more, in another way.
    InFull,
}

/// Why a step did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It ran and found something wrong.
    Failed(String),
    /// It could not run: what is missing, and how to get it.
    Missing(String),
}

impl Stop {
    /// For a fault of the machine that keeps a step from its work.
    pub fn fault(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a step works with.
#[derive(Debug)]
pub struct Stage {
    /// The repository.
    pub root: PathBuf,
    /// Where logs, reports and lists go.
    pub out: PathBuf,
    /// The name of the step.
    pub name: &'static str,
    /// Whether the large numbers are asked for.
    pub full: bool,
    /// Whether nothing may be left out.
    pub ci: bool,
    /// Whether this is a run of every step.
    pub whole: bool,
    /// What the runners reported.
    pub tests: RefCell<Vec<Ran>>,
    /// Whether the step has shown what went wrong, so that the end of its log need not be.
    pub shown: Cell<bool>,
    /// Sentences to repeat at the end of the step.
    pub notes: RefCell<Vec<String>>,
    /// How long the parts of the step took that are worth naming.
    pub parts: RefCell<Vec<(String, Duration)>>,
}

impl Stage {
    /// The file that keeps all output of the step.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        log_of(&self.out, self.name)
    }

    /// Where cargo puts what it builds.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        target(&self.root)
    }

    /// The file that keeps what the runners of a step reported.
    #[must_use]
    pub fn report(&self, step: &str) -> PathBuf {
        self.out.join(format!("{step}.tests"))
    }

    /// Adds tests that a runner reported.
    pub fn add(&self, tests: impl IntoIterator<Item = Ran>) {
        self.tests.borrow_mut().extend(tests);
    }

    /// Notes a sentence for the end of the step.
    pub fn note(&self, sentence: impl Into<String>) {
        self.notes.borrow_mut().push(sentence.into());
    }
}

/// Where cargo puts what it builds.
#[must_use]
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// The log of a step.
#[must_use]
pub fn log_of(out: &Path, name: &str) -> PathBuf {
    out.join(format!("{name}.log"))
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A stage in a folder of its own.
    pub(crate) fn stage(name: &str) -> Stage {
        let out = std::env::temp_dir().join(format!("verify-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&out).expect("a folder for the test");
        Stage {
            root: out.clone(),
            out,
            name: "test",
            full: false,
            ci: false,
            whole: true,
            tests: RefCell::default(),
            shown: Cell::default(),
            notes: RefCell::default(),
            parts: RefCell::default(),
        }
    }
}

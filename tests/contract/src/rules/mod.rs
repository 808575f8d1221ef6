//! One file for each kind of rule. A rule is a function that returns what breaks it; beside it stand the test that the
//! repository keeps it, and the test that a planted violation is caught.

mod alarms;
mod cases;
mod contract;
mod crates;
mod events;
mod functions;
mod gateway;
mod metrics;
mod names;
mod pages;
mod paths;
mod personal;
mod policies;
mod queues;
mod regions;
mod samples;
mod secrets;
mod settings;
mod sources;
mod streams;
mod tables;
mod templates;
mod tiers;

use crate::stacks::Stacks;
use crate::tree::Tree;
use serde_json::Value;
use std::sync::OnceLock;

/// The repository, read once for all tests.
fn tree() -> Tree {
    static READ: OnceLock<Tree> = OnceLock::new();
    READ.get_or_init(Tree::read).clone()
}

/// The expanded templates, made once for all tests.
fn stacks() -> Stacks {
    static MADE: OnceLock<Result<Stacks, String>> = OnceLock::new();
    match MADE.get_or_init(Stacks::translate) {
        Ok(stacks) => stacks.clone(),
        Err(why) => panic!("{why}"),
    }
}

/// The public contract.
fn contract_of(tree: &Tree) -> Value {
    crate::yaml::parse(tree.text("infra/openapi.yaml").unwrap_or_default()).unwrap_or_else(|why| panic!("{why}"))
}

/// Fails with all violations, one a line.
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Fails unless some violation says this.
fn caught(violations: &[String], said: &str) {
    assert!(
        violations.iter().any(|violation| violation.contains(said)),
        "nothing said {said:?}:\n{}\n",
        violations.join("\n")
    );
}

//! What the functions cost, counted in a release build and held to `tests/bench/baseline.json`.

use super::{install_with_apt, rust_tests};
use crate::process::{Task, there_is};
use crate::regression;
use crate::step::{Stage, Stop};

/// The figures that are kept.
const BASELINE: &str = "tests/bench/baseline.json";
/// The sections of the benchmark that are counts.
const SECTIONS: &str = "counts,instructions,allocations,package";

/// Counts calls, units, bytes, instructions and allocations, and compares them with what is kept.
///
/// # Errors
/// When valgrind is missing, nothing could be counted, or a figure is not what its baseline says.
pub fn costs(stage: &Stage) -> Result<(), Stop> {
    if !there_is("valgrind") {
        println!("    installing valgrind …");
        install_with_apt(stage, "valgrind")?;
    }
    let figures = stage.out.join("figures.json");
    let words = ["run", "--quiet", "--release", "-p", "bench", "--", "--only", SECTIONS, "--figures"];
    let task = Task::new(stage, "cargo").args(words).args([&figures]).minutes(60);
    task.telling(rust_tests::telling).run()?;
    let found = regression::compare(&stage.root.join(BASELINE), &figures).map_err(Stop::Failed)?;
    stage.shown.set(!found.is_empty());
    for sentence in &found {
        println!("    {sentence}");
    }
    if found.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("the figures are not what {BASELINE} says"))) }
}

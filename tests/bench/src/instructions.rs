//! Instructions of one invocation, counted by callgrind: two runs of the same function differ by so many invocations and by nothing
//! else, so starting and warming up cancel out.

use crate::Why;
use crate::counts::precise;
use crate::handler;
use std::collections::BTreeMap;
use std::process::Command;

/// Invocations of the short run and of the long one.
pub const RUNS: [usize; 2] = [10, 40];

/// Whether valgrind is there.
#[must_use]
pub fn available() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|ended| ended.status.success())
}

/// Instructions of one invocation, outside of the kernel. The slices have as many events as [`RUNS`] says.
///
/// # Errors
/// When valgrind or the function fails.
pub fn per_invocation(
    operation: &str,
    environment: &BTreeMap<String, String>,
    events: [&[Vec<u8>]; 2],
) -> Result<f64, Why> {
    let [short, long] = events;
    let (few, many) = (collected(operation, environment, short)?, collected(operation, environment, long)?);
    let more = long.len().saturating_sub(short.len()).max(1) as u64;
    Ok(precise(many.saturating_sub(few)) / precise(more))
}

fn collected(operation: &str, environment: &BTreeMap<String, String>, events: &[Vec<u8>]) -> Result<u64, Why> {
    let program = handler::program("handler");
    let tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", &program];
    let (_, _, told) = handler::measure(&tool, operation, environment, events, 1)?;
    let line = told.lines().find_map(|line| line.split_once("Collected :")).ok_or("callgrind told no count")?;
    line.1.trim().parse().map_err(|_| format!("callgrind told {}", line.1))
}

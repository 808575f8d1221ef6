//! One function in a process of its own, given one event after the other with nothing else running: what the process uses is what
//! the function uses. It asks the stand-ins of the benchmark's process, as it would ask AWS.

use crate::counts::precise;
use crate::{Why, machine, release_binary};
use lambda::{Invocation, Platform};
use local::functions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What a run of a function used after its first events.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Used {
    /// Events that were measured.
    pub events: u64,
    /// Nanoseconds on a processor, user and kernel.
    pub processor_nanos: u64,
}

impl Used {
    /// Milliseconds on a processor for one event.
    #[must_use]
    pub fn milliseconds(&self) -> f64 {
        precise(self.processor_nanos) / precise(self.events.max(1)) / 1e6
    }
}

/// The child's side: gives `operation` the events in that file, one a line, and writes what all but the first `warm` used.
/// `measured` is called when the measured ones begin; what it gives is dropped when they end.
///
/// # Errors
/// When the function does not start or refuses an event.
pub fn serve<T>(words: &[String], measured: impl FnOnce() -> T) -> Result<(), Why> {
    let [operation, events, warm, result] = words else {
        return Err("operation, file of events, number of events to warm up with, file for the result".to_owned());
    };
    let text = std::fs::read(events).map_err(|error| format!("{events} cannot be read: {error}"))?;
    let events: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let warm: usize = warm.parse().map_err(|_| "the number of warm events is no number".to_owned())?;
    let (first, rest) = events.split_at_checked(warm).ok_or("fewer events than it takes to warm up")?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let used = runtime.block_on(run(operation, first, rest, measured)).map_err(|error| error.to_string())?;
    let used = serde_json::to_string(&used).map_err(|error| error.to_string())?;
    std::fs::write(result, used).map_err(|error| format!("{result} cannot be written: {error}"))
}

async fn run<T>(
    operation: &str,
    first: &[&[u8]],
    rest: &[&[u8]],
    measured: impl FnOnce() -> T,
) -> Result<Used, lambda::Error> {
    let mounted = functions::ALL.iter().find(|mounted| mounted.operation == operation);
    let mounted = mounted.ok_or_else(|| format!("there is no function {operation}"))?;
    let platform = Platform::from_environment()?;
    let function = (mounted.start)(&platform).await?;
    for event in first {
        invoke(&function, &platform, event).await?;
    }
    let held = measured();
    let before = machine::processor_nanos();
    for event in rest {
        invoke(&function, &platform, event).await?;
    }
    let processor_nanos = machine::processor_nanos() - before;
    drop(held);
    Ok(Used { events: rest.len() as u64, processor_nanos })
}

async fn invoke(function: &lambda::Function, platform: &Platform, event: &[u8]) -> Result<(), lambda::Error> {
    let deadline = platform.now().plus(Duration::from_secs(10));
    let answer = function.invoke(event.to_vec(), Invocation { request_id: "bench".to_owned(), deadline }).await?;
    // A status of 2xx is among the first bytes: reading the whole answer would be measured as well.
    if answer.starts_with(b"{\"statusCode\":20") {
        return Ok(());
    }
    Err(format!("the function refused: {}", String::from_utf8_lossy(&answer)).into())
}

/// What the child wrote to its log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Logged {
    /// Bytes of log lines for one event.
    pub line_bytes: f64,
    /// Bytes of metrics for one event.
    pub metric_bytes: f64,
}

/// The parent's side: runs `program` (the child's own, or a tool with it as its first words) over those events.
///
/// # Errors
/// With the child's last words, when it fails.
pub fn measure(
    program: &[&str],
    operation: &str,
    environment: &BTreeMap<String, String>,
    events: &[Vec<u8>],
    warm: usize,
) -> Result<(Used, Logged, String), Why> {
    let folder = folder()?;
    let (file, result) = (folder.join("events.jsonl"), folder.join("used.json"));
    std::fs::write(&file, events.join(&b"\n"[..])).map_err(|error| error.to_string())?;
    let (first, rest) = program.split_first().ok_or("no program")?;
    let mut command = Command::new(first);
    command.args(rest).arg(operation).arg(&file).arg(warm.to_string()).arg(&result);
    command.envs(environment).current_dir(&folder).stdin(Stdio::null());
    let ended = command.output().map_err(|error| format!("{first} does not start: {error}"))?;
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    if !ended.status.success() {
        return Err(format!("{operation} ended with {}: {}", ended.status, told.lines().last().unwrap_or_default()));
    }
    let used = std::fs::read(&result).map_err(|error| error.to_string())?;
    let used = serde_json::from_slice(&used).map_err(|error| error.to_string())?;
    Ok((used, logged(&ended.stdout, events.len()), told))
}

fn logged(output: &[u8], events: usize) -> Logged {
    let (mut lines, mut metrics) = (0, 0);
    for line in output.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"{\"_aws\"") { metrics += line.len() } else { lines += line.len() }
    }
    let each = |bytes: usize| precise(bytes as u64) / precise(events.max(1) as u64);
    Logged { line_bytes: each(lines), metric_bytes: each(metrics) }
}

/// The child's program.
#[must_use]
pub fn program(name: &str) -> String {
    release_binary(name).display().to_string()
}

/// Where the benchmark puts what it needs for a moment.
///
/// # Errors
/// When the folder cannot be made.
pub fn folder() -> Result<std::path::PathBuf, Why> {
    let folder = release_binary("").parent().unwrap_or(Path::new(".")).join("tmp/bench");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

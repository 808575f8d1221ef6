//! The binary that ships, as Lambda runs it: how soon it asks for its first event, and how much memory it takes.

use crate::counts::precise;
use crate::runtime_api::RuntimeApi;
use crate::{Why, machine};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A bootstrap that runs; it is ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended by itself is ended.
        self.0.kill().unwrap_or_default();
        drop(self.0.wait());
    }
}

fn spawn(binary: &Path, environment: &BTreeMap<String, String>, api: &RuntimeApi) -> Result<Running, Why> {
    let mut command = Command::new(binary);
    command.env_clear().envs(environment).env("AWS_LAMBDA_RUNTIME_API", api.address()?);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(Running).map_err(|error| format!("{} does not start: {error}", binary.display()))
}

/// Milliseconds from the start of the process to its first poll, and to the answer to its first event, the median of so many.
///
/// # Errors
/// When it does not start, or fails.
pub fn start(binary: &Path, environment: &BTreeMap<String, String>, events: &[Vec<u8>]) -> Result<(f64, f64), Why> {
    let (mut polls, mut answers) = (Vec::new(), Vec::new());
    for event in events {
        let api = RuntimeApi::bind()?;
        let begun = Instant::now();
        let running = spawn(binary, environment, &api)?;
        let mut polled = api.first_poll()?;
        polls.push(millis(begun, polled.at));
        let answer = polled.invoke(0, event)?;
        succeeded(&answer)?;
        answers.push(millis(begun, Instant::now()));
        drop(running);
    }
    Ok((median(polls), median(answers)))
}

fn millis(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1e3
}

/// The most memory that the binary ever had resident while it served these events, in bytes.
///
/// # Errors
/// When it does not start, or fails.
pub fn peak_bytes(binary: &Path, environment: &BTreeMap<String, String>, events: &[Vec<u8>]) -> Result<f64, Why> {
    let api = RuntimeApi::bind()?;
    let running = spawn(binary, environment, &api)?;
    let mut polled = api.first_poll()?;
    for (number, event) in events.iter().enumerate() {
        succeeded(&polled.invoke(number, event)?)?;
    }
    machine::peak_bytes(running.0.id()).map(precise).ok_or_else(|| "the system does not tell".to_owned())
}

fn succeeded(answer: &[u8]) -> Result<(), Why> {
    if answer.starts_with(b"{\"statusCode\":20") {
        return Ok(());
    }
    Err(format!("the bootstrap refused: {}", String::from_utf8_lossy(answer)))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

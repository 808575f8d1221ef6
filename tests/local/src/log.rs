//! Where the functions' log lines and metrics go: the latest are kept for whoever looks, and printed on request.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use telemetry::Output;

/// Lines that are kept at most.
const KEPT: usize = 20_000;

/// The latest lines of all functions.
#[derive(Clone, Default)]
pub struct Log {
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl Log {
    /// Where functions write: lines are kept, errors are printed (with `verbose` every line is), and metrics are given
    /// to `collect` instead.
    #[must_use]
    pub fn output(&self, verbose: bool, collect: Arc<dyn Fn(&str) + Send + Sync>) -> Output {
        let lines = Arc::clone(&self.lines);
        Arc::new(move |line| {
            if line.starts_with("{\"_aws\"") {
                collect(line);
                return;
            }
            if verbose || line.contains("\"level\":\"ERROR\"") {
                // A closed standard error is no reason to fail a request.
                drop(writeln!(std::io::stderr().lock(), "{line}"));
            }
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == KEPT {
                lines.pop_front();
            }
            lines.push_back(line.to_owned());
        })
    }

    /// The lines that are kept, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

//! Where the functions' log lines and metrics go: the latest are kept for whoever looks, and printed on request.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use telemetry::Output;

/// Lines that are kept at most.
const KEPT: usize = 20_000;
/// Documents of metrics that are kept at most.
const DOCUMENTS_KEPT: usize = 4_000;

/// The latest lines of all functions.
#[derive(Clone, Default)]
pub struct Log {
    lines: Arc<Mutex<VecDeque<String>>>,
    documents: Arc<Mutex<VecDeque<String>>>,
}

impl Log {
    /// Where functions write: lines are kept, errors are printed (with `verbose` every line is), and metrics are given
    /// to `collect` as well.
    #[must_use]
    pub fn output(&self, verbose: bool, collect: Arc<dyn Fn(&str) + Send + Sync>) -> Output {
        let (lines, documents) = (Arc::clone(&self.lines), Arc::clone(&self.documents));
        Arc::new(move |line| {
            if line.starts_with("{\"_aws\"") {
                collect(line);
                keep(&documents, line, DOCUMENTS_KEPT);
                return;
            }
            if verbose || line.contains("\"level\":\"ERROR\"") {
                // A closed standard error is no reason to fail a request.
                drop(writeln!(std::io::stderr().lock(), "{line}"));
            }
            keep(&lines, line, KEPT);
        })
    }

    /// The lines that are kept, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        kept(&self.lines)
    }

    /// The documents of metrics that are kept, oldest first.
    #[must_use]
    pub fn documents(&self) -> Vec<String> {
        kept(&self.documents)
    }
}

fn keep(place: &Mutex<VecDeque<String>>, text: &str, most: usize) {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if place.len() == most {
        place.pop_front();
    }
    place.push_back(text.to_owned());
}

fn kept(place: &Mutex<VecDeque<String>>) -> Vec<String> {
    place.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

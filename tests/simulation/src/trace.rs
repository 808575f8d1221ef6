//! What happened, line by line: the end of it for people, and a hash over all of it to tell two runs apart.

use kernel::Instant;
use ring::digest::{Context, SHA256};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines that are kept for people.
const KEPT: usize = 4_000;

/// The trace of one run. Clones share it.
#[derive(Clone)]
pub struct Trace(Arc<Mutex<Told>>);

struct Told {
    lines: VecDeque<String>,
    hash: Context,
    count: u64,
    start: Instant,
}

impl fmt::Debug for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Trace")
    }
}

impl Trace {
    /// A trace whose times count from `start`.
    #[must_use]
    pub fn new(start: Instant) -> Self {
        let told = Told { lines: VecDeque::new(), hash: Context::new(&SHA256), count: 0, start };
        Self(Arc::new(Mutex::new(told)))
    }

    /// Adds a line.
    pub fn tell(&self, at: Instant, line: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = at.millis() - told.start.millis();
        let line = format!("{:>5}.{:03} {line}", millis / 1000, millis.rem_euclid(1000));
        told.hash.update(line.as_bytes());
        told.hash.update(b"\n");
        told.count += 1;
        told.lines.push_back(line);
        if told.lines.len() > KEPT {
            told.lines.pop_front();
        }
    }

    /// SHA-256 over all lines so far, in hex.
    #[must_use]
    pub fn hash(&self) -> String {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.hash.clone().finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How many lines there are so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// The last `most` lines that hold one of `words`, or all lines when there are no words; oldest first.
    #[must_use]
    pub fn last(&self, most: usize, words: &[&str]) -> Vec<String> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |line: &&String| words.is_empty() || words.iter().any(|word| line.contains(word));
        let mut lines: Vec<String> = told.lines.iter().rev().filter(fits).take(most).cloned().collect();
        lines.reverse();
        lines
    }
}

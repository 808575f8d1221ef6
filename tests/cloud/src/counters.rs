//! Who did what, how often, and what it would cost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Different actions that are told apart at most; what comes after is counted under the caller `(others)`.
const ACTIONS_MAX: usize = 20_000;

/// One kind of call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    /// The access key that signed it; `lambda` for the pollers.
    pub caller: String,
    /// The service as IAM names it.
    pub service: &'static str,
    /// The operation.
    pub action: String,
    /// The table, queue, key, secret or bucket, by name; empty where there is none.
    pub resource: String,
}

/// What one kind of call came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls.
    pub calls: u64,
    /// Calls that were answered with an error.
    pub refused: u64,
    /// Halves of DynamoDB read units: an eventually consistent read of 4 KB is one.
    pub read_half_units: u64,
    /// Halves of DynamoDB write units: a write of 1 KB is two.
    pub write_half_units: u64,
    /// Bytes of the requests' bodies.
    pub bytes_in: u64,
    /// Bytes of the answers' bodies.
    pub bytes_out: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.refused += other.refused;
        self.read_half_units += other.read_half_units;
        self.write_half_units += other.write_half_units;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
    }
}

/// All that was counted since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Each kind of call with its tally, sorted.
    pub actions: Vec<(Action, Tally)>,
}

impl Snapshot {
    /// The sum over the actions that `choose` takes.
    #[must_use]
    pub fn sum(&self, choose: impl Fn(&Action) -> bool) -> Tally {
        let mut sum = Tally::default();
        self.actions.iter().filter(|(action, _)| choose(action)).for_each(|(_, tally)| sum.add(tally));
        sum
    }

    /// The sum over everything.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.sum(|_| true)
    }

    /// Calls of one operation of one service.
    #[must_use]
    pub fn calls(&self, service: &str, action: &str) -> u64 {
        self.sum(|known| known.service == service && known.action == action).calls
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    actions: Mutex<HashMap<Action, Tally>>,
}

impl Counters {
    pub(crate) fn count(&self, action: Action, tally: Tally) {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = actions.len() < ACTIONS_MAX || actions.contains_key(&action);
        let action =
            if known { action } else { Action { caller: "(others)".into(), resource: String::new(), ..action } };
        actions.entry(action).or_default().add(&tally);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut actions: Vec<_> = actions.iter().map(|(action, tally)| (action.clone(), *tally)).collect();
        actions.sort_by(|(one, _), (other, _)| one.cmp(other));
        Snapshot { actions }
    }

    pub(crate) fn reset(&self) {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

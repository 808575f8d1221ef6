//! Whose turn it is: the feeds of one partner are dealt with one at a time, in the order in which they came, so that what a
//! later feed says stands. One item for each partner holds the jobs that wait and the run that is at work on them.

use crate::GRACE;
use kernel::{Fault, Instant, JobId, Kind, PartnerId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// How long a run that says nothing is believed to be at work.
pub const LEASE: Duration = Duration::from_secs(20);
/// Jobs of one partner that wait at the most.
pub const WAITING_MOST: usize = 100;

/// The turns of one partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// Whose.
    pub partner: PartnerId,
    /// The jobs that wait, the one at work included, and when each came.
    #[serde(default)]
    pub waiting: BTreeMap<String, Instant>,
    /// Which run is at work.
    #[serde(default)]
    pub run: String,
    /// Until when it is believed to be.
    #[serde(default = "never")]
    pub until: Instant,
    /// The list that the sweep reads, while there is something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_list: Option<String>,
    /// Since when somebody has to come: since the first job waits, or the run at work is believed to be dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
}

/// What the queue of feeds carries: look after the feeds of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAfter {
    /// Whose.
    pub partner: PartnerId,
    /// Sent by a run to be looked after itself: as long as it is at work, nothing is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl LookAfter {
    /// Asks for all that wait.
    #[must_use]
    pub fn all_of(partner: PartnerId) -> Self {
        Self { partner, run: None }
    }
}

const fn never() -> Instant {
    Instant::from_millis(0)
}

impl Row for Turns {
    fn key(&self) -> Key {
        Self::key_of(&self.partner)
    }
}

impl Turns {
    /// The list of turns that somebody has to come for.
    pub const DUE: &str = "TURNS";

    /// Where the turns of `partner` stand.
    #[must_use]
    pub fn key_of(partner: &PartnerId) -> Key {
        Key::new(format!("TURNS#{partner}"))
    }

    /// Whether a run has the turn and was heard of lately.
    #[must_use]
    pub fn is_at_work(&self, now: Instant) -> bool {
        !self.run.is_empty() && now < self.until
    }

    /// Whether nobody waits and no run has left anything to tidy up.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.waiting.is_empty() && self.due_at.is_none()
    }

    /// Whether the sweep sends for it: somebody had to come for so long that nobody is on the way any more.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        !self.is_at_work(now) && self.due_at.is_some_and(|due| now.since(due) >= GRACE)
    }

    /// The job whose turn it is: the one that came first.
    #[must_use]
    pub fn next(&self) -> Option<JobId> {
        let first = self.waiting.iter().min_by_key(|(job, came)| (**came, (*job).clone()))?;
        JobId::parse(first.0).ok()
    }

    /// The turns of a partner that just came.
    #[must_use]
    pub fn new(partner: PartnerId) -> Self {
        Self { partner, waiting: BTreeMap::new(), run: String::new(), until: never(), due_list: None, due_at: None }
    }

    /// Lets a job wait that came at that moment; from `now` on somebody has to come.
    #[must_use]
    pub fn join(partner: &PartnerId, job: &JobId, came: Instant, now: Instant) -> Write {
        const ROOM: Guard = Guard::new("room", "size(waiting) < :most");
        const JOINS: &str = "SET waiting.#job = :came, due_list = :list, due_at = if_not_exists(due_at, :now)";
        Write::update(Self::key_of(partner), JOINS)
            .when(ROOM)
            .text(":list", Self::DUE)
            .name("#job", job.as_str())
            .number(":came", came.millis())
            .number(":now", now.millis())
            .number(":most", WAITING_MOST)
    }

    /// Takes the turn for `run`, unless another is at work.
    #[must_use]
    pub fn take(partner: &PartnerId, run: &str, now: Instant) -> Write {
        const FREE: Guard =
            Guard::new("free", "attribute_exists(pk) AND (attribute_not_exists(run) OR run = :run OR #until <= :now)");
        const TAKES: &str = "SET run = :run, #until = :until, due_list = :list, due_at = :until";
        Write::update(Self::key_of(partner), TAKES)
            .when(FREE)
            .text(":list", Self::DUE)
            .name("#until", "until")
            .text(":run", run)
            .number(":now", now.millis())
            .number(":until", now.plus(LEASE).millis())
    }

    /// Takes a job that is over out of the line.
    #[must_use]
    pub fn leave(partner: &PartnerId, job: &JobId) -> Write {
        Write::update(Self::key_of(partner), "REMOVE waiting.#job").when(Guard::PRESENT).name("#job", job.as_str())
    }

    /// Lets go of the turn, if `run` still has it and, where `empty`, nobody waits.
    #[must_use]
    pub fn let_go(partner: &PartnerId, run: &str, empty: bool) -> Write {
        const OURS: Guard = Guard::new("ours", "run = :run");
        const NOBODY: Guard = Guard::new("nobody_waits", "size(waiting) = :zero");
        // Where somebody waits, it stays due.
        let lets_go = if empty { "REMOVE run, #until, due_list, due_at" } else { "REMOVE run, #until" };
        let write = Write::update(Self::key_of(partner), lets_go).when(OURS).name("#until", "until").text(":run", run);
        if empty { write.when(NOBODY).number(":zero", 0) } else { write }
    }
}

/// The refusal of a feed while too many of its partner wait.
#[must_use]
pub fn too_many_wait() -> Fault {
    let detail = "Too many of your feeds wait to be read. Send the next one when one of them is done.";
    Fault::new(Kind::Limited, "too_many_feeds", detail).retry_after(Duration::from_secs(60))
}

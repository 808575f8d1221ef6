//! A job: one feed of a partner, from the moment it is received until its report is there. One item with its state, its counts
//! and the list of what happened. All changes are pure.

use crate::evidence::Origin;
use crate::key::World;
use kernel::{Fault, Instant, JobId, Kind, PartnerId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// How often a job is begun at the most before it is given up: a feed that makes its reader die must not do so for ever.
pub const STARTS_MOST: u32 = 5;
/// How long jobs and their reports are kept.
pub const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// How long after it came a feed may be read again: what it says of stock is as of then, and counts of more than two days ago
/// are not taken.
pub const READ_AGAIN: Duration = Duration::from_secs(24 * 3600);
/// Events that a job remembers at the most.
const EVENTS_KEPT: usize = 50;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The feed is here and waits for its turn.
    Received,
    /// Its rows are read, checked and, in the live world, stored.
    Reading,
    /// Every row has been dealt with.
    Done,
    /// The feed as a whole was refused. Rows before the place where it broke may have been taken; the counts say so.
    Refused,
    /// It was begun too often without coming to an end.
    Failed,
}

impl State {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Failed)
    }

    /// The state as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Reading => "reading",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The feed itself, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Where its bytes stand in the bucket.
    pub object: String,
    /// How many there are.
    pub bytes: u64,
    /// SHA-256 over them, in hex.
    pub sha256: String,
    /// What the sender said it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What the sender calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// How the sender wants it read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// Take nothing unless every row is right.
    #[serde(default)]
    pub all_or_nothing: bool,
    /// A mapping, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
}

/// What has been counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that were read.
    pub seen: u64,
    /// Rows that are right.
    pub accepted: u64,
    /// Accepted rows that changed something in the shop, or would have in the sandbox. A run that dies in the middle of a step
    /// leaves rows that the next one finds as they ought to be: they count as accepted and not as changed.
    pub changed: u64,
    /// Rows that are wrong.
    pub rejected: u64,
    /// Rows that say again what an earlier row said.
    pub merged: u64,
}

/// Why a feed was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The rule's name.
    pub rule: String,
    /// What is wrong.
    pub detail: String,
    /// How to mend it.
    pub hint: String,
    /// In which line, if in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl Refusal {
    /// The refusal of the reader, as it is stored.
    #[must_use]
    pub fn of(refusal: &crate::feeds::Refusal) -> Self {
        Self {
            rule: refusal.rule.name.to_owned(),
            detail: refusal.detail.clone(),
            hint: refusal.rule.hint.to_owned(),
            line: refusal.line,
        }
    }
}

/// One thing that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// Who, as [`kernel::Principal`] names them.
    pub by: String,
    /// The state it came to.
    pub to: State,
}

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id: derived from the partner and the idempotency key, so that a repeat is the same job.
    pub id: JobId,
    /// 1 when it is made; one more with each change.
    pub version: u64,
    /// Whose feed.
    pub partner: PartnerId,
    /// What the index finds the jobs of its partner by.
    pub listed: String,
    /// In which order it finds them: when the feed came.
    pub listed_at: Instant,
    /// SHA-256 over the request that made it, in hex: another request with the same key is refused.
    pub fingerprint: String,
    /// Which world.
    pub world: World,
    /// Where it stands.
    pub state: State,
    /// The feed.
    pub source: Source,
    /// How it is to be read.
    pub wishes: Wishes,
    /// When the feed came: its stock is as of then, and what a later feed said stands.
    pub received_at: Instant,
    /// How often reading began.
    #[serde(default)]
    pub starts: u32,
    /// In what format it is, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether every row has been checked and storing has begun, where all or nothing was wished for.
    #[serde(default)]
    pub checked: bool,
    /// How many rows have been dealt with: where reading goes on.
    #[serde(default)]
    pub position: u64,
    /// What has been counted.
    #[serde(default)]
    pub counts: Counts,
    /// Rejections by the name of the rule.
    #[serde(default)]
    pub by_rule: BTreeMap<String, u64>,
    /// How many parts of the report are in the bucket.
    #[serde(default)]
    pub parts: u32,
    /// Why it was refused as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// What happened.
    pub events: Vec<Event>,
    /// Where the request that brought it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// What looks like an attack in what was read so far.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub suspected: BTreeSet<String>,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// When it is dropped, in seconds, as DynamoDB's TTL wants it.
    pub expires_at: i64,
}

impl Row for Job {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

/// A feed that comes, checked and put into the bucket.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// See [`Job::id`].
    pub id: JobId,
    /// See [`Job::partner`].
    pub partner: PartnerId,
    /// See [`Job::fingerprint`].
    pub fingerprint: String,
    /// See [`Job::world`].
    pub world: World,
    /// See [`Job::source`].
    pub source: Source,
    /// See [`Job::wishes`].
    pub wishes: Wishes,
    /// See [`Job::origin`].
    pub origin: Option<Origin>,
    /// See [`Job::trace`].
    pub trace: Option<String>,
}

/// What one step of reading came to.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Rows dealt with, those before them included.
    pub position: u64,
    /// What was counted in it.
    pub counts: Counts,
    /// Rejections by rule in it.
    pub by_rule: BTreeMap<String, u64>,
    /// Whether it put a part of the report into the bucket.
    pub reported: bool,
}

impl Job {
    /// What every job's partition key begins with.
    pub const PREFIX: &'static str = "JOB#";

    /// Where the job `id` stands.
    #[must_use]
    pub fn key_of(id: &JobId) -> Key {
        Key::new(format!("{}{id}", Self::PREFIX))
    }

    /// What the index finds the jobs of `partner` by.
    #[must_use]
    pub fn listed(partner: &PartnerId) -> String {
        format!("JOBS#{partner}")
    }

    /// A job for a feed that just came.
    #[must_use]
    pub fn receive(arrival: Arrival, now: Instant) -> Self {
        let by = format!("partner:{}", arrival.partner);
        Self {
            id: arrival.id,
            version: 1,
            listed: Self::listed(&arrival.partner),
            listed_at: now,
            partner: arrival.partner,
            fingerprint: arrival.fingerprint,
            world: arrival.world,
            state: State::Received,
            source: arrival.source,
            wishes: arrival.wishes,
            received_at: now,
            starts: 0,
            format: None,
            checked: false,
            position: 0,
            counts: Counts::default(),
            by_rule: BTreeMap::new(),
            parts: 0,
            refusal: None,
            events: vec![Event { at: now, by, to: State::Received }],
            origin: arrival.origin,
            suspected: BTreeSet::new(),
            trace: arrival.trace,
            expires_at: now.plus(KEPT).seconds(),
        }
    }

    /// The job as it was when its feed came: what a repeat of that request is answered.
    #[must_use]
    pub fn as_received(&self) -> Self {
        Self {
            version: 1,
            state: State::Received,
            starts: 0,
            format: None,
            checked: false,
            position: 0,
            counts: Counts::default(),
            by_rule: BTreeMap::new(),
            parts: 0,
            refusal: None,
            events: self.first_event(),
            ..self.clone()
        }
    }

    fn first_event(&self) -> Vec<Event> {
        vec![Event { at: self.received_at, by: format!("partner:{}", self.partner), to: State::Received }]
    }

    /// The job as it is when a run takes it up.
    ///
    /// # Errors
    /// `failed` in the place of reading, when it was begun too often.
    #[must_use]
    pub fn begin(mut self, now: Instant) -> Self {
        self.starts += 1;
        let to = if self.starts > STARTS_MOST { State::Failed } else { State::Reading };
        if to == State::Failed {
            self.refusal = Some(Refusal {
                rule: "given_up".to_owned(),
                detail: format!("Reading this feed broke off {STARTS_MOST} times."),
                hint: "This is our fault. Support has been told; you can requeue the job.".to_owned(),
                line: None,
            });
        }
        self.turn_to(to, "system", now);
        self
    }

    /// The job after one more step of reading.
    #[must_use]
    pub fn advance(mut self, step: Step) -> Self {
        self.position = step.position;
        self.counts = self.counts.and(step.counts);
        for (rule, times) in step.by_rule {
            *self.by_rule.entry(rule).or_default() += times;
        }
        self.parts += u32::from(step.reported);
        // A run that gets on is no run that dies at once.
        self.starts = self.starts.min(1);
        self
    }

    /// The job after its rows have been checked, all of them right, where all or nothing was wished for: now they are read
    /// again and stored.
    #[must_use]
    pub fn all_right(mut self) -> Self {
        self.checked = true;
        (self.position, self.counts) = (0, Counts::default());
        self
    }

    /// The job at its end.
    #[must_use]
    pub fn end(mut self, refusal: Option<Refusal>, now: Instant) -> Self {
        let to = if refusal.is_some() { State::Refused } else { State::Done };
        self.refusal = refusal;
        self.turn_to(to, "system", now);
        self
    }

    /// The job from the beginning again, because somebody wants it so.
    ///
    /// # Errors
    /// A conflict unless it is over and came within a day.
    pub fn requeue(mut self, by: &str, now: Instant) -> Result<Self, Fault> {
        if !self.state.is_over() {
            let detail = "The job is not over yet.";
            return Err(Fault::new(Kind::Conflict, "job_not_over", detail));
        }
        if now.since(self.received_at) >= READ_AGAIN {
            let detail = "This feed came more than a day ago, and its stock is not true any more. Send it anew.";
            return Err(Fault::new(Kind::Conflict, "feed_too_old", detail));
        }
        (self.position, self.counts, self.parts, self.starts) = (0, Counts::default(), 0, 0);
        (self.refusal, self.checked) = (None, false);
        self.by_rule.clear();
        self.turn_to(State::Received, by, now);
        Ok(self)
    }

    /// The write that puts the job in the place of its version; `self` becomes what it is then.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn save(&mut self) -> Result<Write, Fault> {
        let seen = self.version;
        self.version += 1;
        Ok(Write::put(self)?.seen(seen))
    }

    /// The write that makes a new job.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn create(&self) -> Result<Write, Fault> {
        Ok(Write::put(self)?.when(Guard::ABSENT))
    }

    /// Where part `n` of its report stands in the bucket.
    #[must_use]
    pub fn part(&self, n: u32) -> String {
        format!("reports/{}/{}/{n:06}.ndjson", self.partner, self.id)
    }

    fn turn_to(&mut self, to: State, by: &str, now: Instant) {
        if self.state != to || to == State::Received {
            self.events.push(Event { at: now, by: by.to_owned(), to });
            let over = self.events.len().saturating_sub(EVENTS_KEPT);
            self.events.drain(..over);
        }
        self.state = to;
    }
}

impl Counts {
    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            seen: self.seen + other.seen,
            accepted: self.accepted + other.accepted,
            changed: self.changed + other.changed,
            rejected: self.rejected + other.rejected,
            merged: self.merged + other.merged,
        }
    }
}

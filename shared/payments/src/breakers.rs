//! The breakers that all environments share: one item for each provider in the table `control`. Every change is one
//! conditional write on the version that was seen; a refused one brings the item as it is, so nothing is read to write.
//!
//! Beside the breaker the item notes how long payments waited in the queue for those who look after them: both are reasons to
//! take no new ones, and one read tells both.

use crate::breaker::{Breaker, Word};
use kernel::{Fault, Instant, Kind, OrderId, fault::texts};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::{Guard, Key, Refused, Row, Table, Write, WriteError};

/// How long an environment goes by what it saw.
pub const VIEW_LASTS: Duration = Duration::from_millis(250);
/// Payments that waited longer than this for their first look mean that the queue is behind: no new ones are taken. The
/// wait holds the delay that a message is sent with, 34 seconds at the most.
pub const BACKLOG: Duration = Duration::from_secs(60);
/// How long such a note counts. Whoever works on the queue renews it each second; when nobody does, the queue is empty.
pub const NOTE_LASTS: Duration = Duration::from_secs(30);
/// How long a checkout that was refused for it is told to wait.
const CATCH_UP: Duration = Duration::from_secs(10);
/// How often the note is renewed.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// The shared breakers, as one environment sees them. Clones share the view.
#[derive(Debug, Clone)]
pub struct Breakers {
    table: Table,
    seen: Arc<Mutex<HashMap<&'static str, Seen>>>,
}

#[derive(Debug, Clone)]
struct Seen {
    at: Instant,
    provider: Provider,
}

/// A provider's item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Provider {
    provider: String,
    /// Counts the changes of the breaker.
    #[serde(default)]
    version: u64,
    #[serde(default)]
    breaker: Breaker,
    /// How long a payment waited in the queue for its first look, in milliseconds.
    #[serde(default)]
    waited_ms: u64,
    /// When that was noted.
    #[serde(default)]
    waited_at: Option<Instant>,
}

impl Row for Provider {
    fn key(&self) -> Key {
        key(&self.provider)
    }
}

fn key(provider: &str) -> Key {
    Key::new(format!("PROVIDER#{provider}"))
}

/// Leave for one operation of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a probe that is not reported keeps others waiting until its lease is over"]
pub struct Pass {
    provider: &'static str,
    payment: String,
    probe: Option<String>,
}

impl Pass {
    /// Whether it tries a half-open breaker.
    #[must_use]
    pub const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

/// What an operation that wants to begin gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Go(Pass),
    /// Not before that.
    Wait(Duration),
}

/// What an operation says of its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does what it is asked.
    Works,
    /// It failed, or did not say.
    Fails,
    /// Nothing: it was not called, or it declined.
    Silent,
}

impl Breakers {
    /// The breakers in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, seen: Arc::default() }
    }

    /// How long new payments with that provider have to wait; `None` when they need not. One read, and none while the view
    /// is young: made beside another call, it spares [`Breakers::admit`] its own.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn look(&self, provider: &'static str, now: Instant) -> Result<Option<Duration>, Fault> {
        let seen = self.view(provider, now).await?;
        Ok(match seen.breaker.ask(now) {
            Word::Wait(wait) => Some(wait),
            Word::Go | Word::Probe => seen.is_behind(now).then_some(CATCH_UP),
        })
    }

    /// Whether a provider is left alone, or was so a short while ago and has not been seen to work since.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn is_in_trouble(&self, provider: &'static str, now: Instant) -> Result<bool, Fault> {
        Ok(self.view(provider, now).await?.breaker.is_in_trouble(now))
    }

    /// Notes how long a payment waited in the queue for its first look. Nothing is written while none waits long, nor more
    /// than once in a second; an older note never takes the place of a newer one.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn note_wait(&self, provider: &'static str, waited: Duration, now: Instant) -> Result<(), Fault> {
        const NEWER: Guard = Guard::new("newer", "attribute_not_exists(waited_at) OR waited_at < :now");
        let seen = self.view(provider, now).await?;
        let (long, was_long) = (waited > BACKLOG, seen.is_behind(now));
        let lately = seen.waited_at.is_some_and(|at| at <= now && now.since(at) < NOTE_EVERY);
        if !long && !was_long || long && was_long && lately {
            return Ok(());
        }
        let note = "SET provider = :provider, waited_ms = :waited, waited_at = :now";
        let note = Write::update(key(provider), note)
            .when(NEWER)
            .text(":provider", provider)
            .number(":waited", waited.as_millis())
            .number(":now", now.millis());
        match self.table.write(note).await {
            Ok(Some(item)) => {
                self.keep(provider, now, &item.read()?);
                Ok(())
            }
            Ok(None) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// Lets an operation of `payment` begin, or not. The first one at a half-open breaker gets the lease: one write.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn admit(&self, provider: &'static str, payment: &OrderId, now: Instant) -> Result<Admission, Fault> {
        let operation = format!("{payment}@{}", now.millis());
        let mut seen = self.view(provider, now).await?;
        if seen.breaker.ask(now) == Word::Probe {
            seen = self.change(provider, now, |breaker| breaker.try_with(&operation, now)).await?;
        }
        let probe = seen.breaker.is_tried_by(&operation).then_some(operation);
        Ok(match seen.breaker.ask(now) {
            Word::Wait(wait) if probe.is_none() => Admission::Wait(wait),
            _ => Admission::Go(Pass { provider, payment: payment.to_string(), probe }),
        })
    }

    /// Hears how an operation ended. While nobody doubts the provider, a success writes nothing.
    ///
    /// # Errors
    /// Unavailable when the table does not answer: then it is not counted.
    pub async fn report(&self, pass: &Pass, verdict: Verdict, now: Instant) -> Result<(), Fault> {
        let (payment, probe) = (pass.payment.as_str(), pass.probe.as_deref());
        let changed = match (verdict, probe) {
            (Verdict::Works, None) if !self.last_seen(pass.provider).breaker.is_in_doubt() => return Ok(()),
            (Verdict::Silent, None) => return Ok(()),
            (Verdict::Works, _) => self.change(pass.provider, now, |breaker| breaker.on_success(probe)).await,
            (Verdict::Fails, _) => {
                self.change(pass.provider, now, |breaker| breaker.on_failure(payment, probe, now)).await
            }
            (Verdict::Silent, Some(probe)) => {
                self.change(pass.provider, now, |breaker| breaker.on_silence(probe)).await
            }
        };
        changed.map(drop)
    }

    /// What this environment saw last, however long ago; as good as any to begin a conditional write with.
    fn last_seen(&self, provider: &'static str) -> Provider {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(provider).map(|seen| seen.provider.clone()).unwrap_or_else(|| Provider::of(provider))
    }

    fn keep(&self, provider: &'static str, at: Instant, item: &Provider) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(provider, Seen { at, provider: item.clone() });
    }

    /// The item as it was at most [`VIEW_LASTS`] ago.
    async fn view(&self, provider: &'static str, now: Instant) -> Result<Provider, Fault> {
        let young = |seen: &&Seen| seen.at <= now && now.since(seen.at) <= VIEW_LASTS;
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(provider).filter(young).cloned();
        if let Some(known) = known {
            return Ok(known.provider);
        }
        let item = self.table.get(&key(provider)).await?.unwrap_or_else(|| Provider::of(provider));
        self.keep(provider, now, &item);
        Ok(item)
    }

    /// Saves a step of a breaker, again on whatever another environment left, until it stands or changes nothing. It starts
    /// over only when another environment got on, so of all that are at it one always does.
    async fn change(
        &self,
        provider: &'static str,
        now: Instant,
        step: impl Fn(&mut Breaker) -> bool,
    ) -> Result<Provider, Fault> {
        let mut current = self.last_seen(provider);
        loop {
            let mut next = current.clone();
            if !step(&mut next.breaker) {
                return Ok(current);
            }
            next.version += 1;
            match self.table.write(next.write_over(current.version)?).await {
                Ok(_) => {
                    self.keep(provider, now, &next);
                    return Ok(next);
                }
                Err(WriteError::Refused(Refused { old, .. })) => {
                    current = old.map_or_else(|| Ok(Provider::of(provider)), table::Item::read)?;
                    self.keep(provider, now, &current);
                    // The client repeats a write whose answer was lost: then ours is the one that stands.
                    if (current.version, &current.breaker) == (next.version, &next.breaker) {
                        return Ok(current);
                    }
                }
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
    }
}

impl Provider {
    fn of(provider: &str) -> Self {
        Self { provider: provider.to_owned(), ..Self::default() }
    }

    /// Whether a note that still counts says that the queue is behind. One from a clock that is ahead counts too.
    fn is_behind(&self, now: Instant) -> bool {
        let counts = self.waited_at.is_some_and(|at| now.since(at) <= NOTE_LASTS);
        counts && Duration::from_millis(self.waited_ms) > BACKLOG
    }

    /// Puts this breaker in the place of version `seen`, and leaves what else the item holds.
    fn write_over(&self, seen: u64) -> Result<Write, Fault> {
        const UNCHANGED: Guard = Guard::new("breaker_unchanged", "version = :seen");
        const NEW: Guard = Guard::new("no_breaker_yet", "attribute_not_exists(version)");
        let write = Write::update(self.key(), "SET provider = :provider, version = :version, breaker = :breaker")
            .text(":provider", self.provider.as_str())
            .number(":version", self.version)
            .value(":breaker", &self.breaker)?;
        Ok(if seen == 0 { write.when(NEW) } else { write.when(UNCHANGED).number(":seen", seen) })
    }
}

/// The refusal of a checkout whose provider is left alone: nothing was written, and trying again makes sense after `wait`.
#[must_use]
pub fn resting(wait: Duration) -> Fault {
    Fault::new(Kind::Unavailable, RESTING, texts::UNAVAILABLE).retry_after(wait.max(Duration::from_secs(1)))
}

/// The code of [`resting`].
pub const RESTING: &str = "payments_unavailable";

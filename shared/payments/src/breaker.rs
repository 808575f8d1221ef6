//! Whether a provider is asked for money at all. Pure: no clock, no chance, no table.
//!
//! What counts is an operation: all calls of one request. It counts once, when it ends. Three that failed, of different
//! payments, inside a minute and with no success between them, open the breaker. It stays open for half a minute, then lets
//! one operation through at a time to see; two that work close it, one that fails opens it again.

use kernel::Instant;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Failed operations, of different payments, that open it.
pub const FAILURES: usize = 3;
/// How long a failure counts.
pub const WINDOW: Duration = Duration::from_secs(60);
/// How long it stays open.
pub const REST: Duration = Duration::from_secs(30);
/// Operations in a row that must work before it closes.
pub const SUCCESSES: u32 = 2;
/// How long one operation may try a half-open breaker alone: its budget of 4.5 s, and clocks that are four seconds apart.
pub const LEASE: Duration = Duration::from_secs(10);

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everybody goes through.
    #[default]
    Closed,
    /// Nobody does.
    Open,
    /// One at a time does, to see.
    HalfOpen,
}

/// What can happen to a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// An operation worked.
    Worked,
    /// As many worked as close it.
    Recovered,
    /// An operation failed.
    Failed,
    /// As many failed as open it.
    Tripped,
    /// It has been open long enough.
    Rested,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub from: State,
    /// What happens.
    pub event: Event,
    /// Where it stands then.
    pub to: State,
}

const fn rule(from: State, event: Event, to: State) -> Rule {
    Rule { from, event, to }
}

/// All that may follow on anything. News that comes late, of operations that began before it opened, has no line.
pub const MACHINE: &[Rule] = &[
    rule(State::Closed, Event::Worked, State::Closed),
    rule(State::Closed, Event::Failed, State::Closed),
    rule(State::Closed, Event::Tripped, State::Open),
    rule(State::Open, Event::Rested, State::HalfOpen),
    rule(State::HalfOpen, Event::Worked, State::HalfOpen),
    rule(State::HalfOpen, Event::Recovered, State::Closed),
    rule(State::HalfOpen, Event::Failed, State::Open),
];

/// Where a breaker in `from` stands after `event`; `None` when the event says nothing to it.
#[must_use]
pub fn apply(from: State, event: Event) -> Option<State> {
    MACHINE.iter().find(|rule| rule.from == from && rule.event == event).map(|rule| rule.to)
}

impl State {
    /// The state's name as it is stored and drawn.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Event {
    /// The event's name as it is drawn.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::Recovered => "recovered",
            Self::Failed => "failed",
            Self::Tripped => "tripped",
            Self::Rested => "rested",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What an operation that wants to begin is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Go on.
    Go,
    /// Go on alone, under a lease.
    Probe,
    /// Not now; perhaps after that.
    Wait(Duration),
}

/// A payment whose operation failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Failure {
    payment: String,
    at: Instant,
}

/// Who tries a half-open breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    operation: String,
    until: Instant,
}

/// How long after its rest a provider that nobody has tried is still believed to be in trouble.
const KNOWN_FOR: Duration = Duration::from_secs(150);

/// A provider's breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    state: State,
    /// While closed: what failed lately, once for each payment, with no success since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Failure>,
    /// While open: until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
    /// While half-open: how many worked in a row.
    #[serde(default)]
    worked: u32,
    /// While half-open: who tries it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
}

impl Breaker {
    /// Where it stands at that moment.
    #[must_use]
    pub fn state(&self, now: Instant) -> State {
        let rested = self.until.is_some_and(|until| until <= now);
        rested.then(|| apply(self.state, Event::Rested)).flatten().unwrap_or(self.state)
    }

    /// Whether the provider is in trouble as far as anybody knows: it is left alone, or was so a short while ago and nobody has seen it
    /// work since. Without payments nobody finds out.
    #[must_use]
    pub fn is_in_trouble(&self, now: Instant) -> bool {
        let known = self.until.or_else(|| self.lease.as_ref().map(|lease| lease.until));
        self.state != State::Closed && known.is_some_and(|known| now.since(known) < KNOWN_FOR)
    }

    /// What an operation that wants to begin now is told.
    #[must_use]
    pub fn ask(&self, now: Instant) -> Word {
        let until = match self.state(now) {
            State::Closed => return Word::Go,
            State::Open => self.until,
            State::HalfOpen => self.lease.as_ref().map(|lease| lease.until),
        };
        until.filter(|until| *until > now).map_or(Word::Probe, |until| Word::Wait(until.since(now)))
    }

    /// Gives the lease to `operation`, if it can be had. Answers whether it can.
    pub fn try_with(&mut self, operation: &str, now: Instant) -> bool {
        if self.ask(now) != Word::Probe {
            return false;
        }
        if self.state == State::Open {
            *self = Self { state: State::HalfOpen, ..Self::default() };
        }
        self.lease = Some(Lease { operation: operation.to_owned(), until: now.plus(LEASE) });
        true
    }

    /// Whether `operation` is the one that tries it.
    #[must_use]
    pub fn is_tried_by(&self, operation: &str) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.operation == operation)
    }

    /// Whether a success would change anything.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.state != State::Closed || !self.failures.is_empty()
    }

    /// An operation worked; `probe` names it if it had the lease. Answers whether that changed anything.
    pub fn on_success(&mut self, probe: Option<&str>) -> bool {
        if self.state == State::HalfOpen {
            if !probe.is_some_and(|operation| self.is_tried_by(operation)) {
                return false;
            }
            let worked = self.worked + 1;
            let event = if worked >= SUCCESSES { Event::Recovered } else { Event::Worked };
            return self.follow(event, |to| Self { state: to, worked, ..Self::default() });
        }
        !self.failures.is_empty() && self.follow(Event::Worked, |to| Self { state: to, ..Self::default() })
    }

    /// The operation of `payment` failed; `probe` names it if it had the lease. Answers whether that changed anything.
    pub fn on_failure(&mut self, payment: &str, probe: Option<&str>, now: Instant) -> bool {
        let open = |to| Self { state: to, until: Some(now.plus(REST)), ..Self::default() };
        if self.state == State::HalfOpen {
            let tried = probe.is_some_and(|operation| self.is_tried_by(operation));
            return tried && self.follow(Event::Failed, open);
        }
        let edge = now.minus(WINDOW);
        let counts = |known: &&Failure| known.at > edge && known.payment != payment;
        let mut failures: Vec<Failure> = self.failures.iter().filter(counts).cloned().collect();
        failures.push(Failure { payment: payment.to_owned(), at: now });
        if failures.len() >= FAILURES {
            return self.follow(Event::Tripped, open);
        }
        self.follow(Event::Failed, |to| Self { state: to, failures, ..Self::default() })
    }

    /// The operation that tried it ended and says nothing of the provider: the next one may. Answers whether it had the
    /// lease.
    pub fn on_silence(&mut self, operation: &str) -> bool {
        let tried = self.is_tried_by(operation);
        if tried {
            self.lease = None;
        }
        tried
    }

    /// Goes where the table leads, if it has such a line.
    fn follow(&mut self, event: Event, next: impl FnOnce(State) -> Self) -> bool {
        let to = apply(self.state, event);
        if let Some(to) = to {
            *self = next(to);
        }
        to.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, Event, FAILURES, LEASE, MACHINE, REST, SUCCESSES, State, WINDOW, Word, apply};
    use kernel::Instant;
    use proptest::prelude::*;
    use std::time::Duration;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds)
    }

    fn open_at(seconds: i64) -> Breaker {
        let mut breaker = Breaker::default();
        for payment in ["a", "b", "c"] {
            assert!(breaker.on_failure(payment, None, at(seconds)));
        }
        breaker
    }

    #[test]
    fn the_table_has_one_answer_for_each_question_and_reaches_every_state() {
        for rule in MACHINE {
            let same = |other: &&super::Rule| (other.from, other.event) == (rule.from, rule.event);
            assert_eq!(MACHINE.iter().filter(same).count(), 1, "{rule:?}");
            assert!(!rule.event.name().is_empty());
            assert_eq!(*rule, super::rule(rule.from, rule.event, apply(rule.from, rule.event).unwrap()));
        }
        for state in [State::Closed, State::Open, State::HalfOpen] {
            assert!(MACHINE.iter().any(|rule| rule.to == state && rule.from != state), "{state} is never reached");
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
        assert_eq!(apply(State::Open, Event::Worked), None, "late news changes nothing");
    }

    // Proves: S4-A2a
    #[test]
    fn three_failures_of_different_payments_inside_a_minute_open_it() {
        assert_eq!(open_at(100).state(at(100)), State::Open);

        let mut slow = Breaker::default();
        for (payment, seconds) in [("a", 0), ("b", 30), ("c", 60), ("d", 91)] {
            slow.on_failure(payment, None, at(seconds));
            assert_eq!(slow.state(at(seconds)), State::Closed, "{payment}");
        }
        slow.on_failure("e", None, at(92));
        assert_eq!(slow.state(at(92)), State::Open, "c, d and e are inside a minute");
    }

    #[test]
    fn one_payment_that_fails_again_and_again_counts_once() {
        let mut breaker = Breaker::default();
        for seconds in 0..20 {
            breaker.on_failure("a", None, at(seconds));
        }
        breaker.on_failure("b", None, at(20));
        assert_eq!(breaker.ask(at(20)), Word::Go);
    }

    #[test]
    fn a_success_between_them_forgets_the_failures() {
        let mut breaker = Breaker::default();
        breaker.on_failure("a", None, at(0));
        breaker.on_failure("b", None, at(1));
        assert!(breaker.is_in_doubt() && breaker.on_success(None));
        assert!(!breaker.is_in_doubt() && !breaker.on_success(None), "nothing is left to forget");
        breaker.on_failure("c", None, at(2));
        assert_eq!(breaker.state(at(2)), State::Closed);
    }

    // Proves: S4-A2b
    #[test]
    fn after_exactly_thirty_seconds_one_at_a_time_may_try() {
        let mut breaker = open_at(100);
        assert_eq!(breaker.ask(at(129)), Word::Wait(Duration::from_secs(1)));
        assert_eq!((breaker.state(at(130)), breaker.ask(at(130))), (State::HalfOpen, Word::Probe));
        assert!(!breaker.try_with("early", at(129)) && breaker.try_with("one", at(130)));
        assert_eq!(breaker.ask(at(130)), Word::Wait(LEASE));
        assert!(!breaker.try_with("two", at(131)));
        assert!(breaker.try_with("two", at(130).plus(LEASE)), "whoever died with the lease loses it");
        assert!(!breaker.on_success(Some("one")) && !breaker.on_failure("one", Some("one"), at(141)), "too late");
        assert!(breaker.on_success(Some("two")));
        assert_eq!(breaker.state(at(142)), State::HalfOpen);
        assert!(breaker.try_with("three", at(142)) && breaker.on_success(Some("three")));
        assert_eq!((breaker.state(at(142)), breaker.is_in_doubt()), (State::Closed, false));
    }

    #[test]
    fn a_probe_that_fails_opens_it_again_and_one_that_says_nothing_lets_the_next_try() {
        let mut breaker = open_at(0);
        assert!(breaker.try_with("one", at(30)) && breaker.on_silence("one"));
        assert!(!breaker.on_silence("one"), "it is given back once");
        assert!(breaker.try_with("two", at(31)) && breaker.on_failure("b", Some("two"), at(35)));
        assert_eq!(breaker.ask(at(36)), Word::Wait(Duration::from_secs(29)));
        assert!(breaker.try_with("three", at(65)));
        assert!(!breaker.on_success(None) && !breaker.on_failure("x", None, at(66)), "only the probe is heard");
    }

    #[test]
    fn news_of_operations_from_before_it_opened_changes_nothing() {
        let mut breaker = open_at(0);
        let before = breaker.clone();
        assert!(!breaker.on_success(None) && !breaker.on_failure("d", None, at(4)));
        assert_eq!(breaker, before);
    }

    /// The same rules told another way: from all that was ever heard, with nothing forgotten.
    #[derive(Default)]
    struct Model {
        heard: Vec<Heard>,
    }

    enum Heard {
        Worked,
        Failed(u8, Instant),
        Opened(Instant),
        Probe(u32, Instant),
        ProbeWorked,
        ProbeSilent,
        Closed,
    }

    impl Model {
        fn opened(&self) -> Option<Instant> {
            self.heard.iter().rev().find_map(|heard| match heard {
                Heard::Opened(at) => Some(Some(*at)),
                Heard::Closed => Some(None),
                _ => None,
            })?
        }

        fn state(&self, now: Instant) -> State {
            match self.opened() {
                None => State::Closed,
                Some(at) if now < at.plus(REST) => State::Open,
                Some(_) => State::HalfOpen,
            }
        }

        /// The operation that has the lease.
        fn probe(&self) -> Option<(u32, Instant)> {
            match self.heard.iter().rev().find(|heard| !matches!(heard, Heard::Worked | Heard::Failed(..)))? {
                Heard::Probe(operation, at) => Some((*operation, *at)),
                _ => None,
            }
        }

        fn ask(&self, now: Instant) -> Word {
            match (self.state(now), self.opened(), self.probe()) {
                (State::Closed, ..) => Word::Go,
                (State::Open, Some(at), _) => Word::Wait(at.plus(REST).since(now)),
                (_, _, Some((_, since))) if now < since.plus(LEASE) => Word::Wait(since.plus(LEASE).since(now)),
                _ => Word::Probe,
            }
        }

        fn worked(&mut self, operation: Option<u32>) {
            if self.opened().is_none() {
                self.heard.push(Heard::Worked);
            } else if operation.is_some() && operation == self.probe().map(|(probe, _)| probe) {
                self.heard.push(Heard::ProbeWorked);
                let since = self.heard.iter().rposition(|heard| matches!(heard, Heard::Opened(_))).unwrap();
                let worked = self.heard[since..].iter().filter(|heard| matches!(heard, Heard::ProbeWorked)).count();
                if worked as u32 >= SUCCESSES {
                    self.heard.push(Heard::Closed);
                }
            }
        }

        fn failed(&mut self, payment: u8, operation: Option<u32>, now: Instant) {
            if self.opened().is_some() {
                if operation.is_some() && operation == self.probe().map(|(probe, _)| probe) {
                    self.heard.push(Heard::Opened(now));
                }
                return;
            }
            self.heard.push(Heard::Failed(payment, now));
            let since = self.heard.iter().rposition(|heard| matches!(heard, Heard::Worked | Heard::Closed));
            let mut lately: Vec<u8> = self.heard[since.map_or(0, |at| at + 1)..]
                .iter()
                .filter_map(|heard| match heard {
                    Heard::Failed(payment, at) if now.since(*at) < WINDOW => Some(*payment),
                    _ => None,
                })
                .collect();
            lately.sort_unstable();
            lately.dedup();
            if lately.len() >= FAILURES {
                self.heard.push(Heard::Opened(now));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        // Proves: S4-A2a, S4-A2b
        #[test]
        fn whatever_happens_it_stands_where_its_whole_history_says(
            steps in proptest::collection::vec((0u8..5, 0u8..5, 0u64..20_000, 0u8..3), 1..120),
        ) {
            let (mut breaker, mut model) = (Breaker::default(), Model::default());
            let (mut now, mut probes) = (at(1_000), Vec::<u32>::new());
            for (number, (what, payment, pause_ms, which)) in steps.into_iter().enumerate() {
                now = now.plus(Duration::from_millis(pause_ms));
                // Any operation may report: one without a lease, the latest probe, or one that lost its lease.
                let probe = probes.iter().rev().nth(usize::from(which)).copied().filter(|_| which < 2);
                let name = probe.map(|probe| probe.to_string());
                match what {
                    0 => {
                        model.worked(probe);
                        breaker.on_success(name.as_deref());
                    }
                    1 | 2 => {
                        model.failed(payment, probe, now);
                        breaker.on_failure(&payment.to_string(), name.as_deref(), now);
                    }
                    3 => {
                        let operation = number as u32;
                        prop_assert_eq!(breaker.try_with(&operation.to_string(), now), model.ask(now) == Word::Probe);
                        if model.ask(now) == Word::Probe {
                            model.heard.push(Heard::Probe(operation, now));
                            probes.push(operation);
                        }
                    }
                    _ => {
                        let had = probe.is_some() && probe == model.probe().map(|(probe, _)| probe);
                        prop_assert_eq!(name.is_some_and(|name| breaker.on_silence(&name)), had);
                        if had {
                            model.heard.push(Heard::ProbeSilent);
                        }
                    }
                }
                prop_assert_eq!(breaker.state(now), model.state(now));
                prop_assert_eq!(breaker.ask(now), model.ask(now));
            }
        }
    }
}

//! Who is let in when. Pure.
//!
//! **The rule.** A sale was made ready for E checkouts a second. Each second at most E shoppers are let in, and never so many
//! that more than 30 × E are at the till at once: 30 seconds is what somebody needs from "it is your turn" to "paid". At the
//! till are those who were let in during the last three minutes and have not finished; whoever takes longer has let their turn
//! pass. So as long as checkout keeps up, the line moves at E a second; when it does not, the line moves exactly as fast as
//! checkouts finish, and when none finish it stands.
//!
//! All of it is read from three numbers that all environments share: how many numbers were drawn, how many of them are let
//! in, and how many checkouts have finished.

use kernel::Instant;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long somebody who was let in may take.
pub const TURN: Duration = Duration::from_secs(180);
/// Seconds of the expected rate that may be at the till at once.
pub const AT_THE_TILL_SECONDS: u64 = 30;
/// Between two moves of the line.
pub const MOVE_EVERY: Duration = Duration::from_secs(1);
/// Seconds that one move makes up for at the most: a line nobody looked at does not let a crowd in at once.
const CATCH_UP_SECONDS: u64 = 5;
/// Moves within that time are remembered as one.
const STEP: Duration = Duration::from_secs(5);
/// Over which time the rate is measured.
const MEASURED: Duration = Duration::from_secs(60);
/// How long to wait between two looks, in seconds.
const POLL_SECONDS: (u64, u64) = (1, 15);

/// How far the line had moved at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Numbers up to this one were let in.
    pub admitted: u64,
    /// Checkouts that had finished.
    pub finished: u64,
}

/// What all environments know of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Room {
    /// Counts the moves.
    pub version: u64,
    /// How far it moved, oldest first: what lies further back than [`TURN`] is one step.
    pub steps: Vec<Step>,
}

/// What was drawn and done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// The highest number that was drawn.
    pub drawn: u64,
    /// Checkouts that have finished.
    pub finished: u64,
}

impl Room {
    /// Numbers up to this one were let in.
    #[must_use]
    pub fn admitted(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.admitted)
    }

    /// The step that stands for everything up to `then`.
    fn before(&self, then: Instant) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.at <= then)
    }

    /// Whether a number was let in so long ago that its turn has passed.
    #[must_use]
    pub fn has_passed(&self, number: u64, now: Instant) -> bool {
        self.before(now.minus(TURN)).is_some_and(|step| number <= step.admitted)
    }

    /// Whether it is the turn of a number.
    #[must_use]
    pub fn is_in(&self, number: u64, now: Instant) -> bool {
        number <= self.admitted() && !self.has_passed(number, now)
    }

    /// Shoppers who were let in, have not finished, and have not let their turn pass.
    #[must_use]
    pub fn at_the_till(&self, finished: u64, now: Instant) -> u64 {
        let (admitted_before, finished_before) =
            self.before(now.minus(TURN)).map_or((0, 0), |step| (step.admitted, step.finished));
        (self.admitted() - admitted_before).saturating_sub(finished.saturating_sub(finished_before))
    }

    /// Whether the line was moved less than [`MOVE_EVERY`] ago.
    #[must_use]
    pub fn moved_lately(&self, now: Instant) -> bool {
        self.steps.last().is_some_and(|step| now.since(step.at) < MOVE_EVERY)
    }

    /// The line after it moved at `now`; `None` when nobody can be let in.
    #[must_use]
    pub fn moved(&self, count: Count, expected_per_second: u32, now: Instant) -> Option<Self> {
        if self.moved_lately(now) {
            return None;
        }
        let expected = u64::from(expected_per_second.max(1));
        let admitted = self.admitted();
        let waiting = count.drawn.saturating_sub(admitted);
        let seconds = self.steps.last().map_or(1, |step| now.since(step.at).as_secs()).clamp(1, CATCH_UP_SECONDS);
        let room = (AT_THE_TILL_SECONDS * expected).saturating_sub(self.at_the_till(count.finished, now));
        let let_in = waiting.min(expected * seconds).min(room);
        if let_in == 0 {
            return None;
        }
        let step = Step { at: now, admitted: admitted + let_in, finished: count.finished };
        let mut steps = self.steps.clone();
        // The latest move of five seconds stands for all of them: nobody's turn is cut short.
        let begun = steps.len().checked_sub(2).map(|at| steps[at].at);
        if begun.is_some_and(|begun| now.since(begun) < STEP) {
            steps.pop();
        }
        steps.push(step);
        let base = steps.iter().rposition(|step| step.at <= now.minus(TURN)).unwrap_or(0);
        steps.drain(..base);
        Some(Self { version: self.version + 1, steps })
    }

    /// Shoppers that were let in during the last minute or so, and in how many seconds.
    fn measured(&self, now: Instant) -> (u64, u64) {
        let base = self.before(now.minus(MEASURED)).or(self.steps.first());
        base.map_or((0, 0), |base| (self.admitted() - base.admitted, now.since(base.at).as_secs()))
    }

    /// How long a number with `ahead` before it waits, in seconds: by the measured rate, by the expected one as long as
    /// nothing is measured, and never by less than a hundredth of that.
    #[must_use]
    pub fn eta_seconds(&self, ahead: u64, expected_per_second: u32, now: Instant) -> u64 {
        let expected = u64::from(expected_per_second.max(1));
        let (mut let_in, mut seconds) = self.measured(now);
        if seconds < STEP.as_secs() {
            (let_in, seconds) = (expected, 1);
        }
        if let_in * 100 < expected * seconds {
            (let_in, seconds) = (expected, 100);
        }
        ((ahead + 1) * seconds).div_ceil(let_in.max(1))
    }
}

/// When a look may tell something new, in seconds: a third of the time that is left, between one second and fifteen.
#[must_use]
pub fn poll_after_seconds(eta_seconds: u64) -> u64 {
    (eta_seconds / 3).clamp(POLL_SECONDS.0, POLL_SECONDS.1)
}

/// The number that the `drawn`-th joiner of a shard gets, so that shards draw alternately and no two draw the same.
#[must_use]
pub fn number(drawn: u64, shard: u32, shards: u32) -> u64 {
    drawn.saturating_sub(1) * u64::from(shards) + u64::from(shard) + 1
}

#[cfg(test)]
mod tests {
    use super::{AT_THE_TILL_SECONDS, Count, Room, TURN, number, poll_after_seconds};
    use kernel::Instant;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    const START: Instant = Instant::from_seconds(10_000);

    fn at(seconds: u64) -> Instant {
        START.plus(Duration::from_secs(seconds))
    }

    /// A line that moves each second, with so many finished at each.
    fn run(seconds: u64, drawn: u64, expected: u32, finished_at: impl Fn(u64) -> u64) -> Vec<Room> {
        let mut rooms = vec![Room::default()];
        for second in 0..seconds {
            let room = rooms.last().unwrap();
            let count = Count { drawn, finished: finished_at(second).min(room.admitted()) };
            let next = room.moved(count, expected, at(second)).unwrap_or_else(|| room.clone());
            rooms.push(next);
        }
        rooms
    }

    #[test]
    fn a_checkout_that_keeps_up_lets_the_expected_rate_in() {
        let rooms = run(100, 10_000, 20, |second| second.saturating_sub(5) * 20);
        assert_eq!(rooms[100].admitted(), 2_000, "20 in each of 100 seconds");
    }

    #[test]
    fn a_slower_checkout_sets_the_pace_and_one_that_stands_stops_the_line() {
        let rooms = run(160, 10_000, 20, |second| second * 5);
        let bound = AT_THE_TILL_SECONDS * 20;
        assert_eq!(rooms[60].admitted() - rooms[50].admitted(), 10 * 5, "five finish, five come in");
        assert_eq!(rooms[100].at_the_till(99 * 5, at(99)), bound);
        let stopped = run(170, 10_000, 20, |_| 0);
        assert_eq!(stopped[170].admitted(), bound);
    }

    #[test]
    fn who_does_not_come_in_three_minutes_makes_room() {
        let rooms = run(185, 10_000, 20, |_| 0);
        assert!(rooms[185].admitted() > AT_THE_TILL_SECONDS * 20, "{}", rooms[185].admitted());
        let room = &rooms[40];
        assert!(room.is_in(1, at(100)) && !room.has_passed(1, at(100)));
        assert!(room.has_passed(1, at(4).plus(TURN)) && !room.is_in(1, at(4).plus(TURN)), "a step is five seconds");
        assert!(!room.is_in(room.admitted() + 1, at(100)));
    }

    #[test]
    fn the_line_moves_once_a_second_and_only_where_somebody_waits() {
        let count = Count { drawn: 5, finished: 0 };
        let moved = Room::default().moved(count, 3, at(0)).unwrap();
        assert_eq!((moved.admitted(), moved.version), (3, 1));
        assert_eq!(moved.moved(count, 3, at(0).plus(Duration::from_millis(999))), None);
        let all = moved.moved(count, 3, at(1)).unwrap();
        assert_eq!(all.admitted(), 5);
        assert_eq!(all.moved(count, 3, at(9)), None, "nobody waits");
    }

    #[test]
    fn a_line_that_nobody_looked_at_lets_no_crowd_in() {
        let room = Room::default().moved(Count { drawn: 1, finished: 0 }, 10, at(0)).unwrap();
        let later = room.moved(Count { drawn: 10_000, finished: 1 }, 10, at(600)).unwrap();
        assert_eq!(later.admitted(), 1 + 50);
    }

    #[test]
    fn the_wait_follows_the_measured_rate() {
        assert_eq!(Room::default().eta_seconds(99, 10, at(0)), 10, "nothing measured: as expected");
        let rooms = run(100, 10_000, 20, |second| second * 5);
        let eta = rooms[100].eta_seconds(499, 20, at(100));
        assert!((90..=110).contains(&eta), "five a second are let in: {eta}");
        let stopped = run(170, 10_000, 20, |_| 0);
        assert_eq!(stopped[170].eta_seconds(19, 20, at(170)), 100, "a standing line: a hundredth of the expected rate");
        assert_eq!([0, 2, 30, 500].map(poll_after_seconds), [1, 1, 10, 15]);
    }

    #[test]
    fn shards_draw_numbers_that_are_all_different() {
        let numbers: BTreeSet<u64> =
            (0..7).flat_map(|shard| (1..=100).map(move |drawn| number(drawn, shard, 7))).collect();
        assert_eq!((numbers.len(), numbers.first(), numbers.last()), (700, Some(&1), Some(&700)));
    }

    proptest! {
        #[test]
        fn never_more_at_the_till_than_may_be_and_never_past_what_was_drawn(
            expected in 1_u32..50,
            moves in prop::collection::vec((0_u64..4_000, 0_u64..200, 0_u64..100), 1..200),
        ) {
            let (mut room, mut now, mut count) = (Room::default(), START, Count::default());
            for (wait_ms, joined, done) in moves {
                now = now.plus(Duration::from_millis(wait_ms));
                count.drawn += joined;
                count.finished = (count.finished + done).min(room.admitted());
                let before = room.admitted();
                if let Some(moved) = room.moved(count, expected, now) {
                    prop_assert!(moved.admitted() > before && moved.admitted() <= count.drawn);
                    prop_assert!(moved.at_the_till(count.finished, now) <= AT_THE_TILL_SECONDS * u64::from(expected));
                    prop_assert!(moved.steps.len() <= 2 * 180 / 5 + 3, "{}", moved.steps.len());
                    prop_assert!(moved.steps.is_sorted_by_key(|step| step.at));
                    room = moved;
                }
            }
        }
    }
}

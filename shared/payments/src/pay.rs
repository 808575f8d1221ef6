//! Paying: one operation of up to four calls, and what came of it.

use crate::breakers::Verdict;
use crate::card::Card;
use crate::link::{Call, Link};
use crate::providers::{Failure, How, Method};
use crate::report::{Action, Report, Standing};
use crate::token::Token;
use kernel::{Instant, Money, OrderId};
use std::time::Duration;

/// How often a provider is called for one payment, for ever: the first call and three more, whoever makes them.
pub const CALLS_MOST: u32 = 4;

/// The longest wait before the first retry; it doubles with each further one.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);

/// A call that would have less time than this is left to the queue: calls are few.
const SHORTEST_CALL: Duration = Duration::from_millis(250);

/// What is to be paid.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The order: the provider's reference.
    pub order: &'a OrderId,
    /// The how-manieth attempt of the order, from 1. Order and attempt are the idempotency key.
    pub attempt: u32,
    /// How much, exactly.
    pub amount: Money,
    /// With what, where the method takes a token.
    pub token: Option<&'a Token>,
    /// The payment that the shopper has approved and that is to be taken now; `None` when it is still to be asked for.
    pub approved: Option<&'a str>,
    /// Until when the order waits for it.
    pub due_at: Instant,
    /// Where a shopper comes back to who was sent to approve it.
    pub return_url: &'a str,
    /// Our place in the trace.
    pub traceparent: Option<&'a str>,
}

impl Charge<'_> {
    /// The idempotency key of every call that asks for this attempt, or takes what was approved of it: a call after an
    /// unanswered one charges nothing twice.
    #[must_use]
    pub fn key(&self) -> String {
        let of = if self.approved.is_some() { "-capture" } else { "" };
        format!("{}-{}{of}", self.order, self.attempt)
    }
}

/// How long an operation may take, and chance for its waits.
pub struct Budget<'a> {
    /// When the outcome must be there.
    pub deadline: Instant,
    /// Tells the time.
    pub clock: &'a (dyn Fn() -> Instant + Send + Sync),
    /// Gives a random number.
    pub random: &'a (dyn Fn() -> u64 + Send + Sync),
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The money was taken: reference, amount and currency are ours.
    Captured {
        /// The provider's name of the payment.
        payment_id: String,
        /// How much.
        amount: Money,
        /// What may be kept of the card.
        card: Option<Card>,
    },
    /// The provider refused the payment. Says nothing about the provider's health.
    Declined {
        /// The provider's reason, for the log and for support.
        code: String,
    },
    /// The shopper has to do something first.
    RequiresAction {
        /// The provider's name of the payment.
        payment_id: String,
        /// What.
        action: Action,
    },
    /// Surely nothing was taken: no call reached the provider, or it refused each before any work.
    Failed {
        /// For the log.
        cause: String,
        /// Whether a later call may succeed: worth the queue while calls are left.
        transient: bool,
    },
    /// Perhaps it was taken: only the provider knows. A later call with the same key, an event or a look at the
    /// provider's books decides.
    Undecided {
        /// For the log.
        cause: String,
    },
}

impl Outcome {
    /// What the operation says of its provider, if it called it: failed and undecided ones count in its breaker, declines
    /// do not.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Captured { .. } | Self::RequiresAction { .. } => Verdict::Works,
            Self::Failed { .. } | Self::Undecided { .. } => Verdict::Fails,
            Self::Declined { .. } => Verdict::Silent,
        }
    }
}

/// Pays: calls the provider until it decides, the budget is spent, or four calls were made in the payment's life, of which
/// `calls_made` were made before. `before_call` is awaited before each call with that call's number from 1: it must make
/// sure, by a conditional write, that the payment counts that many calls.
///
/// # Errors
/// What `before_call` refused, unchanged: then that call was not made. Somebody else has the payment in hand, or settled it.
pub async fn pay<E, F, Fut>(
    method: &dyn Method,
    link: &Link,
    charge: &Charge<'_>,
    budget: &Budget<'_>,
    calls_made: u32,
    mut before_call: F,
) -> Result<Outcome, E>
where
    F: FnMut(u32) -> Fut + Send,
    Fut: Future<Output = Result<(), E>> + Send,
{
    let key = charge.key();
    let mut story = Story::after(calls_made);
    // Who is sent to approve it first must find a call left with which to take it.
    let most = match (method.about().how, charge.approved) {
        (How::Redirect, None) => CALLS_MOST - 1,
        _ => CALLS_MOST,
    };
    for (retry, number) in (calls_made + 1..=most).enumerate() {
        if !story.waits_for(retry, budget).await {
            break;
        }
        before_call(number).await?;
        let call = Call { within: budget.left(), key: &key, traceparent: charge.traceparent };
        let answered = match charge.approved {
            None => method.authorise(link, call, charge, true).await,
            Some(payment_id) => method.capture(link, call, payment_id, charge.amount).await,
        };
        match answered {
            Ok(report) => return Ok(judge(report, charge)),
            Err(failure) => story.add(failure),
        }
        if !story.transient {
            break;
        }
    }
    Ok(story.end())
}

impl Budget<'_> {
    fn left(&self) -> Duration {
        self.deadline.since((self.clock)())
    }

    /// Full jitter: any wait up to a bound that doubles.
    fn backoff(&self, retry: usize) -> Duration {
        let bound = u64::try_from(FIRST_BACKOFF.as_millis()).unwrap_or(u64::MAX) << retry.saturating_sub(1).min(8);
        Duration::from_millis((self.random)() % (bound + 1))
    }
}

/// What is known while the provider has not decided.
struct Story {
    cause: String,
    /// Whether a call can have been acted upon.
    perhaps_done: bool,
    /// Whether another call makes sense.
    transient: bool,
}

impl Story {
    fn after(calls_made: u32) -> Self {
        let cause =
            if calls_made >= CALLS_MOST { "all calls of this payment were made" } else { "no time left for a call" };
        Self { cause: cause.to_owned(), perhaps_done: calls_made > 0, transient: true }
    }

    /// Waits for the next call's turn; `false` when too little time would be left for it.
    async fn waits_for(&self, retry: usize, budget: &Budget<'_>) -> bool {
        let wait = if retry == 0 { Duration::ZERO } else { budget.backoff(retry) };
        if budget.left() < wait + SHORTEST_CALL {
            return false;
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        true
    }

    fn add(&mut self, failure: Failure) {
        self.perhaps_done |= failure.perhaps_done();
        self.transient = failure.is_transient();
        self.cause = failure.to_string();
    }

    fn end(self) -> Outcome {
        if self.perhaps_done {
            Outcome::Undecided { cause: self.cause }
        } else {
            Outcome::Failed { cause: self.cause, transient: self.transient }
        }
    }
}

/// What a report means for what was asked. Anything but exactly our payment is undecided, never a success.
#[must_use]
pub fn judge(report: Report, charge: &Charge<'_>) -> Outcome {
    let undecided = |cause: String| Outcome::Undecided { cause };
    if report.reference != charge.order.as_str() {
        return undecided(format!("the provider answered for {:?}", report.reference));
    }
    match report.standing {
        Standing::Declined { code } => Outcome::Declined { code },
        _ if report.amount != charge.amount => {
            undecided(format!("the provider answered for {:?} instead of {:?}", report.amount, charge.amount))
        }
        Standing::Captured => {
            Outcome::Captured { payment_id: report.payment_id, amount: report.amount, card: report.card }
        }
        Standing::RequiresAction(action) => Outcome::RequiresAction { payment_id: report.payment_id, action },
        standing => undecided(format!("the provider says {standing:?}")),
    }
}

//! Rate limits that all environments share: an exact sliding log, and a coarser meter for whole addresses. Their state
//! is one item each in the table `control`; one conditional update decides, with no read before it.

use crate::problem::Problem;
use crate::request::Request;
use kernel::{Fault, Instant};
use std::time::Duration;
use table::{Guard, Item, Key, Refused, Table, Write, WriteError};

/// How many requests in which span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name, in the key and in the header: `checkout`.
    pub name: &'static str,
    /// Requests taken in any window.
    pub quota: usize,
    /// The window, in seconds.
    pub window_seconds: u64,
}

/// What a limiter decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Taken, with so many left in the window.
    Taken {
        /// Requests left now.
        remaining: usize,
        /// How long until one more is free.
        resets_in: Duration,
    },
    /// Refused until then.
    Refused {
        /// How long until one is free.
        after: Duration,
    },
}

impl Policy {
    const fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds)
    }

    fn key(&self, who: &str) -> Key {
        Key::new(format!("LIMIT#{}#{who}", self.name))
    }
}

/// Takes one request of `who` under `policy`, exactly: in every window of that length at most `quota` are taken, over
/// all environments. `id` names the request: a repeat that was taken before is not counted again.
///
/// The item holds the last `quota` times, newest first, and their ids. One conditional update shifts them when the
/// oldest has left the window or is free.
///
/// # Errors
/// A fault when the table does not answer.
pub async fn take(table: &Table, policy: &Policy, who: &str, id: &str, now: Instant) -> Result<Decision, Fault> {
    let quota = policy.quota;
    let known = (1..=quota).map(|slot| format!("i{slot} = :id")).collect::<Vec<_>>().join(" OR ");
    let free = format!("(attribute_not_exists(t{quota}) OR t{quota} <= :edge) AND NOT ({known})");
    let update = Write::update(policy.key(who), shift(quota))
        .when(Guard::composed("slot_free_and_new", free))
        .number(":now", now.millis())
        .number(":edge", now.minus(policy.window()).millis())
        .number(":end", now.plus(policy.window() * 2).seconds())
        .text(":id", id);
    // A log of one has nothing to shift, and the table refuses a value that is not used.
    let update = if quota > 1 { update.number(":free", 0).text(":none", "-") } else { update };
    match table.write(update).await {
        Ok(item) => Ok(taken(policy, item.as_ref(), now)),
        Err(WriteError::Refused(Refused { old, .. })) => Ok(refused(policy, old.as_ref(), id, now)),
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

/// `SET t2 = t1, t1 = now`: DynamoDB reads every operand before it writes any.
fn shift(quota: usize) -> String {
    let mut parts = vec!["t1 = :now".to_owned(), "i1 = :id".to_owned()];
    for slot in 2..=quota {
        let before = slot - 1;
        parts.push(format!("t{slot} = if_not_exists(t{before}, :free)"));
        parts.push(format!("i{slot} = if_not_exists(i{before}, :none)"));
    }
    parts.push("expires_at = :end".to_owned());
    format!("SET {}", parts.join(", "))
}

fn times(policy: &Policy, item: Option<&Item>) -> Vec<Instant> {
    (1..=policy.quota)
        .filter_map(|slot| item?.number(&format!("t{slot}")))
        .filter(|millis| *millis > 0)
        .map(Instant::from_millis)
        .collect()
}

fn taken(policy: &Policy, item: Option<&Item>, now: Instant) -> Decision {
    let edge = now.minus(policy.window());
    let inside: Vec<Instant> = times(policy, item).into_iter().filter(|time| *time > edge).collect();
    let oldest = inside.last().copied().unwrap_or(now);
    Decision::Taken {
        remaining: policy.quota.saturating_sub(inside.len()),
        resets_in: oldest.plus(policy.window()).since(now),
    }
}

fn refused(policy: &Policy, old: Option<&Item>, id: &str, now: Instant) -> Decision {
    let again = (1..=policy.quota).any(|slot| old.and_then(|item| item.text(&format!("i{slot}"))) == Some(id));
    if again {
        return taken(policy, old, now);
    }
    let oldest = times(policy, old).last().copied().unwrap_or(now);
    Decision::Refused { after: oldest.plus(policy.window()).since(now).max(Duration::from_millis(1)) }
}

/// Takes one request of a whole address, approximately: GCRA, which needs one number. Steady callers cost one update,
/// bursts two.
///
/// # Errors
/// A fault when the table does not answer.
pub async fn meter(table: &Table, policy: &Policy, who: &str, now: Instant) -> Result<Decision, Fault> {
    const IDLE: Guard = Guard::new("idle", "attribute_not_exists(tat) OR tat <= :now");
    const ROOM: Guard = Guard::new("room", "tat <= :most");
    let step = policy.window() / u32::try_from(policy.quota).unwrap_or(u32::MAX);
    let most = now.plus(policy.window()).minus(step);
    let expires = now.plus(policy.window() * 2).seconds();
    let idle = Write::update(policy.key(who), "SET tat = :next, expires_at = :end")
        .when(IDLE)
        .number(":now", now.millis())
        .number(":next", now.plus(step).millis())
        .number(":end", expires);
    match table.write(idle).await {
        Ok(_) => return Ok(Decision::Taken { remaining: policy.quota - 1, resets_in: step }),
        Err(WriteError::Fault(fault)) => return Err(fault),
        Err(WriteError::Refused(_)) => {}
    }
    let busy = Write::update(policy.key(who), "SET tat = tat + :step, expires_at = :end")
        .when(ROOM)
        .number(":step", step.as_millis())
        .number(":most", most.millis())
        .number(":end", expires);
    match table.write(busy).await {
        Ok(item) => {
            let ahead =
                item.and_then(|item| item.number("tat")).map_or(step, |tat| Instant::from_millis(tat).since(now));
            let used = usize::try_from(ahead.as_millis() / step.as_millis().max(1)).unwrap_or(policy.quota);
            Ok(Decision::Taken { remaining: policy.quota.saturating_sub(used), resets_in: ahead })
        }
        Err(WriteError::Refused(Refused { old, .. })) => {
            let tat = old.and_then(|item| item.number("tat")).map_or(now, Instant::from_millis);
            Ok(Decision::Refused { after: tat.since(most).max(Duration::from_millis(1)) })
        }
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

/// Says what was decided in the reply's headers (draft-ietf-httpapi-ratelimit-headers), and refuses with 429.
///
/// # Errors
/// 429 when it was refused.
pub fn enforce(request: &Request, policy: &Policy, decision: Decision) -> Result<(), Problem> {
    let (remaining, wait) = match decision {
        Decision::Taken { remaining, resets_in } => (remaining, resets_in),
        Decision::Refused { after } => (0, after),
    };
    let seconds = wait.as_millis().div_ceil(1000);
    request.reply_header(
        "ratelimit-policy",
        format!("\"{}\";q={};w={}", policy.name, policy.quota, policy.window_seconds),
    );
    request.reply_header("ratelimit", format!("\"{}\";r={remaining};t={seconds}", policy.name));
    match decision {
        Decision::Taken { .. } => Ok(()),
        Decision::Refused { after } => Err(Fault::limited(after).into()),
    }
}

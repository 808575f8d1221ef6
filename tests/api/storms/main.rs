//! What a shop goes through on a bad day: everybody at once, everything twice, providers that fail, kills. After each the
//! books must fit.
//!
//! `RUNS` and `KILLS` say how often; the usual numbers are for every day, and higher under `RUSSET_FULL`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

mod duplicates;
mod faults;
mod flash;
mod imports;
mod kills;
mod oversell;
mod privacy;
mod providers;
mod repeats;

use std::time::Duration;

/// How long deliveries, retries and settlement may take.
const SETTLING: Duration = Duration::from_secs(60);

/// A number from the environment, or the usual one, or the one of a full run.
fn times(name: &str, usual: usize, full: usize) -> usize {
    let number = std::env::var(name).ok().and_then(|text| text.parse().ok());
    number.unwrap_or(if is_full() { full } else { usual })
}

/// Whether the numbers are those of a full run.
fn is_full() -> bool {
    std::env::var_os("RUSSET_FULL").is_some()
}

/// Asks again, as told, until there is an answer that stays: not a 503, and not a 409 that says when to ask again.
fn insist(ask: &api::Ask<'_>, most: Duration) -> api::Reply {
    let end = std::time::Instant::now() + most;
    loop {
        match ask.attempt() {
            Ok(reply) if reply.status < 500 && !(reply.status == 409 && reply.header("retry-after").is_some()) => {
                return reply;
            }
            other => assert!(std::time::Instant::now() < end, "no answer that stays: {other:?}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

//! Bugs on purpose: the laws notice each of them.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on says why by panicking")]

use local::functions::Mounted;
use simulation::shop::definition;
use simulation::{Failed, Plan, outage, planted, run};

/// Seeds within which a bug must show.
const SEEDS: u64 = 40;
/// Much to do in bad weather: steps, and the strength of the storm.
const BUSY: (u64, u64) = (50, 4);

/// Answers how the first seed failed in which the bug shows; it must break one of `laws`.
fn caught(bug: &str, mounted: Mounted, laws: &[&str]) -> Box<Failed> {
    let definition = definition().unwrap();
    for seed in 1..=SEEDS {
        let plan = Plan { seed, work: Some(BUSY), planted: vec![mounted] };
        if let Err(failed) = run(&definition, &plan) {
            println!("{bug}: caught at seed {seed}, step {}: {}", failed.step, failed.law);
            assert!(
                laws.iter().any(|law| failed.law.contains(law)),
                "{bug} breaks another law than {laws:?}: {failed}"
            );
            return failed;
        }
    }
    panic!("{bug} was not noticed within {SEEDS} seeds");
}

#[test]
fn stock_that_is_given_back_after_it_was_sold_is_noticed() {
    let start: local::functions::Start = |platform| Box::pin(planted::release_after_commit::function(platform));
    let failed = caught(
        "release after commit",
        Mounted { operation: "settle-holds", start },
        // While the cell has the mark of the sale, and when it is gone.
        &["available + holds + sold = put in", "what is sold is what settled orders have"],
    );
    let shown = failed.to_string();
    let command = format!("SEED={} cargo test -p simulation", failed.seed);
    for part in [format!("seed {}", failed.seed), format!("step {}", failed.step), failed.law.clone(), command] {
        assert!(shown.contains(&part), "a failure shows {part:?}: {shown}");
    }
    assert!(failed.lines.len() >= 20, "a failure shows how it came to that: {shown}");
}

#[test]
fn a_hold_that_is_sold_twice_is_noticed() {
    let start: local::functions::Start = |platform| Box::pin(planted::double_settle::function(platform));
    caught("double settle", Mounted { operation: "settle-holds", start }, &["available + holds + sold = put in"]);
}

#[test]
fn a_change_that_nobody_is_told_of_is_noticed() {
    let start: local::functions::Start = |platform| Box::pin(planted::lost_event::function(platform));
    caught(
        "lost event",
        Mounted { operation: "publish-order-events", start },
        &["goes back", "recount", "listed", "stuck", "open", "held", "sold"],
    );
}

#[test]
fn a_limiter_of_two_buckets_is_noticed() {
    let start: local::functions::Start = |platform| Box::pin(planted::two_buckets::function(platform));
    caught(
        "two-bucket limiter",
        Mounted { operation: "place-order", start },
        &["nobody gets more than 5 checkouts in a minute"],
    );
}

#[test]
fn an_idempotency_record_that_is_written_apart_is_noticed() {
    let start: local::functions::Start = |platform| Box::pin(planted::record_apart::function(platform));
    caught(
        "idempotency record written apart",
        Mounted { operation: "adjust-stock", start },
        &["each delivery counts once"],
    );
}

#[test]
fn a_breaker_that_each_environment_keeps_for_itself_is_noticed() {
    let definition = definition().unwrap();
    let right = outage::run(&definition, 1, &[]).unwrap_or_else(|broken| panic!("{broken}"));
    println!("the breaker that ships: {right:?}");
    assert!(right.sent > 0 && right.refused > 100, "shoppers are told at once: {right:?}");
    let start: local::functions::Start = |platform| Box::pin(planted::breaker_in_memory::function(platform));
    let broken = outage::run(&definition, 1, &[Mounted { operation: "place-order", start }]).unwrap_err();
    println!("breaker in memory: {broken}");
    assert!(broken.contains("three operations, then by one probe"), "{broken}");
}

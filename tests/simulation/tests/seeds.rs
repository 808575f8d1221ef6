//! Many seeds: each a shop, its people and its weather, and the laws of `contracts` all along.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on says why by panicking")]

use simulation::shop::definition;
use simulation::{Plan, Ran, run};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of the test command, and of a full run.
const SEEDS: (u64, u64) = (500, 10_000);

/// `SEEDS` says another number, and `FROM` where it begins.
fn many() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let usual = if std::env::var_os("RUSSET_FULL").is_some() { SEEDS.1 } else { SEEDS.0 };
    (number("FROM").unwrap_or(1), number("SEEDS").unwrap_or(usual))
}

/// Runs seeds on two threads, each run in one thread of its own.
fn all(from: u64, count: u64) -> Vec<Ran> {
    let definition = definition().unwrap();
    let next = AtomicU64::new(from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut ran = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::SeqCst);
                        if seed >= from + count {
                            return ran;
                        }
                        ran.push(
                            run(&definition, &Plan { seed, ..Plan::default() })
                                .unwrap_or_else(|failed| panic!("{failed}")),
                        );
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

// Proves: S3-06, S3-07, S4-A2c, S4-P2b
#[test]
fn no_law_is_broken_whatever_goes_wrong() {
    let began = std::time::Instant::now();
    let (from, count) = many();
    let ran = all(from, count);
    let (mut orders, mut troubles) = (BTreeMap::new(), BTreeMap::new());
    for (name, count) in ran.iter().flat_map(|ran| &ran.orders) {
        *orders.entry(*name).or_insert(0) += count;
    }
    for (name, count) in ran.iter().flat_map(|ran| &ran.troubles) {
        *troubles.entry(name.clone()).or_insert(0) += count;
    }
    let (steps, lines): (u64, u64) = (ran.iter().map(|ran| ran.steps).sum(), ran.iter().map(|ran| ran.lines).sum());
    println!("{} seeds, {steps} steps, {lines} lines of trace in {:?}", ran.len(), began.elapsed());
    println!("orders by their end: {orders:?}");
    println!("troubles: {troubles:?}");
    for state in ["paid", "cancelled", "declined", "expired"] {
        assert!(orders.get(state).is_some_and(|count| *count > 0), "no order ended {state}: the people do too little");
    }
    for trouble in
        ["Before", "After", "Hang", "Throttle", "Conflict", "ServerError", "CrashBefore", "CrashAfter", "Late"]
    {
        assert!(
            troubles.get(trouble).is_some_and(|count| *count > 0),
            "there was no {trouble}: the weather is too calm"
        );
    }
}

#[test]
fn two_runs_of_a_seed_have_the_same_trace() {
    let definition = definition().unwrap();
    for seed in [3, 11, 42] {
        let plan = Plan { seed, ..Plan::default() };
        let (one, other) = (run(&definition, &plan).unwrap(), run(&definition, &plan).unwrap());
        println!("seed {seed}: {} lines, {}", one.lines, one.hash);
        assert_eq!(one, other, "seed {seed}");
    }
    let plan = |seed| Plan { seed, ..Plan::default() };
    assert_ne!(run(&definition, &plan(3)).unwrap().hash, run(&definition, &plan(4)).unwrap().hash);
}

/// `SEED=… cargo test -p simulation --test seeds -- --nocapture one_seed` repeats one run.
#[test]
fn one_seed() {
    let Some(seed) = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) else { return };
    let ran =
        run(&definition().unwrap(), &Plan { seed, ..Plan::default() }).unwrap_or_else(|failed| panic!("{failed}"));
    println!("{ran:#?}");
}

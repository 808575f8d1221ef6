//! The limits, against the table as it ships: exact over all environments, whoever's answer is lost.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use cloud::{Call, Cloud, Trouble};
use kernel::Instant;
use lambda::limits::{Decision, Policy, meter, take};
use proptest::prelude::*;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use table::Table;

const START: Instant = Instant::from_seconds(1_800_000_000);
const CHECKOUT: Policy = Policy { name: "checkout", quota: 5, window_seconds: 60 };

/// The table `control` as one more environment sees it.
fn environment(cloud: &Cloud, caller: &str) -> Table {
    let name = &cloud.definition().tables.iter().find(|table| table.name.ends_with("-control")).unwrap().name;
    let mut environment: HashMap<String, String> = cloud.environment(caller).into_iter().collect();
    environment.insert("TABLE_CONTROL".to_owned(), name.clone());
    let settings = lambda::Settings { environment, clock: Arc::new(|| START), output: Arc::new(|_| {}) };
    lambda::Platform::new(settings).unwrap().table("control").unwrap()
}

/// The rule itself: the times and ids of what was taken last, newest first.
#[derive(Default)]
struct Log(VecDeque<(Instant, String)>);

impl Log {
    fn take(&mut self, policy: &Policy, id: &str, now: Instant) -> Decision {
        let window = Duration::from_secs(policy.window_seconds);
        let is_inside = |time: Instant| time > now.minus(window);
        let known = self.0.iter().any(|(_, taken)| taken == id);
        let oldest = self.0.get(policy.quota - 1).map(|(time, _)| *time);
        if !known && oldest.is_some_and(is_inside) {
            return Decision::Refused { after: oldest.unwrap().plus(window).since(now) };
        }
        if !known {
            self.0.push_front((now, id.to_owned()));
            self.0.truncate(policy.quota);
        }
        let inside: Vec<Instant> = self.0.iter().map(|(time, _)| *time).filter(|time| is_inside(*time)).collect();
        let oldest = inside.last().copied().unwrap_or(now);
        Decision::Taken { remaining: policy.quota - inside.len(), resets_in: oldest.plus(window).since(now) }
    }
}

// Proves: S3-08, S4-A1c
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_decisions_of_many_environments_are_those_of_one_exact_log() {
    let cloud = cloud::testing::start().unwrap();
    let environments: Vec<Table> = (0..5).map(|n| environment(&cloud, &format!("e{n}"))).collect();
    let policies = [
        CHECKOUT,
        Policy { name: "cart", quota: 10, window_seconds: 60 },
        Policy { name: "one", quota: 1, window_seconds: 2 },
    ];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let request = (0_usize..5, 0_usize..3, 0_u8..3, prop_oneof![9 => 0_u64..400, 1 => 0_u64..20_000], 0_u8..12);
    let requests = prop::collection::vec(request, 10_000);
    let requests = proptest::strategy::ValueTree::current(&requests.new_tree(&mut runner).unwrap());
    let (mut logs, mut now, mut refused) = (HashMap::<(usize, u8), Log>::new(), START, 0);
    for (n, (environment, policy, who, wait_ms, repeat)) in requests.into_iter().enumerate() {
        now = now.plus(Duration::from_millis(wait_ms));
        // One request in twelve is a repeat of an earlier one, which may still be in the log.
        let id = if repeat == 0 { format!("r{}", n.saturating_sub(20)) } else { format!("r{n}") };
        let expected = logs.entry((policy, who)).or_default().take(&policies[policy], &id, now);
        let decided =
            take(&environments[environment], &policies[policy], &format!("guest:{who}"), &id, now).await.unwrap();
        assert_eq!(decided, expected, "request {n} at {now}");
        refused += usize::from(matches!(decided, Decision::Refused { .. }));
    }
    println!("{refused} of 10000 requests were refused");
    assert!((2_000..8_000).contains(&refused), "the limits were hardly met: {refused}");
    assert_eq!(cloud.counters().total().calls, 10_000, "each decision is one call");
}

/// The rule where clocks differ: a request that seems to come before one that was taken is measured by its own clock.
#[derive(Default)]
struct SkewedLog(VecDeque<Instant>);

impl SkewedLog {
    fn take(&mut self, policy: &Policy, seen: Instant) -> bool {
        let edge = seen.minus(Duration::from_secs(policy.window_seconds));
        let taken = self.0.get(policy.quota - 1).is_none_or(|oldest| *oldest <= edge);
        if taken {
            self.0.push_front(seen);
            self.0.truncate(policy.quota);
        }
        taken
    }
}

// Proves: S3-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_decisions_of_twenty_environments_with_clocks_two_seconds_off_are_those_of_one_log() {
    let cloud = cloud::testing::start().unwrap();
    let environments: Vec<Table> = (0..20).map(|n| environment(&cloud, &format!("e{n}"))).collect();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let request = (0_usize..20, 0_u8..8, prop_oneof![9 => 0_u64..1_500, 1 => 0_u64..20_000]);
    let requests = prop::collection::vec(request, 10_000);
    let requests = proptest::strategy::ValueTree::current(&requests.new_tree(&mut runner).unwrap());
    let off_ms: Vec<i64> = (0..20).map(|n| -2_000 + 4_000 * n / 19).collect();
    let (mut logs, mut now, mut refused) = (HashMap::<u8, SkewedLog>::new(), START, 0);
    let mut taken_at = HashMap::<u8, Vec<Instant>>::new();
    for (n, (environment, who, wait_ms)) in requests.into_iter().enumerate() {
        now = now.plus(Duration::from_millis(wait_ms));
        let seen = Instant::from_millis(now.millis() + off_ms[environment]);
        let expected = logs.entry(who).or_default().take(&CHECKOUT, seen);
        let decided =
            take(&environments[environment], &CHECKOUT, &format!("guest:{who}"), &format!("r{n}"), seen).await.unwrap();
        let was_taken = matches!(decided, Decision::Taken { .. });
        assert_eq!(was_taken, expected, "request {n} at {now}, seen at {seen}: {decided:?}");
        refused += usize::from(!was_taken);
        if was_taken {
            taken_at.entry(who).or_default().push(now);
        }
    }
    // By the true time: never more than the quota in the window less what two clocks can differ.
    for times in taken_at.values() {
        for six in times.windows(CHECKOUT.quota + 1) {
            let span = six[CHECKOUT.quota].since(six[0]);
            assert!(span >= Duration::from_secs(56), "six within {span:?}");
        }
    }
    println!("{refused} of 10000 requests were refused");
    assert!((2_000..8_000).contains(&refused), "the limits were hardly met: {refused}");
}

// Proves: S3-08
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_the_quota_is_taken() {
    let cloud = cloud::testing::start().unwrap();
    for round in 0..5_u64 {
        let now = START.plus(Duration::from_secs(60 * round));
        let all = (0..40).map(|n| {
            let table = environment(&cloud, &format!("e{n}"));
            tokio::spawn(async move { take(&table, &CHECKOUT, "guest:a", &format!("{round}-{n}"), now).await.unwrap() })
        });
        let decisions: Vec<Decision> = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
        let taken = decisions.iter().filter(|decision| matches!(decision, Decision::Taken { .. })).count();
        assert_eq!(taken, CHECKOUT.quota, "round {round}");
        let waits = |decision: &&Decision| **decision == Decision::Refused { after: Duration::from_secs(60) };
        assert_eq!(decisions.iter().filter(waits).count(), 35, "everybody is told the same moment");
    }
}

// Proves: S3-08, S3-06
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_answer_was_lost_counts_once() {
    let cloud = cloud::testing::start().unwrap();
    let table = environment(&cloud, "e");
    let calls = AtomicU64::new(0);
    let every_other =
        move |_: &Call<'_>| (calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)).then_some(Trouble::After);
    cloud.set_faults(Some(Arc::new(every_other)));
    for n in 0..CHECKOUT.quota {
        let decision = take(&table, &CHECKOUT, "guest:a", &format!("r{n}"), START).await.unwrap();
        assert!(
            matches!(decision, Decision::Taken { remaining, .. } if remaining == CHECKOUT.quota - 1 - n),
            "{decision:?}"
        );
    }
    cloud.set_faults(None);
    assert!(matches!(take(&table, &CHECKOUT, "guest:a", "more", START).await.unwrap(), Decision::Refused { .. }));
}

// Proves: S3-08
#[tokio::test]
async fn who_waits_as_long_as_told_is_taken_and_a_millisecond_less_is_not_enough() {
    let cloud = cloud::testing::start().unwrap();
    let table = environment(&cloud, "e");
    for n in 0..5 {
        take(&table, &CHECKOUT, "guest:a", &format!("r{n}"), START.plus(Duration::from_millis(n * 700))).await.unwrap();
    }
    let now = START.plus(Duration::from_millis(31_234));
    let Decision::Refused { after } = take(&table, &CHECKOUT, "guest:a", "x", now).await.unwrap() else {
        panic!("the sixth was taken");
    };
    assert_eq!(after, Duration::from_millis(60_000 - 31_234));
    let early = now.plus(after).minus(Duration::from_millis(1));
    assert!(matches!(take(&table, &CHECKOUT, "guest:a", "x", early).await.unwrap(), Decision::Refused { .. }));
    assert!(matches!(take(&table, &CHECKOUT, "guest:a", "x", now.plus(after)).await.unwrap(), Decision::Taken { .. }));
    assert!(matches!(
        take(&table, &CHECKOUT, "guest:b", "x", now).await.unwrap(),
        Decision::Taken { remaining: 4, .. }
    ));
}

const ADDRESS: Policy = Policy { name: "address", quota: 120, window_seconds: 60 };

// Proves: S3-08
#[tokio::test]
async fn an_address_may_burst_its_quota_and_then_one_at_a_time() {
    let cloud = cloud::testing::start().unwrap();
    let (table, step) = (environment(&cloud, "e"), Duration::from_millis(500));
    for n in 0..120 {
        let decision = meter(&table, &ADDRESS, "10.0.0.1", START).await.unwrap();
        assert!(matches!(decision, Decision::Taken { remaining, .. } if remaining == 119 - n), "{n}: {decision:?}");
    }
    assert_eq!(meter(&table, &ADDRESS, "10.0.0.1", START).await.unwrap(), Decision::Refused { after: step });
    let now = START.plus(step);
    assert!(matches!(meter(&table, &ADDRESS, "10.0.0.1", now).await.unwrap(), Decision::Taken { .. }));
    assert!(matches!(meter(&table, &ADDRESS, "10.0.0.1", now).await.unwrap(), Decision::Refused { .. }));
    assert!(matches!(meter(&table, &ADDRESS, "10.0.0.2", now).await.unwrap(), Decision::Taken { .. }));
}

// Proves: S3-08
#[tokio::test]
async fn a_steady_caller_pays_one_call_and_is_never_refused() {
    let cloud = cloud::testing::start().unwrap();
    let table = environment(&cloud, "e");
    for n in 0..300_u32 {
        let now = START.plus(Duration::from_millis(500) * n);
        assert!(matches!(meter(&table, &ADDRESS, "10.0.0.1", now).await.unwrap(), Decision::Taken { .. }), "{n}");
    }
    assert_eq!(cloud.counters().total().calls, 300);
}

// Proves: S3-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_address_does_it_gets_its_quota_and_what_time_gives_back() {
    let cloud = cloud::testing::start().unwrap();
    let environments = [environment(&cloud, "e0"), environment(&cloud, "e1")];
    let policy = Policy { name: "small", quota: 6, window_seconds: 6 };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let waits = prop::collection::vec(prop_oneof![4 => 0_u64..300, 1 => 0_u64..4_000], 1_500);
    let waits = proptest::strategy::ValueTree::current(&waits.new_tree(&mut runner).unwrap());
    let (mut now, mut taken, mut refused) = (START, Vec::<Instant>::new(), 0);
    for (n, wait_ms) in waits.into_iter().enumerate() {
        now = now.plus(Duration::from_millis(wait_ms));
        match meter(&environments[n % 2], &policy, "10.0.0.1", now).await.unwrap() {
            Decision::Taken { .. } => taken.push(now),
            Decision::Refused { after } => {
                refused += 1;
                assert!(after <= Duration::from_secs(1), "one is free every second");
            }
        }
        // In every span that ends now: the quota, and one more for each second of it.
        for (count, first) in (1_u64..).zip(taken.iter().rev()) {
            assert!(count <= 6 + now.since(*first).as_secs(), "{count} since {first}");
        }
    }
    assert!(refused > 100, "{refused}");
}

//! Retries on a clock of their own: a provider that fails by chance, processes that die midway, queues that deliver twice.

use crate::flaky::{Flaky, PRICE, charge, nowhere, virtual_time};
use kernel::{Instant, OrderId};
use payments::providers::How;
use payments::{Budget, CALLS_MOST, Link, Outcome, Token, pay};
use proptest::prelude::*;
use std::sync::Mutex;
use std::time::Duration;

/// A payment as its order keeps it: the count that a conditional write raises.
#[derive(Default)]
struct Kept {
    calls: Mutex<u32>,
}

impl Kept {
    fn calls(&self) -> u32 {
        *self.calls.lock().unwrap()
    }

    /// Raises the count to `call`, if it stands just below.
    fn raise(&self, call: u32) -> Result<(), &'static str> {
        let mut calls = self.calls.lock().unwrap();
        if *calls + 1 != call {
            return Err("somebody else has it in hand");
        }
        *calls = call;
        Ok(())
    }
}

struct Stage {
    provider: Flaky,
    kept: Kept,
    link: Link,
    began: tokio::time::Instant,
}

impl Stage {
    fn new(seed: u64, fails_of_100: u64) -> Self {
        Self {
            provider: Flaky::new(seed, fails_of_100),
            kept: Kept::default(),
            link: nowhere(),
            began: tokio::time::Instant::now(),
        }
    }

    fn now(&self) -> Instant {
        Instant::from_millis(0).plus(self.began.elapsed())
    }

    /// One operation of 4.5 s, from the count that the order keeps.
    async fn operate(&self) -> Result<Outcome, &'static str> {
        let (order, token) = (OrderId::parse(&kernel::id::encode([7; 16])).unwrap(), Token::parse("tok").unwrap());
        let charge = charge(&order, &token);
        let (clock, random) = (|| self.now(), || self.provider.random());
        let budget = Budget { deadline: self.now().plus(Duration::from_millis(4500)), clock: &clock, random: &random };
        let began = self.now();
        let before_call = |call| std::future::ready(self.kept.raise(call));
        let outcome = pay(&self.provider, &self.link, &charge, &budget, self.kept.calls(), before_call).await;
        assert!(self.now().since(began) <= Duration::from_millis(4500 + 250), "the budget holds");
        outcome
    }
}

// Proves: S4-A2d
#[test]
fn retries_recover_at_least_95_of_100_payments_that_a_provider_failed_at_first() {
    let (mut failed_at_first, mut recovered) = (0u32, 0u32);
    virtual_time(async {
        for seed in 0..10_000 {
            let stage = Stage::new(seed, 35);
            let outcome = stage.operate().await.unwrap();
            let calls = stage.provider.calls();
            assert!(calls <= CALLS_MOST && stage.provider.took() <= 1);
            failed_at_first += u32::from(calls > 1);
            recovered += u32::from(calls > 1 && matches!(outcome, Outcome::Captured { .. }));
        }
    });
    assert!(failed_at_first > 3000, "{failed_at_first} payments met a failure");
    assert!(recovered * 100 >= failed_at_first * 95, "{recovered} of {failed_at_first} recovered");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    // Proves: S4-A2c, S3-07
    #[test]
    fn however_often_work_dies_and_is_delivered_again_there_are_four_calls_and_one_charge_at_most(
        seed in any::<u64>(),
        fails_of_100 in 0u64..=100,
        deaths in proptest::collection::vec(0u64..3000, 0..6),
        doubled in any::<bool>(),
    ) {
        let stage = virtual_time(async {
            let stage = Stage::new(seed, fails_of_100);
            for life in deaths {
                // The process dies after so many milliseconds; what it wrote down stays.
                let died = tokio::time::timeout(Duration::from_millis(life), stage.operate()).await;
                drop(died);
            }
            if doubled {
                let (one, other) = tokio::join!(stage.operate(), stage.operate());
                drop((one, other));
            }
            let last = stage.operate().await;
            if let Ok(Outcome::Captured { amount, .. }) = &last {
                assert_eq!((*amount, stage.provider.took()), (PRICE, 1));
            }
            if matches!(last, Ok(Outcome::Failed { .. })) {
                assert_eq!(stage.provider.took(), 0, "what surely failed took nothing");
            }
            stage
        });
        prop_assert!(stage.provider.calls() <= CALLS_MOST);
        prop_assert!(stage.kept.calls() <= CALLS_MOST);
        prop_assert!(stage.provider.took() <= 1);
    }
}

#[test]
fn waits_between_calls_are_spread_from_nothing_to_a_bound_that_doubles() {
    let waits: Vec<Duration> = virtual_time(async {
        let mut waits = Vec::new();
        for seed in 0..200 {
            let stage = Stage::new(seed, 100);
            let outcome = stage.operate().await.unwrap();
            assert!(!matches!(outcome, Outcome::Captured { .. }));
            waits.push(stage.now().since(Instant::from_millis(0)));
        }
        waits
    });
    // Four calls of 20 to 219 ms and waits up to 200, 400 and 800 ms.
    let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(*least < Duration::from_millis(900) && *most > Duration::from_millis(1400), "{least:?} to {most:?}");
    assert!(*most <= Duration::from_millis(4 * 220 + 1400), "{most:?}");
}

#[test]
fn the_page_knows_each_way_to_pay_by_name() {
    assert_eq!([How::Token, How::Redirect, How::Later].map(How::name), ["token", "redirect", "later"]);
}

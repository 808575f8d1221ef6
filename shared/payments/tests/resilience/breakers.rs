//! The breaker of a provider over many environments at once: what each of them may do, and what it costs.

use crate::shop::{Control, ENVIRONMENTS, order};
use futures::future::join_all;
use kernel::Instant;
use payments::breaker::{LEASE, REST};
use payments::breakers::{BACKLOG, NOTE_LASTS, VIEW_LASTS};
use payments::{Admission, Breakers, Pass, Verdict};
use std::time::Duration;

const NOW: Instant = Instant::from_seconds(1_000_000);

async fn pass(breakers: &Breakers, number: usize, now: Instant) -> Pass {
    match breakers.admit("sandbox", &order(number), now).await.unwrap() {
        Admission::Go(pass) => pass,
        Admission::Wait(wait) => panic!("wait {wait:?}"),
    }
}

/// Begins so many operations of different payments, each in an environment of its own, then fails them all at once.
async fn fail(control: &Control, payments: std::ops::Range<usize>, now: Instant) {
    let environments: Vec<Breakers> = payments.clone().map(|_| control.breakers()).collect();
    let begun = environments.iter().zip(payments).map(|(breakers, number)| pass(breakers, number, now));
    let passes = join_all(begun).await;
    let reports = environments.iter().zip(&passes).map(|(breakers, pass)| breakers.report(pass, Verdict::Fails, now));
    assert!(join_all(reports).await.into_iter().all(|told| told.is_ok()));
}

async fn waits(breakers: &Breakers, now: Instant) -> Option<Duration> {
    breakers.look("sandbox", now).await.unwrap()
}

#[test]
fn while_nobody_doubts_the_provider_an_operation_costs_one_read_and_no_write() {
    let control = Control::new();
    control.runtime.block_on(async {
        let breakers = control.breakers();
        for number in 0..5 {
            let pass = pass(&breakers, number, NOW).await;
            breakers.report(&pass, Verdict::Works, NOW).await.unwrap();
        }
        assert_eq!((control.calls("GetItem"), control.calls("UpdateItem")), (1, 0));
        waits(&breakers, NOW.plus(VIEW_LASTS)).await;
        assert_eq!(control.calls("GetItem"), 1, "what was seen counts for a quarter of a second");
        waits(&breakers, NOW.plus(VIEW_LASTS + Duration::from_millis(1))).await;
        waits(&breakers, NOW).await;
        assert_eq!(control.calls("GetItem"), 3, "a clock that was set back makes nothing young");
        let declined = pass(&breakers, 9, NOW).await;
        breakers.report(&declined, Verdict::Silent, NOW).await.unwrap();
        assert_eq!(control.calls("UpdateItem"), 0, "a decline says nothing of the provider");
    });
}

// Proves: S4-A2a
#[test]
fn three_failures_in_three_environments_open_it_for_all_of_them() {
    let control = Control::new();
    control.runtime.block_on(async {
        fail(&control, 0..2, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, None);
        fail(&control, 0..2, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, None, "the same payments count once");
        fail(&control, 2..3, NOW).await;
        for _ in 0..ENVIRONMENTS {
            assert_eq!(waits(&control.breakers(), NOW).await, Some(REST));
        }
        let troubled = async |after| control.breakers().is_in_trouble("sandbox", NOW.plus(after)).await.unwrap();
        assert!(troubled(Duration::ZERO).await && troubled(REST + Duration::from_secs(149)).await);
        assert!(!troubled(REST + Duration::from_secs(150)).await, "without payments nobody knows");
        let tried = NOW.plus(REST + Duration::from_secs(100));
        let finder = control.breakers();
        let probe = pass(&finder, 9, tried).await;
        assert!(troubled(REST + Duration::from_secs(200)).await, "somebody is finding out");
        finder.report(&probe, Verdict::Works, tried).await.unwrap();
        assert!(!troubled(REST + Duration::from_secs(101)).await, "it was seen to work");
    });
}

#[test]
fn twenty_that_fail_at_once_are_all_counted_and_open_it_once() {
    let control = Control::new();
    control.runtime.block_on(async {
        let late = control.breakers();
        let began_before = pass(&late, 99, NOW).await;
        fail(&control, 0..ENVIRONMENTS, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, Some(REST));
        late.report(&began_before, Verdict::Fails, NOW.plus(Duration::from_secs(5))).await.unwrap();
        assert_eq!(waits(&control.breakers(), NOW).await, Some(REST), "late news does not keep it open longer");
    });
}

#[test]
fn a_success_that_sees_failures_forgets_them() {
    let control = Control::new();
    control.runtime.block_on(async {
        fail(&control, 0..2, NOW).await;
        let other = control.breakers();
        let works = pass(&other, 7, NOW).await;
        other.report(&works, Verdict::Works, NOW).await.unwrap();
        fail(&control, 2..4, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, None);
    });
}

// Proves: S4-A2b
#[test]
fn of_twenty_that_come_when_it_is_half_open_one_goes_through() {
    let control = Control::new();
    control.runtime.block_on(async {
        fail(&control, 0..3, NOW).await;
        let early = NOW.plus(REST - Duration::from_millis(1));
        assert_eq!(
            control.breakers().admit("sandbox", &order(1), early).await.unwrap(),
            Admission::Wait(Duration::from_millis(1))
        );

        let mut now = NOW.plus(REST);
        for round in 0..2 {
            let environments: Vec<Breakers> = (0..ENVIRONMENTS).map(|_| control.breakers()).collect();
            let asked = environments.iter().enumerate().map(|(number, breakers)| {
                let order = order(100 + number);
                async move { breakers.admit("sandbox", &order, now).await.unwrap() }
            });
            let admitted = join_all(asked).await;
            let passes: Vec<(usize, &Pass)> = admitted
                .iter()
                .enumerate()
                .filter_map(|(number, admission)| match admission {
                    Admission::Go(pass) => Some((number, pass)),
                    Admission::Wait(wait) => {
                        assert_eq!(*wait, LEASE);
                        None
                    }
                })
                .collect();
            let [(number, probe)] = passes[..] else { panic!("{} went through", passes.len()) };
            assert!(probe.is_probe());
            environments[number].report(probe, Verdict::Works, now).await.unwrap();
            // A repeat of the same report, as after a lost answer, counts nothing more.
            environments[number].report(probe, Verdict::Works, now).await.unwrap();
            now = now.plus(Duration::from_secs(1 + round));
        }
        let closed = pass(&control.breakers(), 1, now).await;
        assert!(!closed.is_probe(), "two that worked close it");
    });
}

#[test]
fn a_probe_that_is_handed_back_lets_the_next_one_try_at_once_and_one_that_died_after_its_lease() {
    let control = Control::new();
    control.runtime.block_on(async {
        fail(&control, 0..3, NOW).await;
        let (now, one, other) = (NOW.plus(REST), control.breakers(), control.breakers());
        let unused = pass(&one, 1, now).await;
        one.report(&unused, Verdict::Silent, now).await.unwrap();
        let died = pass(&other, 2, now).await;
        assert!(unused.is_probe() && died.is_probe());
        let later = now.plus(LEASE);
        let next = pass(&one, 3, later).await;
        other.report(&died, Verdict::Fails, later).await.unwrap();
        assert!(next.is_probe());
        assert_eq!(waits(&control.breakers(), later).await, Some(LEASE), "the dead one is not heard any more");
        one.report(&next, Verdict::Fails, later).await.unwrap();
        assert_eq!(waits(&control.breakers(), later).await, Some(REST));
    });
}

#[test]
fn a_write_whose_answer_was_lost_is_made_once() {
    let control = Control::new();
    let lost = std::sync::atomic::AtomicBool::new(false);
    control.cloud.set_faults(Some(std::sync::Arc::new(move |call: &cloud::Call<'_>| {
        let first = call.action == "UpdateItem" && !lost.swap(true, std::sync::atomic::Ordering::SeqCst);
        first.then_some(cloud::Trouble::After)
    })));
    control.runtime.block_on(async {
        let breakers = control.breakers();
        let pass = pass(&breakers, 0, NOW).await;
        breakers.report(&pass, Verdict::Fails, NOW).await.unwrap();
        assert_eq!(control.calls("UpdateItem"), 2, "the client repeated it");
        fail(&control, 1..2, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, None);
        fail(&control, 2..3, NOW).await;
        assert_eq!(waits(&control.breakers(), NOW).await, Some(REST));
    });
}

#[test]
fn while_the_queue_is_behind_no_new_payments_are_taken_and_those_that_began_go_on() {
    let control = Control::new();
    let (long, second) = (BACKLOG + Duration::from_millis(1), Duration::from_secs(1));
    control.runtime.block_on(async {
        let (worker, other) = (control.breakers(), control.breakers());
        let note = async |waited, now| worker.note_wait("sandbox", waited, now).await.unwrap();
        note(BACKLOG, NOW).await;
        assert_eq!(
            (control.calls("UpdateItem"), waits(&other, NOW).await),
            (0, None),
            "nothing is written while none waits long"
        );
        let later = NOW.plus(second);
        note(long, later).await;
        note(long, later.plus(second / 2)).await;
        assert_eq!(control.calls("UpdateItem"), 1, "once in a second is enough");
        assert!(waits(&other, later).await.is_some() && waits(&worker, later).await.is_some());
        assert!(!pass(&other, 1, later).await.is_probe(), "whoever looks after a payment goes on");

        // The breaker's changes leave the note, and an older note does not take the place of a newer one.
        fail(&control, 0..1, later).await;
        control.breakers().note_wait("sandbox", second, NOW).await.unwrap();
        assert!(waits(&control.breakers(), later).await.is_some());
        assert!(waits(&control.breakers(), later.plus(NOTE_LASTS)).await.is_some());
        let stale = later.plus(NOTE_LASTS + Duration::from_millis(1));
        assert_eq!(waits(&control.breakers(), stale).await, None, "nobody works on an empty queue");

        let behind = later.plus(second * 2);
        note(long, behind).await;
        note(second, behind.plus(second)).await;
        assert_eq!(waits(&control.breakers(), behind.plus(second)).await, None, "it has caught up");
        fail(&control, 1..3, behind).await;
        assert_eq!(waits(&control.breakers(), behind).await, Some(REST), "the note left the breaker as it was");
    });
}

#[test]
fn a_shopper_who_has_to_wait_reads_the_fixed_text_and_is_told_at_least_a_second() {
    let (short, long) = (payments::resting(Duration::from_millis(1)), payments::resting(REST));
    assert_eq!((short.kind, short.code), (kernel::Kind::Unavailable, "payments_unavailable"));
    assert_eq!(short.detail, "System experiencing high traffic. Please try again shortly.");
    assert_eq!((short.retry_after, long.retry_after), (Some(Duration::from_secs(1)), Some(REST)));
}

#[test]
fn a_table_that_does_not_answer_is_said_so() {
    let control = Control::new();
    control.cloud.set_faults(Some(std::sync::Arc::new(|_: &cloud::Call<'_>| Some(cloud::Trouble::ServerError))));
    control.runtime.block_on(async {
        let breakers = control.breakers();
        let fault = breakers.admit("sandbox", &order(1), NOW).await.unwrap_err();
        assert_eq!(fault.kind, kernel::Kind::Unavailable);
        assert_eq!(breakers.look("sandbox", NOW).await.unwrap_err().kind, kernel::Kind::Unavailable);
        control.cloud.set_faults(Some(std::sync::Arc::new(|call: &cloud::Call<'_>| {
            (call.action == "UpdateItem").then_some(cloud::Trouble::ServerError)
        })));
        let note = breakers.note_wait("sandbox", BACKLOG * 2, NOW).await;
        assert_eq!(note.unwrap_err().kind, kernel::Kind::Unavailable);
        let pass = pass(&breakers, 1, NOW).await;
        let report = breakers.report(&pass, Verdict::Fails, NOW).await;
        assert_eq!(report.unwrap_err().kind, kernel::Kind::Unavailable);
    });
}

//! What is kept warm for sales.

use crate::support::{START, Shop, after, opened, sale};
use cloud::{Call, Trouble};
use flash::Warm;
use flash::warm::{AGAIN, AHEAD, AT_WORK, KEPT, Wanted, wanted};
use std::sync::Arc;
use std::time::Duration;

const NONE: Wanted = Wanted { checkouts: 0, waiting: 0 };

#[test]
fn a_sale_wants_its_rate_from_ten_minutes_before_it_begins_until_half_an_hour_after_or_its_end() {
    let mut noon = sale(1, "TEA");
    (noon.starts_at, noon.ends_at, noon.expected_per_second) = (after(3_600), after(7_200), 40);
    let mut short = sale(2, "POT");
    (short.starts_at, short.ends_at, short.expected_per_second) = (after(5_000), after(5_600), 25);
    short.waiting_room = false;
    let both = [noon, short];
    let at = |second: u64| wanted(&both, 1_000, after(second));
    let of = |checkouts, waiting| Wanted { checkouts, waiting };
    assert_eq!((at(2_999), at(3_000), at(4_399)), (NONE, of(40, 40), of(40, 40)));
    assert_eq!((at(4_400), at(5_399)), (of(65, 40), of(65, 40)), "sales beside each other add up");
    assert_eq!(
        (at(5_400), at(5_599), at(5_600)),
        (of(25, 0), of(25, 0), NONE),
        "a line is only in front of those that have one"
    );
    assert_eq!(wanted(&both, 50, after(4_400)), of(50, 40));
    assert_eq!(wanted(&both, 0, after(4_400)), NONE, "whoever wants none kept has none");
    assert_eq!((AHEAD, KEPT), (Duration::from_secs(600), Duration::from_secs(1_800)));
    let huge = both.map(|sale| flash::Sale { expected_per_second: u32::MAX, ..sale });
    assert_eq!(wanted(&huge, u32::MAX, after(4_400)).checkouts, u32::MAX);
}

#[test]
fn what_was_taken_a_short_while_ago_is_not_asked_for_again() {
    let some = Wanted { checkouts: 10, waiting: 5 };
    let nothing_yet = Warm::default();
    assert!(nothing_yet.is_enough(NONE, START) && !nothing_yet.is_enough(some, START));
    let asked = nothing_yet.asks(some, START);
    let almost = Duration::from_millis(1);
    for other in [some, NONE] {
        assert!(asked.is_enough(other, START.plus(AT_WORK).minus(almost)), "somebody is at it");
        assert!(!asked.is_enough(other, START.plus(AT_WORK)), "nobody knows whether it was taken");
    }
    let settled = asked.settles();
    assert!(settled.is_enough(some, START.plus(AGAIN).minus(almost)));
    assert!(!settled.is_enough(some, START.plus(AGAIN)), "a deployment may have set other bounds");
    assert!(!settled.is_enough(NONE, START));
    let over = settled.asks(NONE, after(60)).settles();
    assert!(over.is_enough(NONE, after(99_999)));
    assert_eq!(over.version, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_for_is_noted_by_one_of_those_who_come_at_once() {
    let shop = Shop::start();
    let (one, other) = (shop.store("one"), shop.store("other"));
    opened(&one, &sale(1, "TEA")).await;
    let before = one.warm().await.unwrap();
    assert_eq!(before, Warm::default());
    let asked = before.asks(Wanted { checkouts: 10, waiting: 5 }, START);
    assert!(one.save_warm(&asked).await.unwrap());
    assert!(!other.save_warm(&before.asks(NONE, START)).await.unwrap(), "another came first");
    assert_eq!(other.warm().await.unwrap(), asked);
    assert!(one.save_warm(&asked.settles()).await.unwrap());
    assert!(!other.save_warm(&asked.settles()).await.unwrap());
    assert!(one.warm().await.unwrap().settled);
    assert_eq!(one.live().await.unwrap().len(), 1, "the note is no sale");
    shop.cloud.set_faults(Some(Arc::new(|call: &Call<'_>| (call.action == "PutItem").then_some(Trouble::Throttle))));
    assert!(one.save_warm(&asked.settles().asks(NONE, START)).await.is_err());
}

//! What is kept warm for sales.

use crate::support::{START, Shop, after, opened, sale};
use cloud::{Call, Trouble};
use flash::warm::{AHEAD, wanted};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_sale_wants_its_rate_from_ten_minutes_before_it_begins_until_it_ends() {
    let mut noon = sale(1, "TEA");
    (noon.starts_at, noon.ends_at, noon.expected_per_second) = (after(3_600), after(7_200), 40);
    let mut later = sale(2, "POT");
    (later.starts_at, later.ends_at, later.expected_per_second) = (after(7_000), after(9_000), 25);
    let both = [noon, later];
    let at = |second: u64| wanted(&both, 1_000, after(second));
    assert_eq!((at(0), at(2_999), at(3_000), at(6_399)), (0, 0, 40, 40));
    assert_eq!((at(6_400), at(7_199)), (65, 65), "sales beside each other add up");
    assert_eq!((at(7_200), at(8_999), at(9_000)), (25, 25, 0));
    assert_eq!(wanted(&both, 50, after(7_000)), 50);
    assert_eq!(wanted(&both, 0, after(7_000)), 0, "whoever wants none kept has none");
    assert_eq!(wanted(&both, u32::MAX, after(3_600).minus(AHEAD)), 40);
    let huge = both.map(|sale| flash::Sale { expected_per_second: u32::MAX, ..sale });
    assert_eq!(wanted(&huge, u32::MAX, after(7_000)), u32::MAX);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_for_is_noted_by_one_of_those_who_asked() {
    let shop = Shop::start();
    let (one, other) = (shop.store("one"), shop.store("other"));
    opened(&one, &sale(1, "TEA")).await;
    let before = one.warm().await.unwrap();
    assert_eq!((before.environments, before.version), (0, 0));
    assert!(one.note_warm(&before, 10).await.unwrap());
    assert!(!other.note_warm(&before, 7).await.unwrap(), "another came first");
    let noted = other.warm().await.unwrap();
    assert_eq!((noted.environments, noted.version), (10, 1));
    assert!(other.note_warm(&noted, 0).await.unwrap());
    assert!(!one.note_warm(&noted, 3).await.unwrap());
    assert_eq!(one.warm().await.unwrap().environments, 0);
    assert_eq!(one.live().await.unwrap().len(), 1, "the note is no sale");
    shop.cloud.set_faults(Some(Arc::new(|call: &Call<'_>| (call.action == "PutItem").then_some(Trouble::Throttle))));
    assert!(one.note_warm(&noted, 1).await.is_err());
    assert_eq!(wanted(&[], 9, START.plus(Duration::from_secs(1))), 0);
}

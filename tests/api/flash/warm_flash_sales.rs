//! What `warm-flash-sales` asks of AWS, minute by minute.

use api::{Death, Inside, outlives};
use flash::{Sale, Store};
use lambda::Function;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

async fn warmer(inside: &Inside, caller: &str, settings: &[(&str, &str)]) -> Function {
    warm_flash_sales::function(&inside.platform_with(caller, "warm-flash-sales", settings)).await.unwrap()
}

/// A sale of an hour with a line, that begins in twenty minutes.
async fn sale(inside: &Inside, per_second: u32) {
    let starts_at = inside.now().plus(20 * MINUTE);
    let sale: Sale = serde_json::from_value(serde_json::json!({
        "id": kernel::id::derived(&["noon"]), "name": "Noon", "state": "open", "starts_at": starts_at,
        "ends_at": starts_at.plus(60 * MINUTE), "limit": 2, "expected_per_second": per_second, "waiting_room": true,
        "currency": "USD", "items": [], "version": 1, "events": [], "live": flash::store::LIVE,
    }))
    .unwrap();
    let store = Store::new(inside.platform("keeper", "open-flash-sale").table("flash").unwrap());
    store.table().transact(store.open(&sale).unwrap(), None).await.unwrap();
}

fn asked(inside: &Inside) -> u64 {
    inside.cloud.counters().calls("application-autoscaling", "RegisterScalableTarget")
}

fn kept(inside: &Inside) -> Vec<(String, (u32, u32))> {
    let kept: BTreeMap<String, (u32, u32)> = inside.cloud.kept_warm();
    kept.into_iter().map(|(name, range)| (name.trim_start_matches("russet-").to_owned(), range)).collect()
}

/// What all four are kept at: the checkout, the listing, and the two of the line.
fn all_at(checkout: (u32, u32), listing: (u32, u32), line: (u32, u32)) -> Vec<(String, (u32, u32))> {
    [("flash-checkout", checkout), ("get-queue-place", line), ("join-queue", line), ("list-flash-products", listing)]
        .map(|(name, range)| (name.to_owned(), range))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn environments_are_made_ten_minutes_before_a_sale_and_let_go_half_an_hour_after_its_begin() {
    let inside = Inside::new();
    sale(&inside, 45).await;
    let warm = warmer(&inside, "warm", &[]).await;
    let (mut changes, mut asks) = (Vec::new(), Vec::new());
    for minute in 0..90 {
        let (before, kept_before) = (asked(&inside), kept(&inside));
        inside.tick(&warm).await.unwrap();
        if asked(&inside) > before {
            asks.push(minute);
        }
        if kept(&inside) != kept_before {
            changes.push((minute, kept(&inside)));
        }
        inside.advance(MINUTE);
    }
    assert_eq!(changes, [(10, all_at((45, 45), (5, 5), (23, 23))), (50, all_at((0, 0), (0, 0), (0, 0)))]);
    assert_eq!(asks, [10, 15, 20, 25, 30, 35, 40, 45, 50], "again every five minutes, and in no other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_all_the_time_stays_and_no_sale_takes_more_than_the_most() {
    let inside = Inside::new();
    sale(&inside, 500).await;
    let settings = [("WARM_ENVIRONMENTS", "8"), ("WARM_ENVIRONMENTS_MOST", "20"), ("SALE_ENVIRONMENTS_MOST", "60")];
    let warm = warmer(&inside, "warm", &settings).await;
    inside.advance(15 * MINUTE);
    inside.tick(&warm).await.unwrap();
    assert_eq!(kept(&inside), all_at((60, 60), (8, 20), (30, 30)));
    inside.advance(35 * MINUTE);
    inside.tick(&warm).await.unwrap();
    assert_eq!(kept(&inside), all_at((8, 20), (8, 20), (8, 20)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dies_at_any_call_is_followed_by_one_who_asks_for_what_is_wanted_then() {
    let mut points = 0;
    // While the sale is on, and once it is over.
    for (later, end) in [(MINUTE, vec![(30, 30), (15, 15), (15, 15), (3, 3)]), (60 * MINUTE, Vec::new())] {
        for after in [false, true] {
            for at in 1.. {
                let inside = Inside::new();
                sale(&inside, 30).await;
                inside.advance(15 * MINUTE);
                let mortal = warmer(&inside, "mortal", &[]).await;
                let work = async { inside.tick(&mortal).await.unwrap() };
                let lived = outlives(&inside.cloud, Death::of("mortal", at, after), work).await;
                inside.advance(later);
                inside.tick(&warmer(&inside, "heir", &[]).await).await.unwrap();
                let kept: Vec<_> =
                    kept(&inside).into_iter().map(|(_, range)| range).filter(|range| range.1 > 0).collect();
                assert_eq!(kept, end, "{at} {after}");
                if lived {
                    break;
                }
                points += 1;
            }
        }
    }
    assert!(points >= 32, "{points} points at which an environment died");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_cannot_be_had_holds_the_others_back_neither_before_nor_after() {
    let inside = Inside::new();
    sale(&inside, 30).await;
    let settings = [("FUNCTION_LIST_FLASH_PRODUCTS", "russet-of-another-name")];
    let warm = warmer(&inside, "warm", &settings).await;
    inside.advance(15 * MINUTE);
    inside.tick(&warm).await.unwrap_err();
    let others = |kept: Vec<(String, (u32, u32))>| kept.into_iter().map(|(_, range)| range).collect::<Vec<_>>();
    assert_eq!(others(kept(&inside)), [(30, 30), (15, 15), (15, 15)]);
    inside.advance(60 * MINUTE);
    inside.tick(&warm).await.unwrap_err();
    assert_eq!(others(kept(&inside)), [(0, 0), (0, 0), (0, 0)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_environments_at_once_ask_once() {
    let inside = Arc::new(Inside::new());
    sale(&inside, 30).await;
    inside.advance(15 * MINUTE);
    let all: Vec<_> = (0..20)
        .map(|n| {
            let inside = Arc::clone(&inside);
            tokio::spawn(async move { inside.tick(&warmer(&inside, &format!("env{n}"), &[]).await).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(kept(&inside), all_at((30, 30), (3, 3), (15, 15)));
    inside.advance(MINUTE);
    inside.tick(&warmer(&inside, "next", &[]).await).await.unwrap();
    assert_eq!(asked(&inside), 4, "one of them asked for all four, and nobody after it");
}

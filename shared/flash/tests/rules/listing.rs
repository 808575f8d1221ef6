//! The shared copy of the listing: one environment refreshes it in each window.

use crate::support::{START, Shop, after, opened, sale};
use cloud::{Call, Trouble};
use flash::listing::Left;
use flash::{Listed, Listing, Sale};
use kernel::{Fault, Instant};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

async fn fill(sales: Vec<Sale>) -> Result<Vec<Listed>, Fault> {
    Ok(sales.iter().map(|sale| Listed::of(sale, |_| Left::of(47, "in"))).collect())
}

async fn shown(listing: &Listing, now: Instant) -> Value {
    let (copy, _) = listing.current(now, fill).await.unwrap();
    serde_json::to_value(copy.shown(now)).unwrap()
}

// Proves: S4-P1b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_environments_ask_once_in_each_window_even_all_at_once() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let environments: Vec<Listing> = (0..20).map(|n| shop.listing(&format!("e{n}"))).collect();
    for window in 0..5_u64 {
        for step_ms in [0, 1, 2_500, 12_000, 29_999] {
            let now = START.plus(Duration::from_millis(30_000 * window + step_ms));
            let asking = environments.iter().map(|listing| {
                let listing = listing.clone();
                tokio::spawn(async move { shown(&listing, now).await["sales"].as_array().unwrap().len() })
            });
            let asked: Vec<usize> = futures_all(asking).await;
            assert!(asked.iter().all(|sales| *sales == 1), "{asked:?}");
        }
        assert_eq!(shop.calls("Query"), window + 1, "queries after {} windows", window + 1);
    }
    println!(
        "{} queries and {} updates in 5 windows of 20 environments",
        shop.calls("Query"),
        shop.calls("UpdateItem")
    );
}

async fn futures_all<T>(tasks: impl Iterator<Item = tokio::task::JoinHandle<T>>) -> Vec<T> {
    let tasks: Vec<_> = tasks.collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

// Proves: S4-P1b
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_clocks_two_seconds_off_no_two_refreshes_are_nearer_than_twenty_six_seconds() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let environments: Vec<(Listing, i64)> =
        (0..20).map(|n| (shop.listing(&format!("e{n}")), [-2_000, -700, 0, 900, 2_000][n % 5])).collect();
    let mut refreshed = Vec::new();
    for second in 0..300_u64 {
        for (listing, off_ms) in &environments {
            let seen = after(second).millis() + off_ms;
            let before = shop.calls("Query");
            shown(listing, Instant::from_millis(seen)).await;
            if shop.calls("Query") > before {
                refreshed.push(second);
            }
        }
    }
    println!("refreshed at seconds {refreshed:?}");
    assert!(refreshed.windows(2).all(|pair| pair[1] - pair[0] >= 26), "{refreshed:?}");
    assert!(refreshed.len() >= 10, "{refreshed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dies_with_the_lease_costs_one_window_and_the_others_show_what_they_have() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let (one, two) = (shop.listing("one"), shop.listing("two"));
    shown(&one, START).await;
    shown(&two, START).await;
    opened(&shop.store("keeper"), &sale(2, "POT")).await;
    // `one` takes the lease and then its table is gone.
    let alive = Arc::new(AtomicBool::new(false));
    let (dead, leases) = (Arc::clone(&alive), AtomicU32::new(0));
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        let its_own = call.caller == "one" && !dead.load(Ordering::SeqCst);
        (its_own && leases.fetch_add(1, Ordering::SeqCst) > 0).then_some(Trouble::ServerError)
    })));
    assert_eq!(shown(&one, after(30)).await["sales"].as_array().unwrap().len(), 1, "what the lease came with");
    assert_eq!(shown(&two, after(31)).await["sales"].as_array().unwrap().len(), 1);
    assert_eq!(shown(&two, after(59)).await["sales"].as_array().unwrap().len(), 1, "nobody else refreshes meanwhile");
    assert_eq!(shown(&two, after(61)).await["sales"].as_array().unwrap().len(), 2, "the next window's winner does");
    alive.store(true, Ordering::SeqCst);
    assert_eq!(shown(&one, after(62)).await["sales"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_copy_that_cannot_be_stored_is_not_shown() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let updates = AtomicU32::new(0);
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        let store = call.action == "UpdateItem" && updates.fetch_add(1, Ordering::SeqCst) > 0;
        store.then_some(Trouble::ServerError)
    })));
    assert_eq!(shop.listing("e").current(START, fill).await.unwrap_err().code, "unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_memory_is_shown_for_five_minutes_when_the_table_is_gone() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let listing = shop.listing("e");
    shown(&listing, START).await;
    shop.cloud.set_faults(Some(Arc::new(|_: &Call<'_>| Some(Trouble::ServerError))));
    let (copy, why) = listing.current(after(60), fill).await.unwrap();
    assert_eq!((copy.sales.len(), why.map(|fault| fault.code)), (1, Some("unavailable")));
    let (_, why) = listing.current(after(61), fill).await.unwrap();
    assert_eq!(why, None, "asked again only after two seconds");
    assert_eq!(listing.current(after(400), fill).await.unwrap_err().code, "unavailable");
    assert_eq!(shop.listing("new").current(after(400), fill).await.unwrap_err().code, "unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_while_the_first_copy_is_made_waits_for_it() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let (began, wanted) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (making, go) = (Arc::clone(&began), Arc::clone(&wanted));
    let first = shop.listing("first");
    let making = tokio::spawn(async move {
        let slowly = |sales| async move {
            making.notify_one();
            go.notified().await;
            fill(sales).await
        };
        first.current(START, slowly).await.unwrap().0.sales.len()
    });
    began.notified().await;
    // The second one looks, and finds nothing yet; then the first copy is finished, while it looks again.
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        let looks = call.caller == "second" && call.action == "GetItem";
        if looks {
            wanted.notify_one();
        }
        looks.then_some(Trouble::Slow(20))
    })));
    let second = shop.listing("second");
    assert_eq!(shown(&second, after(1)).await["sales"].as_array().unwrap().len(), 1);
    assert_eq!(making.await.unwrap(), 1);
    assert_eq!(shop.calls("Query"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_copy_that_never_comes_is_waited_for_a_moment_only() {
    let shop = Shop::start();
    let first = shop.listing("first");
    let failed = first.current(START, |_| async { Err(Fault::unavailable("the stock does not answer")) }).await;
    assert_eq!(failed.unwrap_err().code, "unavailable");
    assert_eq!(shop.listing("second").current(after(1), fill).await.unwrap_err().code, "unavailable");
    assert_eq!(shown(&shop.listing("third"), after(31)).await["sales"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_sales_than_an_item_holds_are_cut_at_the_end() {
    let shop = Shop::start();
    let many = |_| async {
        let sales: Vec<Sale> = (0..2_000_u32)
            .map(|n| {
                let mut sale = sale(1, &format!("SKU-{n}"));
                sale.ends_at = after(u64::from(n));
                sale
            })
            .collect();
        fill(sales).await
    };
    let (copy, _) = shop.listing("e").current(START, many).await.unwrap();
    assert!((500..2_000).contains(&copy.sales.len()), "{}", copy.sales.len());
}

#[test]
fn what_is_left_is_told_roughly() {
    let remaining = |units| Left::of(units, "in").remaining;
    assert_eq!([0, 7, 10, 11, 19, 20, 999].map(remaining), [0, 7, 10, 10, 10, 20, 990]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_lost_leaves_the_lease_with_whoever_took_it() {
    let shop = Shop::start();
    opened(&shop.store("keeper"), &sale(1, "TEA")).await;
    let lost = AtomicU32::new(0);
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        (call.action == "UpdateItem" && lost.fetch_add(1, Ordering::SeqCst) == 0).then_some(Trouble::After)
    })));
    assert_eq!(shown(&shop.listing("e"), START).await["sales"].as_array().unwrap().len(), 1);
    assert_eq!(shop.calls("Query"), 1);
}

//! What a flash sale does to stock: it is spread over many cells and gathered again, whoever buys and whatever dies meanwhile;
//! and what one customer may take is counted as stock is.

use crate::support::{START, Shop, after, lawful, order, settle, settlement, sku, units, until};
use cloud::{Call, Trouble};
use futures::future::join_all;
use kernel::SaleId;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stock::{Allowance, Decision, Store, Within, allowance};
use tokio::sync::Notify;

async fn stocked(units: u32) -> (Shop, Store, kernel::Sku) {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("keeper");
    store.seed_many(&[(mag.clone(), units)]).await.unwrap();
    (shop, store, mag)
}

/// Open cells, the units of the emptiest and of the fullest of them.
async fn shape(store: &Store, sku: &kernel::Sku) -> (usize, u32, u32) {
    let stock = lawful(store, sku).await;
    let open: Vec<u32> = stock.cells.iter().filter(|cell| cell.open).map(|cell| cell.available).collect();
    (open.len(), open.iter().copied().min().unwrap_or(0), open.iter().copied().max().unwrap_or(0))
}

// Proves: S0-12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stock_is_spread_evenly_in_as_few_transactions_as_there_can_be_and_once() {
    let (shop, store, mag) = stocked(1_000).await;
    let before = shop.calls("TransactWriteItems");
    assert_eq!(store.spread(&mag, 200).await.unwrap(), 200);
    assert_eq!(shop.calls("TransactWriteItems") - before, 3, "199 cells, 97 to a transaction");
    assert_eq!(shape(&store, &mag).await, (200, 5, 5));
    assert_eq!(units(&store, &mag).await, (1_000, 0, 0));
    assert_eq!(store.spread(&mag, 200).await.unwrap(), 200, "a repeat finds them");
    assert_eq!(store.spread(&mag, 20).await.unwrap(), 200, "and never takes one away");
    assert_eq!(shop.calls("TransactWriteItems") - before, 3);
    assert_eq!(store.spread(&sku("NEVER-PUT-IN"), 8).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_spread_is_gathered_but_for_what_is_held_and_that_comes_later() {
    let (_shop, store, mag) = stocked(160).await;
    store.spread(&mag, 10).await.unwrap();
    for n in 0..12 {
        store.hold(&order(n), &[(mag.clone(), 2)], until(START)).await.unwrap();
    }
    let held = store.gather(&mag).await.unwrap();
    assert!((2..=24).contains(&held), "{held} units are held in closed cells");
    assert_eq!(units(&store, &mag).await, (136, 24, 0));
    let stock = lawful(&store, &mag).await;
    assert_eq!(stock.available(), 136, "and all that is available can be bought at once");
    assert!(stock.cells.iter().all(|cell| cell.open == (cell.id.n == 0)));

    let paid: Vec<_> = (0..6).map(|n| settlement(n, Decision::Commit, after(1), &[(&mag, 2)])).collect();
    let ended: Vec<_> = (6..12).map(|n| settlement(n, Decision::Release, after(1), &[(&mag, 2)])).collect();
    settle(&store, &paid, after(2)).await;
    settle(&store, &ended, after(2)).await;
    assert_eq!(store.gather(&mag).await.unwrap(), 0);
    let stock = lawful(&store, &mag).await;
    assert_eq!((stock.cells[0].available, units(&store, &mag).await), (148, (148, 0, 12)));
    assert_eq!(store.gather(&mag).await.unwrap(), 0, "a repeat finds nothing to do");

    store.spread(&mag, 8).await.unwrap();
    let again = lawful(&store, &mag).await;
    assert_eq!((again.cells.len(), shape(&store, &mag).await.0), (10, 8), "closed cells are opened again");
    assert_eq!(units(&store, &mag).await, (148, 0, 12));
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_bought_in_a_sale_and_comes_back_later_can_be_bought_again() {
    let (_shop, store, mag) = stocked(40).await;
    store.spread(&mag, 8).await.unwrap();
    let paid: Vec<_> = (0..8).map(|n| settlement(n, Decision::Commit, after(1), &[(&mag, 5)])).collect();
    for n in 0..8 {
        store.hold(&order(n), &[(mag.clone(), 5)], until(START)).await.unwrap();
    }
    settle(&store, &paid, after(2)).await;
    assert_eq!((store.gather(&mag).await.unwrap(), units(&store, &mag).await), (0, (0, 0, 40)));

    let off: Vec<_> = (0..8).map(|n| settlement(n, Decision::Restock, after(9), &[(&mag, 5)])).collect();
    for _ in 0..2 {
        settle(&store, &off, after(300)).await;
        let stock = lawful(&store, &mag).await;
        assert_eq!((stock.cells[0].available, units(&store, &mag).await), (40, (40, 0, 0)));
        assert_eq!(stock.put_in(), 40);
    }
}

/// Does `work` in an environment that dies at its `at`-th call, before or after it is done. Answers whether it lived.
async fn live_until<F: Future>(shop: &Shop, at: usize, after: bool, work: impl FnOnce(Store) -> F) -> bool {
    let (calls, dead) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let dying = Arc::clone(&dead);
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        if call.caller != "dying" {
            return None;
        }
        let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
        if number < at {
            return None;
        }
        dying.notify_one();
        Some(if after && number == at { Trouble::After } else { Trouble::Hang })
    })));
    let lived = tokio::select! {
        _ = work(shop.environment("dying")) => true,
        () = dead.notified() => false,
    };
    // What was on its way arrives.
    tokio::time::sleep(Duration::from_millis(20)).await;
    shop.cloud.set_faults(None);
    lived
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_spreading_or_gathering_dies_no_unit_is_lost_and_the_next_run_ends_in_the_same_state() {
    let mut deaths = 0;
    for after in [false, true] {
        for at in 1.. {
            let (shop, store, mag) = stocked(480).await;
            let lived = live_until(&shop, at, after, async |store| store.spread(&sku("MAG-060"), 120).await).await;
            assert_eq!(units(&store, &mag).await, (480, 0, 0), "spread died at call {at}, after: {after}");
            assert_eq!(store.spread(&mag, 120).await.unwrap(), 120);
            assert_eq!(shape(&store, &mag).await, (120, 4, 4));
            deaths += usize::from(!lived);

            let gathered = live_until(&shop, at, after, async |store| store.gather(&sku("MAG-060")).await).await;
            assert_eq!(units(&store, &mag).await, (480, 0, 0), "gather died at call {at}, after: {after}");
            assert_eq!(store.gather(&mag).await.unwrap(), 0);
            assert_eq!(shape(&store, &mag).await, (1, 480, 480));
            deaths += usize::from(!gathered);
            if lived && gathered {
                break;
            }
        }
    }
    println!("{deaths} deaths of spreading and gathering");
    assert!(deaths >= 20, "{deaths}");
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_it_is_spread_and_gathered_everybody_buys_and_nothing_is_sold_twice_or_lost() {
    let (shop, store, mag) = stocked(120).await;
    let buying = (0..150).map(|n| {
        let (store, sku) = (shop.environment(&format!("buyer-{}", n % 20)), mag.clone());
        tokio::spawn(async move { store.hold(&order(n), &[(sku, 1)], until(START)).await.is_ok() })
    });
    let moving = {
        let (store, sku) = (shop.environment("mover"), mag.clone());
        tokio::spawn(async move {
            for cells in [6, 12, 6] {
                // Somebody else's hold may come in between: the next round goes on.
                drop(store.spread(&sku, cells).await);
                drop(store.gather(&sku).await);
            }
        })
    };
    let held = join_all(buying).await.into_iter().filter(|held| *held.as_ref().unwrap()).count();
    moving.await.unwrap();
    let stock = lawful(&store, &mag).await;
    assert_eq!((stock.held() as usize, stock.put_in()), (held, 120));
    let left: u32 = stock.cells.iter().map(|cell| cell.available).sum();
    assert_eq!(stock.held() + left, 120);
}

fn of_three(customer: &str) -> Allowance {
    let sale = SaleId::parse(&kernel::id::encode([5; 16])).unwrap();
    Allowance { sku: allowance(&sale, customer).unwrap(), limit: 3, expires_at: 1_900_000_000 }
}

// Proves: S3-06
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_orders_in_many_environments_a_customer_gets_the_limit_and_not_one_more() {
    let shop = Shop::start();
    let asking = (0..40).map(|n| {
        let (store, ada) = (shop.environment(&format!("e-{}", n % 20)), of_three("guest:ada"));
        tokio::spawn(async move { store.hold_within(&order(n), &ada, 1, until(START)).await.unwrap() })
    });
    let within: Vec<Within> = join_all(asking).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(within.iter().filter(|within| **within == Within::Held).count(), 3);
    let store = shop.environment("look");
    assert_eq!(units(&store, &of_three("guest:ada").sku).await, (0, 3, 0));
    assert_eq!(store.hold_within(&order(99), &of_three("guest:eve"), 3, until(START)).await.unwrap(), Within::Held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_allowance_is_held_once_for_an_order_and_comes_back_when_it_ends() {
    let shop = Shop::start();
    let (store, ada) = (shop.environment("e"), of_three("guest:ada"));
    let hold = |n, units| {
        let (store, ada) = (store.clone(), ada.clone());
        async move { store.hold_within(&order(n), &ada, units, until(START)).await.unwrap() }
    };
    assert_eq!(hold(1, 4).await, Within::Exceeded, "more than the limit at once");
    assert_eq!(hold(1, 2).await, Within::Held);
    assert_eq!(shop.calls("PutItem"), 1, "the first one makes the cell, in one write");
    assert_eq!(hold(1, 2).await, Within::Held, "a repeat");
    assert_eq!(hold(2, 2).await, Within::Exceeded);
    assert_eq!(hold(2, 1).await, Within::Held);
    let paid = settlement(1, Decision::Commit, after(1), &[(&ada.sku, 2)]);
    let ended = settlement(2, Decision::Release, after(1), &[(&ada.sku, 1)]);
    settle(&store, &[paid, ended], after(2)).await;
    assert_eq!(hold(1, 2).await, Within::Held, "settled counts as held");
    assert_eq!(units(&store, &ada.sku).await, (1, 0, 2));
    assert_eq!(hold(3, 1).await, Within::Held);
    assert_eq!(hold(4, 1).await, Within::Exceeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_allowance_is_no_goods_and_leaves_the_table_some_time_after_the_sale() {
    let shop = Shop::start();
    let (store, ada) = (shop.environment("e"), of_three("guest:ada"));
    store.hold_within(&order(1), &ada, 1, until(START)).await.unwrap();
    let item = store.table().scan(10, None).await.unwrap().items.swap_remove(0);
    assert_eq!(item.number("expires_at"), Some(1_900_000_000));
    let pk = item.pk().to_owned();
    assert_eq!(store.level_change(&pk, None, Some(item), START).await.unwrap(), None, "no badge follows it");
    assert_eq!(store.sweep(START, 100).await.unwrap().on_hand, 0);
}

//! Many environments at once.

use crate::support::{START, Shop, after, lawful, order, settle, settlement, sku, units, until};
use futures::future::join_all;
use stock::{Adjustment, Decision, Held, Refusal};

/// How many environments hold at once.
const HOLDERS: u32 = 64;

/// What each of [`HOLDERS`] got, each from an environment of its own, all at once.
async fn everybody_holds(shop: &Shop, sku: &kernel::Sku, quantity: u32) -> Vec<Result<Vec<Held>, Refusal>> {
    let holders = (0..HOLDERS).map(|n| {
        let (store, sku) = (shop.environment(&format!("place-order-{n}")), sku.clone());
        tokio::spawn(async move { store.hold(&order(n), &[(sku, quantity)], until(START)).await })
    });
    join_all(holders).await.into_iter().map(Result::unwrap).collect()
}

fn granted(results: &[Result<Vec<Held>, Refusal>]) -> usize {
    for refusal in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(refusal, Refusal::OutOfStock { .. }), "{refusal:?}");
    }
    results.iter().filter(|result| result.is_ok()).count()
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_never_oversell_one_cell() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("look");
    store.seed_many(&[(mag.clone(), 40)]).await.unwrap();

    let results = everybody_holds(&shop, &mag, 1).await;

    assert_eq!(granted(&results), 40);
    assert_eq!(units(&store, &mag).await, (0, 40, 0));
    let mut seqs: Vec<u64> = results.iter().flatten().flatten().filter_map(|held| held.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (2..=41).collect::<Vec<_>>(), "each hold has its own number, without gaps");
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_sell_every_unit_of_many_cells_and_none_twice() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("look");
    store.seed_many(&[(mag.clone(), 90)]).await.unwrap();
    for n in 1..5 {
        store.open(&mag).await.unwrap();
        store.move_units(&mag, 0, n, 17, &format!("part {n}")).await.unwrap();
    }

    let results = everybody_holds(&shop, &mag, 2).await;

    assert_eq!(granted(&results), 45);
    let held: u32 = results.iter().flatten().flatten().map(|held| held.quantity).sum();
    assert_eq!((held, units(&store, &mag).await), (90, (0, 90, 0)));
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_units_are_sold_in_parts_though_each_is_in_another_cell() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("look");
    store.seed_many(&[(mag.clone(), 40)]).await.unwrap();
    assert_eq!(store.spread(&mag, 40).await.unwrap(), 40);

    let results = everybody_holds(&shop, &mag, 2).await;

    assert_eq!(granted(&results), 20, "nobody goes away empty while there is enough");
    assert_eq!(units(&store, &mag).await, (0, 40, 0));
}

// Proves: S4-P2b, S3-06
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn settlement_by_many_environments_at_once_sells_each_order_once() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("look");
    store.seed_many(&[(mag.clone(), 100)]).await.unwrap();
    for n in 0..60 {
        store.hold(&order(n), &[(mag.clone(), 1)], until(START)).await.unwrap();
    }
    let decided: Vec<_> = (0..60)
        .map(|n| {
            let decision = if n % 3 == 0 { Decision::Release } else { Decision::Commit };
            settlement(n, decision, after(1), &[(&mag, 1)])
        })
        .collect();
    let settlers = (0..8).map(|n| {
        let (store, mut mine) = (shop.environment(&format!("settle-{n}")), decided.clone());
        mine.rotate_left(n * 7);
        tokio::spawn(async move {
            for batch in mine.chunks(10) {
                for result in store.settle(batch, after(2)).await.results {
                    result.unwrap();
                }
            }
        })
    });
    for done in join_all(settlers).await {
        done.unwrap();
    }
    assert_eq!(units(&store, &mag).await, (60, 0, 40));
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stock_that_moves_while_it_sells_is_neither_lost_nor_sold_twice() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("look");
    store.seed_many(&[(mag.clone(), 60)]).await.unwrap();
    let mover = {
        let (store, mag) = (shop.environment("mover"), mag.clone());
        tokio::spawn(async move {
            for round in 0..3 {
                store.widen(&mag).await.unwrap();
                store.adjust(&mag, &Adjustment::Change { units: 1, id: format!("put {round}") }, START).await.unwrap();
            }
        })
    };
    let results = everybody_holds(&shop, &mag, 1).await;
    mover.await.unwrap();

    let granted = u32::try_from(granted(&results)).unwrap();
    assert_eq!(units(&store, &mag).await, (63 - granted, granted, 0));
    assert!(granted >= 60, "{granted}");
    let decided: Vec<_> = (0..HOLDERS).map(|n| settlement(n, Decision::Commit, after(1), &[(&mag, 1)])).collect();
    settle(&store, &decided, after(2)).await;
    let stock = lawful(&store, &mag).await;
    assert_eq!((stock.sold(), stock.held(), stock.put_in()), (granted, 0, 63));
}

//! Holding stock: what it costs, what it refuses, what a repeat finds.

use crate::support::{START, Shop, after, lawful, order, settle, settlement, sku, units, until};
use cloud::{Call, Trouble};
use kernel::Sku;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use stock::{Decision, Refusal};

fn one(sku: &Sku, quantity: u32) -> Vec<(Sku, u32)> {
    vec![(sku.clone(), quantity)]
}

// Proves: S4-P2b
#[tokio::test]
async fn a_line_is_held_by_one_write_and_no_read() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 10)]).await.unwrap();
    shop.cloud.reset_counters();

    let held = store.hold(&order(1), &one(&mag, 3), until(START)).await.unwrap();

    assert_eq!((held[0].cell, held[0].quantity, held[0].seq), (0, 3, Some(2)));
    assert_eq!(shop.calls("UpdateItem"), 1);
    assert_eq!(shop.cloud.counters().total().calls, 1, "nothing else was called");
    assert_eq!(shop.cloud.counters().total().write_half_units, 2, "one write unit");
    assert_eq!(units(&store, &mag).await, (7, 3, 0));
}

// Proves: S4-P2b, S4-U1b
#[tokio::test]
async fn one_write_says_that_the_only_cell_has_too_little() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 2)]).await.unwrap();
    shop.cloud.reset_counters();

    let refusal = store.hold(&order(1), &one(&mag, 3), until(START)).await.unwrap_err();

    assert_eq!(refusal, Refusal::OutOfStock { skus: vec![mag.clone()] });
    assert_eq!(kernel::Fault::from(refusal).detail, "This item is no longer available.");
    assert_eq!(shop.cloud.counters().total().calls, 1);
    assert_eq!(units(&store, &mag).await, (2, 0, 0));
}

#[tokio::test]
async fn a_sku_that_was_never_put_in_is_out_of_stock() {
    let shop = Shop::start();
    let store = shop.environment("place-order");
    let refusal = store.hold(&order(1), &one(&sku("NOTHING"), 1), until(START)).await.unwrap_err();
    assert_eq!(refusal, Refusal::OutOfStock { skus: vec![sku("NOTHING")] });
}

// Proves: S4-P2b
#[tokio::test]
async fn when_one_line_is_missing_nothing_stays_held() {
    let (shop, a, b, c) = (Shop::start(), sku("A"), sku("B"), sku("C"));
    let store = shop.environment("place-order");
    store.seed_many(&[(a.clone(), 5), (b.clone(), 1), (c.clone(), 5)]).await.unwrap();

    let lines = [(a.clone(), 2), (b.clone(), 2), (c.clone(), 5), (b.clone(), 1)];
    let refusal = store.hold(&order(1), &lines, until(START)).await.unwrap_err();

    assert_eq!(refusal, Refusal::OutOfStock { skus: vec![b.clone()] });
    assert_eq!(units(&store, &a).await, (5, 0, 0));
    assert_eq!(units(&store, &b).await, (1, 0, 0));
    assert_eq!(units(&store, &c).await, (5, 0, 0));
}

// Proves: S4-P2b
#[tokio::test]
async fn a_hold_that_meets_a_transaction_is_made_a_moment_later() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 3)]).await.unwrap();
    let met = Arc::new(AtomicBool::new(false));
    shop.cloud.set_faults(Some(Arc::new(move |_: &Call<'_>| {
        (!met.swap(true, Ordering::SeqCst)).then_some(Trouble::Conflict)
    })));
    assert_eq!(store.hold(&order(1), &one(&mag, 3), until(START)).await.unwrap()[0].quantity, 3);
    assert_eq!(units(&store, &mag).await, (0, 3, 0));
}

// Proves: S3-06
#[tokio::test]
async fn a_repeat_finds_what_is_held_already() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    shop.environment("seed").seed_many(&[(mag.clone(), 3)]).await.unwrap();
    for _ in 0..3 {
        let held = shop.environment("place-order").hold(&order(1), &one(&mag, 3), until(START)).await.unwrap();
        assert_eq!((held[0].cell, held[0].quantity), (0, 3));
        shop.environment("place-order").hold_again(&order(1), &one(&mag, 3), until(START)).await.unwrap();
    }
    assert_eq!(units(&shop.environment("look"), &mag).await, (0, 3, 0));
}

// Proves: S3-06, S4-P2b
#[tokio::test]
async fn a_repeat_after_settlement_finds_the_mark_and_holds_nothing() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 3)]).await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
    settle(&store, &[settlement(1, Decision::Commit, after(1), &[(&mag, 2)])], after(2)).await;

    let held = store.hold(&order(1), &one(&mag, 2), until(after(30))).await.unwrap();
    store.hold_again(&order(1), &one(&mag, 2), until(after(30))).await.unwrap();

    assert_eq!(held[0].seq, None, "nothing was written");
    assert_eq!(units(&store, &mag).await, (1, 0, 2));
}

// Proves: S4-P2b
#[tokio::test]
async fn a_line_is_held_in_parts_all_or_none() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 9)]).await.unwrap();
    for (n, units) in [(1, 3), (2, 3)] {
        assert_eq!(store.open(&mag).await.unwrap().n, n);
        assert_eq!(store.move_units(&mag, 0, n, units, &format!("part {n}")).await.unwrap(), units);
    }

    let refusal = store.hold(&order(1), &one(&mag, 10), until(START)).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfStock { .. }));
    assert_eq!(units(&store, &mag).await, (9, 0, 0));

    let held = store.hold(&order(2), &one(&mag, 8), until(START)).await.unwrap();
    assert_eq!(held.iter().map(|part| part.quantity).sum::<u32>(), 8);
    assert_eq!(held.len(), 3);
    assert_eq!(units(&store, &mag).await, (1, 8, 0));

    let again = shop.environment("another").hold(&order(2), &one(&mag, 8), until(START)).await.unwrap();
    assert_eq!(again.iter().map(|part| part.quantity).sum::<u32>(), 8);
    assert_eq!(units(&store, &mag).await, (1, 8, 0));

    settle(&store, &[settlement(2, Decision::Commit, after(1), &[(&mag, 8)])], after(2)).await;
    assert_eq!(units(&store, &mag).await, (1, 0, 8));
}

#[tokio::test]
async fn a_sku_with_many_cells_is_chosen_by_order_once_the_environment_knows() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 400)]).await.unwrap();
    for n in 1..4 {
        store.open(&mag).await.unwrap();
        store.move_units(&mag, 0, n, 100, &format!("part {n}")).await.unwrap();
    }
    assert_eq!(store.choose(&order(1), &mag, 1), 0, "nothing is known yet");
    for n in 0..40 {
        store.hold(&order(n), &one(&mag, 1), until(after(u64::from(n)))).await.unwrap();
    }
    let cells = lawful(&store, &mag).await.cells;
    assert!(
        cells.iter().all(|cell| cell.held() >= 2),
        "orders spread over cells: {:?}",
        cells.iter().map(stock::Cell::held).collect::<Vec<_>>()
    );
    let chosen = store.choose(&order(7), &mag, 1);
    assert_eq!(store.choose(&order(7), &mag, 1), chosen);
}

#[tokio::test]
async fn a_closed_cell_takes_no_hold_and_its_rest_can_be_moved() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("place-order");
    store.seed_many(&[(mag.clone(), 5)]).await.unwrap();
    store.open(&mag).await.unwrap();
    store.close(&mag, 0).await.unwrap();
    assert!(store.hold(&order(1), &one(&mag, 1), until(START)).await.is_err());
    assert_eq!(store.move_units(&mag, 0, 1, 99, "gather").await.unwrap(), 5);
    assert_eq!(store.move_units(&mag, 0, 1, 99, "gather").await.unwrap(), 0);
    assert_eq!(store.hold(&order(1), &one(&mag, 5), until(after(1))).await.unwrap()[0].cell, 1);
    assert_eq!(store.levels(std::slice::from_ref(&mag)).await.unwrap()[&mag].available, 0);
}

// Proves: S3-06
#[tokio::test]
async fn what_is_withdrawn_takes_no_hold_and_what_was_held_is_still_sold() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 9)]).await.unwrap();
    store.open(&mag).await.unwrap();
    store.move_units(&mag, 0, 1, 4, "half").await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();

    let shelf = |on_sale, version| stock::Shelf { skus: vec![mag.clone(), sku("NOTHING")], on_sale, version };
    for news in [shelf(false, 3), shelf(true, 2), shelf(false, 3)] {
        store.shelve(&news).await.unwrap();
        assert!(store.hold(&order(2), &one(&mag, 1), until(START)).await.is_err(), "{news:?}");
    }
    settle(&store, &[settlement(1, Decision::Commit, after(1), &[(&mag, 2)])], after(2)).await;
    assert_eq!(units(&store, &mag).await, (7, 0, 2));

    store.shelve(&shelf(true, 4)).await.unwrap();
    store.hold(&order(2), &one(&mag, 7), until(START)).await.unwrap();
}

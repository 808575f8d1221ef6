//! What a decision does, however often and in whatever order it comes.

use crate::support::{START, Shop, after, lawful, order, settle, settlement, sku, units, until};
use kernel::Sku;
use stock::{Adjustment, Decision, Entry};

fn one(sku: &Sku, quantity: u32) -> Vec<(Sku, u32)> {
    vec![(sku.clone(), quantity)]
}

// Proves: S4-P2b
#[tokio::test]
async fn sixteen_holds_of_a_cell_become_sales_in_one_write() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 100)]).await.unwrap();
    for n in 0..20 {
        store.hold(&order(n), &one(&mag, 1), until(START)).await.unwrap();
    }
    let decided: Vec<_> = (0..16).map(|n| settlement(n, Decision::Commit, after(1), &[(&mag, 1)])).collect();
    shop.cloud.reset_counters();

    settle(&store, &decided, after(2)).await;

    assert_eq!((shop.calls("GetItem"), shop.calls("UpdateItem")), (1, 1));
    assert_eq!(units(&store, &mag).await, (80, 4, 16));
}

// Proves: S4-P2b
#[tokio::test]
async fn a_sale_costs_at_most_one_and_a_half_write_units() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("stock");
    store.seed_many(&[(mag.clone(), 1000)]).await.unwrap();
    shop.cloud.reset_counters();
    let (mut now, mut next) = (START, 0);
    for _ in 0..20 {
        let batch: Vec<u32> = (next..next + 8).collect();
        for n in &batch {
            store.hold(&order(*n), &one(&mag, 1), until(now)).await.unwrap();
        }
        let decided: Vec<_> = batch.iter().map(|n| settlement(*n, Decision::Commit, now, &[(&mag, 1)])).collect();
        settle(&store, &decided, now).await;
        (now, next) = (now.plus(std::time::Duration::from_secs(61)), next + 8);
    }
    let written = shop.cloud.counters().total().write_half_units;
    println!("write units per sale, settled by eights: {}.{:02}", written / 2 / 160, written * 50 / 160 % 100);
    assert!(written * 100 <= 145 * 2 * 160, "{written} halves for 160 sales");
    assert_eq!(units(&store, &mag).await, (840, 0, 160));
}

// Proves: S3-06, S3-02
#[tokio::test]
async fn decisions_that_come_twice_change_nothing_more() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 10)]).await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
    store.hold(&order(2), &one(&mag, 3), until(START)).await.unwrap();
    let paid = settlement(1, Decision::Commit, after(1), &[(&mag, 2)]);
    let ended = settlement(2, Decision::Release, after(1), &[(&mag, 3)]);
    for _ in 0..3 {
        settle(&store, &[paid.clone(), ended.clone(), paid.clone()], after(2)).await;
        assert_eq!(units(&store, &mag).await, (8, 0, 2));
    }
}

// Proves: S3-06, S4-P2b
#[tokio::test]
async fn a_redelivery_after_its_mark_was_dropped_sells_nothing() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 10)]).await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
    let paid = settlement(1, Decision::Commit, after(1), &[(&mag, 2)]);
    settle(&store, std::slice::from_ref(&paid), after(2)).await;
    let mark = |stock: stock::Stock| stock.cells[0].holds.get(&order(1)).copied();
    assert_eq!(mark(lawful(&store, &mag).await), Some(Entry::Done { q: 2, done: after(2) }));

    for (n, now) in [(2, after(61)), (3, after(62))] {
        store.hold(&order(n), &one(&mag, 1), until(now)).await.unwrap();
        settle(&store, &[settlement(n, Decision::Commit, now, &[(&mag, 1)])], now).await;
        assert_eq!(mark(lawful(&store, &mag).await).is_some(), now < after(62), "the mark stays for a minute");
    }

    settle(&store, &[paid], after(90)).await;
    assert_eq!(units(&store, &mag).await, (6, 0, 4));
}

// Proves: S3-06, S4-P2b
#[tokio::test]
async fn a_placement_between_settlement_and_a_redelivery_sells_nothing_twice() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 10)]).await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
    let paid = settlement(1, Decision::Commit, after(1), &[(&mag, 2)]);
    settle(&store, std::slice::from_ref(&paid), after(2)).await;

    // While the mark is there, the placement finds it.
    store.hold(&order(1), &one(&mag, 2), until(after(20))).await.unwrap();
    assert_eq!(units(&store, &mag).await, (8, 0, 2));

    // Once it is gone, the placement holds, and the redelivery sees a hold that is later than the decision.
    store.hold(&order(2), &one(&mag, 1), until(after(70))).await.unwrap();
    settle(&store, &[settlement(2, Decision::Release, after(71), &[(&mag, 1)])], after(71)).await;
    assert!(!lawful(&store, &mag).await.cells[0].holds.contains_key(&order(1)));
    store.hold(&order(1), &one(&mag, 2), until(after(72))).await.unwrap();
    assert_eq!(units(&store, &mag).await, (6, 2, 2));
    settle(&store, &[paid], after(73)).await;
    assert_eq!(units(&store, &mag).await, (8, 0, 2), "given back, not sold again");
}

// Proves: S4-P2b
#[tokio::test]
async fn a_hold_in_another_cell_than_the_chosen_one_is_found() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("stock");
    store.seed_many(&[(mag.clone(), 6)]).await.unwrap();
    store.open(&mag).await.unwrap();
    store.move_units(&mag, 0, 1, 6, "all").await.unwrap();
    assert_eq!(store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap()[0].cell, 1);
    assert_eq!(store.hold(&order(2), &one(&mag, 3), until(START)).await.unwrap()[0].cell, 1);

    let decided = [
        settlement(1, Decision::Commit, after(1), &[(&mag, 2)]),
        settlement(2, Decision::Release, after(1), &[(&mag, 3)]),
    ];
    settle(&store, &decided, after(2)).await;

    assert_eq!(units(&store, &mag).await, (4, 0, 2));
}

// Proves: S4-P2b
#[tokio::test]
async fn an_order_that_was_held_twice_sells_once() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("stock");
    store.seed_many(&[(mag.clone(), 6)]).await.unwrap();
    store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
    // Another environment begins with another cell, as if it had known another directory.
    store.open(&mag).await.unwrap();
    store.move_units(&mag, 0, 1, 4, "all").await.unwrap();
    let stray = table::Write::update(
        table::Key::new(format!("STOCK#{mag}#{}#1", region(&store).await)),
        "SET available = available - :q, holds.#o = :h, seq = seq + :one",
    )
    .name("#o", order(1).as_str())
    .number(":q", 2)
    .number(":one", 1)
    .value(":h", &Entry::Held { q: 2, until: until(START) })
    .unwrap();
    store.table().write(stray).await.unwrap();
    assert_eq!(units(&store, &mag).await, (2, 4, 0));

    settle(&store, &[settlement(1, Decision::Commit, after(1), &[(&mag, 2)])], after(2)).await;

    assert_eq!(units(&store, &mag).await, (4, 0, 2));
}

async fn region(store: &stock::Store) -> kernel::Region {
    lawful(store, &sku("MAG-060")).await.cells[0].id.region.clone()
}

// Proves: S3-06, S4-P2b
#[tokio::test]
async fn what_a_called_off_order_bought_goes_back_once_whatever_came_first() {
    use Decision::{Commit, Restock};
    let mag = sku("MAG-060");
    let orders = [
        vec![Commit, Restock],
        vec![Restock, Commit],
        vec![Commit, Restock, Restock, Commit],
        vec![Restock, Restock, Commit, Commit],
    ];
    for decisions in orders {
        for late in [false, true] {
            let shop = Shop::start();
            let store = shop.environment("settle-holds");
            store.seed_many(&[(mag.clone(), 10)]).await.unwrap();
            // Somebody else's sale, which must not be taken for this order's.
            store.hold(&order(9), &one(&mag, 4), until(START)).await.unwrap();
            settle(&store, &[settlement(9, Commit, START, &[(&mag, 4)])], START).await;
            store.hold(&order(1), &one(&mag, 2), until(START)).await.unwrap();
            let mut now = after(2);
            for decision in &decisions {
                settle(&store, &[settlement(1, *decision, after(1), &[(&mag, 2)])], now).await;
                if late {
                    now = now.plus(std::time::Duration::from_secs(100));
                    store.hold(&order(8), &one(&mag, 1), until(now)).await.unwrap();
                    settle(&store, &[settlement(8, Decision::Release, now, &[(&mag, 1)])], now).await;
                }
            }
            assert_eq!(units(&store, &mag).await, (6, 0, 4), "{decisions:?}, late: {late}");
        }
    }
}

// Proves: S3-06
#[tokio::test]
async fn stock_is_put_taken_and_counted_once_each() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("adjust-stock");
    let change = |units, id: &str| Adjustment::Change { units, id: id.to_owned() };
    for _ in 0..2 {
        store.adjust(&mag, &change(40, "delivery"), START).await.unwrap();
        assert_eq!(units(&store, &mag).await, (40, 0, 0));
    }
    for _ in 0..2 {
        store.adjust(&mag, &change(-15, "broken"), START).await.unwrap();
        assert_eq!(units(&store, &mag).await, (25, 0, 0));
    }
    let taken = store.adjust(&mag, &change(-30, "stolen"), START).await.unwrap();
    assert_eq!((taken.taken, taken.short), (Some(25), Some(5)));
    assert_eq!(units(&store, &mag).await, (0, 0, 0));
}

#[tokio::test]
async fn a_count_takes_off_what_was_sold_and_held_since() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("adjust-stock");
    store.seed_many(&[(mag.clone(), 40)]).await.unwrap();
    for (n, quantity, at) in [(1, 2, 0), (2, 3, 20), (3, 4, 30)] {
        store.hold(&order(n), &one(&mag, quantity), until(after(at))).await.unwrap();
    }
    let paid = [1, 2].map(|n| settlement(n, Decision::Commit, after(40), &[(&mag, n + 1)]));
    settle(&store, &paid, after(41)).await;

    let count = Adjustment::Stated { units: 50, as_of: after(10) };
    for _ in 0..2 {
        store.adjust(&mag, &count, after(50)).await.unwrap();
        assert_eq!(units(&store, &mag).await, (50 - 3 - 4, 4, 5));
    }
    store.adjust(&mag, &Adjustment::Stated { units: 1, as_of: after(9) }, after(51)).await.unwrap();
    assert_eq!(units(&store, &mag).await, (43, 4, 5), "an older count changes nothing");
}

#[tokio::test]
async fn a_crowded_cell_asks_for_another_and_gets_half_moved_there() {
    let (shop, mag) = (Shop::start(), sku("MAG-060"));
    let store = shop.environment("settle-holds");
    store.seed_many(&[(mag.clone(), 100)]).await.unwrap();
    for n in 0..14 {
        store.hold(&order(n), &one(&mag, 1), until(START)).await.unwrap();
    }
    let decided: Vec<_> = (0..14).map(|n| settlement(n, Decision::Commit, after(1), &[(&mag, 1)])).collect();
    let settled = store.settle(&decided, after(2)).await;
    assert_eq!(settled.crowded, std::slice::from_ref(&mag));

    let (one, other) = tokio::join!(store.widen(&mag), store.widen(&mag));
    assert!(one.unwrap().is_some() || other.unwrap().is_some());
    let stock = lawful(&store, &mag).await;
    assert_eq!((stock.available(), stock.sold(), stock.put_in()), (86, 14, 100));
    assert!(stock.cells.len() >= 2);
    assert_eq!(store.levels(std::slice::from_ref(&mag)).await.unwrap()[&mag].available, 86);
}

#[tokio::test]
async fn many_skus_are_seeded_at_once_and_a_second_time_changes_nothing() {
    let folder = std::env::temp_dir().join(format!("stock-seed-{}", std::process::id()));
    let shop = Shop::on_disk(&folder);
    let store = shop.environment("seed");
    let stock: Vec<(Sku, u32)> = (0..150).map(|n| (sku(&format!("SKU-{n}")), n)).collect();
    let began = std::time::Instant::now();
    store.seed_many(&stock).await.unwrap();
    println!("150 SKUs seeded on disk in {} ms", began.elapsed().as_millis());
    store.hold(&order(1), &one(&sku("SKU-149"), 9), until(START)).await.unwrap();

    store.seed_many(&[(sku("NEW"), 3), (sku("SKU-149"), 500)]).await.unwrap();

    assert_eq!(units(&store, &sku("SKU-149")).await, (140, 9, 0));
    assert_eq!(units(&store, &sku("NEW")).await, (3, 0, 0));
    let levels = store.levels(&stock.iter().map(|(sku, _)| sku.clone()).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(
        (levels.len(), levels[&sku("SKU-5")].level.name(), levels[&sku("SKU-0")].level.name()),
        (150, "low", "out")
    );
    drop(shop);
    std::fs::remove_dir_all(folder).unwrap();
}

// Proves: S3-06
#[tokio::test]
async fn a_sweep_finds_what_is_overdue_page_by_page_and_goes_on_where_it_ended() {
    let shop = Shop::start();
    let store = shop.environment("sweep-holds");
    let skus: Vec<(Sku, u32)> = (0..30).map(|n| (sku(&format!("SKU-{n}")), 5)).collect();
    store.seed_many(&skus).await.unwrap();
    for (n, (sku, _)) in (0_u32..).zip(&skus) {
        let made_at = if n % 2 == 0 { START } else { after(500) };
        store.hold(&order(n), &one(sku, 1), until(made_at)).await.unwrap();
    }
    let (mut found, mut pages, mut on_hand) = (Vec::new(), 0, 0);
    loop {
        let swept = store.sweep(after(700), 10).await.unwrap();
        assert_eq!(swept.begun, pages == 0);
        on_hand += swept.on_hand;
        found.extend(swept.overdue);
        pages += 1;
        if swept.finished {
            break;
        }
    }
    assert!(pages >= 6, "{pages}");
    assert_eq!(found.len(), 15);
    assert_eq!(on_hand, 150, "what is held is on hand");
    assert!(found.iter().all(|hold| hold.until == until(START) && hold.quantity == 1));
    assert_eq!(units(&store, &sku("SKU-0")).await, (4, 1, 0), "nothing is released because a clock ran out");
}

//! The read model, from changes to what readers find, over a table and a bucket.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests")]

mod support;

use catalog::index::{Document, Question, Sort};
use catalog::view::{Change, Refusals, Shelf, project};
use catalog::{Product, Status, StockLevel};
use cloud::{Call, Trouble};
use kernel::{Fault, Instant, Sku};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use support::{Shop, demo, product};

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(seconds)
}

fn change(product: &Product) -> Change {
    Change::Product { product: Box::new(Document::from(product)) }
}

fn level(sku: &Sku) -> Change {
    Change::Level { sku: sku.clone() }
}

async fn fold(shelf: &Shelf, changes: &[Change], level: StockLevel, now: Instant) -> Result<Refusals, Fault> {
    let levels =
        |skus: Vec<Sku>| async move { Ok(skus.into_iter().map(|sku| (sku, level)).collect::<HashMap<_, _>>()) };
    project(shelf, changes, levels, now).await.map(|projected| projected.refusals)
}

async fn listed(shelf: &Shelf, now: Instant) -> Vec<String> {
    let index = shelf.current(now).await.unwrap().index;
    let question = Question { sort: Sort::Name, ..Question::default() };
    index.page(&index.search(&question), None, 1_000).0.into_iter().map(|card| card.id).collect()
}

fn named(name: &str, version: u64) -> Product {
    Product { version, name: format!("{name} {version}"), ..product(name, &[name]) }
}

#[tokio::test]
async fn a_new_product_is_found_a_second_later_by_those_who_looked_before() {
    let shop = Shop::start();
    let (projector, reader) = (shop.shelf("project-catalog"), shop.shelf("list-products"));
    assert!(listed(&reader, at(0)).await.is_empty());
    fold(&projector, &[change(&named("tea", 1))], StockLevel::In, at(0)).await.unwrap();
    assert!(reader.current(at(0)).await.unwrap().index.find("tea").is_none());
    assert_eq!(listed(&reader, at(1)).await, ["tea"]);
}

#[tokio::test]
async fn a_stale_projection_never_overwrites() {
    let shop = Shop::start();
    let (one, other) = (shop.shelf("project-catalog"), shop.shelf("project-catalog"));
    fold(&one, &[change(&named("tea", 3))], StockLevel::In, at(0)).await.unwrap();
    let before = one.current(at(0)).await.unwrap().version;
    fold(
        &other,
        &[change(&named("tea", 2)), change(&named("tea", 1)), change(&named("tea", 3))],
        StockLevel::In,
        at(1),
    )
    .await
    .unwrap();
    let reading = other.current(at(2)).await.unwrap();
    assert_eq!((reading.version, reading.index.age("tea")), (before, Some((3, 0))));
}

#[tokio::test]
async fn projections_at_the_same_moment_lose_nothing() {
    let shop = Shop::start();
    let shelves: Vec<Shelf> = (0..4).map(|_| shop.shelf("project-catalog")).collect();
    let changes: Vec<Change> = (0..4).map(|n| change(&named(&format!("p{n}"), 1))).collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|n| fold(&shelves[n], &changes[n..=n], StockLevel::In, at(0)));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    for done in [a, b, c, d] {
        assert_eq!(done.unwrap(), Refusals::new());
    }
    assert_eq!(listed(&shop.shelf("list-products"), at(1)).await, ["p0", "p1", "p2", "p3"]);
}

/// How often the queue of projections delivers a message before it lies with the dead letters.
const DELIVERIES: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_projections_side_by_side_all_come_through() {
    let shop = Shop::start();
    let side_by_side = (0..4).map(|shelf| {
        let projector = shop.shelf("project-catalog");
        tokio::spawn(async move {
            for n in 0..12 {
                let changes: Vec<Change> = (0..3).map(|at| change(&named(&format!("p{shelf}-{n}-{at}"), 1))).collect();
                // Twice as many as the queue lets run at once: who is overtaken too often is refused unchanged, and its
                // messages come again, until they have come as often as the queue delivers them.
                let mut done = fold(&projector, &changes, StockLevel::In, at(0)).await;
                for _ in 1..DELIVERIES {
                    if done.as_ref().is_err_and(|fault| fault.kind == kernel::Kind::Unavailable) {
                        done = fold(&projector, &changes, StockLevel::In, at(0)).await;
                    }
                }
                assert_eq!(done, Ok(Refusals::new()));
            }
        })
    });
    for one in side_by_side.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(listed(&shop.shelf("list-products"), at(1)).await.len(), 4 * 12 * 3);
}

#[tokio::test]
async fn levels_follow_the_stock_and_move_the_pointer_only_when_they_change() {
    let shop = Shop::start();
    let shelf = shop.shelf("project-catalog");
    let tea = named("tea", 1);
    fold(&shelf, &[change(&tea)], StockLevel::In, at(0)).await.unwrap();
    let level_of = |index: &catalog::index::Index| index.card(index.find("tea").unwrap()).unwrap().level();
    let first = shelf.current(at(0)).await.unwrap();
    assert_eq!(level_of(&first.index), StockLevel::In);
    let news = [level(&tea.variants[0].sku)];
    fold(&shelf, &news, StockLevel::In, at(1)).await.unwrap();
    assert_eq!(shelf.current(at(1)).await.unwrap().version, first.version);
    fold(&shelf, &news, StockLevel::Out, at(2)).await.unwrap();
    let sold_out = shelf.current(at(2)).await.unwrap();
    assert_eq!((level_of(&sold_out.index), sold_out.version), (StockLevel::Out, first.version + 1));
    let found = sold_out.index.search(&Question { text: "tea".to_owned(), ..Question::default() });
    assert_eq!(found.total(), 1, "its words came along");
    let in_stock = sold_out.index.search(&Question { in_stock: true, ..Question::default() });
    assert_eq!(in_stock.total(), 0);
}

#[tokio::test]
async fn a_level_that_moved_while_its_product_was_unknown_is_not_missed() {
    let shop = Shop::start();
    let shelf = shop.shelf("project-catalog");
    let looks = std::sync::atomic::AtomicU32::new(0);
    let levels = |skus: Vec<Sku>| {
        let first = looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        let level = if first { StockLevel::In } else { StockLevel::Out };
        async move { Ok(skus.into_iter().map(|sku| (sku, level)).collect::<HashMap<_, _>>()) }
    };
    project(&shelf, &[change(&named("tea", 1))], levels, at(0)).await.unwrap();
    let index = shelf.current(at(0)).await.unwrap().index;
    assert_eq!(index.card(index.find("tea").unwrap()).unwrap().level(), StockLevel::Out);
}

#[tokio::test]
async fn a_withdrawn_product_is_gone_and_stays_gone() {
    let shop = Shop::start();
    let shelf = shop.shelf("project-catalog");
    fold(&shelf, &[change(&named("tea", 1)), change(&named("oil", 1))], StockLevel::In, at(0)).await.unwrap();
    let withdrawn = Product { status: Status::Withdrawn, ..named("tea", 2) };
    fold(&shelf, &[change(&withdrawn)], StockLevel::In, at(1)).await.unwrap();
    fold(&shelf, &[change(&named("tea", 1))], StockLevel::In, at(2)).await.unwrap();
    assert_eq!(listed(&shelf, at(4)).await, ["oil"]);
    fold(&shelf, &[change(&named("tea", 3))], StockLevel::In, at(5)).await.unwrap();
    assert_eq!(listed(&shelf, at(7)).await, ["oil", "tea"]);
}

// Proves: S0-10
#[tokio::test]
async fn what_is_in_memory_is_served_for_five_minutes_when_the_stores_do_not_answer() {
    let shop = Shop::start();
    fold(&shop.shelf("project-catalog"), &[change(&named("tea", 1))], StockLevel::In, at(0)).await.unwrap();
    let reader = shop.shelf("list-products");
    assert_eq!(listed(&reader, at(10)).await, ["tea"]);
    shop.cloud
        .set_faults(Some(Arc::new(|call: &Call<'_>| (call.service == "dynamodb").then_some(Trouble::ServerError))));
    let stale = reader.current(at(300)).await.unwrap();
    assert!(stale.stale_because.is_some() && stale.index.listed() == 1);
    assert!(reader.current(at(311)).await.is_err());
    shop.cloud.set_faults(None);
    assert!(reader.current(at(313)).await.unwrap().stale_because.is_none());
}

// Proves: S3-05
#[tokio::test]
async fn the_popular_products_can_be_read_without_the_index() {
    let shop = Shop::start();
    let changes: Vec<Change> = demo().iter().map(change).collect();
    fold(&shop.shelf("project-catalog"), &changes, StockLevel::In, at(0)).await.unwrap();
    shop.cloud
        .set_faults(Some(Arc::new(|call: &Call<'_>| (call.service == "dynamodb").then_some(Trouble::ServerError))));
    let reader = shop.shelf("recommend-products");
    assert!(reader.current(at(1)).await.is_err());
    let list: Vec<serde_json::Value> = serde_json::from_str(&reader.popular_json().await.unwrap()).unwrap();
    assert_eq!((list.len(), list[0]["id"].as_str()), (24, Some("magnesium-glycinate")));
}

#[tokio::test]
async fn old_segments_are_deleted_when_their_readers_are_gone() {
    let shop = Shop::start();
    let shelf = shop.shelf("project-catalog");
    let reader = shop.shelf("list-products");
    for n in 0..40_u32 {
        let now = at(i64::from(n) * 60);
        fold(&shelf, &[change(&named(&format!("p{n:02}"), 1))], StockLevel::In, now).await.unwrap();
        assert_eq!(listed(&reader, now.plus(std::time::Duration::from_secs(2))).await.len() as u32, n + 1);
    }
    let calls = |action: &str| shop.cloud.counters().sum(|one| one.service == "s3" && one.action == action).calls;
    assert!(calls("DeleteObject") >= 10, "{} deleted", calls("DeleteObject"));
    assert_eq!(listed(&shop.shelf("list-products"), at(3_000)).await.len(), 40);
}

#[tokio::test]
async fn the_demo_catalog_answers_what_shoppers_ask() {
    let shop = Shop::start();
    let products = demo();
    let shelf = shop.shelf("project-catalog");
    for batch in products.chunks(10) {
        fold(&shelf, &batch.iter().map(change).collect::<Vec<_>>(), StockLevel::In, at(0)).await.unwrap();
    }
    let index = shelf.current(at(0)).await.unwrap().index;
    let bytes: usize = index.segments().map(|segment| segment.len_bytes()).sum();
    println!("{} products in {} segments of {bytes} bytes", index.listed(), index.segments().count());
    assert_eq!(index.listed(), products.len());
    let first = |text: &str| {
        let found = index.search(&Question { text: text.to_owned(), sort: Sort::Relevance, ..Question::default() });
        index.page(&found, None, 1).0.pop().map(|card| card.id)
    };
    assert_eq!(first("magnesium").as_deref(), Some("magnesium-glycinate"));
    assert_eq!(first("mangesium glycinate").as_deref(), Some("magnesium-glycinate"));
    assert_eq!(first("RUS-MAG-120").as_deref(), Some("magnesium-glycinate"));
    assert_eq!(first("vitamin d").as_deref(), Some("vitamin-d3-drops"));
    assert!(first("zzzzzz").is_none());
    let place = index.find("magnesium-glycinate").unwrap();
    let similar = index.similar(place, 6);
    assert!(similar.iter().filter(|card| card.category == "vitamins-and-supplements").count() >= 4, "{similar:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    // Proves: S3-02, S3-20
    #[test]
    fn messages_repeated_in_any_order_and_batches_come_to_the_same_catalog(
        versions in prop::collection::vec((0_u8..5, 1_u64..5), 1..20),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        batch in 1_usize..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let products: Vec<Product> = versions
                .iter()
                .map(|(n, version)| Product { status: if *version == 3 { Status::Withdrawn } else { Status::Active }, ..named(&format!("p{n}"), *version) })
                .collect();
            let mut messages: Vec<Change> = products.iter().map(change).collect();
            messages.extend(repeats.iter().map(|index| change(&products[index.index(products.len())])));
            let shop = Shop::start();
            let shelves = [shop.shelf("project-catalog"), shop.shelf("project-catalog")];
            for (turn, messages) in messages.chunks(batch).enumerate() {
                fold(&shelves[turn % 2], messages, StockLevel::In, at(0)).await.unwrap();
            }
            let index = shop.shelf("list-products").current(at(1)).await.unwrap().index;
            let mut newest: HashMap<&str, &Product> = HashMap::new();
            for product in &products {
                let entry = newest.entry(product.id.as_str()).or_insert(product);
                if product.version > entry.version { *entry = product; }
            }
            for (id, product) in &newest {
                assert_eq!(index.age(id).map(|(version, _)| version), Some(product.version));
            }
            assert_eq!(index.listed(), newest.values().filter(|product| product.status == Status::Active).count());
        });
    }
}

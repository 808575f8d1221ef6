//! How fast one SKU sells against its cells, where each partition of the table takes a thousand write units a second: the shipped verbs
//! of `stock`, a store that enforces the limit, items placed by the hash of their key, and time that only passes where somebody waits.
//!
//! `cargo test -p bench --test partitions -- --nocapture` prints the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::float_arithmetic)]

mod store;

use cloud::{Clock, Cloud, Options};
use kernel::{Instant, OrderId, Sku};
use lambda::{Platform, Reach, Settings};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use stock::{Decision, HOLD_LASTS, Line, Settlement, Store};
use store::{Partitions, UNITS_A_SECOND, call_time, precise};

/// When a sale begins.
const START: Instant = Instant::from_seconds(1_800_000_000);
/// How long shoppers keep coming.
const SALE: Duration = Duration::from_millis(200);
/// From when on sales are counted: until then the first calls are on their way.
const FROM: Duration = Duration::from_millis(50);
/// Shoppers for each that the partitions could serve.
const DEMAND: f64 = 1.3;
/// Environments that hold, each with its own client and its own view of the directory.
const ENVIRONMENTS: usize = 16;
/// Holds that fit into a cell before its item costs more to write.
const UNITS_OF_A_CELL: usize = 16;
/// Decisions that are settled together.
const TOGETHER: usize = 1000;

/// What came of a sale.
struct Sale {
    cells: usize,
    sold_a_second: f64,
    units_a_sale: f64,
    sold: usize,
}

struct Shop {
    cloud: Cloud,
    partitions: Arc<Partitions>,
    table: String,
    sku: Sku,
}

impl Shop {
    /// A shop with `cells` cells of one SKU that have `units` together.
    async fn new(partitions: usize, cells: usize, units: usize) -> Self {
        let definition = cloud::testing::definition().unwrap();
        let cloud =
            Cloud::inline(Options { definition, clock: Clock::of_runtime(START), ..Options::default() }).unwrap();
        let table = cloud.definition().tables.iter().find(|table| table.name.ends_with("-stock")).unwrap().name.clone();
        let limits = Partitions::new(&table, partitions);
        let shop = Self { cloud, partitions: limits, table, sku: Sku::parse("RUSH").unwrap() };
        shop.fill(cells, units).await;
        shop.cloud.set_faults(Some(shop.partitions.clone()));
        shop
    }

    /// Puts the units there and spreads them, as the opening of a sale does.
    async fn fill(&self, cells: usize, units: usize) {
        let store = self.environment("fill");
        store.seed_many(&[(self.sku.clone(), u32::try_from(units).unwrap())]).await.unwrap();
        assert_eq!(store.spread(&self.sku, cells).await.unwrap(), cells);
    }

    fn environment(&self, caller: &str) -> Store {
        let mut environment: HashMap<String, String> = self.cloud.environment(caller).into_iter().collect();
        environment.insert("TABLE_STOCK".to_owned(), self.table.clone());
        let clock = self.cloud.clock().clone();
        let settings = Settings { environment, clock: Arc::new(move || clock.now()), output: Arc::new(|_| {}) };
        let reach = Reach { aws: Some(self.cloud.client()), ..Reach::default() };
        let platform = Platform::reaching(settings, reach).unwrap();
        Store::new(platform.table("stock").unwrap(), platform.region())
    }

    fn now(&self) -> Instant {
        self.cloud.clock().now()
    }
}

/// One shopper buys one piece: the order, the cell, and when it was held.
async fn buy(shop: Arc<Shop>, store: Store, number: usize, at: Duration) -> Option<(OrderId, u32, Instant)> {
    tokio::time::sleep(at).await;
    let order = OrderId::parse(&kernel::id::derived(&["order", &number.to_string()])).unwrap();
    let until = shop.now().plus(HOLD_LASTS);
    let held = store.hold(&order, &[(shop.sku.clone(), 1)], until).await.ok()?;
    Some((order, held[0].cell, shop.now()))
}

/// A sale to more shoppers than the partitions can serve.
async fn sale(partitions: usize, cells: usize, together: usize) -> Sale {
    let a_second = DEMAND * precise(partitions as u64) * UNITS_A_SECOND;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let shoppers = (a_second * SALE.as_secs_f64()) as usize;
    let shop = Arc::new(Shop::new(partitions, cells, units_for(shoppers)).await);
    let stores: Vec<Store> = (0..ENVIRONMENTS).map(|number| shop.environment(&format!("hold{number}"))).collect();
    let began = shop.now();
    let buying: Vec<_> = (0..shoppers)
        .map(|number| {
            let at = Duration::from_secs_f64(precise(number as u64) / a_second);
            tokio::spawn(buy(Arc::clone(&shop), stores[number % ENVIRONMENTS].clone(), number, at))
        })
        .collect();
    let mut bought = Vec::new();
    for shopper in buying {
        bought.extend(shopper.await.unwrap());
    }
    let (from, to) = (began.plus(FROM), began.plus(SALE));
    let counted = bought.iter().filter(|(_, _, at)| *at >= from && *at < to).count();
    settle(&shop, &mut bought, together).await;
    let stock = stores[0].look(&shop.sku).await.unwrap().unwrap();
    assert_eq!(stock.sold() as usize, bought.len(), "what was held is sold");
    assert!(stock.cells.iter().all(|cell| stock::check_cell(cell).is_ok()));
    Sale {
        cells,
        sold_a_second: precise(counted as u64) / (SALE - FROM).as_secs_f64(),
        units_a_sale: shop.partitions.written() / precise(bought.len() as u64),
        sold: bought.len(),
    }
}

/// All that was bought is decided: the decisions are settled `together` at a time, those of one cell beside each other.
async fn settle(shop: &Shop, bought: &mut [(OrderId, u32, Instant)], together: usize) {
    if together > 1 {
        bought.sort_by_key(|(_, cell, _)| *cell);
    }
    let store = shop.environment("settle");
    for batch in bought.chunks(together) {
        let line = |cell: u32| vec![Line { sku: shop.sku.clone(), quantity: 1, cell }];
        let decided = |(order, cell, at): &(OrderId, u32, Instant)| Settlement {
            order: order.clone(),
            version: 2,
            decision: Decision::Commit,
            decided_at: *at,
            lines: line(*cell),
        };
        let mut left: Vec<Settlement> = batch.iter().map(decided).collect();
        // What a full partition turned away comes again, as from a queue.
        while !left.is_empty() {
            let results = store.settle(&left, shop.now()).await.results;
            left = left.into_iter().zip(results).filter(|(_, result)| result.is_err()).map(|(one, _)| one).collect();
            tokio::time::sleep(call_time()).await;
        }
    }
}

/// Stock that outlasts the demand by a quarter: a sale that is sold out sells nothing.
fn units_for(shoppers: usize) -> usize {
    shoppers + shoppers / 4
}

/// The cells that a sale is spread over: 16 pieces each, and four for each partition at the least.
fn spread(partitions: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let shoppers = (DEMAND * precise(partitions as u64) * UNITS_A_SECOND * SALE.as_secs_f64()) as usize;
    (units_for(shoppers) / UNITS_OF_A_CELL).max(4 * partitions)
}

/// Sixty-four partitions are sixteen thousand sales: a release build does them in the time that a debug build takes for four.
fn thoroughly() -> bool {
    !cfg!(debug_assertions) || std::env::var_os("RUSSET_FULL").is_some()
}

fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(work)
}

fn tell(partitions: usize, sale: &Sale) {
    println!(
        "{partitions:>2} partitions, {:>5} cells: {:>6.0} sold a second, {:.2} of the limit; {:.2} write units a sale ({} sales)",
        sale.cells,
        sale.sold_a_second,
        sale.sold_a_second / (precise(partitions.min(sale.cells) as u64) * UNITS_A_SECOND),
        sale.units_a_sale,
        sale.sold,
    );
}

#[test]
fn a_sku_sells_as_fast_as_its_partitions_write_and_a_sale_costs_at_most_one_and_a_half_units() {
    for partitions in if thoroughly() { &[4, 64][..] } else { &[4] } {
        let partitions = *partitions;
        let sale = in_virtual_time(sale(partitions, spread(partitions), TOGETHER));
        tell(partitions, &sale);
        let limit = precise(partitions as u64) * UNITS_A_SECOND;
        assert!(sale.sold_a_second >= 0.85 * limit, "{} sold a second", sale.sold_a_second);
        assert!(sale.sold_a_second <= limit * 1.02, "the store does not enforce its limit");
        assert!(sale.units_a_sale <= 1.45, "{} write units a sale", sale.units_a_sale);
    }
}

#[test]
fn few_cells_sell_slowly_and_settling_one_by_one_costs_twice() {
    let sales: Vec<Sale> = [1, 4, 16].map(|cells| in_virtual_time(sale(4, cells, TOGETHER))).into();
    sales.iter().for_each(|sale| tell(4, sale));
    assert!(sales[0].sold_a_second < sales[1].sold_a_second && sales[1].sold_a_second < sales[2].sold_a_second);
    assert!(sales[0].sold_a_second <= UNITS_A_SECOND * 1.02, "one cell is one partition's");
    if !thoroughly() {
        return;
    }
    let alone = in_virtual_time(sale(4, spread(4), 1));
    tell(4, &alone);
    assert!(alone.units_a_sale > 1.9, "{} write units a sale", alone.units_a_sale);
}

//! A cloud in memory with the table of stock, and environments that share nothing else.

use cloud::{Cloud, Options};
use kernel::{Instant, OrderId, Sku};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use stock::{Decision, HOLD_LASTS, Line, Settlement, Stock, Store, check_cell};

/// When the tests begin.
pub const START: Instant = Instant::from_seconds(1_800_000_000);

/// The table of stock and whoever uses it.
pub struct Shop {
    pub cloud: Cloud,
    table: String,
}

impl Shop {
    /// A shop without stock.
    pub fn start() -> Self {
        Self::over(cloud::testing::start().unwrap())
    }

    /// A shop whose tables are on disk.
    pub fn on_disk(folder: &std::path::Path) -> Self {
        let definition = cloud::testing::definition().unwrap();
        let storage = cloud::Storage::Directory(folder.to_owned());
        Self::over(Cloud::start(Options { definition, storage, ..Options::default() }).unwrap())
    }

    fn over(cloud: Cloud) -> Self {
        let table = cloud.definition().tables.iter().find(|table| table.name.ends_with("-stock")).unwrap().name.clone();
        Self { cloud, table }
    }

    /// The stock as a new environment sees it: with a client and a memory of its own.
    pub fn environment(&self, caller: &str) -> Store {
        let mut environment: HashMap<String, String> = self.cloud.environment(caller).into_iter().collect();
        environment.insert("TABLE_STOCK".to_owned(), self.table.clone());
        let settings = lambda::Settings { environment, clock: Arc::new(|| START), output: Arc::new(|_| {}) };
        let platform = lambda::Platform::new(settings).unwrap();
        Store::new(platform.table("stock").unwrap(), platform.region())
    }

    /// Calls of one kind since the last reset.
    pub fn calls(&self, action: &str) -> u64 {
        self.cloud.counters().calls("dynamodb", action)
    }
}

pub fn sku(name: &str) -> Sku {
    Sku::parse(name).unwrap()
}

pub fn order(n: u32) -> OrderId {
    OrderId::parse(&kernel::id::derived(&["order", &n.to_string()])).unwrap()
}

pub fn after(seconds: u64) -> Instant {
    START.plus(Duration::from_secs(seconds))
}

/// Until when a hold lasts that is made at that moment.
pub fn until(now: Instant) -> Instant {
    now.plus(HOLD_LASTS)
}

pub fn settlement(n: u32, decision: Decision, decided_at: Instant, lines: &[(&Sku, u32)]) -> Settlement {
    let lines = lines.iter().map(|(sku, quantity)| Line { sku: (*sku).clone(), quantity: *quantity, cell: 0 });
    Settlement { order: order(n), version: 2, decision, decided_at, lines: lines.collect() }
}

/// The stock of a SKU, every cell of which keeps the laws.
pub async fn lawful(store: &Store, sku: &Sku) -> Stock {
    let stock = store.look(sku).await.unwrap().expect("the SKU has cells");
    for cell in &stock.cells {
        check_cell(cell).unwrap();
    }
    stock
}

/// `(available, held, sold)` of a SKU, every cell of which keeps the laws.
pub async fn units(store: &Store, sku: &Sku) -> (u32, u32, u32) {
    let stock = lawful(store, sku).await;
    (stock.cells.iter().map(|cell| cell.available).sum(), stock.held(), stock.sold())
}

pub async fn settle(store: &Store, settlements: &[Settlement], now: Instant) {
    for result in store.settle(settlements, now).await.results {
        result.unwrap();
    }
}

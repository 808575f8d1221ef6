//! A cloud in memory with the table of sales, and environments that share nothing else.

use cloud::Cloud;
use flash::sale::Event;
use flash::{Item, Line, Listing, Sale, State, Store};
use kernel::{Amount, Currency, Instant, OrderId, ProductId, SaleId, Sku};
use lambda::Reach;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use table::Table;

/// When the tests begin.
pub const START: Instant = Instant::from_seconds(1_800_000_000);

pub fn after(seconds: u64) -> Instant {
    START.plus(Duration::from_secs(seconds))
}

pub struct Shop {
    pub cloud: Cloud,
}

impl Shop {
    pub fn start() -> Self {
        Self { cloud: cloud::testing::start().unwrap() }
    }

    /// The table as a new environment sees it.
    pub fn table(&self, caller: &str) -> Table {
        self.reached(caller, Reach::default())
    }

    /// The table for somebody who needs no socket: also from within a fault, while the listener waits for that.
    pub fn table_beside(&self, caller: &str) -> Table {
        self.reached(caller, Reach { aws: Some(self.cloud.client()), ..Reach::default() })
    }

    fn reached(&self, caller: &str, reach: Reach) -> Table {
        let name = &self.cloud.definition().tables.iter().find(|table| table.name.ends_with("-flash")).unwrap().name;
        let mut environment: HashMap<String, String> = self.cloud.environment(caller).into_iter().collect();
        environment.insert("TABLE_FLASH".to_owned(), name.clone());
        let settings = lambda::Settings { environment, clock: Arc::new(|| START), output: Arc::new(|_| {}) };
        lambda::Platform::reaching(settings, reach).unwrap().table("flash").unwrap()
    }

    pub fn store(&self, caller: &str) -> Store {
        Store::new(self.table(caller))
    }

    pub fn line(&self, caller: &str) -> Line {
        Line::new(self.table(caller))
    }

    pub fn listing(&self, caller: &str) -> Listing {
        Listing::new(self.store(caller), caller)
    }

    /// Calls of one kind by everybody.
    pub fn calls(&self, action: &str) -> u64 {
        self.cloud.counters().calls("dynamodb", action)
    }
}

/// A sale of one item, open for an hour from [`START`].
pub fn sale(n: u8, sku: &str) -> Sale {
    let item = Item {
        sku: Sku::parse(sku).unwrap(),
        product: ProductId::parse("tea").unwrap(),
        name: "Tea".to_owned(),
        variant: String::new(),
        image: String::new(),
        weight_grams: 100,
        price: Amount::minor(500),
        was: Amount::minor(1_000),
        cells: 7,
    };
    Sale {
        id: SaleId::parse(&kernel::id::encode([n; 16])).unwrap(),
        name: format!("Sale {n}"),
        state: State::Open,
        starts_at: START,
        ends_at: after(3_600),
        limit: 2,
        expected_per_second: 10,
        waiting_room: true,
        currency: Currency::USD,
        items: vec![item],
        version: 1,
        events: vec![Event { at: START, by: "staff:admin:1".to_owned(), to: State::Open }],
        live: Some(flash::store::LIVE.to_owned()),
    }
}

/// Writes a sale.
pub async fn opened(store: &Store, sale: &Sale) {
    store.table().transact(store.open(sale).unwrap(), None).await.unwrap();
}

pub fn order(n: u32) -> OrderId {
    OrderId::parse(&kernel::id::derived(&["order", &n.to_string()])).unwrap()
}

//! The rules of carts, against the table as it ships.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use cart::{Cart, LIFE, Store};
use cloud::Cloud;
use kernel::{Instant, Sku};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use table::WriteError;

const START: Instant = Instant::from_seconds(1_800_000_000);

/// The carts as one more environment sees them.
fn environment(cloud: &Cloud, caller: &str) -> Store {
    let tables = &cloud.definition().tables;
    let name = tables.iter().find(|table| table.name.ends_with("-carts")).unwrap().name.clone();
    let mut environment: HashMap<String, String> = cloud.environment(caller).into_iter().collect();
    environment.insert("TABLE_CARTS".to_owned(), name);
    let settings = lambda::Settings { environment, clock: Arc::new(|| START), output: Arc::new(|_| {}) };
    Store::new(lambda::Platform::new(settings).unwrap().table("carts").unwrap())
}

fn sku(n: u32) -> Sku {
    Sku::parse(&format!("SKU-{n}")).unwrap()
}

/// Adds as the function does: load, one conditional write, and again when somebody came first.
async fn add(store: &Store, id: &str, sku: &Sku, now: Instant) -> Cart {
    loop {
        let mut cart = store.load(id, now).await.unwrap();
        cart.add(sku, 1, now).unwrap();
        let (write, saved) = cart.save(now).unwrap();
        match store.table().write(write).await {
            Ok(_) => return saved,
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Fault(fault)) => panic!("{fault}"),
        }
    }
}

// Proves: S3-06
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_addition_is_lost_when_many_come_at_once() {
    let cloud = cloud::testing::start().unwrap();
    let all = (0..24).map(|n| {
        let store = environment(&cloud, &format!("add-{n}"));
        tokio::spawn(async move { add(&store, "g", &sku(n % 6), START).await })
    });
    for done in all.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let cart = environment(&cloud, "get").load("g", START).await.unwrap();
    assert_eq!(cart.version, 24);
    assert!((0..6).all(|n| cart.lines[&sku(n)].quantity == 4), "{cart:?}");
}

#[tokio::test]
async fn a_cart_is_forgotten_after_thirty_days_even_if_the_database_is_late() {
    let cloud = cloud::testing::start().unwrap();
    let store = environment(&cloud, "get");
    add(&store, "g", &sku(1), START).await;
    let almost = START.plus(LIFE).minus(Duration::from_secs(1));
    assert_eq!(store.load("g", almost).await.unwrap().lines.len(), 1);
    assert!(store.load("g", START.plus(LIFE)).await.unwrap().lines.is_empty());
    let anew = add(&store, "g", &sku(2), START.plus(LIFE)).await;
    assert_eq!(anew.skus(), [sku(2)]);
}

// Proves: S3-06
#[tokio::test]
async fn a_guests_cart_goes_into_the_customers_once_and_no_line_is_lost() {
    let cloud = cloud::testing::start().unwrap();
    let store = environment(&cloud, "merge");
    for n in 0..3 {
        add(&store, "guest", &sku(n), START).await;
        add(&store, "customer", &sku(n + 2), START.plus(Duration::from_secs(1))).await;
    }
    let merged = store.merge("guest", "customer", START).await.unwrap();
    let again = store.merge("guest", "customer", START).await.unwrap();
    assert_eq!(merged, again, "the second time changes nothing");
    assert_eq!(merged.lines.len(), 5);
    assert!(merged.lines.values().all(|line| line.quantity == 1));
}

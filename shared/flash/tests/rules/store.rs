//! Sales in their table.

use crate::support::{Shop, after, opened, sale};
use cloud::{Call, Trouble};
use flash::State;
use flash::sale::Action;
use std::sync::Arc;
use table::WriteError;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_belongs_to_one_sale_until_that_is_closed() {
    let shop = Shop::start();
    let store = shop.store("e");
    let mut first = sale(1, "TEA");
    opened(&store, &first).await;
    let second = sale(2, "TEA");
    let refused = store.table().transact(store.open(&second).unwrap(), None).await.unwrap_err();
    assert!(matches!(refused, WriteError::Refused(ref refusal) if refusal.index == 1), "{refused}");
    assert_eq!(store.claimed(&[second.items[0].sku.clone()]).await.unwrap().len(), 1);

    first.happen(Action::End, after(3_700), "system").unwrap();
    assert!(store.save(&first, 1).await.unwrap());
    assert!(!store.save(&first, 1).await.unwrap(), "another run came first");
    assert_eq!(store.live().await.unwrap().len(), 1, "one that is being closed is still found");
    first.happen(Action::Gather, after(3_700), "system").unwrap();
    assert!(store.let_go(&first, 2).await.unwrap());
    assert!(!store.let_go(&first, 2).await.unwrap());
    assert!(store.live().await.unwrap().is_empty());
    assert!(store.claimed(&[second.items[0].sku.clone()]).await.unwrap().is_empty());
    opened(&store, &second).await;
    assert_eq!(store.get(&first.id, after(4_000)).await.unwrap().state, State::Closed, "what was closed is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_are_found_in_the_order_in_which_they_end() {
    let shop = Shop::start();
    let store = shop.store("e");
    for (n, hours) in [(1, 3), (2, 1), (3, 2)] {
        let mut sale = sale(n, &format!("SKU-{n}"));
        sale.ends_at = after(hours * 3_600);
        opened(&store, &sale).await;
    }
    let names: Vec<String> = store.live().await.unwrap().into_iter().map(|sale| sale.name).collect();
    assert_eq!(names, ["Sale 2", "Sale 3", "Sale 1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_is_read_once_in_a_few_seconds_and_one_that_is_not_there_is_missing() {
    let shop = Shop::start();
    let store = shop.store("e");
    for n in 0..120 {
        opened(&store, &sale(n, &format!("SKU-{n}"))).await;
    }
    assert_eq!(store.live().await.unwrap().len(), 120, "also where they fill more than a page");
    let first = sale(0, "SKU-0");
    let before = shop.calls("GetItem");
    for _ in 0..50 {
        assert_eq!(store.get(&first.id, after(10)).await.unwrap().name, "Sale 0");
    }
    assert_eq!(shop.calls("GetItem") - before, 1);
    store.get(&first.id, after(14)).await.unwrap();
    assert_eq!(shop.calls("GetItem") - before, 2);
    for n in 0..120 {
        store.get(&sale(n, "X").id, after(14)).await.unwrap();
    }
    assert_eq!(store.get(&sale(200, "X").id, after(14)).await.unwrap_err().code, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_does_not_answer_is_said_to() {
    let shop = Shop::start();
    let store = shop.store("e");
    opened(&store, &sale(1, "TEA")).await;
    shop.cloud.set_faults(Some(Arc::new(|_: &Call<'_>| Some(Trouble::ServerError))));
    let code = |fault: kernel::Fault| fault.code;
    assert_eq!(store.get(&sale(1, "TEA").id, after(1)).await.map(|_| ()).map_err(code), Err("unavailable"));
    assert_eq!(store.live().await.map(|_| ()).map_err(code), Err("unavailable"));
    assert_eq!(store.save(&sale(1, "TEA"), 1).await.map_err(code), Err("unavailable"));
    assert_eq!(store.let_go(&sale(1, "TEA"), 1).await.map_err(code), Err("unavailable"));
}

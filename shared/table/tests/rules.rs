//! The guards of writes, against the engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says why by panicking")]

use serde::{Deserialize, Serialize};
use table::{Guard, Key, Query, Row, Table, Write, WriteError};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    id: String,
    version: u64,
    text: String,
}

impl Row for Note {
    fn key(&self) -> Key {
        Key::new(format!("NOTE#{}", self.id))
    }
}

fn note(id: &str, version: u64, text: &str) -> Note {
    Note { id: id.to_owned(), version, text: text.to_owned() }
}

/// The table of orders, which has no sort key, and the one of their lists, which has.
fn tables(cloud: &cloud::Cloud) -> (Table, Table) {
    use lambda::{Platform, Settings};
    let mut environment: std::collections::HashMap<String, String> = cloud.environment("test").into_iter().collect();
    for function in &cloud.definition().functions {
        environment.extend(function.environment.clone());
    }
    let clock: lambda::Clock = std::sync::Arc::new(|| kernel::Instant::from_millis(0));
    let platform = Platform::new(Settings { environment, clock, output: std::sync::Arc::new(|_| {}) }).unwrap();
    (platform.table("checkout").unwrap(), platform.table("order-views").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_hands_back_what_was_there_and_changes_nothing() {
    let cloud = cloud::testing::start().unwrap();
    let (table, _) = tables(&cloud);
    let first = note("a", 1, "first");
    table.write(Write::put(&first).unwrap().seen(0)).await.unwrap();

    let again = table.write(Write::put(&note("a", 1, "again")).unwrap().when(Guard::ABSENT)).await;
    let Err(WriteError::Refused(refused)) = again else { panic!("{again:?}") };
    assert_eq!((refused.guards.as_str(), refused.old.unwrap().read::<Note>().unwrap()), ("absent", first.clone()));

    let stale = table.write(Write::put(&note("a", 8, "stale")).unwrap().seen(7)).await;
    assert!(matches!(stale, Err(WriteError::Refused(_))), "{stale:?}");
    assert_eq!(table.get_latest::<Note>(&first.key()).await.unwrap(), Some(first.clone()));

    let next = note("a", 2, "next");
    table.write(Write::put(&next).unwrap().seen(1)).await.unwrap();
    assert_eq!(table.get_latest::<Note>(&first.key()).await.unwrap(), Some(next));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_made_whole_or_not_at_all_and_names_what_stood_against_it() {
    let cloud = cloud::testing::start().unwrap();
    let (table, _) = tables(&cloud);
    table.write(Write::put(&note("b", 1, "there")).unwrap()).await.unwrap();
    let writes = vec![
        Write::put(&note("a", 1, "new")).unwrap().when(Guard::ABSENT),
        Write::check(note("b", 1, "").key()).when(Guard::ABSENT),
    ];
    let refused = table.transact(writes, None).await;
    let Err(WriteError::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.index, refused.old.unwrap().text("text")), (1, Some("there")));
    assert_eq!(table.get_latest::<Note>(&note("a", 1, "").key()).await.unwrap(), None);
    assert!(table.write(Write::check(note("b", 1, "").key())).await.is_err(), "a check alone is a mistake");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_row_once_in_the_order_of_their_keys() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Entry {
        sk: String,
    }
    impl Row for Entry {
        fn key(&self) -> Key {
            Key::sorted("ALL", self.sk.clone())
        }
    }
    let cloud = cloud::testing::start().unwrap();
    let (_, table) = tables(&cloud);
    for number in 0..7 {
        table.write(Write::put(&Entry { sk: format!("{number}") }).unwrap()).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None::<Vec<(String, String)>>);
    loop {
        let query = Query::new("pk = :pk").text(":pk", "ALL").descending().limit(3);
        let query = match &after {
            Some(position) => query.after(position),
            None => query,
        };
        let page = table.query::<Entry>(query).await.unwrap();
        seen.extend(page.items.into_iter().map(|entry| entry.sk));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["6", "5", "4", "3", "2", "1", "0"]);
    let keys: Vec<Key> = ["1", "1", "5", "9"].map(|sk| Key::sorted("ALL", sk)).to_vec();
    assert_eq!(
        table.get_many::<Entry>(&keys).await.unwrap().len(),
        2,
        "twice the same is read once, absent is left out"
    );
}

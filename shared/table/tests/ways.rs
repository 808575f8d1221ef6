//! The two ways to a table, over a socket and without one, say the same to whatever is asked.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on says why by panicking")]

use cloud::{Cloud, Options, Random};
use lambda::{Platform, Reach, Settings};
use serde::{Deserialize, Serialize};
use table::{Guard, Item, Key, Query, Row, Table, Write, WriteError};

/// Random calls that are made both ways.
const CALLS: u64 = 2_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    id: u64,
    version: u64,
    text: String,
    marks: Vec<u64>,
}

impl Row for Note {
    fn key(&self) -> Key {
        Key::sorted("NOTE", format!("{:02}", self.id))
    }
}

fn table(cloud: &Cloud, reach: Reach) -> Table {
    let mut environment: std::collections::HashMap<String, String> = cloud.environment("test").into_iter().collect();
    for function in &cloud.definition().functions {
        environment.extend(function.environment.clone());
    }
    let clock: lambda::Clock = std::sync::Arc::new(|| kernel::Instant::from_millis(0));
    let settings = Settings { environment, clock, output: std::sync::Arc::new(|_| {}) };
    Platform::reaching(settings, reach).unwrap().table("order-views").unwrap()
}

/// One call, as a sequence of numbers decides.
async fn call(table: &Table, drawn: &[u64; 6]) -> String {
    let [kind, id, version, mark, length, limit] = *drawn;
    let (id, version) = (id % 12, version % 4);
    let text = "ä\"#\u{1f375}\n".repeat(usize::try_from(length % 40).unwrap());
    let note = Note { id, version, text, marks: (0..mark % 5).collect() };
    let bumped = || Write::update(note.key(), "SET version = version + :one, marks = :marks").number(":one", 1);
    match kind % 11 {
        0 | 1 => written(table.write(Write::put(&note).unwrap()).await),
        2 => written(table.write(Write::put(&note).unwrap().seen(version)).await),
        3 => written(table.write(Write::delete(note.key()).seen(version.max(1))).await),
        4 => written(table.write(bumped().value(":marks", &note.marks).unwrap().when(Guard::PRESENT)).await),
        // A value that the expression does not use: the engine refuses it, and that is a mistake of ours.
        5 => written(table.write(bumped().value(":marks", &note.marks).unwrap().number(":unused", mark)).await),
        6 => format!("{:?}", table.get::<Note>(&note.key()).await),
        7 => format!("{:?}", table.get_latest::<Note>(&note.key()).await),
        8 => {
            let keys: Vec<Key> = (0..1 + limit % 20).map(|id| Note { id, ..note.clone() }.key()).collect();
            let mut found = table.get_many::<Note>(&keys).await.unwrap();
            found.sort_by_key(|note| note.id);
            format!("{found:?}")
        }
        9 => {
            let query = Query::new("pk = :pk AND sk > :sk").text(":pk", "NOTE").text(":sk", format!("{id:02}"));
            let limit = usize::try_from(1 + limit % 5).unwrap();
            let query = if mark % 2 == 0 { query.descending() } else { query };
            format!("{:?}", table.query::<Note>(query.limit(limit)).await)
        }
        _ => {
            let other = Note { id: (id + 1) % 12, ..note.clone() };
            let writes = vec![
                Write::put(&note).unwrap().seen(version),
                Write::check(other.key()).when(Guard::PRESENT),
                Write::put(&Note { id: (id + 2) % 12, ..note.clone() }).unwrap(),
            ];
            written(table.transact(writes, None).await.map(|()| None))
        }
    }
}

fn written(made: Result<Option<Item>, WriteError>) -> String {
    let read = |item: Option<Item>| item.map(|item| item.read::<Note>().unwrap());
    match made {
        Ok(item) => format!("made {:?}", read(item)),
        Err(WriteError::Refused(refused)) => {
            format!("refused {} by {}, {:?}", refused.index, refused.guards, read(refused.old))
        }
        // The request's id is in the cause, and is another one each time.
        Err(WriteError::Fault(fault)) => format!("{:?} {}", fault.kind, fault.code),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_socket_is_answered_as_one_over_a_socket_is() {
    let with = cloud::testing::start().unwrap();
    let options = Options { definition: cloud::testing::definition().unwrap(), ..Options::default() };
    let without = Cloud::inline(options).unwrap();
    let (over, direct) =
        (table(&with, Reach::default()), table(&without, Reach { aws: Some(without.client()), ..Reach::default() }));

    let random = Random::seeded(1);
    let mut kinds = std::collections::BTreeMap::new();
    for n in 0..CALLS {
        let drawn = [0; 6].map(|_: u64| {
            let mut bytes = [0; 8];
            random.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        let (one, other) = (call(&over, &drawn).await, call(&direct, &drawn).await);
        assert_eq!(one, other, "call {n}: {drawn:?}");
        let outcome = one.split([' ', '(']).next().unwrap_or_default().to_owned();
        *kinds.entry((drawn[0] % 11, outcome)).or_insert(0) += 1;
    }
    println!("{CALLS} calls, by kind and outcome: {kinds:?}");
    for kind in [2, 3, 4, 10] {
        for outcome in ["made", "refused"] {
            assert!(kinds.contains_key(&(kind, outcome.to_owned())), "calls of kind {kind} were never {outcome}");
        }
    }
    // What it cost is counted alike as well, and so is what went over the wire.
    let bill = |cloud: &Cloud| {
        let total = cloud.counters().total();
        (total.calls, total.refused, total.read_half_units, total.write_half_units, total.bytes_out)
    };
    assert_eq!(bill(&with), bill(&without));
}

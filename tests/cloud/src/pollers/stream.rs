//! Changes of a table to a function, in order. The position moves when a batch is done or given up; it is on disk, so
//! that the next process goes on from there, and delivers at least once what this one did not finish.

use super::{Shared, events, filter};
use crate::definition::{Function, StreamTrigger};
use crate::dynamo::Record;
use crate::journal::Kind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Records of one read at the most.
const READ_MAX: usize = 1000;
/// How long to wait after the first failure of a batch; doubled at each further one.
const BACKOFF: Duration = Duration::from_millis(100);
/// How long to wait at the most.
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// How far the position moves between two times that consumed records are taken away.
const TRIM_EVERY: usize = 500;

struct Stream {
    shared: Arc<Shared>,
    function: Function,
    trigger: StreamTrigger,
    position: i64,
    untrimmed: usize,
}

/// A run of records that are delivered together, and how often that failed.
struct Batch {
    records: Vec<Record>,
    failures: u32,
}

/// What came of one delivery.
enum Delivered {
    All,
    /// The records before this index are done; this one failed.
    FailedAt(usize),
    Failed,
}

/// The journal's key of a position.
fn entry(function: &Function, trigger: &StreamTrigger) -> String {
    format!("{}/{}", function.operation, trigger.table)
}

/// Whether the stream holds nothing after the position that is on record.
pub(super) async fn is_read(shared: &Shared, function: &Function, trigger: &StreamTrigger) -> bool {
    let position = shared.positions(&entry(function, trigger));
    let next = shared.services.engine.records(&trigger.table, position, 1).await;
    next.is_ok_and(|records| records.is_empty())
}

pub(super) async fn run(shared: Arc<Shared>, function: Function, trigger: StreamTrigger) {
    let Some(mut changes) = shared.services.engine.changes(&trigger.table) else {
        return;
    };
    let known = shared.services.positions.get(&entry(&function, &trigger)).copied();
    let position = match known {
        Some(position) => position,
        None if trigger.from_start => 0,
        None => latest(&shared, &trigger.table).await,
    };
    let mut stream = Stream { shared, function, trigger, position, untrimmed: 0 };
    stream.shared.set_position(entry(&stream.function, &stream.trigger), position);
    loop {
        let records = stream.read().await;
        if records.is_empty() {
            let ended = tokio::select! {
                changed = changes.changed() => changed.is_err(),
                () = stream.shared.ended() => true,
            };
            if ended {
                return;
            }
            if !stream.trigger.window.is_zero() {
                tokio::time::sleep(stream.trigger.window).await;
            }
            continue;
        }
        let count = records.len();
        stream.shared.behind.fetch_add(count, Ordering::SeqCst);
        let done = stream.deliver_all(records).await;
        stream.shared.behind.fetch_sub(count, Ordering::SeqCst);
        if !done {
            return;
        }
    }
}

/// The position of the last record.
async fn latest(shared: &Shared, table: &str) -> i64 {
    let mut position = 0;
    while let Ok(records) = shared.services.engine.records(table, position, READ_MAX).await
        && let Some(last) = records.last()
    {
        position = last.position;
    }
    position
}

impl Stream {
    async fn read(&self) -> Vec<Record> {
        let most = self.trigger.batch_max.min(READ_MAX);
        let read = self.shared.services.engine.records(&self.trigger.table, self.position, most).await;
        let records = read.unwrap_or_default();
        if !records.is_empty() {
            self.shared.count("dynamodb", "GetRecords", &self.trigger.table);
        }
        records
    }

    /// Delivers what fits the filters, in order. `false` when the pollers are told to stop before it is done.
    async fn deliver_all(&mut self, records: Vec<Record>) -> bool {
        let Some(last) = records.last().map(|record| record.position) else {
            return true;
        };
        let fitting: Vec<Record> =
            records.into_iter().filter(|record| filter::fits_any(&self.trigger.filters, &record.json)).collect();
        let mut batches = VecDeque::from([Batch { records: fitting, failures: 0 }]);
        while let Some(batch) = batches.pop_front() {
            if batch.records.is_empty() {
                continue;
            }
            match self.deliver(&batch.records).await {
                Delivered::All => {
                    self.advance(batch.records.last().map_or(last, |record| record.position), batch.records.len())
                }
                Delivered::FailedAt(0) | Delivered::Failed => {
                    if !self.try_again(batch, &mut batches).await {
                        return false;
                    }
                }
                Delivered::FailedAt(at) => {
                    let mut done = batch.records;
                    let rest = done.split_off(at);
                    self.advance(done.last().map_or(last, |record| record.position), at);
                    if !self.try_again(Batch { records: rest, failures: 0 }, &mut batches).await {
                        return false;
                    }
                }
            }
        }
        self.advance(last, 0);
        true
    }

    /// Puts a failed batch back: halved, or whole after a pause, or not at all when it was tried too often.
    async fn try_again(&mut self, batch: Batch, batches: &mut VecDeque<Batch>) -> bool {
        let failures = batch.failures + 1;
        if self.trigger.bisect && batch.records.len() > 1 {
            let mut first = batch.records;
            let second = first.split_off(first.len() / 2);
            batches.push_front(Batch { records: second, failures: batch.failures });
            batches.push_front(Batch { records: first, failures: batch.failures });
            return self.pause(1).await;
        }
        if self.trigger.retries_max.is_some_and(|most| failures > most) {
            self.give_up(&batch.records, failures);
            return true;
        }
        batches.push_front(Batch { records: batch.records, failures });
        self.pause(failures).await
    }

    /// Waits before the next try; `false` when the pollers are told to stop meanwhile.
    async fn pause(&self, failures: u32) -> bool {
        let wait = BACKOFF.saturating_mul(2_u32.saturating_pow(failures.min(10) - 1)).min(BACKOFF_MAX);
        let clock = &self.shared.services.clock;
        tokio::select! {
            () = clock.sleep_until(clock.now().plus(wait)) => true,
            () = self.shared.ended() => false,
        }
    }

    async fn deliver(&self, records: &[Record]) -> Delivered {
        let region = &self.shared.services.definition.region;
        let shown: Vec<Value> = records
            .iter()
            .map(|record| events::stream_record(record.json.clone(), &self.trigger.table, region))
            .collect();
        let payload = json!({"Records": shown}).to_string().into_bytes();
        let mut result = self.shared.invoke(&self.function.operation, payload.clone()).await;
        if self.shared.services.twice.load(Ordering::Relaxed) {
            result = self.shared.invoke(&self.function.operation, payload).await;
        }
        let Ok(answer) = result else {
            return Delivered::Failed;
        };
        if !self.trigger.partial_failures {
            return Delivered::All;
        }
        let Some(failed) = events::failures(&answer) else {
            return Delivered::Failed;
        };
        let places: Vec<Option<usize>> =
            failed.iter().map(|id| records.iter().position(|record| sequence(record) == *id)).collect();
        match places.iter().min() {
            None => Delivered::All,
            Some(None) => Delivered::Failed,
            Some(Some(first)) => Delivered::FailedAt(*first),
        }
    }

    /// Tells the on-failure destination of records that are not tried again, and goes on after them.
    fn give_up(&mut self, records: &[Record], tries: u32) {
        if let Some(queue) = &self.trigger.on_failure {
            let services = &self.shared.services;
            let region = &services.definition.region;
            let named: Vec<(String, Value)> = records.iter().map(|record| (sequence(record), Value::Null)).collect();
            let arn = events::stream_arn(&self.trigger.table, region);
            let told =
                events::given_up(&self.function, &arn, &named, tries, services.clock.now(), region, &services.random);
            // Without that queue nobody wants to know.
            drop(services.queues.send(queue, told.to_string(), BTreeMap::new(), None));
            self.shared.count("sqs", "SendMessage", queue);
        }
        if let Some(last) = records.last() {
            self.advance(last.position, records.len());
        }
    }

    fn advance(&mut self, position: i64, records: usize) {
        if position <= self.position {
            return;
        }
        self.position = position;
        self.untrimmed += records;
        let entry = entry(&self.function, &self.trigger);
        self.shared.services.journal.put(Kind::Position, entry.clone(), position.to_string().into_bytes());
        self.shared.set_position(entry, position);
        if self.untrimmed >= TRIM_EVERY {
            self.untrimmed = 0;
            self.shared.services.engine.trim(&self.trigger.table, position);
        }
    }
}

fn sequence(record: &Record) -> String {
    record.json["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

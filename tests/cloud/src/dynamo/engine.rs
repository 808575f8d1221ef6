//! The engine's thread: it does one call after another, and lets many writes share one sync of the disk. Or no thread:
//! then each call is done where it is made.

use super::answer::Answer;
use super::dispatch;
use super::store::{Store, Wal};
use super::tables::tables_of;
use crate::clock::Clock;
use bytes::Bytes;
use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// What DynamoDB adds to the engine's own numbers to make them 21 digits long.
const SEQUENCE_OFFSET: i128 = 100_000_000_000_000_000_000;

/// One stream record, as Lambda would send it but for the stream's ARN.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Where it stands in its stream.
    pub(crate) position: i64,
    pub(crate) json: Value,
}

enum Job {
    Call { operation: String, body: Bytes, answer: oneshot::Sender<Answer> },
    Records { table: String, after: i64, limit: usize, answer: oneshot::Sender<Result<Vec<Record>, String>> },
    Trim { table: String, consumed: i64 },
}

/// Answers that wait for the disk, and the tables that their calls changed.
struct Unsynced {
    answer: Answer,
    caller: oneshot::Sender<Answer>,
    tables: Vec<String>,
}

/// The DynamoDB of one cloud.
pub(crate) struct Engine {
    worker: Worker,
    changes: HashMap<String, watch::Sender<()>>,
}

/// Who does the work.
enum Worker {
    Threads { jobs: Option<Sender<Job>>, threads: Mutex<Vec<JoinHandle<()>>> },
    Caller(Database),
}

/// Databases in memory so far, so that each has a name of its own.
pub(crate) type MemoryCount = AtomicU64;

impl Engine {
    /// Starts the engine in the file at `path`, or in memory. `create` makes the tables before anybody calls;
    /// `watched` are those whose changes [`Engine::changes`] tells.
    pub(crate) fn start(
        path: Option<&Path>,
        count: &MemoryCount,
        create: &[(&'static str, Value)],
        watched: &[String],
    ) -> Result<Self, String> {
        let store = match path {
            Some(path) => Store::open(path)?,
            None => Store::in_memory(count)?,
        };
        make_tables(&store.database, create)?;
        let changes = changes_of(watched);
        let (jobs, queue) = channel();
        let (unsynced, to_sync) = channel();
        let told = changes.clone();
        let mut wal = path.map(Wal::of);
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new()
                .name(name.into())
                .spawn(work)
                .map_err(|error| format!("no thread {name}: {error}"))
        };
        let threads = vec![
            spawn("cloud-dynamo", Box::new(move || work_off(&store, &queue, &unsynced)))?,
            spawn("cloud-sync", Box::new(move || sync_all(wal.as_mut(), &to_sync, &told)))?,
        ];
        Ok(Self { worker: Worker::Threads { jobs: Some(jobs), threads: Mutex::new(threads) }, changes })
    }

    /// An engine in memory that works where it is called, by `clock`.
    pub(crate) fn inline(clock: Clock, create: &[(&'static str, Value)], watched: &[String]) -> Result<Self, String> {
        let database = Database::memory_with_clock(Arc::new(EngineClock(clock)))
            .map_err(|error| format!("a database in memory cannot be made: {error}"))?;
        make_tables(&database, create)?;
        Ok(Self { worker: Worker::Caller(database), changes: changes_of(watched) })
    }

    /// Does one operation. `None` when its write never reached the disk: then nobody may be told that it did.
    pub(crate) async fn call(&self, operation: &str, body: Bytes) -> Option<Answer> {
        if let Worker::Caller(database) = &self.worker {
            let answer = dispatch::call(database, operation, &body);
            if dispatch::writes(operation) && answer.status == 200 {
                tell(&self.changes, &tables_of(operation, &body));
            }
            return Some(answer);
        }
        let (answer, answered) = oneshot::channel();
        self.post(Job::Call { operation: operation.to_owned(), body, answer });
        answered.await.ok()
    }

    /// The stream records of `table` after a position, oldest first.
    pub(crate) async fn records(&self, table: &str, after: i64, limit: usize) -> Result<Vec<Record>, String> {
        if let Worker::Caller(database) = &self.worker {
            return records(database, table, after, limit);
        }
        let (answer, answered) = oneshot::channel();
        self.post(Job::Records { table: table.to_owned(), after, limit, answer });
        answered.await.unwrap_or_else(|_| Err("the engine has ended".into()))
    }

    /// Lets go of stream records that were consumed. An engine without threads keeps them: its life is short.
    pub(crate) fn trim(&self, table: &str, consumed: i64) {
        self.post(Job::Trim { table: table.to_owned(), consumed });
    }

    /// Tells each change of a watched table, after it is on disk.
    pub(crate) fn changes(&self, table: &str) -> Option<watch::Receiver<()>> {
        self.changes.get(table).map(watch::Sender::subscribe)
    }

    fn post(&self, job: Job) {
        if let Worker::Threads { jobs: Some(jobs), .. } = &self.worker {
            // The thread lives as long as this sender.
            drop(jobs.send(job));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Worker::Threads { jobs, threads } = &mut self.worker else { return };
        *jobs = None;
        for thread in threads.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A thread that panicked has told so itself.
            drop(thread.join());
        }
    }
}

fn make_tables(database: &Database, create: &[(&'static str, Value)]) -> Result<(), String> {
    for (operation, request) in create {
        let answer = dispatch::call(database, operation, request.to_string().as_bytes());
        if answer.status != 200 && !String::from_utf8_lossy(&answer.body).contains("ResourceInUseException") {
            return Err(format!("{operation}: {}", String::from_utf8_lossy(&answer.body)));
        }
    }
    Ok(())
}

fn changes_of(watched: &[String]) -> HashMap<String, watch::Sender<()>> {
    watched.iter().map(|table| (table.clone(), watch::Sender::new(()))).collect()
}

/// Tells who watches one of `tables`.
fn tell(changes: &HashMap<String, watch::Sender<()>>, tables: &[String]) {
    tables.iter().filter_map(|table| changes.get(table)).for_each(|changed| {
        changed.send_replace(());
    });
}

/// The stand-ins' time, as the engine asks for it.
struct EngineClock(Clock);

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "the engine asks for seconds as a fraction")]
impl dynoxide::storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().seconds()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().millis() as f64 / 1000.0
    }
}

fn work_off(store: &Store, jobs: &Receiver<Job>, unsynced: &Sender<Unsynced>) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Call { operation, body, answer: caller } => {
                let answer = dispatch::call(&store.database, &operation, &body);
                if dispatch::writes(&operation) && answer.status == 200 {
                    let tables = tables_of(&operation, &body);
                    // The syncing thread lives as long as this sender.
                    drop(unsynced.send(Unsynced { answer, caller, tables }));
                } else {
                    // Who asked may have gone.
                    drop(caller.send(answer));
                }
            }
            Job::Records { table, after, limit, answer } => {
                drop(answer.send(records(&store.database, &table, after, limit)))
            }
            Job::Trim { table, consumed } => {
                // Not trimmed now, trimmed next time.
                drop(store.trim(&table, consumed));
            }
        }
    }
}

fn records(database: &Database, table: &str, after: i64, limit: usize) -> Result<Vec<Record>, String> {
    let shard_iterator = encode_shard_iterator(table, &dynoxide::streams::shard_id(table), after);
    let reply = database
        .get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })
        .map_err(|error| error.to_string())?;
    reply
        .records
        .iter()
        .map(|record| {
            let number: i128 = record.dynamodb.sequence_number.parse().map_err(|_| "a sequence number that is none")?;
            let position = i64::try_from(number - SEQUENCE_OFFSET).map_err(|_| "a sequence number out of range")?;
            let json = serde_json::to_value(record).map_err(|error| error.to_string())?;
            Ok(Record { position, json })
        })
        .collect()
}

/// Syncs, then answers: one sync for all writes that came while the last one ran.
fn sync_all(mut wal: Option<&mut Wal>, unsynced: &Receiver<Unsynced>, changes: &HashMap<String, watch::Sender<()>>) {
    while let Ok(first) = unsynced.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(unsynced.try_iter()).collect();
        if let Some(Err(error)) = wal.as_mut().map(|wal| wal.sync()) {
            complain(&error);
            continue;
        }
        for Unsynced { answer, caller, tables } in batch {
            // Who asked may have gone.
            drop(caller.send(answer));
            tell(changes, &tables);
        }
    }
}

#[expect(clippy::print_stderr, reason = "the one word that a person must see: these writes are not acknowledged")]
fn complain(error: &std::io::Error) {
    eprintln!("the database cannot be synced to disk: {error}");
}

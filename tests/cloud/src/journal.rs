//! What the stand-ins must not forget, in one SQLite file.
//!
//! Each service keeps its state in memory and writes every change here, in order. A change that a caller is told about
//! is waited for with [`Journal::written`]; changes of many callers share one commit, and each commit is synced.

use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// What kind of thing an entry is; each service has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Key,
    Mail,
    Message,
    Object,
    Position,
    Secret,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Mail => "mail",
            Self::Message => "message",
            Self::Object => "object",
            Self::Position => "position",
            Self::Secret => "secret",
        }
    }
}

enum Job {
    Put { kind: Kind, key: String, value: Vec<u8> },
    Remove { kind: Kind, key: String },
    RemoveAll { kind: Kind, prefix: String },
    Read { kind: Kind, key: String, answer: oneshot::Sender<Option<Vec<u8>>> },
    Written(oneshot::Sender<()>),
}

/// The journal, or nothing at all in memory mode. When the file fails, what was not written is never acknowledged.
pub(crate) struct Journal {
    jobs: Option<Sender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Everything an older process left, by kind and key.
pub(crate) type Entries = Vec<(String, Vec<u8>)>;

/// Jobs that share one commit at most.
const COMMIT_MAX: usize = 1000;

impl Journal {
    /// A journal that keeps nothing.
    pub(crate) const fn in_memory() -> Self {
        Self { jobs: None, thread: Mutex::new(None) }
    }

    /// The journal in the file at `path`, made when it is not there; and what it holds of each of `kinds`.
    pub(crate) fn open(path: &Path, kinds: &[Kind]) -> Result<(Self, Vec<Entries>), String> {
        let failed = |error: rusqlite::Error| format!("{} cannot be used: {error}", path.display());
        let connection = Connection::open(path).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS entries (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
                 PRIMARY KEY (kind, key))",
            )
            .map_err(failed)?;
        let entries = kinds.iter().map(|kind| all_of(&connection, *kind)).collect::<Result<_, _>>().map_err(failed)?;
        let (jobs, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("cloud-journal".into())
            .spawn(move || write_all(&connection, &queue))
            .map_err(|error| format!("no thread for the journal: {error}"))?;
        Ok((Self { jobs: Some(jobs), thread: Mutex::new(Some(thread)) }, entries))
    }

    /// Whether there is a file behind it.
    pub(crate) const fn on_disk(&self) -> bool {
        self.jobs.is_some()
    }

    pub(crate) fn put(&self, kind: Kind, key: String, value: Vec<u8>) {
        self.post(Job::Put { kind, key, value });
    }

    pub(crate) fn remove(&self, kind: Kind, key: String) {
        self.post(Job::Remove { kind, key });
    }

    pub(crate) fn remove_all(&self, kind: Kind, prefix: String) {
        self.post(Job::RemoveAll { kind, prefix });
    }

    /// The value under `key`, after every change posted before. `None` in memory mode too.
    pub(crate) async fn read(&self, kind: Kind, key: String) -> Option<Vec<u8>> {
        let (answer, read) = oneshot::channel();
        self.post(Job::Read { kind, key, answer });
        read.await.ok().flatten()
    }

    /// Returns `true` once every change posted before is on disk; `false` when it never will be.
    pub(crate) async fn written(&self) -> bool {
        if self.jobs.is_none() {
            return true;
        }
        let (done, written) = oneshot::channel();
        self.post(Job::Written(done));
        written.await.is_ok()
    }

    fn post(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only after a write failed; who waits for that write learns it from the dropped channel.
            drop(jobs.send(job));
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.jobs = None;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that panicked has told so itself.
            drop(thread.join());
        }
    }
}

fn all_of(connection: &Connection, kind: Kind) -> rusqlite::Result<Entries> {
    // Objects can be large: they are listed, and read when they are asked for.
    let value = if kind == Kind::Object { "x''" } else { "value" };
    let mut select = connection.prepare(&format!("SELECT key, {value} FROM entries WHERE kind = ?1 ORDER BY key"))?;
    let rows = select.query_map([kind.name()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn write_all(connection: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        while batch.len() < COMMIT_MAX
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        if let Err(error) = commit(connection, batch) {
            complain(&error);
            return;
        }
    }
}

/// Applies a batch in one transaction, then tells those who wait for it.
fn commit(connection: &Connection, batch: Vec<Job>) -> rusqlite::Result<()> {
    let mut told = Vec::new();
    let changes = batch.iter().any(|job| matches!(job, Job::Put { .. } | Job::Remove { .. } | Job::RemoveAll { .. }));
    if changes {
        connection.execute_batch("BEGIN IMMEDIATE")?;
    }
    for job in batch {
        match job {
            Job::Put { kind, key, value } => {
                let mut put = connection
                    .prepare_cached("INSERT OR REPLACE INTO entries (kind, key, value) VALUES (?1, ?2, ?3)")?;
                put.execute(params![kind.name(), key, value])?;
            }
            Job::Remove { kind, key } => {
                let mut remove = connection.prepare_cached("DELETE FROM entries WHERE kind = ?1 AND key = ?2")?;
                remove.execute(params![kind.name(), key])?;
            }
            Job::RemoveAll { kind, prefix } => {
                let mut remove = connection
                    .prepare_cached("DELETE FROM entries WHERE kind = ?1 AND substr(key, 1, length(?2)) = ?2")?;
                remove.execute(params![kind.name(), prefix])?;
            }
            Job::Read { kind, key, answer } => {
                let mut get = connection.prepare_cached("SELECT value FROM entries WHERE kind = ?1 AND key = ?2")?;
                let value = get.query_row(params![kind.name(), key], |row| row.get(0)).optional()?;
                // Who asked may have gone.
                drop(answer.send(value));
            }
            Job::Written(done) => told.push(done),
        }
    }
    if changes {
        connection.execute_batch("COMMIT")?;
    }
    for done in told {
        // Who asked may have gone.
        done.send(()).ok();
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the one word that a person must see: nothing is acknowledged from here on")]
fn complain(error: &rusqlite::Error) {
    eprintln!("the stand-ins cannot write their state: {error}");
}

#[cfg(test)]
mod tests {
    use super::{Journal, Kind};

    #[tokio::test]
    async fn what_was_written_is_there_when_the_file_is_opened_again() {
        let path = std::env::temp_dir().join(format!("russet-journal-{}.sqlite", std::process::id()));
        let (journal, _) = Journal::open(&path, &[]).unwrap();
        for (key, value) in [("a/1", b"one"), ("a/2", b"two"), ("b/1", b"six")] {
            journal.put(Kind::Message, key.into(), value.to_vec());
        }
        journal.remove(Kind::Message, "a/1".into());
        journal.remove_all(Kind::Message, "b/".into());
        assert!(journal.written().await);
        drop(journal);

        let (journal, entries) = Journal::open(&path, &[Kind::Message, Kind::Mail]).unwrap();
        assert_eq!(entries, vec![vec![("a/2".to_owned(), b"two".to_vec())], vec![]]);
        assert_eq!(journal.read(Kind::Message, "a/2".into()).await.unwrap(), b"two");
        drop(journal);
        for ending in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{}{ending}", path.display())).ok();
        }
    }
}

//! The database behind the engine, and the care that its streams need.

use dynoxide::Database;
use rusqlite::{Connection, params};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Stream records that stay readable after their consumer has seen them.
const TAIL: u32 = 1000;

/// The engine's database and a second connection to the same file. The engine looks through all stream records of a
/// table at each write to number the next one, and keeps them for ever: the second connection gives it an index and
/// takes away what was consumed. Both are used by one thread only.
pub(crate) struct Store {
    pub(crate) database: Database,
    care: Connection,
}

impl Store {
    /// The database in the file at `path`, made when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let store = Self::at(&path.display().to_string())?;
        // Commits are synced by `Wal::sync`, one for all that wait, instead of one by one.
        store.database.disable_bulk_loading().map_err(|error| error.to_string())?;
        Ok(store)
    }

    /// A database in memory.
    pub(crate) fn in_memory(count: &AtomicU64) -> Result<Self, String> {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Self::at(&format!("file:russet-cloud-{}-{number}?mode=memory&cache=shared", std::process::id()))
    }

    fn at(place: &str) -> Result<Self, String> {
        let database = Database::new(place).map_err(|error| format!("{place} cannot be used: {error}"))?;
        let failed = |error: rusqlite::Error| format!("{place} cannot be used: {error}");
        let care = Connection::open(place).map_err(failed)?;
        care.execute_batch(
            "CREATE INDEX IF NOT EXISTS cloud_stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )
        .map_err(failed)?;
        Ok(Self { database, care })
    }

    /// Takes away the stream records of `table` up to `consumed`, but for the last thousand.
    pub(crate) fn trim(&self, table: &str, consumed: i64) -> rusqlite::Result<usize> {
        let mut delete = self.care.prepare_cached(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= min(?2, COALESCE(\
             (SELECT CAST(sequence_number AS INTEGER) FROM _stream_records WHERE table_name = ?1 \
             ORDER BY CAST(sequence_number AS INTEGER) DESC LIMIT 1 OFFSET ?3), 0))",
        )?;
        delete.execute(params![table, consumed, TAIL])
    }
}

/// The write-ahead log of a database file. SQLite appends each commit to it; what is synced survives a power cut too.
pub(crate) struct Wal {
    path: PathBuf,
    file: Option<File>,
}

impl Wal {
    pub(crate) fn of(database: &Path) -> Self {
        Self { path: PathBuf::from(format!("{}-wal", database.display())), file: None }
    }

    /// Syncs every commit so far to the disk.
    pub(crate) fn sync(&mut self) -> std::io::Result<()> {
        if self.file.is_none() {
            self.file = Some(File::open(&self.path)?);
        }
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }
}

#[cfg(test)]
mod tests {
    use super::Store;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn numbering_and_reading_a_stream_goes_by_the_index() {
        let store = Store::in_memory(&AtomicU64::new(1_000_000)).unwrap();
        for query in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
            "SELECT new_image FROM _stream_records WHERE table_name = 't' AND shard_id = 's' AND \
             CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 10",
        ] {
            let plan: String =
                store.care.query_row(&format!("EXPLAIN QUERY PLAN {query}"), [], |row| row.get("detail")).unwrap();
            assert!(
                plan.contains("USING INDEX cloud_stream_order")
                    || plan.contains("USING COVERING INDEX cloud_stream_order"),
                "{plan}"
            );
        }
    }
}

//! The first row of a table, which names the columns of the others.

use super::feed::Note;
use super::record::{Field, Name, Record, Surplus};
use std::collections::HashSet;

/// The names of a table's columns.
#[derive(Debug)]
pub(crate) struct Headers {
    names: Vec<Name>,
}

impl Headers {
    /// The headers, and a note for each name that comes again: its first column counts.
    pub fn new<'a>(cells: impl Iterator<Item = &'a str>) -> (Self, Vec<Note>) {
        let names: Vec<Name> = cells.map(Name::new).collect();
        let mut seen = HashSet::new();
        let repeated = names.iter().enumerate().filter(|(_, name)| !name.key().is_empty() && !seen.insert(name.key()));
        let notes = repeated.map(|(at, name)| Note::repeated_header(name.written(), column(at))).collect();
        (Self { names }, notes)
    }

    /// A row under these headers: missing cells are blank, cells without a header are left out and, if one says
    /// something, told.
    pub fn record<'a>(&self, row: u64, line: u64, cells: impl Iterator<Item = (usize, &'a str)>) -> Record {
        let mut record = Record { row, line, fields: Vec::with_capacity(self.names.len()), surplus: None };
        for (at, cell) in cells {
            match self.names.get(at) {
                Some(name) if !name.key().is_empty() => {
                    record.fields.push(Field { name: name.clone(), value: cell.into(), column: Some(column(at)) });
                }
                _ if !cell.trim().is_empty() => {
                    record.surplus.get_or_insert_with(|| Surplus::new(column(at), cell));
                }
                _ => {}
            }
        }
        record
    }
}

/// The column at `at`, counted from 1.
pub(crate) fn column(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1)
}

//! Rows that say only part of a product, completed from the rows they belong to.

use super::record::{Field, Record};
use super::refusal::{RECORD_TOO_LARGE, Refusal};
use super::vocabulary::Rows;
use super::{Found, Limits, Note, Records};
use std::collections::VecDeque;

/// A row that has been seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whole {
    /// A variant that says all of itself.
    Record(Record),
    /// A row that went into its product.
    Joined { row: u64, line: u64 },
    /// Something that the sender should know.
    Note(Note),
}

/// What the rows of a product share with its first one, where they say nothing themselves.
const SHARED: &[&str] = &[
    "title",
    "body_(html)",
    "body_html",
    "body",
    "vendor",
    "type",
    "product_category",
    "status",
    "published",
    "option1_name",
    "option2_name",
    "option3_name",
];
/// A row with one of these is a variant.
const OF_VARIANTS: &[&str] = &["variant_price", "variant_sku", "option1_value"];
/// The pictures of a product.
const PICTURE: &str = "image_src";
/// As many of them as a product may have.
const PICTURES: usize = 16;

/// Completes the rows of a feed. Of a product that is written over several rows all rows are held until its last one
/// is seen, together no more than one record may take.
pub(crate) struct Assembly {
    records: Records,
    rows: Rows,
    limits: Limits,
    product: Vec<Record>,
    held: usize,
    base: Vec<Field>,
    ready: VecDeque<Whole>,
    refusal: Option<Refusal>,
    over: bool,
}

impl Assembly {
    pub fn new(records: Records, rows: Rows, limits: Limits) -> Self {
        let (product, base, ready) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { records, rows, limits, product, held: 0, base, ready, refusal: None, over: false }
    }

    fn take(&mut self, record: Record) -> Result<(), Refusal> {
        match self.rows {
            Rows::Whole => self.ready.push_back(Whole::Record(record)),
            Rows::Continued(shared) => self.go_on(record, shared),
            Rows::ByHandle => return self.collect(record),
        }
        Ok(())
    }

    fn go_on(&mut self, mut record: Record, shared: &[&str]) {
        if record.get("name").is_some() {
            self.base = shared.iter().filter_map(|key| record.get(key)).cloned().collect();
        } else {
            inherit(&mut record, &self.base);
        }
        self.ready.push_back(Whole::Record(record));
    }

    fn collect(&mut self, record: Record) -> Result<(), Refusal> {
        let handle = |record: &Record| record.get("handle").map(|field| field.value.clone());
        if self.product.first().is_some_and(|first| handle(first) != handle(&record)) {
            self.finish();
        }
        // What a field costs beside its text counts too: rows may have many empty ones.
        let size = |field: &Field| field.value.len() + size_of::<Field>();
        self.held += record.fields.iter().map(size).sum::<usize>();
        if self.held > 4 * self.limits.record_bytes {
            let detail = "The rows of one product take too much together.";
            return Err(Refusal::new(RECORD_TOO_LARGE, detail).at(record.line));
        }
        self.product.push(record);
        Ok(())
    }

    /// The product's last row was seen.
    fn finish(&mut self) {
        self.held = 0;
        let rows = std::mem::take(&mut self.product);
        let Some(first) = rows.first() else {
            return;
        };
        let shared: Vec<Field> = SHARED.iter().filter_map(|key| first.get(key)).cloned().collect();
        let pictures: Vec<Field> = rows.iter().filter_map(|row| row.get(PICTURE)).take(PICTURES).cloned().collect();
        for (at, mut row) in rows.into_iter().enumerate() {
            if at > 0 && !OF_VARIANTS.iter().any(|key| row.get(key).is_some()) {
                self.ready.push_back(Whole::Joined { row: row.row, line: row.line });
                continue;
            }
            inherit(&mut row, &shared);
            row.fields.retain(|field| field.name.key() != PICTURE);
            row.fields.extend(pictures.iter().cloned());
            self.ready.push_back(Whole::Record(row));
        }
    }

    fn pull(&mut self) {
        let taken = match self.records.next() {
            Some(Ok(Found::Record(record))) => self.take(record),
            Some(Ok(Found::Note(note))) => {
                self.ready.push_back(Whole::Note(note));
                Ok(())
            }
            Some(Err(refusal)) => Err(refusal),
            None => {
                self.over = true;
                self.finish();
                Ok(())
            }
        };
        if let Err(refusal) = taken {
            // The product that was being read may lack its last rows, and is left out with them.
            self.refusal = Some(refusal);
            self.over = true;
        }
    }
}

impl Iterator for Assembly {
    type Item = Result<Whole, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.over {
            self.pull();
        }
        self.ready.pop_front().map(Ok).or_else(|| self.refusal.take().map(Err))
    }
}

fn inherit(record: &mut Record, base: &[Field]) {
    let missing: Vec<Field> = base.iter().filter(|field| record.get(field.name.key()).is_none()).cloned().collect();
    record.fields.extend(missing);
}

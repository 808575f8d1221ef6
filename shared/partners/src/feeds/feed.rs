//! A feed as it is taken: row by row, each row judged.

use super::assemble::{Assembly, Whole};
use super::detect::Detected;
use super::record::Record;
use super::refusal::{NO_KNOWN_COLUMNS, Refusal, TOO_MANY_ROWS, WRONG_KIND};
use super::unpack::gunzip;
use super::vocabulary::{Vocabulary, other_kind};
use super::{Found, Limits, Records, Source};
use crate::mapping::{Mapping, Plan};
use crate::validation::{Item, Judge, Judged, Rejection};
use std::collections::VecDeque;

/// Something that the sender should know, and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Stable, snake case.
    pub name: &'static str,
    /// In words for the sender.
    pub detail: String,
    /// The column that it is about.
    pub column: Option<u32>,
}

impl Note {
    pub(crate) fn repeated_header(name: &str, column: u32) -> Self {
        let detail = format!("The header `{name}` comes again in column {column}; its first column counts.");
        Self { name: "repeated_header", detail, column: Some(column) }
    }

    pub(crate) fn currency_assumed() -> Self {
        let code = crate::validation::SHOP_CURRENCY.code();
        let detail = format!("The feed names no currency: its prices are taken as {code}. A mapping can name another.");
        Self { name: "currency_assumed", detail, column: None }
    }
}

/// Why a row gave no item of its own and broke no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It repeats an earlier row to the letter.
    Repeated,
    /// It only adds a picture to its product.
    Joined,
    /// It stands for its variants, which have rows of their own.
    StandsForVariants,
}

/// What a feed brings, in the order of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A good row.
    Item(Box<Item>),
    /// A row that breaks rules: all of them, never none.
    Rejected(Vec<Rejection>),
    /// A row that went into another.
    Merged {
        /// Which row.
        row: u64,
        /// In which line it begins.
        line: u64,
        /// What became of it.
        how: How,
    },
    /// Something that stops nothing.
    Note(Note),
    /// The feed cannot be read any further. Nothing comes after this.
    Broken(Refusal),
}

/// The events of a feed.
pub struct Feed {
    stage: Stage,
    mapping: Option<Mapping>,
    limits: Limits,
    skip_rows: u64,
    ready: VecDeque<Event>,
}

enum Stage {
    Opened(Records),
    Going(Box<Going>),
    Over,
}

/// A feed whose vocabulary is known.
struct Going {
    assembly: Assembly,
    judge: Judge,
}

/// Reads a feed under the limits that every feed has. `skip_rows` rows are read and judged, so that duplicates of them
/// are noticed, but give no events: that is how a run goes on where another stopped.
#[must_use]
pub fn open(detected: Detected, source: Source, mapping: Option<&Mapping>, skip_rows: u64) -> Feed {
    open_within(Limits::default(), detected, source, mapping, skip_rows)
}

/// [`open`], under other limits.
#[must_use]
pub fn open_within(
    limits: Limits,
    detected: Detected,
    source: Source,
    mapping: Option<&Mapping>,
    skip_rows: u64,
) -> Feed {
    let source = if detected.gzip { gunzip(source, limits) } else { source };
    let records = detected.format.read(source, detected.charset, limits);
    let (mapping, ready) = (mapping.cloned(), VecDeque::new());
    Feed { stage: Stage::Opened(records), mapping, limits, skip_rows, ready }
}

impl Feed {
    /// The vocabulary that the feed speaks, once its first row was read.
    #[must_use]
    pub fn vocabulary(&self) -> Option<&'static str> {
        match &self.stage {
            Stage::Going(going) => Some(going.judge.vocabulary()),
            Stage::Opened(_) | Stage::Over => None,
        }
    }

    /// Reads the first rows, which tell what the feed speaks.
    fn begin(&mut self, mut records: Records) -> Result<(), Refusal> {
        let (sample, mut first) = self.sample(&mut records);
        // What the rows do not say may stand behind the fault that they end in, which is to be mended first.
        let plan = plan(&sample, self.mapping.as_ref()).map_err(|refusal| match first.pop() {
            Some(Err(fault)) if refusal.rule == NO_KNOWN_COLUMNS => fault,
            _ => refusal,
        })?;
        let rows = plan.vocabulary.rows;
        let records = Box::new(first.into_iter().chain(records));
        let going = Going { assembly: Assembly::new(records, rows, self.limits), judge: Judge::new(plan) };
        self.stage = Stage::Going(Box::new(going));
        Ok(())
    }

    /// The fields of the first rows as if they were one, and those rows, which are still to be judged.
    fn sample(&mut self, records: &mut Records) -> (Record, Vec<Result<Found, Refusal>>) {
        let (mut sample, mut first) = (Record::default(), Vec::new());
        while first.len() < SAMPLE_ROWS
            && sample.fields.len() < self.limits.fields
            && let Some(found) = records.next()
        {
            match found {
                Ok(Found::Note(note)) => self.ready.push_back(Event::Note(note)),
                Ok(Found::Record(record)) => {
                    blend(&mut sample, &record);
                    first.push(Ok(Found::Record(record)));
                }
                Err(refusal) => {
                    first.push(Err(refusal));
                    break;
                }
            }
        }
        (sample, first)
    }

    fn go_on(&mut self, mut going: Box<Going>) -> Result<(), Refusal> {
        if let Some(whole) = going.assembly.next() {
            self.take(&mut going.judge, whole?)?;
            self.stage = Stage::Going(going);
        }
        Ok(())
    }

    fn take(&mut self, judge: &mut Judge, whole: Whole) -> Result<(), Refusal> {
        let record = match whole {
            Whole::Note(note) => {
                self.ready.push_back(Event::Note(note));
                return Ok(());
            }
            Whole::Joined { row, line } => {
                self.tell(row, Event::Merged { row, line, how: How::Joined });
                return Ok(());
            }
            Whole::Record(record) => record,
        };
        if record.row > self.limits.rows {
            let detail = format!("The feed has more than {} rows.", self.limits.rows);
            return Err(Refusal::new(TOO_MANY_ROWS, detail).at(record.line));
        }
        let (row, line) = (record.row, record.line);
        let judged = judge.judge(&record);
        if let Some(note) = judge.note() {
            self.ready.push_back(Event::Note(note));
        }
        self.tell(
            row,
            match judged {
                Judged::Good(item) => Event::Item(item),
                Judged::Bad(rejections) => Event::Rejected(rejections),
                Judged::Merged(how) => Event::Merged { row, line, how },
            },
        );
        Ok(())
    }

    fn tell(&mut self, row: u64, event: Event) {
        if row > self.skip_rows {
            self.ready.push_back(event);
        }
    }
}

impl Iterator for Feed {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let done = match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Over => return None,
                Stage::Opened(records) => self.begin(records),
                Stage::Going(going) => self.go_on(going),
            };
            self.ready.extend(done.err().map(Event::Broken));
        }
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Feed").field("vocabulary", &self.vocabulary()).finish_non_exhaustive()
    }
}

/// The first rows together tell what the feed speaks: in XML and JSON a row has only the fields that it needs.
const SAMPLE_ROWS: usize = 8;

/// Adds the fields of another row to the sample. Its line is that of the first.
fn blend(sample: &mut Record, record: &Record) {
    if sample.row == 0 {
        (sample.row, sample.line) = (record.row, record.line);
    }
    let new: Vec<_> = record.fields.iter().filter(|field| !sample.has(field.name.key())).cloned().collect();
    sample.fields.extend(new);
}

/// How a feed whose first rows have these fields is understood.
fn plan(first: &Record, mapping: Option<&Mapping>) -> Result<Plan, Refusal> {
    let named = mapping.and_then(|mapping| mapping.vocabulary).map(|speaks| speaks.0);
    if let Some((kind, field)) = other_kind(first) {
        let detail = format!("This is a feed of {kind}: it has a field `{field}`.");
        return Err(Refusal::new(WRONG_KIND, detail).at(first.line));
    }
    let plan = Plan::new(named.unwrap_or_else(|| Vocabulary::of(first)), mapping);
    if plan.finds_products(first) {
        return Ok(plan);
    }
    let names: Vec<&str> = first.fields.iter().map(|field| field.name.written()).take(20).collect();
    let names: String = names.join(", ").chars().take(400).collect();
    let needed = "It needs a field for the SKU (sku, id …) and one for the name or the price (name, title, price …).";
    Err(Refusal::new(NO_KNOWN_COLUMNS, format!("The feed has the fields: {names}. {needed}")).at(first.line))
}

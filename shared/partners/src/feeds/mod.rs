//! Feeds as they come: which format it is, in which encoding, and its records one after the other.
//!
//! A format is one file here and one line in [`ALL`]. It reads from a pull reader and never holds more than one
//! record, whatever it is fed: see [`Limits`].

mod assemble;
mod csv;
mod detect;
mod encoding;
mod feed;
mod headers;
mod json;
mod lines;
mod record;
mod refusal;
mod unpack;
mod vocabulary;
mod xlsx;
mod xml;

pub use csv::Csv;
pub use detect::{Detected, HEAD_BYTES, detect};
pub use encoding::Charset;
pub use feed::{Event, Feed, How, Note, open, open_within};
pub use json::Json;
pub use record::{Field, Name, Record, key};
pub use refusal::*;
pub(crate) use vocabulary::{Options, PlainPrices};
pub use vocabulary::{VOCABULARIES, Vocabulary};
pub use xlsx::Xlsx;
pub use xml::Xml;

use std::io::Read;

/// Every format that feeds may have. A format is recognised by content; where two are equally sure, the earlier wins.
pub const ALL: &[&dyn Format] = &[&Xlsx, &Xml, &Json, &Csv];

/// How sure a format is that a file is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is something else.
    No,
    /// It could be: the media type or the file's ending may speak for it.
    Perhaps,
    /// It is.
    Sure,
}

/// What is read, piece by piece, wherever it comes from.
pub type Source = Box<dyn Read + Send>;

/// The records of a feed in order; after an error there are no more.
pub type Records = Box<dyn Iterator<Item = Result<Found, Refusal>> + Send>;

/// What a format finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A product, or a row that belongs to one.
    Record(Record),
    /// Something that the sender should know.
    Note(Note),
}

/// A format of feeds.
pub trait Format: Send + Sync + std::fmt::Debug {
    /// Its name, as reports show it.
    fn name(&self) -> &'static str;
    /// The media types that it is sent under.
    fn media_types(&self) -> &'static [&'static str];
    /// A feed in it that keeps every rule, as documentation shows it; empty where it is no text.
    fn example(&self) -> &'static str;
    /// The endings of its files, without the dot.
    fn endings(&self) -> &'static [&'static str];
    /// Whether a file that begins like this is one of its own. Text comes decoded, other files as they are.
    fn recognise(&self, head: &[u8]) -> Confidence;
    /// Its records. Text is read through [`Charset::decode`].
    fn read(&self, source: Source, charset: Charset, limits: Limits) -> Records;
}

/// How much of a feed is held, and how much is read at all. What exceeds a limit is refused before it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one field.
    pub field_bytes: usize,
    /// Bytes of one record as it is read. Flattened it may take twice that, and all rows of a product that is written
    /// over several four times.
    pub record_bytes: usize,
    /// Fields of one record.
    pub fields: usize,
    /// Records of a feed. What is remembered to notice duplicates is at most 72 bytes for each.
    pub rows: u64,
    /// Levels of nesting within a record.
    pub depth: usize,
    /// Bytes of a compressed file once it is unpacked.
    pub unpacked_bytes: u64,
    /// How many times its size a compressed file may unpack to, once it has unpacked to more than a megabyte.
    pub ratio: u64,
    /// Bytes of a spreadsheet file, and of the texts that its cells share: it must be held to be read.
    pub spreadsheet_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            field_bytes: 128 * 1024,
            record_bytes: 1024 * 1024,
            fields: 1_000,
            rows: 1_000_000,
            depth: 10,
            unpacked_bytes: 512 * 1024 * 1024,
            ratio: 200,
            spreadsheet_bytes: 8 * 1024 * 1024,
        }
    }
}

/// The media types that a feed may be said to have: those of every format, a compressed file, and just bytes.
#[must_use]
pub fn media_types() -> Vec<&'static str> {
    let packed = ["application/gzip", "application/x-gzip", "application/octet-stream"];
    ALL.iter().flat_map(|format| format.media_types()).copied().chain(packed).collect()
}

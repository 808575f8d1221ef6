//! Tables of text: CSV and TSV in the dialects that people really write.
//!
//! The separator is `,` `;` tab or `|`, whichever the header holds most of; lines may end in any way, even mixed.
//! Blank lines, lines of separators only, a `sep=;` line and comment lines before the header (`# …`) are passed over.
//! In a table separated by tabs a double quote is an ordinary character unless the first rows really quote with it.

use super::encoding::{Charset, Text};
use super::headers::Headers;
use super::lines::{Lines, ends_within};
use super::refusal::{
    EMPTY_FEED, FIELD_TOO_LARGE, NO_ROWS, RECORD_TOO_LARGE, Refusal, TOO_MANY_FIELDS, UNCLOSED_QUOTE,
};
use super::{Confidence, Format, Found, Limits, Records, Source};
use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use std::collections::VecDeque;
use std::io::Read;

/// How much is read at a time, and how much is looked at to tell the dialect.
const CHUNK: usize = 64 * 1024;

/// Tables of text.
#[derive(Debug, Clone, Copy)]
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["text/csv", "text/tab-separated-values", "application/csv", "text/plain"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["csv", "tsv", "tab", "txt"]
    }
    fn recognise(&self, head: &[u8]) -> Confidence {
        // A table does not begin like a document or a tag, and holds no NUL among its first rows.
        if head.contains(&0) || head.starts_with(b"{") || head.starts_with(b"[") || head.starts_with(b"<") {
            return Confidence::No;
        }
        let dialect = Dialect::of(head);
        let header = header_line(head);
        match header.iter().filter(|byte| **byte == dialect.separator).count() {
            0 if header.len() > 64 || header.contains(&b' ') => Confidence::No,
            0 => Confidence::Perhaps,
            _ if prose(header, dialect.separator) => Confidence::No,
            _ => Confidence::Sure,
        }
    }
    fn read(&self, source: Source, charset: Charset, limits: Limits) -> Records {
        Box::new(Table::new(charset.decode(source), limits))
    }
}

/// Whether the first line is a sentence rather than a row of names.
fn prose(header: &[u8], separator: u8) -> bool {
    header.split(|byte| *byte == separator).all(|cell| cell.len() > 40)
        || (separator == b',' && header.ends_with(b".") && header.windows(2).any(|pair| pair == b", "))
}

/// What separates the cells, and whether a double quote means anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    separator: u8,
    quoting: bool,
}

impl Dialect {
    fn of(head: &[u8]) -> Self {
        let header = header_line(head);
        let separator = told(head).unwrap_or_else(|| commonest(header));
        Self { separator, quoting: separator != b'\t' || quotes_for_real(head, separator) }
    }

    fn reader(self) -> Reader {
        ReaderBuilder::new().delimiter(self.separator).quoting(self.quoting).build()
    }
}

/// The separator in a first line `sep=;`, as one spreadsheet writes it for itself.
fn told(head: &[u8]) -> Option<u8> {
    let told = head.strip_prefix(b"sep=")?;
    told.first().copied().filter(|byte| b",;\t|".contains(byte))
}

/// The line with the names: the first that is neither blank nor a comment nor `sep=`.
fn header_line(head: &[u8]) -> &[u8] {
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let passed = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"sep=") && !is_comment(line);
    lines.find(passed).unwrap_or_default()
}

/// A first cell `# so` is a comment; `#` and `#sku` are names.
fn is_comment(line: &[u8]) -> bool {
    line.strip_prefix(b"#").is_some_and(|rest| rest.first() == Some(&b' ') || (line.len() > 64 && rest.contains(&b' ')))
}

fn commonest(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| separator == byte && !quoted) {
            *count += 1;
        }
    }
    let first_of_most = counts.iter().rev().max_by_key(|(_, count)| *count);
    first_of_most.map_or(b',', |(separator, _)| *separator)
}

/// Whether cells are really quoted: some begin with a quote, and each that does ends with one.
fn quotes_for_real(head: &[u8], separator: u8) -> bool {
    let mut cells = head.split(|byte| matches!(byte, b'\n' | b'\r') || *byte == separator);
    let mut any = false;
    let sound = cells.all(|cell| {
        let opens = cell.starts_with(b"\"");
        any |= opens;
        !opens || (cell.len() > 1 && cell.ends_with(b"\""))
    });
    any && sound
}

/// The rows of a table, of which one at a time is held.
struct Table {
    text: Text,
    trouble: Option<std::io::Error>,
    limits: Limits,
    input: Vec<u8>,
    unread: std::ops::Range<usize>,
    core: Reader,
    lines: Lines,
    field: Vec<u8>,
    cells: Cells,
    headers: Option<Headers>,
    found: VecDeque<Found>,
    row: u64,
    ended: bool,
    over: bool,
}

/// The cells of one row, one after the other.
#[derive(Default)]
struct Cells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
}

impl Cells {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        // What comes out of the decoder is UTF-8, and it is only ever cut at ASCII characters.
        starts.zip(&self.ends).map(|(start, end)| std::str::from_utf8(&self.bytes[start..*end]).unwrap_or_default())
    }

    fn say_nothing(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

impl Table {
    fn new(text: Text, limits: Limits) -> Self {
        Self {
            text,
            trouble: None,
            limits,
            input: vec![0; CHUNK],
            unread: 0..0,
            core: Reader::new(),
            lines: Lines::default(),
            field: vec![0; limits.field_bytes],
            cells: Cells::default(),
            headers: None,
            found: VecDeque::new(),
            row: 0,
            ended: false,
            over: false,
        }
    }

    /// Reads more; `false` at the end.
    fn fill(&mut self) -> Result<bool, Refusal> {
        let read = match self.trouble.take() {
            Some(error) => Err(error),
            None => self.text.read(&mut self.input),
        };
        let read = read.map_err(|error| Refusal::of(&error, self.lines.line()))?;
        self.unread = 0..read;
        Ok(read > 0)
    }

    /// Reads the first piece, as full as it gets, and tells the dialect by it. What goes wrong meanwhile comes after
    /// the rows before it.
    fn begin(&mut self) {
        let mut filled = 0;
        while filled < CHUNK {
            match self.text.read(&mut self.input[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) => {
                    self.trouble = Some(error);
                    break;
                }
            }
        }
        self.unread = 0..filled;
        self.core = Dialect::of(&self.input[..filled]).reader();
    }

    /// Reads the next row that says something; `false` at the end.
    fn row(&mut self) -> Result<bool, Refusal> {
        while self.any_row()? {
            if !self.cells.say_nothing() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_row(&mut self) -> Result<bool, Refusal> {
        self.cells.bytes.clear();
        self.cells.ends.clear();
        let mut held = 0;
        loop {
            if self.unread.is_empty() && !self.fill()? {
                return self.last_row(held);
            }
            let (result, read, written) =
                self.core.read_field(&self.input[self.unread.clone()], &mut self.field[held..]);
            self.lines.pass(&self.input[self.unread.start..self.unread.start + read]);
            self.unread.start += read;
            held += written;
            match result {
                // The end is never read from here: see below.
                ReadFieldResult::InputEmpty | ReadFieldResult::End => {}
                ReadFieldResult::OutputFull => return Err(self.too_large(held)),
                ReadFieldResult::Field { record_end } => {
                    self.keep(held)?;
                    held = 0;
                    if record_end {
                        self.end_row();
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// The table ends, perhaps within a row: then a line end is read as if it were there, which ends the row unless a
    /// quote is open.
    fn last_row(&mut self, held: usize) -> Result<bool, Refusal> {
        let between_rows = held == 0 && self.lines.at_start() && self.cells.ends.is_empty();
        if std::mem::replace(&mut self.ended, true) || between_rows {
            return Ok(false);
        }
        if self.in_quotes() {
            let line = self.lines.line() - ends_within(&self.field[..held]);
            let detail = format!("The quote that opens in line {line} is never closed.");
            return Err(Refusal::new(UNCLOSED_QUOTE, detail).at(line));
        }
        self.keep(held)?;
        self.end_row();
        Ok(true)
    }

    fn keep(&mut self, held: usize) -> Result<(), Refusal> {
        if self.cells.ends.len() == self.limits.fields {
            let detail = format!("This row has more than {} fields.", self.limits.fields);
            return Err(Refusal::new(TOO_MANY_FIELDS, detail).at(self.lines.line()));
        }
        if self.cells.bytes.len() + held > self.limits.record_bytes {
            let detail = format!("This row has more than {} bytes.", self.limits.record_bytes);
            return Err(Refusal::new(RECORD_TOO_LARGE, detail).at(self.lines.line()));
        }
        self.cells.bytes.extend_from_slice(&self.field[..held]);
        self.cells.ends.push(self.cells.bytes.len());
        Ok(())
    }

    /// The row began as many lines ago as end within it, and one more if its own end was read.
    fn end_row(&mut self) {
        let ended = u64::from(self.lines.at_start());
        self.cells.line = self.lines.line().saturating_sub(ends_within(&self.cells.bytes) + ended).max(1);
    }

    /// Whether a quote is open: then a line end does not end the row. Whoever asks reads no further.
    fn in_quotes(&mut self) -> bool {
        self.core.read_field(b"\n", &mut [0; 8]).0 == ReadFieldResult::InputEmpty
    }

    fn too_large(&mut self, held: usize) -> Refusal {
        let line = self.lines.line() - ends_within(&self.field[..held]);
        if line < self.lines.line() && self.in_quotes() {
            let detail =
                format!("The quote that opens in line {line} is not closed within {} bytes.", self.limits.field_bytes);
            return Refusal::new(UNCLOSED_QUOTE, detail).at(line);
        }
        Refusal::new(FIELD_TOO_LARGE, format!("A field has more than {} bytes.", self.limits.field_bytes)).at(line)
    }

    fn read_headers(&mut self) -> Result<Headers, Refusal> {
        self.begin();
        loop {
            if !self.row()? {
                return Err(Refusal::new(EMPTY_FEED, "The feed has not a single line that says something.").at(1));
            }
            let passed = self.cells.iter().next().is_some_and(|first| {
                is_comment(first.as_bytes()) || (self.cells.line == 1 && first.starts_with("sep="))
            });
            if !passed {
                break;
            }
        }
        let (headers, notes) = Headers::new(self.cells.iter());
        self.found.extend(notes.into_iter().map(Found::Note));
        Ok(headers)
    }

    fn advance(&mut self) -> Result<Option<Found>, Refusal> {
        if self.headers.is_none() {
            self.headers = Some(self.read_headers()?);
        }
        if let Some(found) = self.found.pop_front() {
            return Ok(Some(found));
        }
        if !self.row()? {
            let empty = || Refusal::new(NO_ROWS, "The feed has a header and no rows.").at(self.lines.line());
            return if self.row == 0 { Err(empty()) } else { Ok(None) };
        }
        self.row += 1;
        let (row, line) = (self.row, self.cells.line);
        let cells = self.cells.iter().enumerate();
        Ok(self.headers.as_ref().map(|headers| Found::Record(headers.record(row, line, cells))))
    }
}

impl Iterator for Table {
    type Item = Result<Found, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let found = self.advance().transpose();
        self.over = !matches!(found, Some(Ok(_)));
        found
    }
}

//! Spreadsheets (`.xlsx`): the first sheet, whose first row names the columns.
//!
//! A spreadsheet is a zip with its table of contents at the end, so the file is held whole, as long as it is small
//! (see [`Limits::spreadsheet_bytes`]); what is in it is unpacked and read row by row. A number is taken as the text
//! that the sheet holds. Formulas count by the value that was last computed.

use super::headers::{Headers, column};
use super::refusal::{
    DAMAGED, EMPTY_FEED, FIELD_TOO_LARGE, NO_ROWS, RECORD_TOO_LARGE, Refusal, TOO_MANY_FIELDS, TRUNCATED,
};
use super::unpack::{Bounded, Counted};
use super::xml::{Metered, explain, resolve};
use super::{Charset, Confidence, Format, Found, Limits, Records, Source};
use flate2::read::DeflateDecoder;
use quick_xml::events::{BytesStart, Event};
use std::collections::VecDeque;
use std::io::{Cursor, Read};
use std::sync::Arc;
use zip::{CompressionMethod, ZipArchive};

/// Files within a spreadsheet that are looked at: its table of contents is held while it is read.
const FILES: usize = 2_000;

/// Spreadsheets.
#[derive(Debug, Clone, Copy)]
pub struct Xlsx;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
    }
    fn example(&self) -> &'static str {
        ""
    }

    fn endings(&self) -> &'static [&'static str] {
        &["xlsx"]
    }
    fn recognise(&self, head: &[u8]) -> Confidence {
        if is_spreadsheet(head) { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: Source, _: Charset, limits: Limits) -> Records {
        match Sheet::open(source, limits) {
            Ok(sheet) => Box::new(sheet),
            Err(refusal) => Box::new(std::iter::once(Err(refusal))),
        }
    }
}

/// Whether a zip is a spreadsheet: its first entries have the names that they have there.
pub(crate) fn is_spreadsheet(head: &[u8]) -> bool {
    let names: [&[u8]; 3] = [b"[Content_Types].xml", b"xl/", b"_rels/.rels"];
    let within = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    head.starts_with(b"PK\x03\x04") && names.into_iter().any(within)
}

/// A part of the file: where it lies and how it is packed.
type Packed = Counted<std::io::Take<Cursor<Arc<[u8]>>>>;
type Part = quick_xml::Reader<Metered<Bounded<Box<dyn Unpack>>>>;

/// Unpacks a part and knows how much of it was read.
trait Unpack: Read + Send {
    fn packed(&self) -> u64;
}

impl Unpack for Packed {
    fn packed(&self) -> u64 {
        self.read
    }
}

impl Unpack for DeflateDecoder<Packed> {
    fn packed(&self) -> u64 {
        self.get_ref().read
    }
}

/// The file, held whole.
struct Workbook {
    bytes: Arc<[u8]>,
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
    limits: Limits,
}

impl Workbook {
    fn open(source: Source, limits: Limits) -> Result<Self, Refusal> {
        let mut bytes = Vec::new();
        let most = limits.spreadsheet_bytes as u64;
        source.take(most + 1).read_to_end(&mut bytes).map_err(|error| Refusal::of(&error, 1))?;
        if bytes.len() as u64 > most {
            let detail = format!("A spreadsheet may take at most {most} bytes; send larger feeds as CSV.");
            return Err(Refusal::new(RECORD_TOO_LARGE, detail));
        }
        let files = bytes.windows(4).filter(|window| window == b"PK\x01\x02").count();
        if files > FILES {
            return Err(Refusal::new(DAMAGED, format!("A spreadsheet has a few files within it, and not {files}.")));
        }
        let bytes: Arc<[u8]> = bytes.into();
        let archive = ZipArchive::new(Cursor::new(Arc::clone(&bytes)));
        let archive = archive.map_err(|_| Refusal::new(TRUNCATED, "The spreadsheet has no table of contents."))?;
        Ok(Self { bytes, archive, limits })
    }

    /// The first sheet by name, which spreadsheet programs call `sheet1`.
    fn first_sheet(&self) -> Option<String> {
        let names = self.archive.file_names().filter_map(Result::ok);
        let sheets = names.filter(|name| name.starts_with("xl/worksheets/sheet"));
        sheets.map(|name| name.to_string()).min_by_key(|name| (name.len(), name.clone()))
    }

    fn part(&mut self, name: &str) -> Result<Option<Part>, Refusal> {
        let Some(at) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let damaged = || Refusal::new(DAMAGED, "The spreadsheet's table of contents does not hold.");
        let entry = self.archive.by_index_raw(at).map_err(|_| damaged())?;
        let start = entry.data_start().ok_or_else(damaged)?;
        let mut cursor = Cursor::new(Arc::clone(&self.bytes));
        cursor.set_position(start);
        let packed = Counted { source: cursor.take(entry.compressed_size()), read: 0 };
        let unpacker: Box<dyn Unpack> = match entry.compression() {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(Refusal::new(DAMAGED, "The spreadsheet is packed in a way that spreadsheets are not.")),
        };
        let bounded = Bounded { unpacker, packed: |unpacker| unpacker.packed(), written: 0, limits: self.limits };
        let mut part = quick_xml::Reader::from_reader(Metered::new(bounded, self.limits.record_bytes));
        part.config_mut().expand_empty_elements = true;
        Ok(Some(part))
    }

    /// The texts that cells refer to by number.
    fn shared(&mut self) -> Result<Vec<Box<str>>, Refusal> {
        let (mut texts, mut held) = (Vec::new(), 0);
        let Some(mut part) = self.part("xl/sharedStrings.xml")? else {
            return Ok(texts);
        };
        let (mut buffer, mut text) = (Vec::new(), Words::new(self.limits));
        loop {
            match next(&mut part, &mut buffer)? {
                Event::Eof => return Ok(texts),
                Event::End(tag) if tag.local_name().as_ref() == "si" => {
                    let whole = text.take();
                    held += whole.len() + size_of::<Box<str>>();
                    texts.push(whole.into());
                    if held > self.limits.spreadsheet_bytes {
                        let detail = "The texts of the spreadsheet are too large; send it as CSV.";
                        return Err(Refusal::new(RECORD_TOO_LARGE, detail));
                    }
                }
                event => text.hear(&event)?,
            }
        }
    }
}

fn next<'a>(part: &mut Part, buffer: &'a mut Vec<u8>) -> Result<Event<'a>, Refusal> {
    buffer.clear();
    part.get_mut().renew();
    part.read_event_into(buffer).map_err(|error| explain(&error, 1).unplaced())
}

/// What is said within `<t>` and `<v>`.
struct Words {
    text: String,
    listening: bool,
    most: usize,
}

impl Words {
    const fn new(limits: Limits) -> Self {
        Self { text: String::new(), listening: false, most: limits.field_bytes }
    }

    fn take(&mut self) -> String {
        self.listening = false;
        std::mem::take(&mut self.text)
    }

    fn hear(&mut self, event: &Event<'_>) -> Result<(), Refusal> {
        match event {
            Event::Start(tag) => self.listening = matches!(tag.local_name().as_ref(), "t" | "v"),
            Event::End(_) => self.listening = false,
            Event::Text(text) if self.listening => self.text.push_str(text),
            Event::CData(text) if self.listening => self.text.push_str(text),
            Event::GeneralRef(reference) if self.listening => self.text.push_str(&resolve(reference)?),
            _ => {}
        }
        if self.text.len() > self.most {
            return Err(Refusal::new(FIELD_TOO_LARGE, format!("A cell has more than {} bytes.", self.most)));
        }
        Ok(())
    }
}

/// The rows of a sheet.
struct Sheet {
    part: Part,
    shared: Vec<Box<str>>,
    limits: Limits,
    buffer: Vec<u8>,
    headers: Option<Headers>,
    found: VecDeque<Found>,
    row: u64,
    line: u64,
    over: bool,
}

/// A cell that is being read.
#[derive(Default)]
struct Cell {
    at: usize,
    shared: bool,
}

impl Sheet {
    fn open(source: Source, limits: Limits) -> Result<Self, Refusal> {
        let mut workbook = Workbook::open(source, limits)?;
        let shared = workbook.shared()?;
        let sheet = workbook.first_sheet().map(|name| workbook.part(&name)).transpose()?.flatten();
        let part = sheet.ok_or_else(|| Refusal::new(EMPTY_FEED, "The workbook has no sheet."))?;
        let (buffer, found) = (Vec::new(), VecDeque::new());
        Ok(Self { part, shared, limits, buffer, headers: None, found, row: 0, line: 0, over: false })
    }

    /// The cells of the next row that says something, with their places.
    fn cells(&mut self) -> Result<Option<Vec<(usize, String)>>, Refusal> {
        let (mut cells, mut cell, mut words) = (Vec::new(), Cell::default(), Words::new(self.limits));
        let mut held = 0;
        loop {
            match next(&mut self.part, &mut self.buffer)? {
                Event::Eof => return Ok(None),
                Event::Start(tag) if tag.local_name().as_ref() == "row" => {
                    self.line = number(&tag, "r").unwrap_or(self.line + 1);
                }
                Event::Start(tag) if tag.local_name().as_ref() == "c" => {
                    cell = cell_of(&tag, cells.last().map_or(0, |(at, _)| at + 1));
                }
                Event::End(tag) if tag.local_name().as_ref() == "c" => {
                    let text = said(&self.shared, words.take(), cell.shared);
                    held += text.len() + size_of::<(usize, String)>();
                    cells.push((cell.at, text));
                    within(self.limits, cell.at, held)?;
                }
                Event::End(tag) if tag.local_name().as_ref() == "row" => {
                    if cells.iter().any(|(_, text)| !text.trim().is_empty()) {
                        return Ok(Some(cells));
                    }
                    cells.clear();
                }
                event => words.hear(&event)?,
            }
        }
    }

    fn read_headers(&mut self) -> Result<Headers, Refusal> {
        let cells = self.cells()?.ok_or_else(|| Refusal::new(EMPTY_FEED, "The first sheet is empty."))?;
        let width = cells.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let mut names = vec![""; width];
        for (at, text) in &cells {
            names[*at] = text;
        }
        let (headers, notes) = Headers::new(names.into_iter());
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
        let Some(cells) = self.cells()? else {
            let none = self.row == 0;
            return if none { Err(Refusal::new(NO_ROWS, "The sheet has a header and no rows.")) } else { Ok(None) };
        };
        self.row += 1;
        let cells = cells.iter().map(|(at, text)| (*at, text.as_str()));
        Ok(self.headers.as_ref().map(|headers| Found::Record(headers.record(self.row, self.line, cells))))
    }
}

impl Iterator for Sheet {
    type Item = Result<Found, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let found = self.advance().map_err(|refusal| refusal.at(self.line.max(1))).transpose();
        self.over = !matches!(found, Some(Ok(_)));
        found
    }
}

fn said(shared: &[Box<str>], text: String, refers: bool) -> String {
    if !refers {
        return text;
    }
    let text = text.trim().parse().ok().and_then(|at: usize| shared.get(at));
    text.map(ToString::to_string).unwrap_or_default()
}

fn within(limits: Limits, at: usize, held: usize) -> Result<(), Refusal> {
    if at >= limits.fields {
        return Err(Refusal::new(TOO_MANY_FIELDS, format!("Column {} is beyond {}.", column(at), limits.fields)));
    }
    if held > limits.record_bytes {
        return Err(Refusal::new(RECORD_TOO_LARGE, format!("A row takes more than {} bytes.", limits.record_bytes)));
    }
    Ok(())
}

fn cell_of(tag: &BytesStart<'_>, following: usize) -> Cell {
    let attribute = |name: &str| tag.try_get_attribute(name).ok().flatten();
    let at = attribute("r").and_then(|place| place_of(&place.value)).unwrap_or(following);
    Cell { at, shared: attribute("t").is_some_and(|kind| &*kind.value == "s") }
}

fn number(tag: &BytesStart<'_>, name: &str) -> Option<u64> {
    tag.try_get_attribute(name).ok().flatten()?.value.parse().ok()
}

/// The column in a reference like `AB12`, counted from 0.
fn place_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase).take(4);
    let place = letters.fold(0, |place, letter| place * 26 + usize::from(letter - b'A') + 1);
    place.checked_sub(1)
}

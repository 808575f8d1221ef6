//! What the tests of feeds share.

#![allow(dead_code, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "each test uses its part")]

use partners::feeds::{self, Event, Limits, Refusal};
use partners::mapping::Mapping;
use partners::validation::{self, Item, Rejection, Verdict};
use std::path::PathBuf;

/// The events of a feed in memory, under the name that it is sent with.
pub fn events(bytes: &[u8], name: &str, mapping: Option<&Mapping>) -> Result<Vec<Event>, Refusal> {
    let head = &bytes[..bytes.len().min(feeds::HEAD_BYTES)];
    let detected = feeds::detect(head, None, Some(name))?;
    let source = Box::new(std::io::Cursor::new(bytes.to_vec()));
    Ok(feeds::open(detected, source, mapping, 0).collect())
}

/// The same, counted, with every rejection.
pub fn verdict(bytes: &[u8], name: &str, mapping: Option<&Mapping>) -> Result<Verdict, Refusal> {
    let head = &bytes[..bytes.len().min(feeds::HEAD_BYTES)];
    let detected = feeds::detect(head, None, Some(name))?;
    let source = Box::new(std::io::Cursor::new(bytes.to_vec()));
    Ok(validation::validate_whole(feeds::open(detected, source, mapping, 0), usize::MAX))
}

/// Why a feed is refused as a whole, wherever it is noticed.
pub fn refusal(bytes: &[u8], name: &str) -> Option<Refusal> {
    match verdict(bytes, name, None) {
        Ok(verdict) => verdict.refusal,
        Err(refusal) => Some(refusal),
    }
}

pub fn items(events: &[Event]) -> Vec<&Item> {
    events.iter().filter_map(|event| if let Event::Item(item) = event { Some(&**item) } else { None }).collect()
}

pub fn rejections(events: &[Event]) -> Vec<&Rejection> {
    let lists = events.iter().filter_map(|event| if let Event::Rejected(list) = event { Some(list) } else { None });
    lists.flatten().collect()
}

pub fn mapping(json: &str) -> Mapping {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The folder of sample data. Tests that read it are ignored unless they are asked for.
pub fn samples() -> PathBuf {
    std::env::var_os("SAMPLE_DATA").map(PathBuf::from).unwrap_or_else(|| panic!("set SAMPLE_DATA"))
}

pub fn read(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A source that makes its bytes when they are asked for: `head`, then `part` again and again, then `tail`.
pub struct Endless {
    pub head: Vec<u8>,
    pub part: Vec<u8>,
    pub tail: Vec<u8>,
    pub total: u64,
    pub given: u64,
}

impl Endless {
    pub fn new(head: &str, part: &str, tail: &str, total: u64) -> Self {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Self { head: bytes(head), part: bytes(part), tail: bytes(tail), total, given: 0 }
    }

    fn at(&self, place: u64) -> &[u8] {
        let head = self.head.len() as u64;
        let part = self.part.len() as u64;
        let parts = self.total / part * part;
        if place < head {
            &self.head[place as usize..]
        } else if place < head + parts {
            &self.part[((place - head) % part) as usize..]
        } else {
            self.tail.get((place - head - parts) as usize..).unwrap_or_default()
        }
    }
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let piece = self.at(self.given);
            if piece.is_empty() {
                break;
            }
            let count = piece.len().min(buffer.len() - filled);
            buffer[filled..filled + count].copy_from_slice(&piece[..count]);
            filled += count;
            self.given += count as u64;
        }
        Ok(filled)
    }
}

/// A feed from a source of any size; its format is told from `head`.
pub fn open(source: Endless, limits: Limits) -> partners::feeds::Feed {
    let mut head =
        Endless { head: source.head.clone(), part: source.part.clone(), tail: source.tail.clone(), ..source };
    let mut first = vec![0; feeds::HEAD_BYTES];
    let read = std::io::Read::read(&mut head, &mut first).unwrap();
    let detected = feeds::detect(&first[..read], None, None).unwrap();
    head.given = 0;
    feeds::open_within(limits, detected, Box::new(head), None, 0)
}

/// A small spreadsheet: rows of cells, texts shared, numbers as they are.
pub fn spreadsheet(rows: &[&[&str]]) -> Vec<u8> {
    let mut shared: Vec<&str> = Vec::new();
    let mut sheet = String::from("<worksheet><sheetData>");
    for (at, row) in rows.iter().enumerate() {
        sheet += &format!("<row r=\"{}\">", at + 1);
        for (column, cell) in row.iter().enumerate() {
            let place = format!("{}{}", char::from(b'A' + u8::try_from(column).unwrap()), at + 1);
            sheet += &match cell.parse::<f64>() {
                Ok(_) => format!("<c r=\"{place}\"><v>{cell}</v></c>"),
                Err(_) => {
                    shared.push(cell);
                    format!("<c r=\"{place}\" t=\"s\"><v>{}</v></c>", shared.len() - 1)
                }
            };
        }
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    let escape = |text: &&str| text.replace('&', "&amp;").replace('<', "&lt;");
    let texts: String = shared.iter().map(|text| format!("<si><t>{}</t></si>", escape(text))).collect();
    zip(&[
        ("[Content_Types].xml", "<Types/>".as_bytes()),
        ("xl/sharedStrings.xml", format!("<sst>{texts}</sst>").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A zip of these files, deflated.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(files, zip::CompressionMethod::Deflated)
}

/// A zip of these files as they are.
pub fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(files, zip::CompressionMethod::Stored)
}

fn zipped(files: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

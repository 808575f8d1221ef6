//! What a file is: by what is in it. The media type and the name only decide between formats that it could be.

use super::encoding::Charset;
use super::refusal::{ARCHIVE, EMPTY_FEED, NOT_A_FEED, Refusal};
use super::unpack::{GZIP, gunzip_head};
use super::{ALL, Confidence, Format};

/// How much of a file tells what it is. Less is enough for a smaller file.
pub const HEAD_BYTES: usize = 64 * 1024;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy)]
pub struct Detected {
    /// How it is read.
    pub format: &'static dyn Format,
    /// Whether it is compressed.
    pub gzip: bool,
    /// In which characters it is written.
    pub charset: Charset,
}

/// What a file that begins with `head` is.
///
/// # Errors
/// A refusal that says what it is instead: nothing, a web page, a picture, an archive, or nothing that we know.
pub fn detect(head: &[u8], content_type: Option<&str>, file_name: Option<&str>) -> Result<Detected, Refusal> {
    let gzip = head.starts_with(GZIP);
    let unpacked = if gzip { gunzip_head(head, HEAD_BYTES as u64) } else { head.to_vec() };
    named(&unpacked)?;
    let charset = Charset::of(&unpacked, content_type.and_then(parameter))?;
    let text = charset.peek(&unpacked);
    let shown = text.trim_ascii_start();
    if shown.is_empty() {
        return Err(Refusal::new(EMPTY_FEED, "The feed holds nothing at all."));
    }
    if is_web_page(shown) {
        return Err(Refusal::new(NOT_A_FEED, "This is a web page (HTML)."));
    }
    let told = Told { media_type: content_type.map(media_type), ending: file_name.map(ending) };
    let of = |format: &'static dyn Format| (format.recognise(shown), told.speaks_for(format));
    // The last of equals would win; the list is in order of preference.
    let best = ALL.iter().rev().map(|format| (of(*format), *format)).max_by_key(|(sure, _)| *sure);
    match best {
        Some(((Confidence::Sure, _) | (Confidence::Perhaps, true), format)) => Ok(Detected { format, gzip, charset }),
        _ => Err(Refusal::new(NOT_A_FEED, "The content is neither a table, nor JSON, nor XML, nor a spreadsheet.")),
    }
}

/// What the sender says about the file.
struct Told {
    media_type: Option<String>,
    ending: Option<String>,
}

impl Told {
    fn speaks_for(&self, format: &dyn Format) -> bool {
        let by_type = self.media_type.as_deref().is_some_and(|told| format.media_types().contains(&told));
        by_type || self.ending.as_deref().is_some_and(|told| format.endings().contains(&told))
    }
}

fn media_type(header: &str) -> String {
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The `charset` of a content type.
fn parameter(header: &str) -> Option<&str> {
    let mut parameters = header.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Some(value.trim().trim_matches('"'))
}

/// The ending of a file's name, without that of its compression.
fn ending(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Files that say what they are, and are no feeds.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture or a recording (RIFF)"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as .xlsx or CSV"),
    (b"SQLite format 3", "a database"),
];

/// Other packings, among them gzip within gzip.
const PACKED: &[(&[u8], &str)] = &[
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (GZIP, "compressed twice"),
];

fn named(head: &[u8]) -> Result<(), Refusal> {
    let refused = |list: &[(&[u8], &str)], rule| {
        let (_, what) = list.iter().find(|(magic, _)| head.starts_with(magic))?;
        Some(Refusal::new(rule, format!("This is {what}.")))
    };
    if head.starts_with(b"PK\x03\x04") && !super::xlsx::is_spreadsheet(head) {
        return Err(Refusal::new(ARCHIVE, "This is a zip archive."));
    }
    refused(OTHERS, NOT_A_FEED).or_else(|| refused(PACKED, ARCHIVE)).map_or(Ok(()), Err)
}

/// Whether the first element, after what may stand before it, is that of a web page.
fn is_web_page(text: &[u8]) -> bool {
    let start = text[..text.len().min(2_048)].to_ascii_lowercase();
    let opens = |pair: &[u8]| pair[0] == b'<' && pair[1].is_ascii_alphabetic();
    let first = start.windows(2).position(opens).map(|at| &start[at..]);
    let page = first.is_some_and(|first| first.starts_with(b"<html"));
    start.starts_with(b"<!doctype html") || (start.starts_with(b"<") && page)
}

//! From whatever characters a feed is written in to UTF-8, piece by piece.

use super::Source;
use super::refusal::{INVALID_ENCODING, Refusal, UNKNOWN_ENCODING};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read};

/// How much is decoded at a time.
const CHUNK: usize = 16 * 1024;

/// What is known about a feed's encoding before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// A byte-order mark, the pattern of the bytes, a declaration or the sender says so.
    Stated(&'static Encoding),
    /// Nobody says. UTF-8 as long as it is, else a guess by the first characters that are not.
    Unstated,
}

impl Charset {
    /// What a file that begins like this says, or else whoever sent it.
    ///
    /// # Errors
    /// [`UNKNOWN_ENCODING`] when an XML declaration names an encoding that nobody knows.
    pub fn of(head: &[u8], sender: Option<&str>) -> Result<Self, Refusal> {
        if let Some((encoding, _)) = Encoding::for_bom(head) {
            return Ok(Self::Stated(encoding));
        }
        if let Some(encoding) = by_zeros(head) {
            return Ok(Self::Stated(encoding));
        }
        if let Some(label) = declared(head) {
            return by_label(label);
        }
        Ok(sender.and_then(|label| Encoding::for_label(label.as_bytes())).map_or(Self::Unstated, Self::Stated))
    }

    /// The same, for formats that are UTF-8 unless they say otherwise.
    #[must_use]
    pub fn or_utf8(self) -> Self {
        Self::Stated(match self {
            Self::Stated(encoding) => encoding,
            Self::Unstated => UTF_8,
        })
    }

    /// `source` in UTF-8. A byte that is no character ends it with [`INVALID_ENCODING`].
    #[must_use]
    pub fn decode(self, source: Source) -> Text {
        let decoder = match self {
            Self::Stated(encoding) => Some(encoding.new_decoder_with_bom_removal()),
            Self::Unstated => None,
        };
        Text { source, decoder, raw: vec![0; CHUNK], ready: String::new(), given: 0, trouble: None, over: false }
    }

    /// The beginning of a file as far as it can be shown, for recognising what it is.
    pub(crate) fn peek(self, head: &[u8]) -> Vec<u8> {
        match self {
            Self::Stated(encoding) => encoding.decode_with_bom_removal(head).0.into_owned().into_bytes(),
            Self::Unstated => head.to_vec(),
        }
    }

    /// Its name, as reports show it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stated(encoding) => encoding.name(),
            Self::Unstated => "unstated",
        }
    }
}

/// UTF-16 without a mark: nearly every other byte of what feeds begin with is zero.
fn by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = &head[..head.len().min(512)];
    let zeros = |at: usize| pairs.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let half = pairs.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    match () {
        () if half >= 2 && odd * 10 >= half * 7 && even * 10 <= half => Some(UTF_16LE),
        () if half >= 2 && even * 10 >= half * 7 && odd * 10 <= half => Some(UTF_16BE),
        () => None,
    }
}

/// The encoding that an XML declaration names.
fn declared(head: &[u8]) -> Option<&str> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).take(512).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, rest) = text.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    value.split(['"', '\'']).nth(1)
}

fn by_label(label: &str) -> Result<Charset, Refusal> {
    let unknown = || Refusal::new(UNKNOWN_ENCODING, "The XML declaration names an encoding nobody knows.").at(1);
    let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?;
    // A declaration that can be read as ASCII is not in UTF-16, whatever it says.
    Ok(Charset::Stated(encoding.output_encoding()))
}

/// UTF-8 out of a source in some encoding.
pub struct Text {
    source: Source,
    decoder: Option<encoding_rs::Decoder>,
    raw: Vec<u8>,
    ready: String,
    given: usize,
    trouble: Option<Refusal>,
    over: bool,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Text")
    }
}

impl Text {
    /// Reads and decodes a piece. What is good before a bad byte is given out first, so that whoever reads knows the
    /// line by then.
    fn refill(&mut self) -> io::Result<()> {
        if let Some(trouble) = self.trouble.take() {
            self.over = true;
            return Err(trouble.into_io());
        }
        let read = read_full(&mut self.source, &mut self.raw)?;
        self.over = read < self.raw.len();
        self.ready.clear();
        self.given = 0;
        let raw = &self.raw[..read];
        if self.decoder.is_none() && !raw.is_ascii() {
            self.decoder = Some(guess(raw).new_decoder_without_bom_handling());
        }
        match &mut self.decoder {
            None => self.ready.push_str(std::str::from_utf8(raw).unwrap_or_default()),
            Some(decoder) => self.trouble = decode(decoder, raw, &mut self.ready, self.over),
        }
        self.over &= self.trouble.is_none();
        Ok(())
    }
}

fn decode(decoder: &mut encoding_rs::Decoder, raw: &[u8], ready: &mut String, last: bool) -> Option<Refusal> {
    // Three bytes for each byte is the most that any encoding comes to.
    ready.reserve(raw.len() * 3 + 16);
    let (result, read) = decoder.decode_to_string_without_replacement(raw, ready, last);
    let DecoderResult::Malformed(length, after) = result else {
        return None;
    };
    let bad = read.saturating_sub(usize::from(length) + usize::from(after));
    let byte = raw.get(bad).copied().unwrap_or_default();
    let name = decoder.encoding().name();
    Some(Refusal::new(INVALID_ENCODING, format!("The byte 0x{byte:02X} is no character in {name}.")))
}

/// As much as there is, up to the whole buffer.
fn read_full(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// The encoding of a piece that is not all ASCII.
fn guess(raw: &[u8]) -> &'static Encoding {
    let cut_short = |error: std::str::Utf8Error| error.error_len().is_none();
    if std::str::from_utf8(raw).map_or_else(cut_short, |_| true) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(raw, true);
    detector.guess(None, Utf8Detection::Deny)
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.over {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = &self.ready.as_bytes()[self.given..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

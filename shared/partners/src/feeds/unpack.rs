//! Unpacking within bounds: how much comes out, and how much more than went in.

use super::refusal::{DAMAGED, Refusal, TRUNCATED, UNPACKS_TOO_LARGE};
use super::{Limits, Source};
use flate2::read::MultiGzDecoder;
use std::io::{self, ErrorKind, Read};

/// What every gzip file begins with.
pub(crate) const GZIP: &[u8] = &[0x1f, 0x8b];

/// Up to here anything may unpack to any size.
const FREE_BYTES: u64 = 1024 * 1024;

/// The content of a gzip file.
pub(crate) fn gunzip(source: Source, limits: Limits) -> Source {
    let unpacker = MultiGzDecoder::new(Counted { source, read: 0 });
    Box::new(Bounded { unpacker, packed: |unpacker| unpacker.get_ref().read, written: 0, limits })
}

/// As much of the beginning of a gzip file as can be had, for recognising what is in it.
pub(crate) fn gunzip_head(head: &[u8], most: u64) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // The head ends somewhere within the stream, which is an error after what is wanted.
    match MultiGzDecoder::new(head).take(most).read_to_end(&mut unpacked) {
        Ok(_) | Err(_) => unpacked,
    }
}

/// A source that knows how much of it was read.
pub(crate) struct Counted<R> {
    pub source: R,
    pub read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// An unpacker that is stopped when it writes too much.
pub(crate) struct Bounded<R> {
    pub unpacker: R,
    pub packed: fn(&R) -> u64,
    pub written: u64,
    pub limits: Limits,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacker.read(buffer).map_err(explain)?;
        self.written += read as u64;
        let allowed = FREE_BYTES.max((self.packed)(&self.unpacker).saturating_mul(self.limits.ratio));
        if self.written > allowed || self.written > self.limits.unpacked_bytes {
            let detail = format!("It was stopped after {} bytes.", self.written);
            return Err(Refusal::new(UNPACKS_TOO_LARGE, detail).into_io());
        }
        Ok(read)
    }
}

/// An unpacker says with the kind of its error whose fault it is.
fn explain(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => Refusal::new(TRUNCATED, "The compressed file ends early.").into_io(),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            Refusal::new(DAMAGED, "The compressed file does not unpack.").into_io()
        }
        _ => error,
    }
}

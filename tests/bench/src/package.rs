//! How large a function is to upload.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;
use std::path::Path;

/// What a zip of one file has beside the file's own bytes: two headers with the name `bootstrap` and an end.
const ZIP_OVERHEAD: u64 = 30 + 46 + 22 + 2 * 9;

/// Bytes of a binary, and of the zip with only that binary as `bootstrap`, deflated as far as it goes.
///
/// # Errors
/// When it cannot be read.
pub fn bytes(binary: &Path) -> Result<(u64, u64), String> {
    let raw = std::fs::read(binary).map_err(|error| format!("{} cannot be read: {error}", binary.display()))?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(&raw).and_then(|()| encoder.finish()).map_err(|error| error.to_string())?;
    Ok((raw.len() as u64, packed.len() as u64 + ZIP_OVERHEAD))
}

//! GTIN-8, GTIN-12 (UPC), GTIN-13 (EAN) and GTIN-14, by the check digit of GS1.

use super::rejection::Wrong;
use super::{GTIN_CHECK_DIGIT, GTIN_LENGTH};

/// The digits of a GTIN. An apostrophe before them is how spreadsheets mark a text, and goes.
pub(crate) fn gtin(text: &str) -> Result<String, Wrong> {
    let text = text.trim_start_matches('\'');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(text.len(), 8 | 12 | 13 | 14) {
        return Err(Wrong::new(GTIN_LENGTH, "This is not 8, 12, 13 or 14 digits."));
    }
    // From the right, the check digit first, digits count once and three times in turn.
    let weighed = text.bytes().rev().zip([1, 3].into_iter().cycle());
    let sum: u32 = weighed.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if !sum.is_multiple_of(10) {
        return Err(Wrong::new(GTIN_CHECK_DIGIT, "The check digit is another one for these digits."));
    }
    Ok(text.to_owned())
}

//! Words for whether a product can be had, and whether it is on sale.

use super::rejection::Wrong;
use super::{AVAILABILITY_UNKNOWN, STATUS_UNKNOWN, STOCK_FORMAT, STOCK_NEGATIVE, limits};

/// Whether a product can be had, as feeds say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Now.
    InStock,
    /// Not now.
    OutOfStock,
    /// From a day on that is known.
    Preorder,
    /// Again, some day.
    Backorder,
}

const WORDS: &[(&str, Availability)] = &[
    ("in_stock", Availability::InStock),
    ("instock", Availability::InStock),
    ("available", Availability::InStock),
    ("available_for_order", Availability::InStock),
    ("limited_availability", Availability::InStock),
    ("true", Availability::InStock),
    ("yes", Availability::InStock),
    ("1", Availability::InStock),
    ("out_of_stock", Availability::OutOfStock),
    ("outofstock", Availability::OutOfStock),
    ("unavailable", Availability::OutOfStock),
    ("sold_out", Availability::OutOfStock),
    ("discontinued", Availability::OutOfStock),
    ("false", Availability::OutOfStock),
    ("no", Availability::OutOfStock),
    ("0", Availability::OutOfStock),
    ("preorder", Availability::Preorder),
    ("pre_order", Availability::Preorder),
    ("backorder", Availability::Backorder),
    ("back_order", Availability::Backorder),
];

const STATUS: &[(&str, bool)] = &[
    ("active", true),
    ("published", true),
    ("visible", true),
    ("true", true),
    ("yes", true),
    ("1", true),
    ("draft", false),
    ("archived", false),
    ("inactive", false),
    ("proposed", false),
    ("rejected", false),
    ("unlisted", false),
    ("hidden", false),
    ("false", false),
    ("no", false),
    ("0", false),
    ("-1", false),
];

fn known<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    let of_schema = ["https://schema.org/", "http://schema.org/"].iter().find_map(|address| text.strip_prefix(address));
    let word = crate::feeds::key(of_schema.unwrap_or(text));
    // A minus sign is a hyphen to names.
    words.iter().find_map(|(known, meaning)| (*known == word || *known == text).then_some(*meaning))
}

/// Upper and lower case, blanks, hyphens and the address of schema.org before the word do not matter.
pub(crate) fn availability(text: &str) -> Result<Availability, Wrong> {
    let unknown = || Wrong::new(AVAILABILITY_UNKNOWN, "This is none of the words for it.");
    known(WORDS, text).ok_or_else(unknown)
}

/// Whether it is on sale.
pub(crate) fn active(text: &str) -> Result<bool, Wrong> {
    known(STATUS, text).ok_or_else(|| Wrong::new(STATUS_UNKNOWN, "This is none of the words for it."))
}

/// A whole number; `12.0` and `12,00` are 12.
pub(crate) fn stock(text: &str) -> Result<u32, Wrong> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once(['.', ',']).unwrap_or((rest, "0"));
    if !digits(whole) || !digits(fraction) || fraction.bytes().any(|byte| byte != b'0') {
        return Err(Wrong::new(STOCK_FORMAT, "This is not a whole number."));
    }
    let number = whole.parse::<u32>().ok().filter(|number| *number <= limits::STOCK);
    let number = number.ok_or_else(|| Wrong::new(STOCK_FORMAT, "This is more than anybody has."))?;
    if sign == "-" && number > 0 {
        return Err(Wrong::new(STOCK_NEGATIVE, "This is below zero."));
    }
    Ok(number)
}

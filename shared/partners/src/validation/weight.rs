//! What a variant weighs.

use super::rejection::Wrong;
use super::{WEIGHT_FORMAT, limits};

/// Units and how many milligrams they are.
const UNITS: &[(&str, u64)] = &[
    ("", 1_000),
    ("g", 1_000),
    ("gr", 1_000),
    ("gram", 1_000),
    ("grams", 1_000),
    ("kg", 1_000_000),
    ("lb", 453_592),
    ("lbs", 453_592),
    ("oz", 28_350),
];

/// Grams, rounded to the nearest, from a number with or without a unit; without one it is in `plain`.
pub(crate) fn grams(text: &str, plain: &str) -> Result<u32, Wrong> {
    let wrong = || Wrong::new(WEIGHT_FORMAT, "This is not a number with a unit of weight.");
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let unit = if unit.is_empty() { plain } else { &unit };
    let (_, milligrams) = UNITS.iter().find(|(known, _)| *known == unit).ok_or_else(wrong)?;
    let thousandths = thousandths(number).ok_or_else(wrong)?;
    let grams = (thousandths * milligrams + 500_000) / 1_000_000;
    let in_limits = u32::try_from(grams).ok().filter(|grams| *grams <= limits::WEIGHT_GRAMS);
    in_limits.ok_or_else(|| Wrong::new(WEIGHT_FORMAT, format!("This is {grams} g, more than may be sent.")))
}

/// A decimal number in thousandths; what is finer is left out.
fn thousandths(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{fraction}").parse().ok()
}

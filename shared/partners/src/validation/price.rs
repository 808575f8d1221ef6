//! Prices as people write them.
//!
//! Understood: `19.99`, `19,99`, `1.033,50`, `1,299.00`, `1 299,00`, `1'299.00`, each with a currency's three letters
//! before or behind it. A comma before exactly three digits says two things, so `1,299` is refused unless the mapping
//! names the decimal mark. Refused: currency signs (`$299` is the money of twenty countries), scientific notation (a
//! number that went through a float no longer says what it cost), more decimals than the currency has.

use super::rejection::Wrong;
use super::{PRICE_CENTS_INTEGER, PRICE_FORMAT, PRICE_NEGATIVE, PRICE_TOO_HIGH, limits};
use crate::mapping::Decimal;
use kernel::{Amount, Currency};

/// A price in two: the number, and the letters of its currency.
pub(crate) fn split(text: &str) -> (&str, Option<String>) {
    let letters = |text: &str| text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let behind = text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let (number, code) = match (letters(text), behind) {
        (3, _) => (&text[3..], &text[..3]),
        (_, 3) => (&text[..text.len() - 3], &text[text.len() - 3..]),
        _ => return (text, None),
    };
    (number.trim(), Some(code.to_ascii_uppercase()))
}

/// The amount that a number says, in minor units of `currency`.
pub(crate) fn amount(number: &str, decimal: Decimal, currency: Currency) -> Result<Amount, Wrong> {
    let (negative, number) = match number.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, number),
    };
    let (whole, fraction) = parts(number, decimal)?;
    let fraction = shortened(&fraction, currency)?;
    let point = if fraction.is_empty() { "" } else { "." };
    // All digits are sound: what cannot be read now has too many of them.
    let amount = currency.parse_decimal(&format!("{whole}{point}{fraction}")).ok();
    let amount = amount.filter(|amount| amount.units() <= limits::PRICE);
    let amount = amount.ok_or_else(|| Wrong::new(PRICE_TOO_HIGH, "This is more than a price may be."))?;
    if negative && amount != Amount::ZERO {
        return Err(Wrong::new(PRICE_NEGATIVE, "This is below zero."));
    }
    Ok(amount)
}

/// Minor units: a whole number and nothing else.
pub(crate) fn cents(text: &str) -> Result<Amount, Wrong> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::new(PRICE_CENTS_INTEGER, "This is not a whole number."));
    }
    let units = digits.parse::<i64>().ok().filter(|units| *units <= limits::PRICE);
    let units = units.ok_or_else(|| Wrong::new(PRICE_TOO_HIGH, "This is more than a price may be."))?;
    if negative && units > 0 {
        return Err(Wrong::new(PRICE_NEGATIVE, "This is below zero."));
    }
    Ok(Amount::minor(units))
}

fn wrong(detail: impl Into<String>) -> Wrong {
    Wrong::new(PRICE_FORMAT, detail)
}

/// The digits before and after the decimal mark.
fn parts(number: &str, decimal: Decimal) -> Result<(String, String), Wrong> {
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || groups(c);
    if let Some(at) = number.find(|c| !allowed(c)) {
        return Err(wrong(explain(&number[..at], &number[at..])));
    }
    let mark = mark(number, decimal)?;
    let (whole, fraction) = mark.and_then(|mark| number.rsplit_once(mark)).unwrap_or((number, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let ends_in_mark = mark.is_some_and(|mark| number.ends_with(mark));
    if ends_in_mark || !plain(fraction) {
        return Err(wrong("This is not a number."));
    }
    Ok((ungrouped(whole)?, fraction.to_owned()))
}

/// What stands between thousands beside the point and the comma.
fn groups(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
}

fn explain(before: &str, rest: &str) -> &'static str {
    if before.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(['e', 'E']) {
        return "This is in scientific notation.";
    }
    if rest.starts_with(['$', '€', '£', '¥', '₽', '₴', '₸', '₹', '₺', '₩']) {
        return "This has the sign of a currency.";
    }
    "This is not a number."
}

/// Which character is the decimal mark of this number, if any is.
fn mark(number: &str, decimal: Decimal) -> Result<Option<char>, Wrong> {
    let count = |mark: char| number.matches(mark).count();
    let last = number.rfind(['.', ',']).and_then(|at| number[at..].chars().next());
    let after = number.rsplit(['.', ',']).next().map_or(0, str::len);
    Ok(match (decimal, count('.'), count(',')) {
        (Decimal::Point, ..) => Some('.'),
        (Decimal::Comma, ..) => Some(','),
        (Decimal::Auto, 0, 1) if after == 3 => {
            return Err(wrong("The comma may mark decimals or thousands: name the decimal mark in the mapping."));
        }
        (Decimal::Auto, 0, 1) | (Decimal::Auto, 1, 0) => last,
        (Decimal::Auto, points, commas) if points > 0 && commas > 0 => last,
        (Decimal::Auto, ..) => None,
    })
}

/// The digits before the decimal mark, without what groups them by three.
fn ungrouped(whole: &str) -> Result<String, Wrong> {
    let mut marks = whole.chars().filter(|c| !c.is_ascii_digit());
    let Some(mark) = marks.next() else {
        return if whole.is_empty() { Err(wrong("There are no digits.")) } else { Ok(whole.to_owned()) };
    };
    let sound = |(at, group): (usize, &str)| if at == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
    if marks.any(|other| other != mark) || !whole.split(mark).enumerate().all(sound) {
        return Err(wrong("The thousands are not grouped by three."));
    }
    Ok(whole.replace(mark, ""))
}

/// The decimals, without zeros that the currency has no room for.
fn shortened(fraction: &str, currency: Currency) -> Result<String, Wrong> {
    let room = usize::from(currency.exponent());
    let (kept, rest) = fraction.split_at(fraction.len().min(room));
    if rest.bytes().any(|digit| digit != b'0') {
        return Err(wrong(format!("{currency} has {room} decimals, and this has more.")));
    }
    Ok(kept.to_owned())
}

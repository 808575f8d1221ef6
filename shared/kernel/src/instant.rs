//! A moment, as every row, event and reply writes it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. Stored and sent as that integer unless a reply
/// says otherwise; [`fmt::Display`] writes RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// The moment that many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment that many seconds after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment moved earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The moment that an RFC 3339 text names, to the millisecond: `2026-01-05T10:00:00.000Z`, `2026-01-05T12:00:00+02:00`.
    ///
    /// # Errors
    /// [`NotAMoment`] for anything else: a day that does not exist, a time without an offset, a leap second.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        parse(text).ok_or(NotAMoment)
    }

    /// The calendar day in UTC as `(year, month, day)`.
    #[must_use]
    pub fn date(self) -> (i64, u32, u32) {
        civil(self.seconds().div_euclid(86_400))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let of_day = self.seconds().rem_euclid(86_400);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let millis = self.0.rem_euclid(1000);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// The date of a count of days since the epoch; Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

/// The text is not a moment in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMoment;

impl fmt::Display for NotAMoment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a moment is written as in RFC 3339: 2026-01-05T10:00:00Z")
    }
}

impl std::error::Error for NotAMoment {}

impl std::str::FromStr for Instant {
    type Err = NotAMoment;
    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        Self::parse(text)
    }
}

fn parse(text: &str) -> Option<Instant> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let separators = [text.get(4..5)?, text.get(7..8)?, text.get(10..11)?, text.get(13..14)?, text.get(16..17)?];
    if !matches!(separators, ["-", "-", "T" | "t", ":", ":"]) {
        return None;
    }
    let day = days(digits(date.get(..4)?)?, digits(date.get(5..7)?)?, digits(date.get(8..)?)?)?;
    let (hour, minute, second) = (digits(time.get(..2)?)?, digits(time.get(3..5)?)?, digits(time.get(6..)?)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-'])?);
    let seconds = day * 86_400 + hour * 3600 + minute * 60 + second - offset_seconds(offset)?;
    Some(Instant(seconds * 1000 + millis(fraction)?))
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `.5` is 500; what is finer than a millisecond is cut off.
fn millis(fraction: &str) -> Option<i64> {
    let Some(places) = fraction.strip_prefix('.') else {
        return fraction.is_empty().then_some(0);
    };
    if places.is_empty() || places.len() > 9 {
        return None;
    }
    digits(places)?;
    digits(format!("{places:0<3}").get(..3)?)
}

fn offset_seconds(offset: &str) -> Option<i64> {
    if matches!(offset, "Z" | "z") {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) =
        ((hours.len() == 2).then(|| digits(hours))??, (minutes.len() == 2).then(|| digits(minutes))??);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The count of days since the epoch of a date that exists; the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let of_era = shifted_year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    let (known_year, known_month, known_day) = civil(days);
    ((known_year, i64::from(known_month), i64::from(known_day)) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::Instant;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_moment_reads_back_as_it_was_written(millis in 0_i64..253_402_300_799_999) {
            let moment = Instant::from_millis(millis);
            prop_assert_eq!(Instant::parse(&moment.to_string()), Ok(moment));
        }

        #[test]
        fn no_text_breaks_the_reading_of_a_moment(text in "\\PC{0,40}") {
            prop_assert!(Instant::parse(&text).is_ok() || text != "2026-01-05T10:00:00Z");
        }
    }

    #[test]
    fn moments_are_read_with_offsets_and_fractions() {
        let ten = Instant::parse("2026-01-05T10:00:00Z").unwrap();
        for same in ["2026-01-05T10:00:00.000Z", "2026-01-05T12:30:00+02:30", "2026-01-05t05:00:00.0004-05:00"] {
            assert_eq!(Instant::parse(same), Ok(ten), "{same}");
        }
        assert_eq!(Instant::parse("2026-01-05T10:00:00.5Z").unwrap().millis(), ten.millis() + 500);
    }

    #[test]
    fn days_that_do_not_exist_and_times_without_an_offset_are_no_moments() {
        for bad in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01",
            "",
            "now",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+2:00",
            "2026-01-01T00:00:00+24:00",
            "+026-01-01T00:00:00Z",
        ] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_are_written_as_rfc_3339_in_utc() {
        assert_eq!(Instant::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Instant::from_millis(951_782_400_007).to_string(), "2000-02-29T00:00:00.007Z");
        assert_eq!(
            Instant::from_millis(1_795_228_799_999).to_string(),
            "2026-11-21T00:39:59.999Z".replace("00:39", "02:39")
        );
        assert_eq!(Instant::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}

//! Money: integer minor units and an ISO 4217 currency. Never a float.
//!
//! [`Money`] has no `+`: two amounts are added as [`Amount`]s inside a structure that holds one [`Currency`], so
//! adding two currencies does not compile:
//!
//! ```compile_fail
//! use kernel::{Currency, Money};
//! let sum = Money::new(100, Currency::EUR) + Money::new(100, Currency::USD);
//! ```

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// Minor units (cents, yen, millimes) of a currency that the structure around it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// That many minor units.
    #[must_use]
    pub const fn minor(units: i64) -> Self {
        Self(units)
    }

    /// The minor units.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// This amount for each of `quantity`; saturates, which the limits on quantity and price keep out of reach.
    #[must_use]
    pub const fn times(self, quantity: u32) -> Self {
        Self(self.0.saturating_mul(quantity as i64))
    }

    /// `basis_points` ten-thousandths of this amount, halves rounded away from zero.
    #[must_use]
    pub fn share(self, basis_points: u32) -> Self {
        let exact = i128::from(self.0) * i128::from(basis_points);
        let rounded = (exact.abs() + 5_000) / 10_000 * exact.signum();
        Self(i64::try_from(rounded).unwrap_or(i64::MAX))
    }

    /// This amount split in proportion to `weights` by largest remainder: the parts always sum to the whole, and
    /// equal weights differ by at most one unit. All weights zero: the first part takes all.
    #[must_use]
    pub fn allocate(self, weights: &[u64]) -> Vec<Self> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return weights.iter().enumerate().map(|(i, _)| if i == 0 { self } else { Self::ZERO }).collect();
        }
        let whole = u128::from(self.0.unsigned_abs());
        let mut parts: Vec<u128> = weights.iter().map(|w| whole * u128::from(*w) / total).collect();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|i| (std::cmp::Reverse(whole * u128::from(weights[*i]) % total), *i));
        let missing = whole - parts.iter().sum::<u128>();
        for index in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
            parts[index] += 1;
        }
        let sign = self.0.signum();
        parts.into_iter().map(|part| Self(i64::try_from(part).unwrap_or(i64::MAX) * sign)).collect()
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// An ISO 4217 code and how many decimals its minor unit has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// Currencies whose minor unit is not a hundredth (ISO 4217, list one), and that we take.
const EXPONENTS: &[(&[u8; 3], u8)] = &[
    (b"BHD", 3),
    (b"BIF", 0),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"IQD", 3),
    (b"ISK", 0),
    (b"JOD", 3),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"KWD", 3),
    (b"LYD", 3),
    (b"OMR", 3),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"TND", 3),
    (b"UGX", 0),
    (b"VND", 0),
    (b"VUV", 0),
    (b"XAF", 0),
    (b"XOF", 0),
    (b"XPF", 0),
];

/// Currencies with hundredths (ISO 4217, list one, active codes).
const HUNDREDTHS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG \
    HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
    MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS \
    SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW";

impl Currency {
    /// The euro.
    pub const EUR: Self = Self { code: *b"EUR", exponent: 2 };
    /// The United States dollar.
    pub const USD: Self = Self { code: *b"USD", exponent: 2 };
    /// The yen, which has no minor unit.
    pub const JPY: Self = Self { code: *b"JPY", exponent: 0 };

    /// The currency with that ISO 4217 code, upper-case.
    ///
    /// # Errors
    /// [`UnknownCurrency`] when the code is not an active one.
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| UnknownCurrency)?;
        if let Some((_, exponent)) = EXPONENTS.iter().find(|(known, _)| **known == bytes) {
            return Ok(Self { code: bytes, exponent: *exponent });
        }
        if HUNDREDTHS.split_ascii_whitespace().any(|known| known == code) {
            return Ok(Self { code: bytes, exponent: 2 });
        }
        Err(UnknownCurrency)
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }

    /// Decimals of the minor unit.
    #[must_use]
    pub const fn exponent(&self) -> u8 {
        self.exponent
    }

    /// `amount` as a plain decimal with this currency's decimals and no symbol: `19.99`, `-0.05`, `1200`.
    #[must_use]
    pub fn decimal(&self, amount: Amount) -> String {
        let scale = 10_u64.pow(u32::from(self.exponent));
        let (units, sign) = (amount.0.unsigned_abs(), if amount.0 < 0 { "-" } else { "" });
        if self.exponent == 0 {
            return format!("{sign}{units}");
        }
        format!("{sign}{}.{:0width$}", units / scale, units % scale, width = usize::from(self.exponent))
    }

    /// The amount in a plain decimal: digits, at most one point, at most this currency's decimals.
    ///
    /// # Errors
    /// [`NotADecimal`] for anything else, an exponent or a grouping mark among them.
    pub fn parse_decimal(&self, text: &str) -> Result<Amount, NotADecimal> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let ends_in_point = digits.ends_with('.');
        if whole.is_empty()
            || ends_in_point
            || !plain(whole)
            || !plain(fraction)
            || fraction.len() > usize::from(self.exponent)
        {
            return Err(NotADecimal);
        }
        let padded = format!("{whole}{fraction:0<width$}", width = usize::from(self.exponent));
        padded.parse::<i64>().map(|units| Amount(units * sign)).map_err(|_| NotADecimal)
    }
}

/// The code is not an active ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCurrency;

/// The text is not a plain decimal amount of this currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADecimal;

impl fmt::Display for UnknownCurrency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a currency is a three-letter ISO 4217 code, such as EUR")
    }
}

impl fmt::Display for NotADecimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an amount is a plain decimal, such as 19.99")
    }
}

impl std::error::Error for UnknownCurrency {}
impl std::error::Error for NotADecimal {}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;
    fn try_from(code: String) -> Result<Self, UnknownCurrency> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// An amount and its currency: `{"amount": 1999, "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units.
    pub amount: Amount,
    /// Their currency.
    pub currency: Currency,
}

impl Money {
    /// That many minor units of `currency`.
    #[must_use]
    pub const fn new(minor_units: i64, currency: Currency) -> Self {
        Self { amount: Amount(minor_units), currency }
    }

    /// The amount, if this is money of `currency`.
    #[must_use]
    pub fn in_currency(self, currency: Currency) -> Option<Amount> {
        (self.currency == currency).then_some(self.amount)
    }

    /// The amount as a plain decimal without the code: `19.99`.
    #[must_use]
    pub fn decimal(&self) -> String {
        self.currency.decimal(self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, Currency, Money};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_parts_of_an_allocation_sum_to_the_whole(units in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0_u64..10_000, 1..20)) {
            let parts = Amount::minor(units).allocate(&weights);
            prop_assert_eq!(parts.iter().copied().sum::<Amount>(), Amount::minor(units));
            prop_assert!(parts.iter().all(|part| part.units().signum() * units.signum() >= 0));
        }

        #[test]
        fn a_decimal_reads_back_as_the_amount_it_was_written_from(units in any::<i32>(), code in prop::sample::select(vec!["EUR", "JPY", "TND"])) {
            let currency = Currency::parse(code).unwrap();
            let amount = Amount::minor(i64::from(units));
            prop_assert_eq!(currency.parse_decimal(&currency.decimal(amount)), Ok(amount));
        }
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(Money::new(1999, Currency::EUR).decimal(), "19.99");
        assert_eq!(Money::new(-5, Currency::EUR).decimal(), "-0.05");
        assert_eq!(Money::new(1200, Currency::JPY).decimal(), "1200");
        for bad in ["", ".5", "5.", "1.2.3", "1e3", "1,000", "$5", "1.999", " 1", "+1", "99999999999999999999"] {
            assert!(Currency::EUR.parse_decimal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_share_rounds_half_away_from_zero() {
        assert_eq!(Amount::minor(1050).share(1000), Amount::minor(105));
        assert_eq!(Amount::minor(5).share(1000), Amount::minor(1));
        assert_eq!(Amount::minor(-5).share(1000), Amount::minor(-1));
    }

    #[test]
    fn unknown_currencies_are_refused() {
        for code in ["RUR", "eur", "", "EURO", "XXX"] {
            assert!(Currency::parse(code).is_err(), "{code}");
        }
    }
}

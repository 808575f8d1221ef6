//! Tax by country: standard rates, for goods, as of 2026. A table, so that a rate is changed in one place.

/// Ten-thousandths by ISO 3166-1 country: 1900 is 19 %. Countries that are not here are not delivered to.
pub const RATES: &[(&str, u32)] = &[
    ("AT", 2000),
    ("AU", 1000),
    ("BE", 2100),
    ("BG", 2000),
    ("CA", 500),
    ("CH", 810),
    ("CY", 1900),
    ("CZ", 2100),
    ("DE", 1900),
    ("DK", 2500),
    ("EE", 2400),
    ("ES", 2100),
    ("FI", 2550),
    ("FR", 2000),
    ("GB", 2000),
    ("GR", 2400),
    ("HR", 2500),
    ("HU", 2700),
    ("IE", 2300),
    ("IT", 2200),
    ("JP", 1000),
    ("LT", 2100),
    ("LU", 1700),
    ("LV", 2100),
    ("MT", 1800),
    ("NL", 2100),
    ("NO", 2500),
    ("NZ", 1500),
    ("PL", 2300),
    ("PT", 2300),
    ("RO", 2100),
    ("SE", 2500),
    ("SI", 2200),
    ("SK", 2300),
    ("US", 0),
];

/// The rate of a country in ten-thousandths; `None` where nothing is delivered to.
#[must_use]
pub fn rate(country: &str) -> Option<u32> {
    RATES.iter().find(|(code, _)| *code == country).map(|(_, rate)| *rate)
}

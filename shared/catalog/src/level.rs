//! How much there is, as a badge says it.

use serde::{Deserialize, Serialize};

/// Up to how many pieces are "low".
pub const LOW_AT_MOST: u64 = 5;

/// A level of stock. Listings show it; the exact number stands on the product's own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockLevel {
    /// Nothing to sell.
    #[default]
    Out,
    /// At most [`LOW_AT_MOST`] pieces.
    Low,
    /// More than that.
    In,
}

impl StockLevel {
    /// The level of that many pieces.
    #[must_use]
    pub const fn of(available: u64) -> Self {
        match available {
            0 => Self::Out,
            1..=LOW_AT_MOST => Self::Low,
            _ => Self::In,
        }
    }

    /// The level's name, as it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Low => "low",
            Self::In => "in",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StockLevel;

    #[test]
    fn five_are_low_and_six_are_enough() {
        assert_eq!(
            [0, 1, 5, 6].map(StockLevel::of),
            [StockLevel::Out, StockLevel::Low, StockLevel::Low, StockLevel::In]
        );
    }
}

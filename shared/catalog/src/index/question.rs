//! What a shopper asks of the listing.

use kernel::Amount;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Best match first; without words the same as `Featured`.
    Relevance,
    /// What the shop puts forward first, then the newest.
    #[default]
    Featured,
    /// Cheapest first.
    PriceAsc,
    /// Dearest first.
    PriceDesc,
    /// Newest first.
    Newest,
    /// By name, without regard to case and accents.
    Name,
}

impl Sort {
    /// The order's name, as it is asked for.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Featured => "featured",
            Self::PriceAsc => "price_asc",
            Self::PriceDesc => "price_desc",
            Self::Newest => "newest",
            Self::Name => "name",
        }
    }
}

/// No such order.
#[derive(Debug, Clone, Copy)]
pub struct UnknownSort;

impl std::fmt::Display for UnknownSort {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("sort is one of relevance, featured, price_asc, price_desc, newest, name")
    }
}

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        const ALL: [Sort; 6] =
            [Sort::Relevance, Sort::Featured, Sort::PriceAsc, Sort::PriceDesc, Sort::Newest, Sort::Name];
        ALL.into_iter().find(|sort| sort.name() == text).ok_or(UnknownSort)
    }
}

/// A search with its filters. Values of one filter add up, filters narrow each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Question {
    /// Words; the last one may be the beginning of one, unless a space ends it.
    pub text: String,
    /// Only these categories; all when empty.
    pub categories: Vec<String>,
    /// Only these brands; all when empty.
    pub brands: Vec<String>,
    /// Only with one of these tags; all when empty.
    pub tags: Vec<String>,
    /// The lowest price, minor units.
    pub min_price: Option<Amount>,
    /// The highest price, minor units.
    pub max_price: Option<Amount>,
    /// Leaves out what is sold out.
    pub in_stock: bool,
    /// In which order.
    pub sort: Sort,
}

impl Question {
    /// The order that applies: without words there is no relevance.
    #[must_use]
    pub fn order(&self) -> Sort {
        if self.sort == Sort::Relevance && self.text.trim().is_empty() { Sort::Featured } else { self.sort }
    }
}

/// Where a page ended: the next one begins after it, whatever came or went meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// What the last product was sorted by, as a number.
    #[serde(rename = "k")]
    pub key: u64,
    /// Its name, where names sort.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its id, which decides between equals.
    #[serde(rename = "i")]
    pub id: String,
}

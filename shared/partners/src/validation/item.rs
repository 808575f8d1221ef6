//! A product of a feed, checked.

use super::availability::Availability;
use super::suspicious::Flag;
use kernel::{Currency, Money, Sku};

/// The currency of prices that name none, where a feed need not.
pub const SHOP_CURRENCY: Currency = Currency::USD;

/// How much a product of a feed may say: as much as one of the shop's own.
pub mod limits {
    /// Characters of a SKU.
    pub const SKU: usize = 128;
    /// Characters of a name.
    pub const NAME: usize = 255;
    /// Characters of a description.
    pub const DESCRIPTION: usize = 8_000;
    /// Characters of a brand.
    pub const BRAND: usize = 128;
    /// Characters of a product's own number.
    pub const GROUP: usize = 128;
    /// Characters of a category.
    pub const CATEGORY: usize = 64;
    /// Characters of an option's name, and of its value.
    pub const PAIR: usize = 64;
    /// Options of a variant.
    pub const OPTIONS: usize = 8;
    /// Pictures of a product. More are left out, with a flag.
    pub const IMAGES: usize = 16;
    /// Characters of a picture's address.
    pub const IMAGE_URL: usize = 512;
    /// Variants of a product.
    pub const VARIANTS: u16 = 50;
    /// The highest price, in minor units.
    pub const PRICE: i64 = 9_999_999_999;
    /// The heaviest variant, in grams.
    pub const WEIGHT_GRAMS: u32 = 1_000_000;
    /// The highest stock.
    pub const STOCK: u32 = 1_000_000_000;
}

/// One variant as a feed states it. Everything in it keeps the rules; its texts are plain text and inert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which row of the feed, counted from 1.
    pub row: u64,
    /// In which line that row begins.
    pub line: u64,
    /// The partner's own number.
    pub sku: Sku,
    /// The product that the variant belongs to, by the partner's own number.
    pub group: Option<String>,
    /// On one line.
    pub name: String,
    /// With paragraphs, without markup.
    pub description: String,
    /// Empty if the feed names none.
    pub brand: String,
    /// The last part of the path that the feed names.
    pub category: Option<String>,
    /// What it costs now.
    pub price: Money,
    /// What it costs otherwise: always above the price.
    pub compare_at: Option<Money>,
    /// How many there are, at the feed's time.
    pub stock: Option<u32>,
    /// Whether there are any, at the feed's time.
    pub availability: Option<Availability>,
    /// Addresses of pictures on the open web, each once.
    pub images: Vec<String>,
    /// 8, 12, 13 or 14 digits that fit together.
    pub gtin: Option<String>,
    /// In what it differs from its product's other variants, by name and in order.
    pub options: Vec<(String, String)>,
    /// With its packing.
    pub weight_grams: Option<u32>,
    /// Whether the partner sells it now.
    pub active: bool,
    /// What a person may want to look at. Nothing of it is a reason to refuse.
    pub flags: Vec<Flag>,
}

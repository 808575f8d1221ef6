//! The contract of feeds, for people: its fields. The formats are [`crate::feeds::ALL`], the rules
//! [`crate::validation::RULES`].

/// The version of the contract.
pub const VERSION: &str = "1.0";

/// One field of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether a row must have it.
    pub required: bool,
    /// What it holds.
    pub about: &'static str,
}

const fn field(name: &'static str, required: bool, about: &'static str) -> Field {
    Field { name, required, about }
}

/// The fields of the contract. Beside these names, those of Google Merchant, Shopify, WooCommerce, Facebook, Yandex Market and
/// others are understood.
pub const FIELDS: &[Field] = &[
    field("sku", true, "Your own number of what is sold: 1 to 128 visible characters without # \" or \\."),
    field("name", true, "What it is called, at most 255 characters."),
    field("price_cents", true, "What it costs, without tax, in the smallest unit of its currency: 1999 is 19.99."),
    field("stock", false, "How many you have on hand when you send the feed: a whole number, 0 or more."),
    field("description", false, "What is said about it, at most 8,000 characters. HTML is read as text."),
    field("image_url", false, "The address of a picture, https, at most 512 characters."),
    field("category", false, "Where it is listed, at most 64 characters."),
    field("currency", false, "ISO 4217, such as EUR. USD where it is missing."),
];

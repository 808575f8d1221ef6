//! Which field of a feed means what. A mapping is data: the shop owner writes it, or a built-in
//! [`Vocabulary`] stands in for it.
//!
//! ```json
//! {
//!   "fields": {"sku": {"hash_of": ["name", "speed"]}, "price": ["final_price", "price"], "stock": {"constant": "5"}},
//!   "currency": "EUR", "decimal": "comma", "options": ["color"]
//! }
//! ```

use crate::feeds::{Record, Vocabulary};
use kernel::Currency;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a product says, as far as a feed can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The partner's own number of the variant.
    Sku,
    /// The product that the variant belongs to.
    Group,
    /// What it is called.
    Name,
    /// What is said about it, as text or HTML.
    Description,
    /// Who makes it.
    Brand,
    /// Where it is listed.
    Category,
    /// What it costs, with or without its currency.
    Price,
    /// What it costs in minor units.
    PriceCents,
    /// What it costs just now, below its price.
    SalePrice,
    /// When the sale price holds.
    SalePeriod,
    /// What it used to cost, above its price.
    OldPrice,
    /// The currency of its prices.
    Currency,
    /// How many there are.
    Stock,
    /// Whether there are any.
    Availability,
    /// Addresses of pictures; all fields count, not only the first.
    Image,
    /// A number of the GTIN family, which must be one.
    Gtin,
    /// A number that may be a GTIN, and is passed over if it is not.
    Barcode,
    /// What it weighs, in grams or with its unit.
    Weight,
    /// What it weighs, in kilograms.
    WeightKilograms,
    /// Whether it is on sale.
    Active,
    /// Whether it can be bought itself or only stands for its variants.
    Kind,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Sku,
        Self::Group,
        Self::Name,
        Self::Description,
        Self::Brand,
        Self::Category,
        Self::Price,
        Self::PriceCents,
        Self::SalePrice,
        Self::SalePeriod,
        Self::OldPrice,
        Self::Currency,
        Self::Stock,
        Self::Availability,
        Self::Image,
        Self::Gtin,
        Self::Barcode,
        Self::Weight,
        Self::WeightKilograms,
        Self::Active,
        Self::Kind,
    ];

    /// What it says, in a sentence for whoever writes a mapping.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Sku => "The partner's own number of the variant.",
            Self::Group => "The product that the variant belongs to.",
            Self::Name => "What it is called.",
            Self::Description => "What is said about it, as text or HTML.",
            Self::Brand => "Who makes it.",
            Self::Category => "Where it is listed.",
            Self::Price => "What it costs, with or without its currency.",
            Self::PriceCents => "What it costs in minor units.",
            Self::SalePrice => "What it costs just now, below its price.",
            Self::SalePeriod => "When the sale price holds.",
            Self::OldPrice => "What it used to cost, above its price.",
            Self::Currency => "The currency of its prices.",
            Self::Stock => "How many there are.",
            Self::Availability => "Whether there are any.",
            Self::Image => "Addresses of pictures; all fields count, not only the first.",
            Self::Gtin => "A number of the GTIN family, which must be one.",
            Self::Barcode => "A number that may be a GTIN, and is passed over if it is not.",
            Self::Weight => "What it weighs, in grams or with its unit.",
            Self::WeightKilograms => "What it weighs, in kilograms.",
            Self::Active => "Whether it is on sale.",
            Self::Kind => "Whether it can be bought itself or only stands for its variants.",
        }
    }

    /// Its name, as mappings and rejections write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Group => "group",
            Self::Name => "name",
            Self::Description => "description",
            Self::Brand => "brand",
            Self::Category => "category",
            Self::Price => "price",
            Self::PriceCents => "price_cents",
            Self::SalePrice => "sale_price",
            Self::SalePeriod => "sale_period",
            Self::OldPrice => "old_price",
            Self::Currency => "currency",
            Self::Stock => "stock",
            Self::Availability => "availability",
            Self::Image => "image",
            Self::Gtin => "gtin",
            Self::Barcode => "barcode",
            Self::Weight => "weight",
            Self::WeightKilograms => "weight_kilograms",
            Self::Active => "active",
            Self::Kind => "kind",
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Origin {
    /// The field of that name.
    Field(String),
    /// The first of these fields that says something.
    Fields(Vec<String>),
    /// No field of its own.
    Made(Made),
}

/// A value that no single field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Made {
    /// Always this.
    Constant(String),
    /// 26 characters made of all these fields: the same fields give the same characters. For feeds without a SKU.
    HashOf(Vec<String>),
}

/// How prices write their decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// Either way, as long as it is clear.
    #[default]
    Auto,
    /// `1.299,00`: a point groups thousands.
    Comma,
    /// `1,299.00`: a comma groups thousands.
    Point,
}

/// A vocabulary, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Speaks(pub &'static Vocabulary);

/// There is no vocabulary of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownVocabulary;

impl std::fmt::Display for UnknownVocabulary {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = crate::feeds::VOCABULARIES.iter().map(|known| known.name).collect();
        write!(out, "a vocabulary is one of {}", names.join(", "))
    }
}

impl TryFrom<String> for Speaks {
    type Error = UnknownVocabulary;
    fn try_from(name: String) -> Result<Self, UnknownVocabulary> {
        Vocabulary::named(&name).map(Self).ok_or(UnknownVocabulary)
    }
}

impl From<Speaks> for String {
    fn from(speaks: Speaks) -> Self {
        speaks.0.name.to_owned()
    }
}

/// What a partner says about its feed. It goes before what the feed's vocabulary says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The vocabulary to build on, instead of the one that the fields' names speak for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<Speaks>,
    /// Where values come from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Target, Origin>,
    /// The currency of prices that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How prices write their decimals.
    #[serde(default)]
    pub decimal: Decimal,
    /// The fields in which variants of a product differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// What goes before the address of a picture that is only a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_base: Option<String>,
}

impl Mapping {
    /// The mapping in `text`, as JSON.
    ///
    /// # Errors
    /// In words for whoever wrote it, when it is not that.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// A value, and which field of the feed it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said<'a> {
    pub text: Cow<'a, str>,
    pub field: &'a str,
    pub column: Option<u32>,
}

/// Where one target's value comes from, ready to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Keys(Vec<String>),
    Constant(String),
    HashOf(Vec<String>),
}

/// A mapping and the vocabulary beneath it, ready for the rows.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub vocabulary: &'static Vocabulary,
    places: BTreeMap<Target, Place>,
    pub currency: Option<Currency>,
    pub decimal: Decimal,
    pub options: Vec<String>,
    pub image_base: Option<String>,
}

impl Plan {
    pub fn new(vocabulary: &'static Vocabulary, mapping: Option<&Mapping>) -> Self {
        let mapping = mapping.cloned().unwrap_or_default();
        let code = mapping.currency.unwrap_or(crate::validation::SHOP_CURRENCY).code().to_lowercase();
        let built_in = |(target, keys): &(Target, &[&str])| {
            (*target, Place::Keys(keys.iter().map(|key| key.replace('#', &code)).collect()))
        };
        let mut places: BTreeMap<Target, Place> = vocabulary.fields.iter().map(built_in).collect();
        // A price that the mapping names is the price: what the vocabulary takes for one in cents is not.
        if mapping.fields.contains_key(&Target::Price) {
            places.remove(&Target::PriceCents);
        }
        places.extend(mapping.fields.into_iter().map(|(target, origin)| (target, Place::from(origin))));
        Self {
            vocabulary,
            places,
            currency: mapping.currency,
            decimal: mapping.decimal,
            options: mapping.options.iter().map(|name| crate::feeds::key(name)).collect(),
            image_base: mapping.image_base,
        }
    }

    /// The first value that says something.
    pub fn get<'a>(&'a self, record: &'a Record, target: Target) -> Option<Said<'a>> {
        match self.places.get(&target)? {
            Place::Keys(keys) => keys.iter().find_map(|key| record.get(key)).map(said),
            Place::Constant(text) => {
                Some(text.trim()).filter(|text| !text.is_empty()).map(|text| made(text.into(), target))
            }
            Place::HashOf(keys) => hash(record, keys).map(|text| made(text.into(), target)),
        }
    }

    /// Every value that says something.
    pub fn all<'a>(&'a self, record: &'a Record, target: Target) -> Vec<Said<'a>> {
        match self.places.get(&target) {
            Some(Place::Keys(keys)) => keys.iter().flat_map(|key| record.all(key)).map(said).collect(),
            _ => self.get(record, target).into_iter().collect(),
        }
    }

    /// Whether there is a place where `target` might be.
    pub fn takes(&self, target: Target) -> bool {
        self.places.contains_key(&target)
    }

    /// The first value that says something; without one, the field where it should have been.
    pub fn said<'a>(&'a self, record: &'a Record, target: Target) -> Said<'a> {
        self.get(record, target).unwrap_or_else(|| self.missing(record, target))
    }

    /// Where a value should have been: the field that is there and blank, or the one that is missing.
    fn missing<'a>(&'a self, record: &'a Record, target: Target) -> Said<'a> {
        let keys: &[String] = match self.places.get(&target) {
            Some(Place::Keys(keys) | Place::HashOf(keys)) => keys,
            _ => &[],
        };
        let blank = record.fields.iter().find(|field| keys.iter().any(|key| key == field.name.key()));
        let first = keys.first().map_or_else(|| target.name(), String::as_str);
        blank.map_or(Said { text: "".into(), field: first, column: None }, said)
    }

    /// Whether the first row has anything to make products of.
    pub fn finds_products(&self, record: &Record) -> bool {
        let there = |target: &Target| match self.places.get(target) {
            Some(Place::Keys(keys) | Place::HashOf(keys)) => keys.iter().any(|key| record.has(key)),
            Some(Place::Constant(_)) => true,
            None => false,
        };
        there(&Target::Sku) && [Target::Name, Target::Price, Target::PriceCents].iter().any(there)
    }
}

impl From<Origin> for Place {
    fn from(origin: Origin) -> Self {
        let keys = |names: Vec<String>| names.iter().map(|name| crate::feeds::key(name)).collect();
        match origin {
            Origin::Field(name) => Self::Keys(keys(vec![name])),
            Origin::Fields(names) => Self::Keys(keys(names)),
            Origin::Made(Made::Constant(text)) => Self::Constant(text),
            Origin::Made(Made::HashOf(names)) => Self::HashOf(keys(names)),
        }
    }
}

fn made(text: Cow<'_, str>, target: Target) -> Said<'_> {
    Said { text, field: target.name(), column: None }
}

fn said(field: &crate::feeds::Field) -> Said<'_> {
    Said { text: field.value.trim().into(), field: field.name.written(), column: field.column }
}

/// The hash of all values of these fields, unless they all say nothing. A field that comes several times counts with
/// all its values, and a value counts for its own field only.
fn hash(record: &Record, keys: &[String]) -> Option<String> {
    let mut parts = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let values = record.all(key).map(|field| (at, field.value.trim()));
        parts.extend(values);
    }
    let numbered: Vec<String> = parts.iter().map(|(at, value)| format!("{at}:{value}")).collect();
    let numbered: Vec<&str> = numbered.iter().map(String::as_str).collect();
    (!numbered.is_empty()).then(|| kernel::id::derived(&numbered))
}

//! A record as it was written, before anybody knows what its fields mean.

use std::collections::HashMap;
use std::sync::Arc;

/// A field's name as it was written, and as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    written: Arc<str>,
    key: Arc<str>,
}

impl Name {
    /// The name in `written`, without the blanks around it.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self { written: written.trim().into(), key: key(written).into() }
    }

    /// As the feed writes it.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// As names are compared: see [`key`].
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// How names are compared: lower-case, and each run of blanks, hyphens and underscores as one underscore. So
/// `Variant SKU`, `variant-sku` and `sale_ price` are found as `variant_sku` and `sale_price`.
#[must_use]
pub fn key(written: &str) -> String {
    let mut key = String::with_capacity(written.len());
    for c in written.trim().chars().flat_map(char::to_lowercase) {
        if c.is_whitespace() || matches!(c, '_' | '-') {
            if !key.ends_with('_') {
                key.push('_');
            }
        } else {
            key.push(c);
        }
    }
    key
}

/// One value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub name: Name,
    /// As it was written, blanks and all. Shared, since the variants of a product share much.
    pub value: Arc<str>,
    /// Its column, counted from 1, in formats that have columns.
    pub column: Option<u32>,
}

/// A value beyond the last header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surplus {
    /// In which column, from 1.
    pub column: u32,
    /// What that column is called, since it has no name: `column 6`.
    pub name: String,
    /// The value.
    pub text: String,
}

impl Surplus {
    pub(crate) fn new(column: u32, text: &str) -> Self {
        Self { column, name: format!("column {column}"), text: text.trim().to_owned() }
    }
}

/// One record. Nested data is flattened into paths: `shipping/price`, `vendor@code`, `param:Colour`; what is repeated
/// comes several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1; the header is not a row.
    pub row: u64,
    /// The line where it begins, counted from 1.
    pub line: u64,
    /// In the order of the feed.
    pub fields: Vec<Field>,
    /// The column of the first value that has no header.
    pub surplus: Option<Surplus>,
}

impl Record {
    /// Every value under `key` that says something, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.name.key() == key && !field.value.trim().is_empty())
    }

    /// The first value under `key` that says something.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.key() == key && !field.value.trim().is_empty())
    }

    /// Whether the record has a field called `key`, even one that says nothing.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|field| field.name.key() == key)
    }
}

/// Names that come again and again, each held once; as many as a feed sensibly has.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashMap<String, Name>,
}

impl Names {
    const MOST: usize = 2_048;

    pub fn name(&mut self, written: &str) -> Name {
        if let Some(name) = self.known.get(written) {
            return name.clone();
        }
        let name = Name::new(written);
        if self.known.len() < Self::MOST && written.len() <= 256 {
            self.known.insert(written.to_owned(), name.clone());
        }
        name
    }
}

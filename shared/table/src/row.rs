//! What a row is called, what it holds, and how old rows are read.

use kernel::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The name of an item: its partition key and, where the table has one, its sort key. Both are texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key, attribute `pk`.
    pub pk: String,
    /// Sort key, attribute `sk`.
    pub sk: Option<String>,
}

impl Key {
    /// The item with that partition key in a table without sort keys.
    #[must_use]
    pub fn new(pk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: None }
    }

    /// The item with that partition key and sort key.
    #[must_use]
    pub fn sorted(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: Some(sk.into()) }
    }
}

/// A type that is stored as one item. The key and the attribute `schema` are kept beside the fields of the type.
pub trait Row: Serialize + DeserializeOwned {
    /// The version of this shape; raised with every change that old rows do not fit, together with an arm in
    /// [`Row::upcast`].
    const SCHEMA: u32 = 1;

    /// Under which key this row stands.
    fn key(&self) -> Key;

    /// The attributes of an older row as the current shape has them.
    fn upcast(item: serde_dynamo::Item, _from: u32) -> serde_dynamo::Item {
        item
    }
}

/// The attributes of an item, read as a [`Row`] or field by field.
#[derive(Debug, Clone)]
pub struct Item(serde_dynamo::Item);

impl Item {
    /// An item from attributes as a stream record holds them.
    #[must_use]
    pub const fn new(attributes: serde_dynamo::Item) -> Self {
        Self(attributes)
    }

    /// The item as a row, brought to its current shape.
    ///
    /// # Errors
    /// A bug when the attributes are not that row.
    pub fn read<R: Row>(self) -> Result<R, Fault> {
        let schema = self.number("schema").and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let item = if schema < R::SCHEMA { R::upcast(self.0, schema) } else { self.0 };
        serde_dynamo::from_item(item).map_err(|error| Fault::bug(format!("row does not read: {error}")))
    }

    /// A text attribute.
    #[must_use]
    pub fn text(&self, attribute: &str) -> Option<&str> {
        match self.0.get(attribute) {
            Some(serde_dynamo::AttributeValue::S(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer attribute.
    #[must_use]
    pub fn number(&self, attribute: &str) -> Option<i64> {
        match self.0.get(attribute) {
            Some(serde_dynamo::AttributeValue::N(digits)) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The partition key.
    #[must_use]
    pub fn pk(&self) -> &str {
        self.text("pk").unwrap_or_default()
    }

    pub(crate) fn from_sdk(
        attributes: std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>,
    ) -> Self {
        Self(attributes.into())
    }
}

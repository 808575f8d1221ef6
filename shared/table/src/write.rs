//! One conditional write, built before it is made.

use crate::row::{Key, Row};
use aws_sdk_dynamodb::types::AttributeValue;
use kernel::Fault;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// A condition and the name by which a refusal is known: `Guard::new("enough", "available >= :q")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// What it protects, for logs and for `match`.
    pub name: &'static str,
    /// A DynamoDB condition expression; its names and values are given with the write.
    pub condition: Cow<'static, str>,
}

impl Guard {
    /// The item does not exist yet.
    pub const ABSENT: Self = Self::new("absent", "attribute_not_exists(pk)");
    /// The item exists.
    pub const PRESENT: Self = Self::new("present", "attribute_exists(pk)");
    /// The item is still at the version that was read; [`Write::seen`] gives it.
    pub const UNCHANGED: Self = Self::new("unchanged", "version = :seen");

    /// A guard by its name and condition.
    #[must_use]
    pub const fn new(name: &'static str, condition: &'static str) -> Self {
        Self { name, condition: Cow::Borrowed(condition) }
    }

    /// A guard whose condition is composed, for items whose attributes are counted.
    #[must_use]
    pub const fn composed(name: &'static str, condition: String) -> Self {
        Self { name, condition: Cow::Owned(condition) }
    }
}

/// A put, an update, a delete or a bare check of one item, with the guards that must hold together.
#[derive(Debug, Clone)]
pub struct Write {
    pub(crate) key: Key,
    pub(crate) act: Act,
    pub(crate) guards: Vec<Guard>,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Put(HashMap<String, AttributeValue>),
    Update(String),
    Delete,
    Check,
}

impl Write {
    /// Puts the whole row.
    ///
    /// # Errors
    /// A bug when the row cannot be written as attributes.
    pub fn put<R: Row>(row: &R) -> Result<Self, Fault> {
        Self::put_at(row.key(), row, R::SCHEMA)
    }

    /// Puts `fields` under `key` with a schema version: for rows that are written only, such as projections.
    ///
    /// # Errors
    /// A bug when the fields cannot be written as attributes.
    pub fn put_at<T: Serialize>(key: Key, fields: &T, schema: u32) -> Result<Self, Fault> {
        let mut item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(fields).map_err(|error| Fault::bug(format!("row does not write: {error}")))?;
        item.extend(key_attributes(&key));
        item.insert("schema".to_owned(), AttributeValue::N(schema.to_string()));
        Ok(Self::new(key, Act::Put(item)))
    }

    /// Changes attributes by a DynamoDB update expression: `SET available = available - :q`.
    #[must_use]
    pub fn update(key: Key, expression: impl Into<String>) -> Self {
        Self::new(key, Act::Update(expression.into()))
    }

    /// Deletes the item.
    #[must_use]
    pub fn delete(key: Key) -> Self {
        Self::new(key, Act::Delete)
    }

    /// Changes nothing and holds only if its guards hold: for transactions.
    #[must_use]
    pub fn check(key: Key) -> Self {
        Self::new(key, Act::Check)
    }

    fn new(key: Key, act: Act) -> Self {
        Self { key, act, guards: Vec::new(), names: HashMap::new(), values: HashMap::new() }
    }

    /// Only if `guard` holds too.
    #[must_use]
    pub fn when(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// Only if the item is at the version that was read: `0` means it must not exist.
    #[must_use]
    pub fn seen(self, version: u64) -> Self {
        if version == 0 { self.when(Guard::ABSENT) } else { self.when(Guard::UNCHANGED).number(":seen", version) }
    }

    /// What a placeholder `#name` stands for.
    #[must_use]
    pub fn name(mut self, placeholder: &str, attribute: impl Into<String>) -> Self {
        self.names.insert(placeholder.to_owned(), attribute.into());
        self
    }

    /// What a placeholder `:value` stands for, as an integer.
    #[must_use]
    pub fn number(mut self, placeholder: &str, value: impl std::fmt::Display) -> Self {
        self.values.insert(placeholder.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    /// What a placeholder `:value` stands for, as a text.
    #[must_use]
    pub fn text(mut self, placeholder: &str, value: impl Into<String>) -> Self {
        self.values.insert(placeholder.to_owned(), AttributeValue::S(value.into()));
        self
    }

    /// What a placeholder `:value` stands for, as whatever `value` serializes to.
    ///
    /// # Errors
    /// A bug when it cannot be written as an attribute.
    pub fn value<T: Serialize>(mut self, placeholder: &str, value: &T) -> Result<Self, Fault> {
        let attribute: AttributeValue = serde_dynamo::to_attribute_value(value)
            .map_err(|error| Fault::bug(format!("value does not write: {error}")))?;
        self.values.insert(placeholder.to_owned(), attribute);
        Ok(self)
    }

    /// The key of the item this writes.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn condition(&self) -> Option<String> {
        match self.guards.as_slice() {
            [] => None,
            [one] => Some(one.condition.clone().into_owned()),
            many => Some(many.iter().map(|guard| format!("({})", guard.condition)).collect::<Vec<_>>().join(" AND ")),
        }
    }

    /// The names of the guards, for a refusal.
    pub(crate) fn guard_names(&self) -> String {
        self.guards.iter().map(|guard| guard.name).collect::<Vec<_>>().join("+")
    }
}

pub(crate) fn key_attributes(key: &Key) -> HashMap<String, AttributeValue> {
    let mut attributes = HashMap::from([("pk".to_owned(), AttributeValue::S(key.pk.clone()))]);
    if let Some(sk) = &key.sk {
        attributes.insert("sk".to_owned(), AttributeValue::S(sk.clone()));
    }
    attributes
}

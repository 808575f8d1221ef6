//! Reading many items in the order of their keys.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Which items of one partition, in which order, from where on.
#[derive(Debug, Clone)]
pub struct Query {
    pub(crate) index: Option<&'static str>,
    pub(crate) condition: &'static str,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
    pub(crate) descending: bool,
    pub(crate) limit: i32,
    pub(crate) after: Option<HashMap<String, AttributeValue>>,
}

impl Query {
    /// The items for which a key condition holds: `pk = :pk`, `owner = :owner`.
    #[must_use]
    pub fn new(condition: &'static str) -> Self {
        Self {
            index: None,
            condition,
            names: HashMap::new(),
            values: HashMap::new(),
            descending: false,
            limit: 100,
            after: None,
        }
    }

    /// In an index of the table.
    #[must_use]
    pub const fn index(mut self, name: &'static str) -> Self {
        self.index = Some(name);
        self
    }

    /// What a placeholder `#name` stands for.
    #[must_use]
    pub fn name(mut self, placeholder: &str, attribute: impl Into<String>) -> Self {
        self.names.insert(placeholder.to_owned(), attribute.into());
        self
    }

    /// What a placeholder stands for, as a text.
    #[must_use]
    pub fn text(mut self, placeholder: &str, value: impl Into<String>) -> Self {
        self.values.insert(placeholder.to_owned(), AttributeValue::S(value.into()));
        self
    }

    /// What a placeholder stands for, as a number.
    #[must_use]
    pub fn number(mut self, placeholder: &str, value: impl std::fmt::Display) -> Self {
        self.values.insert(placeholder.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    /// Newest first.
    #[must_use]
    pub const fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, items: usize) -> Self {
        self.limit = i32::try_from(items).unwrap_or(i32::MAX);
        self
    }

    /// From where an earlier page ended; the texts are that page's [`Page::next`].
    #[must_use]
    pub fn after(mut self, position: &[(String, String)]) -> Self {
        let attributes = position.iter().map(|(name, value)| {
            let attribute = value.strip_prefix("N:").map_or_else(
                || AttributeValue::S(value.strip_prefix("S:").unwrap_or(value).to_owned()),
                |digits| AttributeValue::N(digits.to_owned()),
            );
            (name.clone(), attribute)
        });
        self.after = Some(attributes.collect());
        self
    }
}

/// Some of the items, and where the next ones begin.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Names and values (`S:text` or `N:digits`) of the last key, when there is more.
    pub next: Option<Vec<(String, String)>>,
}

pub(crate) fn position(key: HashMap<String, AttributeValue>) -> Vec<(String, String)> {
    let mut position: Vec<(String, String)> = key
        .into_iter()
        .filter_map(|(name, value)| match value {
            AttributeValue::S(text) => Some((name, format!("S:{text}"))),
            AttributeValue::N(digits) => Some((name, format!("N:{digits}"))),
            _ => None,
        })
        .collect();
    position.sort();
    position
}

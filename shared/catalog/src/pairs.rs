//! Names with values, in the order in which they were written: what a shop says about a thing has an order.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Attributes or options. In JSON an object whose members keep their order; a name that comes twice is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Pairs {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Pairs;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Pairs::default();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            if pairs.get(&name).is_some() {
                return Err(serde::de::Error::custom(format!("the name `{name}` comes twice")));
            }
            pairs.0.push((name, value));
        }
        Ok(pairs)
    }
}

/// How rows keep pairs: a list of two-element lists, since a table's maps have no order.
pub(crate) mod listed {
    use super::Pairs;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(pairs: &Pairs, serializer: S) -> Result<S::Ok, S::Error> {
        pairs.0.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        Vec::deserialize(deserializer).map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::Pairs;

    #[test]
    fn pairs_keep_their_order_and_refuse_a_name_twice() {
        let text = r#"{"Ingredients":"oats","Age":"2","Best before":"2027"}"#;
        let pairs: Pairs = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&pairs).unwrap(), text);
        assert_eq!(pairs.get("Age"), Some("2"));
        assert!(serde_json::from_str::<Pairs>(r#"{"a":"1","a":"2"}"#).is_err());
    }
}

//! The contract of feeds, for people: its fields, and how a mapping is written. The formats are [`crate::feeds::ALL`], the rules
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

/// A mapping that shows all that mappings can say.
pub const MAPPING_EXAMPLE: &str = r#"{
  "fields": {
    "sku": {"hash_of": ["name", "speed", "modules"]},
    "name": "name",
    "price": ["sale_price", "list_price"],
    "stock": {"constant": "5"}
  },
  "currency": "EUR",
  "decimal": "comma",
  "options": ["color"],
  "vocabulary": "plain",
  "image_base": "https://example.com/pictures/"
}"#;

/// The members of a mapping, each with what it says.
pub const MAPPING_MEMBERS: &[(&str, &str)] = &[
    (
        "fields",
        "For each of our fields where its value stands: the name of one of yours, several of which the first that says something \
         counts, {\"constant\": \"5\"} for all rows, or {\"hash_of\": [\"name\", \"speed\"]}, which makes a SKU of yours that have none: \
         the same values make the same SKU.",
    ),
    ("currency", "The currency of prices that name none, by its three letters."),
    (
        "decimal",
        "How prices are written: comma (1.299,00), point (1,299.00) or auto, which takes what is clear and refuses the rest.",
    ),
    ("options", "Your fields in which the variants of a product differ."),
    ("vocabulary", "The names to build on, where they are not the ones that your fields' names speak for."),
    ("image_base", "What goes before the address of a picture that is only a path."),
];

#[cfg(test)]
mod tests {
    use super::{MAPPING_EXAMPLE, MAPPING_MEMBERS};
    use crate::mapping::{Mapping, Target};
    use std::collections::BTreeSet;

    #[test]
    fn the_example_of_a_mapping_is_one_and_shows_each_member() {
        let mapping = Mapping::from_json(MAPPING_EXAMPLE).unwrap();
        let written = serde_json::to_value(&mapping).unwrap();
        let shown: BTreeSet<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(shown, MAPPING_MEMBERS.iter().map(|(member, _)| *member).collect());
    }

    #[test]
    fn each_field_that_a_mapping_may_name_is_told_once_and_read_by_its_name() {
        let names: BTreeSet<&str> = Target::ALL.iter().map(|target| target.name()).collect();
        assert_eq!(names.len(), Target::ALL.len());
        for target in Target::ALL {
            let text = format!(r#"{{"fields": {{"{}": "x"}}}}"#, target.name());
            assert!(Mapping::from_json(&text).unwrap().fields.contains_key(&target), "{text}");
            assert!(!target.about().is_empty());
        }
        let page = include_str!("../../../docs/how-to/map-a-feed.md");
        for name in names {
            assert!(page.contains(&format!("`{name}`")), "docs/how-to/map-a-feed.md does not name {name}");
        }
    }
}

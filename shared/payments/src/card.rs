//! All that is kept of a card.

use kernel::card::contains_card_number;
use serde::{Deserialize, Serialize};

/// What support needs to verify a method, and nothing that could be charged. The token is kept apart, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// `visa`: at most 32 lower-case letters, digits, spaces and hyphens.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// 1–12.
    pub exp_month: u8,
    /// Four digits.
    pub exp_year: u16,
    /// The provider's name for this card, the same for every token of it: at most 64 letters, digits, `_` and `-`.
    pub fingerprint: String,
}

impl Card {
    /// The names of what is kept: the allow-list.
    pub const KEPT: [&str; 5] = ["brand", "last4", "exp_month", "exp_year", "fingerprint"];

    /// What may be kept of a card as a provider describes it; `None` when it does not read, or when a field holds what
    /// does not belong there, such as a card number.
    #[must_use]
    pub fn kept_of(described: &serde_json::Value) -> Option<Self> {
        let text = |name: &str| described.get(name)?.as_str();
        let number = |name: &str| described.get(name)?.as_u64();
        let card = Self {
            brand: text("brand")?.to_lowercase(),
            last4: text("last4")?.to_owned(),
            exp_month: number("exp_month")?.try_into().ok()?,
            exp_year: number("exp_year")?.try_into().ok()?,
            fingerprint: text("fingerprint")?.to_owned(),
        };
        card.holds().then_some(card)
    }

    fn holds(&self) -> bool {
        let brand = (1..=32).contains(&self.brand.len())
            && self.brand.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b' ' | b'-'))
            && !contains_card_number(self.brand.as_bytes());
        let last4 = self.last4.len() == 4 && self.last4.bytes().all(|b| b.is_ascii_digit());
        let fingerprint = self.fingerprint.len() <= 64
            && self.fingerprint.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            && !contains_card_number(self.fingerprint.as_bytes());
        brand && last4 && fingerprint && (1..=12).contains(&self.exp_month) && (2000..=2100).contains(&self.exp_year)
    }
}

#[cfg(test)]
mod tests {
    use super::Card;
    use kernel::card::contains_card_number;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn described() -> Value {
        json!({"brand": "Visa", "last4": "4242", "exp_month": 12, "exp_year": 2031, "fingerprint": "fp_1"})
    }

    #[test]
    fn what_support_needs_is_kept() {
        let card = Card::kept_of(&described()).unwrap();
        assert_eq!(
            (card.brand.as_str(), card.last4.as_str(), card.exp_month, card.exp_year),
            ("visa", "4242", 12, 2031)
        );
    }

    // Proves: S0-06
    #[test]
    fn a_field_that_holds_something_else_keeps_nothing() {
        for (field, value) in [
            ("brand", json!("4242424242424242")),
            ("brand", json!("4242 4242 4242 4242")),
            ("brand", json!("")),
            ("brand", json!("v".repeat(33))),
            ("brand", json!("Visa™")),
            ("last4", json!("4242424242424242")),
            ("last4", json!("42a2")),
            ("last4", json!(4242)),
            ("exp_month", json!(13)),
            ("exp_month", json!(300)),
            ("exp_month", json!("12")),
            ("exp_year", json!(31)),
            ("exp_year", json!(99_999)),
            ("fingerprint", json!("4242424242424242")),
            ("fingerprint", json!("f".repeat(65))),
            ("fingerprint", json!("f p")),
            ("fingerprint", Value::Null),
        ] {
            let mut card = described();
            card[field] = value.clone();
            assert_eq!(Card::kept_of(&card), None, "{field} = {value}");
        }
        assert_eq!(Card::kept_of(&Value::Null), None);
    }

    proptest! {
        // Proves: S0-06, S0-05
        #[test]
        fn a_record_of_a_card_holds_nothing_outside_the_allow_list(
            extra in proptest::collection::btree_map("[a-z_]{1,12}", "[ -~]{0,24}", 0..8),
            number in prop_oneof!["4242424242424242", "5555 5555 5555 4444", "378282246310005"],
            place in prop_oneof!["number", "pan", "brand", "fingerprint", "cvc", "holder"],
        ) {
            let mut fields: Map<String, Value> = extra.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
            if let Value::Object(described) = described() {
                fields.extend(described);
            }
            fields.insert(place, Value::from(number));
            if let Some(card) = Card::kept_of(&Value::Object(fields)) {
                let kept = serde_json::to_value(&card).unwrap();
                for name in kept.as_object().unwrap().keys() {
                    prop_assert!(Card::KEPT.contains(&name.as_str()), "{} is kept", name);
                }
                prop_assert!(!contains_card_number(kept.to_string().as_bytes()));
            }
        }
    }
}

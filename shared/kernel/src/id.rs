//! The names of things. Each is a type of its own, checked once where it enters.

use ring::digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is not the id it was taken for, in words for the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

/// An id type over a text: `parse` checks it, `as_str` gives it back.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr, $refusal:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id in `text`.
            ///
            /// # Errors
            /// [`Malformed`] with the rule that `text` breaks.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let valid: fn(&str) -> bool = $check;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(Malformed($refusal)) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

text_id!(
    /// A product: 1–64 of `a–z 0–9 -`, chosen when the product is made (`cold-brew-kit`).
    ProductId,
    |t| (1..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
    "a product id is 1 to 64 lower-case letters, digits and hyphens"
);
text_id!(
    /// A stock keeping unit: what is counted, priced and sold. 1–128 visible ASCII characters without `#`, `"` or
    /// `\`, so that it can stand in a key and in a log line.
    Sku,
    |t| (1..=128).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'\\')),
    "a SKU is 1 to 128 visible ASCII characters without # \" or \\"
);
text_id!(
    /// An order: 26 characters of Crockford's base 32, derived from who asked and with which key (see
    /// [`derived`]).
    OrderId,
    is_base32_26,
    "an order id is 26 letters and digits"
);
text_id!(
    /// A flash sale.
    SaleId,
    is_base32_26,
    "a sale id is 26 letters and digits"
);
text_id!(
    /// A partner: somebody whose products the shop sells.
    PartnerId,
    is_base32_26,
    "a partner id is 26 letters and digits"
);
text_id!(
    /// A job that reads one feed of a partner.
    JobId,
    is_base32_26,
    "a job id is 26 letters and digits"
);
text_id!(
    /// A guest, as the signed cookie names it.
    GuestId,
    is_base32_26,
    "a guest id is 26 letters and digits"
);
text_id!(
    /// A registered customer.
    CustomerId,
    is_base32_26,
    "a customer id is 26 letters and digits"
);
text_id!(
    /// An AWS region, which is also the home of the rows that are written there.
    Region,
    |t| (1..=32).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
    "a region is named like eu-central-1"
);

/// An e-mail address, lower-cased in its domain; at most 255 characters. It does not print: see
/// [`crate::mask::email`] for what people may see.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address in `text`.
    ///
    /// # Errors
    /// [`Malformed`] when there is not one `@` with a local part of 1–64 before it and a domain with a dot after.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        const REFUSAL: Malformed = Malformed("an e-mail address looks like name@example.com");
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(REFUSAL)?;
        let labels_hold = domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        let local_holds = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        if text.len() <= 255 && domain.contains('.') && labels_hold && local_holds {
            Ok(Self(format!("{local}@{}", domain.to_lowercase())))
        } else {
            Err(REFUSAL)
        }
    }

    /// The address in the clear: for sealing, for sending mail, for nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Email(…)")
    }
}

impl TryFrom<String> for Email {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

fn is_base32_26(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| ALPHABET.contains(&b))
}

/// Crockford's base 32, lower-case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 26 characters for 16 bytes: how every id that is drawn or derived is written.
#[must_use]
pub fn encode(bytes: [u8; 16]) -> String {
    let value = u128::from_be_bytes(bytes);
    (0..26)
        .rev()
        .map(|place| {
            let index = usize::try_from((value >> (place * 5)) & 31).unwrap_or(0);
            char::from(ALPHABET[index])
        })
        .collect()
}

/// An id that is the same whenever it is derived from the same parts: the first 16 bytes of SHA-256 over the parts,
/// each led by its length, so that no two lists of parts run together.
#[must_use]
pub fn derived(parts: &[&str]) -> String {
    let mut digest = digest::Context::new(&digest::SHA256);
    for part in parts {
        digest.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut first = [0; 16];
    first.copy_from_slice(&digest.finish().as_ref()[..16]);
    encode(first)
}

/// SHA-256 of `bytes` in lower-case hex: how secrets are looked up and how people appear in logs.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Email, OrderId, Sku, derived, encode};

    #[test]
    fn an_id_of_zeros_and_of_ones_has_26_characters() {
        assert_eq!(encode([0; 16]), "00000000000000000000000000");
        assert_eq!(encode([255; 16]), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert!(OrderId::parse(&encode([7; 16])).is_ok());
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
        assert_eq!(derived(&["ab", "c"]), derived(&["ab", "c"]));
    }

    #[test]
    fn addresses_are_checked_and_never_printed() {
        for good in ["ada@example.com", "o'brien+shop@Example.CO.UK", "jürgen@bücher.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "ada", "@example.com", "ada@", "ada@example", "a b@example.com", "a@b@c.d", "a@.com", "<x>@e.com"]
        {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Email::parse("ada@example.com").unwrap()), "Email(…)");
    }

    #[test]
    fn a_sku_cannot_break_a_key() {
        assert!(Sku::parse("404.038.96").is_ok());
        assert!(Sku::parse("A#B").is_err() && Sku::parse("a b").is_err() && Sku::parse("").is_err());
    }
}

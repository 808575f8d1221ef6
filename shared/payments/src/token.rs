//! What stands for a card or an account at its provider.

use kernel::card::contains_card_number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A payment token: 1 to 255 visible ASCII characters, and never a card number. It does not print; it is kept under a
/// seal that only the payment functions can open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a payment token is 1 to 255 visible ASCII characters and no card number")]
pub struct NotAToken;

impl Token {
    /// The token in `text`.
    ///
    /// # Errors
    /// [`NotAToken`].
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let visible = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if visible && !contains_card_number(text.as_bytes()) { Ok(Self(text.to_owned())) } else { Err(NotAToken) }
    }

    /// The token in the clear: for its provider and for sealing, for nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

impl TryFrom<String> for Token {
    type Error = NotAToken;
    fn try_from(text: String) -> Result<Self, NotAToken> {
        Self::parse(&text)
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.0
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    // Proves: S3-19
    #[test]
    fn a_token_is_visible_text_and_no_card_number() {
        assert_eq!(Token::parse("tok_approve").unwrap().reveal(), "tok_approve");
        for bad in ["", "tok approve", "tök", "4242424242424242", "tok_4242-4242-4242-4242", &"t".repeat(256)] {
            assert!(Token::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_does_not_print_and_reads_back_as_it_was_written() {
        let token = Token::parse("tok_approve").unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        let json = serde_json::to_string(&token).unwrap();
        assert_eq!(serde_json::from_str::<Token>(&json).unwrap(), token);
        assert!(serde_json::from_str::<Token>("\"4242424242424242\"").is_err());
    }
}

//! What a provider says of a payment, in our words.

use crate::card::Card;
use kernel::{Amount, Instant, Money};

/// What a shopper has to do before a payment can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Go to that address, approve the payment and come back.
    Redirect {
        /// Where to.
        url: String,
    },
    /// Send exactly that to an address.
    Transfer {
        /// Where to.
        address: String,
        /// How much of what: `0.00053507 BTC`.
        amount: String,
        /// Until when the amount stands.
        expires_at: Instant,
    },
}

impl Action {
    /// Sends a shopper to a page of their provider's: over https, or on this machine, and short enough to be kept.
    #[must_use]
    pub fn redirect(url: String) -> Option<Self> {
        let fits = url.len() <= 255 && url.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        (fits && outbound::Target::parse(&url).is_ok()).then_some(Self::Redirect { url })
    }

    /// Asks a shopper to pay to an address: letters and digits, as they are shown and copied.
    #[must_use]
    pub fn transfer(address: String, amount: String, expires_at: Instant) -> Option<Self> {
        let plain = |text: &str, most: usize, also: &[u8]| {
            (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
        };
        let fits = plain(&address, 128, b":") && plain(&amount, 40, b". ");
        fits.then_some(Self::Transfer { address, amount, expires_at })
    }
}

/// Where the provider says that a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The shopper has to do something first.
    RequiresAction(Action),
    /// It is not decided yet.
    Processing,
    /// Promised or approved, not taken.
    Authorized,
    /// Taken; perhaps some of it has gone back.
    Captured,
    /// The promise was given back.
    Voided,
    /// Refused, with the provider's reason.
    Declined {
        /// `insufficient_funds` …
        code: String,
    },
    /// All of it has gone back.
    Refunded,
    /// A word that we do not know.
    Unknown {
        /// The word.
        word: String,
    },
}

/// What a provider says of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The provider's name of it.
    pub payment_id: String,
    /// Our reference: the order's id.
    pub reference: String,
    /// Which attempt of the order it answers, when the provider says.
    pub attempt: Option<u32>,
    /// Where it stands.
    pub standing: Standing,
    /// How much was asked for.
    pub amount: Money,
    /// How much has gone back.
    pub refunded: Amount,
    /// What may be kept of the card.
    pub card: Option<Card>,
}

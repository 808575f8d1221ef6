//! What a provider says of a payment, in our words.

use crate::card::Card;
use kernel::{Amount, Money};

/// Where the provider says that a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The shopper has to go to that address first.
    RequiresAction {
        /// Where to.
        url: String,
    },
    /// It is not decided yet.
    Processing,
    /// Promised, not taken.
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

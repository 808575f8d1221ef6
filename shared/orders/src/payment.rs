//! The payment inside an order.

use crate::payment_state::{Action, PaymentState, apply, refund_of};
use kernel::{Amount, Instant, Role};
use serde::{Deserialize, Serialize};

/// How often a provider is called for one payment, for ever: the first call and three more.
pub const CALLS_MOST: u32 = 4;

/// What is kept of a card for support: nothing that could be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// 1–12.
    pub exp_month: u8,
    /// Four digits.
    pub exp_year: u16,
    /// The provider's name of the card, the same for each token of it.
    pub fingerprint: String,
}

/// What a shopper has to do before a payment can be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Errand {
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

/// An errand and the payment that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The provider's name of the payment.
    pub payment: String,
    /// What it wants.
    pub errand: Errand,
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its number in the order, from 1.
    pub refund: u32,
    /// How much.
    pub amount: Amount,
    /// Whether the provider has done it.
    pub done: bool,
}

/// The payment of an order: the last one that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Which method.
    pub method: String,
    /// The how-manieth of this order, from 1: part of the provider's idempotency key.
    pub attempt: u32,
    /// Where it stands.
    pub state: PaymentState,
    /// How often the provider was called for it.
    pub calls: u32,
    /// When somebody last took it in hand.
    pub taken_at: Instant,
    /// Whether a request said that it does not know the outcome: then nobody is at work on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// The provider's name of it, once captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the shopper has to do, or has done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// What is kept of the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// What goes or went back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
}

impl Payment {
    /// Lets the state follow what happened, where the table has such a line; elsewhere it stays as it is.
    pub(crate) fn advance(&mut self, action: Action) {
        let role = if action == Action::Try { Role::Customer } else { Role::System };
        if let Ok(to) = apply(self.state, action, role) {
            self.state = to;
        }
    }

    /// One refund is done, of a payment of `total`.
    pub(crate) fn went_back(&mut self, refund: u32, total: Amount) {
        let before: Amount = self.refunds.iter().filter(|known| known.done).map(|known| known.amount).sum();
        let Some(known) = self.refunds.iter_mut().find(|known| known.refund == refund && !known.done) else {
            return;
        };
        known.done = true;
        if let Some(action) = refund_of(known.amount, before, total) {
            self.advance(action);
        }
    }

    /// What went back or is about to.
    #[must_use]
    pub fn refunded(&self) -> Amount {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Whether it waits for the shopper to do something.
    #[must_use]
    pub const fn is_on_errand(&self) -> bool {
        matches!(self.state, PaymentState::RequiresAction)
    }

    /// Whether the shopper may turn to another way to pay: while they have only been sent to approve this one, which can be
    /// given back. What was asked for at an address may already be on its way.
    #[must_use]
    pub const fn can_be_left(&self) -> bool {
        self.is_on_errand() && matches!(self.given, Some(Given { errand: Errand::Redirect { .. }, .. }))
    }

    /// Whether nobody knows yet what becomes of it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, PaymentState::Processing | PaymentState::Authorized | PaymentState::RequiresAction)
    }
}

//! What can happen to an order. The state of an order is the fold of its events over what was placed; an event never
//! repeats the state, and stays under 200 bytes.

use crate::payment::{Card, Errand};
use kernel::{Amount, Instant, Sku};
use serde::{Deserialize, Serialize};

/// One thing that happened: who, when, what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// Who, as [`kernel::Principal`] names them.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Units of one SKU in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// The order was placed; what was ordered stands beside the events.
    Placed,
    /// All of its stock is held.
    Held,
    /// A payment begins: the first call to the provider comes next.
    PaymentStarted {
        /// Which method.
        method: String,
        /// The how-manieth payment of this order, from 1.
        attempt: u32,
    },
    /// The provider is called once more.
    PaymentRetried {
        /// The how-manieth call of this payment, from 2.
        call: u32,
    },
    /// Another environment goes on with an attempt that was left lying.
    TakenOver,
    /// The provider did not say what became of the payment.
    PaymentUndecided,
    /// The provider wants something of the shopper first.
    ErrandGiven {
        /// The provider's name of the payment.
        payment: String,
        /// What it wants.
        errand: Errand,
    },
    /// The shopper has done it and is back: the money is taken next.
    ErrandDone,
    /// The shopper turned to another way to pay; what was approved of this one is given back.
    PaymentLeft,
    /// The money is captured.
    Paid {
        /// The provider's name of the payment.
        payment: String,
        /// What the provider keeps of the card, if it was one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        card: Option<Card>,
    },
    /// The provider declined, and another payment may be tried.
    PaymentDeclined,
    /// The provider declined, and the order is over.
    Declined,
    /// The time to pay is over.
    Expired,
    /// Called off.
    Cancelled {
        /// Why, in a few words.
        reason: String,
    },
    /// Lines were put into a parcel.
    Packed {
        /// The parcel's number in this order, from 1.
        parcel: u32,
        /// What is in it.
        units: Vec<Units>,
    },
    /// A parcel was handed over.
    Shipped {
        /// Which.
        parcel: u32,
        /// To whom.
        carrier: String,
        /// Under which number.
        tracking: String,
    },
    /// A parcel has arrived.
    Delivered {
        /// Which.
        parcel: u32,
    },
    /// Money is to go back.
    RefundRequested {
        /// The refund's number in this order, from 1.
        refund: u32,
        /// How much, in minor units of the order's currency.
        amount: Amount,
    },
    /// Money went back.
    Refunded {
        /// Which refund.
        refund: u32,
    },
}

impl What {
    /// The event's name as it is stored and sent.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Held => "held",
            Self::PaymentStarted { .. } => "payment_started",
            Self::PaymentRetried { .. } => "payment_retried",
            Self::TakenOver => "taken_over",
            Self::PaymentUndecided => "payment_undecided",
            Self::ErrandGiven { .. } => "errand_given",
            Self::ErrandDone => "errand_done",
            Self::PaymentLeft => "payment_left",
            Self::Paid { .. } => "paid",
            Self::PaymentDeclined => "payment_declined",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::Packed { .. } => "packed",
            Self::Shipped { .. } => "shipped",
            Self::Delivered { .. } => "delivered",
            Self::RefundRequested { .. } => "refund_requested",
            Self::Refunded { .. } => "refunded",
        }
    }
}

//! What the outcome of a payment means for an order. Pure, and the same whoever learns of it: the request that paid, a
//! retry, the provider's event, the reconciliation. The same outcome twice changes nothing.

use kernel::{Fault, Instant};
use orders::cancel::refund_rest;
use orders::{Card, Given, Order, State, Told, What};

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The money is taken.
    Captured {
        /// The provider's name of the payment.
        payment: String,
        /// What is kept of the card.
        card: Option<Card>,
    },
    /// The provider says no.
    Declined,
    /// The provider has not said.
    Undecided,
    /// The provider wants something of the shopper first.
    Waits(Given),
}

/// Who learned of it, and when.
#[derive(Debug, Clone)]
pub struct Learned {
    /// As [`kernel::Principal`] names them.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The ids that a refusal is told with.
    pub told: Told,
}

/// Lets the order follow the outcome of its payment number `attempt`. Answers whether that changed it.
///
/// # Errors
/// A bug when money was taken twice for one order, which the provider's ledger must not allow.
pub fn settle(order: &mut Order, attempt: u32, outcome: &Outcome, learned: &Learned) -> Result<bool, Fault> {
    let Some(payment) = order.payment.clone() else {
        return Err(Fault::bug("an outcome for an order that nobody pays"));
    };
    match outcome {
        Outcome::Captured { payment: id, card } => match &payment.id {
            Some(known) if known == id => Ok(false),
            Some(known) => Err(Fault::bug(format!("order {} was captured as {known} and as {id}", order.id()))),
            None => {
                order.happen(learned.at, &learned.by, What::Paid { payment: id.clone(), card: card.clone() });
                order.token = None;
                if order.state.is_over() {
                    refund_rest(order, &learned.by, learned.at);
                } else {
                    answer(order, 201, None);
                }
                Ok(true)
            }
        },
        // What an earlier attempt was told no longer matters once it failed.
        _ if payment.attempt != attempt || !payment.is_open() || order.state != State::PendingPayment => Ok(false),
        Outcome::Declined => {
            let ends = placing_is_open(order);
            let what = if ends { What::Declined } else { What::PaymentDeclined };
            order.happen(learned.at, &learned.by, what);
            order.token = None;
            answer(order, 402, Some(learned.told.clone()));
            Ok(true)
        }
        Outcome::Waits(given) if payment.is_on_errand() && payment.given.as_ref() == Some(given) => Ok(false),
        Outcome::Waits(Given { payment: id, errand }) => {
            let (payment, errand) = (id.clone(), errand.clone());
            order.happen(learned.at, &learned.by, What::ErrandGiven { payment, errand });
            order.token = None;
            Ok(true)
        }
        Outcome::Undecided if payment.undecided => Ok(false),
        Outcome::Undecided => {
            order.happen(learned.at, &learned.by, What::PaymentUndecided);
            Ok(true)
        }
    }
}

/// Why an order that cannot be held ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// The stock is gone.
    OutOfStock,
    /// The customer has as many of the sale as one may take.
    SaleLimit,
}

impl Short {
    /// The reason as the order's event keeps it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::SaleLimit => "sale_limit_reached",
        }
    }
}

/// What the order holds is not to be had: it ends, and its placing is answered 409. Answers whether that changed it.
pub fn sold_out(order: &mut Order, why: Short, learned: &Learned) -> bool {
    if order.state != State::PendingPayment {
        return false;
    }
    order.happen(learned.at, &learned.by, What::Cancelled { reason: why.name().to_owned() });
    order.token = None;
    answer(order, 409, Some(learned.told.clone()));
    true
}

/// The time to pay is over. Answers whether that changed the order.
pub fn expire(order: &mut Order, learned: &Learned) -> bool {
    if order.state != State::PendingPayment {
        return false;
    }
    order.happen(learned.at, &learned.by, What::Expired);
    order.token = None;
    answer(order, 402, Some(learned.told.clone()));
    true
}

/// All stock is held and nothing is paid yet: the order waits. Answers whether that changed it.
pub fn held(order: &mut Order, learned: &Learned) -> bool {
    let known = order.events.iter().any(|event| event.what == What::Held);
    if order.state != State::PendingPayment || order.payment.is_some() || known {
        return false;
    }
    order.happen(learned.at, &learned.by, What::Held);
    answer(order, 201, None);
    true
}

/// Whether the request that placed the order still waits for its answer: then a decline ends the order. A later
/// payment may be tried again.
fn placing_is_open(order: &Order) -> bool {
    order.answers.first().is_some_and(|answer| answer.status.is_none())
}

/// Gives the open requests their answer, at the order's version as it is now: the one that placed the order still waits for
/// its own when the shopper comes back from their errand with another.
fn answer(order: &mut Order, status: u16, told: Option<Told>) {
    let version = order.version;
    for open in order.answers.iter_mut().filter(|answer| answer.status.is_none()) {
        open.status = Some(status);
        open.version = version;
        open.told.clone_from(&told);
    }
}

//! What the rest of the shop is told when an order changes. Pure: from the stored order before and after a change.

use crate::event::What;
use crate::order::Order;
use crate::state::State;
use kernel::Sku;
use std::collections::BTreeMap;

/// One thing somebody has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The order can run out of time: look at it when it does.
    Due,
    /// A payment began and is not decided: look after it.
    PaymentOpen,
    /// The order was paid: its holds become sales.
    Commit,
    /// The order ended unpaid: its holds go back.
    Release,
    /// The order was paid and is called off: its sales go back.
    Restock,
    /// Money goes back.
    Refund {
        /// Which refund of the order.
        refund: u32,
    },
    /// Somebody is written to.
    Mail(Letter),
    /// The lists and counters follow.
    Project,
}

/// What the shopper is told by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// Thank you, it is paid.
    Confirmation,
    /// A parcel is on its way.
    Shipped,
    /// It is called off.
    Cancelled,
    /// The money is on its way back.
    Refunded,
}

/// The message that asks for one refund.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefundAsked {
    /// Of which order.
    pub order: kernel::OrderId,
    /// Which refund of it.
    pub refund: u32,
}

/// The message that asks for one letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LetterAsked {
    /// About which order.
    pub order: kernel::OrderId,
    /// Which letter.
    pub letter: Letter,
    /// The version of the order that it is about: a repeat is the same letter.
    pub version: u64,
}

/// What follows from the events that `new` has and `old` has not.
#[must_use]
pub fn notices(old: Option<&Order>, new: &Order) -> Vec<Notice> {
    let seen = old.map_or(0, |order| order.events.len());
    let mut was_paid = old.is_some_and(|order| order.state.is_sold());
    let mut notices = Vec::new();
    for event in new.events.iter().skip(seen) {
        match &event.what {
            What::Placed => notices.push(Notice::Due),
            What::PaymentStarted { .. } | What::PaymentUndecided | What::ErrandDone => {
                notices.push(Notice::PaymentOpen)
            }
            What::Paid { .. } => {
                // Money that arrives for an order that is over changes no stock: it goes back.
                if new.state.is_sold() || !over_before(new, event) {
                    was_paid = true;
                    notices.extend([Notice::Commit, Notice::Mail(Letter::Confirmation)]);
                }
            }
            What::Declined | What::Expired => notices.push(Notice::Release),
            What::Cancelled { .. } if was_paid => notices.extend([Notice::Restock, Notice::Mail(Letter::Cancelled)]),
            What::Cancelled { .. } => notices.push(Notice::Release),
            What::RefundRequested { refund, .. } => notices.push(Notice::Refund { refund: *refund }),
            What::Refunded { .. } => notices.push(Notice::Mail(Letter::Refunded)),
            What::Shipped { .. } => notices.push(Notice::Mail(Letter::Shipped)),
            What::Held
            | What::PaymentRetried { .. }
            | What::TakenOver
            | What::ErrandGiven { .. }
            | What::PaymentLeft
            | What::PaymentDeclined
            | What::Packed { .. }
            | What::Delivered { .. } => {}
        }
    }
    if new.payment.as_ref().is_none_or(|payment| !payment.is_open()) {
        notices.retain(|notice| *notice != Notice::PaymentOpen);
    }
    if new.state != State::PendingPayment {
        notices.retain(|notice| *notice != Notice::Due);
    }
    notices.dedup();
    notices.push(Notice::Project);
    notices
}

/// Whether the order was over before that event.
fn over_before(order: &Order, event: &crate::event::Event) -> bool {
    order
        .events
        .iter()
        .take_while(|known| *known != event)
        .any(|known| matches!(known.what, What::Declined | What::Expired | What::Cancelled { .. }))
}

/// What an order holds of the stock: units of each SKU and the cell that was chosen. A limited coupon is stock too, and so
/// is what the customer may take of a sale.
#[must_use]
pub fn holds(order: &Order) -> Vec<(Sku, u32, u32)> {
    let mut holds: BTreeMap<Sku, (u32, u32)> = BTreeMap::new();
    for line in &order.placed.lines {
        let entry = holds.entry(line.sku.clone()).or_insert((0, line.cell));
        entry.0 += line.quantity;
    }
    for applied in order.placed.promotions.iter().filter(|applied| applied.limited) {
        if let Ok(sku) = Sku::parse(&format!("COUPON:{}", applied.code)) {
            holds.insert(sku, (1, 0));
        }
    }
    if let Some(in_sale) = &order.placed.in_sale {
        holds.insert(in_sale.allowance.clone(), (order.units(), 0));
    }
    holds.into_iter().map(|(sku, (quantity, cell))| (sku, quantity, cell)).collect()
}

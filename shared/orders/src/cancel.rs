//! Calling an order off: a pure step.

use crate::event::What;
use crate::order::Order;
use crate::payment_state::PaymentState;
use crate::state::Action;
use kernel::{Amount, Fault, Instant, Kind, Principal};
use std::time::Duration;

/// Calls the order off. What was captured is to go back.
///
/// # Errors
/// Conflict when a parcel is packed, when the payment is being decided at this moment, or when the order is over.
pub fn cancel(order: &mut Order, reason: &str, by: &Principal, now: Instant) -> Result<(), Fault> {
    order.allow(Action::Cancel, by.role())?;
    if !order.parcels().is_empty() {
        let detail = "Part of this order is packed. Once it has arrived it can be returned.";
        return Err(Fault::new(Kind::Conflict, "already_packed", detail));
    }
    // What waits for the shopper is not being decided: whatever comes of it after all goes back.
    if order.payment.as_ref().is_some_and(|payment| payment.is_open() && !payment.is_on_errand()) {
        let detail = "The payment of this order is being decided. Please try again shortly.";
        return Err(Fault::new(Kind::Conflict, "payment_in_progress", detail).retry_after(Duration::from_secs(5)));
    }
    let who = by.to_string();
    order.happen(now, &who, What::Cancelled { reason: reason.to_owned() });
    refund_rest(order, &who, now);
    Ok(())
}

/// Asks for whatever was captured and is not on its way back yet. Used too when money arrives for an order that is
/// over.
pub fn refund_rest(order: &mut Order, by: &str, now: Instant) {
    let total = order.placed.totals.total;
    let Some(payment) = &order.payment else {
        return;
    };
    let taken = matches!(payment.state, PaymentState::Captured | PaymentState::PartiallyRefunded);
    let rest = total - payment.refunded();
    if taken && rest > Amount::ZERO {
        let refund = u32::try_from(payment.refunds.len() + 1).unwrap_or(u32::MAX);
        order.happen(now, by, What::RefundRequested { refund, amount: rest });
    }
}

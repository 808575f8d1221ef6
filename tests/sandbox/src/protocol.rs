//! How each provider writes a payment and what it tells of it.

use crate::ledger::Payment;
use crate::{crypto, paypal};
use serde_json::{Value, json};

/// A payment as its provider writes it.
pub(crate) fn payment(payment: &Payment) -> Value {
    match payment.provider.as_str() {
        paypal::PROVIDER => paypal::order(payment),
        crypto::PROVIDER => crypto::charge(payment),
        _ => json!(payment),
    }
}

/// What its provider tells of it.
pub(crate) fn event(payment: &Payment, kind: &str, id: &str, at: &str) -> Value {
    match payment.provider.as_str() {
        paypal::PROVIDER => {
            let kind = format!("CHECKOUT.ORDER.{}", kind.to_uppercase());
            json!({"event_type": kind, "id": id, "create_time": at, "resource": paypal::order(payment)})
        }
        crypto::PROVIDER => {
            json!({"type": format!("charge.{kind}"), "id": id, "created_at": at, "charge": crypto::charge(payment)})
        }
        _ => json!({"type": format!("payment.{kind}"), "id": id, "timestamp": at, "data": payment}),
    }
}

//! What a provider tells of a payment unasked: the order follows it as it would follow the answer to our own call.

use crate::pay::card_of;
use crate::settle::{Learned, Outcome, settle};
use kernel::{Fault, Instant, Money, OrderId};
use orders::{Order, Payment, Store, Told, Unsaved};
use payments::{Report, Standing};

/// How often settling starts over on the order that another change left.
const ROUNDS: usize = 8;

/// What a provider's message meant for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The order followed it.
    Settled,
    /// The order knew, or it decides nothing.
    Known,
    /// We have no such order, or nobody pays it.
    Strange,
}

impl Heard {
    /// For log lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Known => "known",
            Self::Strange => "strange",
        }
    }
}

/// Lets an order follow what its provider told. Told twice, late or before the answer to our own call, it ends the same.
///
/// # Errors
/// A bug when it tells of another amount than the order's, or of a second capture; unavailable when the table does not
/// answer.
pub async fn settle_payment_event(
    orders: &Store,
    report: &Report,
    now: Instant,
    traceparent: &str,
) -> Result<Heard, Fault> {
    let Ok(id) = OrderId::parse(&report.reference) else {
        return Ok(Heard::Strange);
    };
    let Some(mut order) = orders.find(&id).await? else {
        return Ok(Heard::Strange);
    };
    let told = Told { request: id.to_string(), trace: traceparent.to_owned() };
    let learned = Learned { by: "system".to_owned(), at: now, told };
    for _ in 0..ROUNDS {
        let Some(attempt) = order.payment.as_ref().map(|payment| payment.attempt) else {
            return Ok(Heard::Strange);
        };
        let Some(outcome) = outcome_of(&order, attempt, report)? else {
            return Ok(Heard::Known);
        };
        let seen = order.version;
        if !settle(&mut order, attempt, &outcome, &learned)? {
            return Ok(Heard::Known);
        }
        // A provider knows nothing of our traces: what follows belongs to the request that paid.
        if order.trace.is_empty() {
            traceparent.clone_into(&mut order.trace);
        }
        match orders.save(&order, seen).await {
            Ok(()) => return Ok(Heard::Settled),
            Err(Unsaved::Stale(newer)) => order = *newer,
            Err(Unsaved::Fault(fault)) => return Err(fault),
        }
    }
    Err(Fault::unavailable("an order kept changing under a payment event"))
}

/// What a report decides for an order: a capture of exactly its total, or the refusal of exactly this attempt.
fn outcome_of(order: &Order, attempt: u32, report: &Report) -> Result<Option<Outcome>, Fault> {
    let total = Money { amount: order.placed.totals.total, currency: order.placed.currency };
    match &report.standing {
        Standing::Captured | Standing::Refunded if report.amount == total => {
            let (payment, card) = (report.payment_id.clone(), report.card.clone().map(card_of));
            Ok(Some(Outcome::Captured { payment, card }))
        }
        Standing::Captured | Standing::Refunded => {
            Err(Fault::bug(format!("order {} of {total:?} was captured as {:?}", order.id(), report.amount)))
        }
        // What a shopper was only asked to approve can be given back without the order ending by it.
        Standing::Voided if order.payment.as_ref().is_some_and(Payment::is_on_errand) => Ok(None),
        Standing::Declined { .. } | Standing::Voided if report.attempt == Some(attempt) => Ok(Some(Outcome::Declined)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, outcome_of};
    use crate::settle::{Learned, Outcome, settle};
    use kernel::{Amount, Currency, Instant, Money};
    use orders::{Order, State, Told, What};
    use payments::{Report, Standing};

    const ORDER: &str = "01jgtq9d3v8x4n6m2k7h5r0p1s";

    /// An order of 19.99 USD whose payment number `attempt` is being decided.
    fn order(attempt: u32) -> Order {
        let json = serde_json::json!({
            "id": ORDER, "owner": "guest:1", "placed_at": 0, "home": "eu-central-1", "currency": "USD", "country": "DE",
            "shipping_method": "standard", "lines": [], "masks": {"email": "a***@e***.com"}, "contact": "", "contact_key": "",
            "totals": {"subtotal": 1999, "discount": 0, "shipping": 0, "tax": 0, "total": 1999},
            "version": 0, "state": "pending_payment", "events": [], "answers": [],
        });
        let mut order: Order = serde_json::from_value(json).unwrap();
        for attempt in 1..=attempt {
            if attempt > 1 {
                order.happen(Instant::from_millis(1), "system", What::PaymentDeclined);
            }
            order.happen(
                Instant::from_millis(1),
                "guest:1",
                What::PaymentStarted { method: "card".to_owned(), attempt },
            );
        }
        order
    }

    fn report(standing: Standing, attempt: u32) -> Report {
        Report {
            payment_id: "pay_1".to_owned(),
            reference: ORDER.to_owned(),
            attempt: Some(attempt),
            standing,
            amount: Money::new(1999, Currency::USD),
            refunded: Amount::ZERO,
            card: None,
        }
    }

    fn declined() -> Standing {
        Standing::Declined { code: "card_declined".to_owned() }
    }

    /// Tells the order of a report; answers whether it changed.
    fn tell(order: &mut Order, report: &Report) -> bool {
        let told = Told { request: String::new(), trace: String::new() };
        let learned = Learned { by: "system".to_owned(), at: Instant::from_millis(2), told };
        let attempt = order.payment.as_ref().unwrap().attempt;
        let outcome = outcome_of(order, attempt, report).unwrap();
        outcome.is_some_and(|outcome| settle(order, attempt, &outcome, &learned).unwrap())
    }

    #[test]
    fn a_capture_pays_the_order_once_however_often_it_is_told() {
        let mut order = order(1);
        assert!(tell(&mut order, &report(Standing::Captured, 1)));
        assert_eq!(order.state, State::Paid);
        for standing in [Standing::Captured, Standing::Refunded, declined(), Standing::Voided, Standing::Processing] {
            assert!(!tell(&mut order, &report(standing, 1)));
        }
    }

    #[test]
    fn a_late_decline_of_an_earlier_attempt_leaves_the_next_one_alone() {
        let mut order = order(2);
        assert!(!tell(&mut order, &report(declined(), 1)));
        assert!(order.payment.as_ref().unwrap().is_open());
        assert!(!tell(&mut order, &Report { attempt: None, ..report(declined(), 1) }));
        assert!(tell(&mut order, &report(declined(), 2)));
        assert!(!order.payment.as_ref().unwrap().is_open());
    }

    #[test]
    fn a_late_capture_of_an_earlier_attempt_pays_the_order() {
        let mut order = order(2);
        assert!(tell(&mut order, &report(Standing::Captured, 1)));
        assert_eq!(order.state, State::Paid);
    }

    #[test]
    fn a_capture_of_another_amount_is_never_taken_for_ours() {
        for amount in [Money::new(1, Currency::USD), Money::new(1999, Currency::EUR)] {
            let fault = outcome_of(&order(1), 1, &Report { amount, ..report(Standing::Captured, 1) }).unwrap_err();
            assert_eq!(fault.kind, kernel::Kind::Bug);
        }
    }

    #[test]
    fn what_decides_nothing_changes_nothing() {
        let unknown = Standing::Unknown { word: "x".to_owned() };
        for standing in [Standing::Processing, Standing::Authorized, unknown] {
            assert_eq!(outcome_of(&order(1), 1, &report(standing, 1)), Ok(None::<Outcome>));
        }
        assert_eq!([Heard::Settled, Heard::Known, Heard::Strange].map(Heard::name), ["settled", "known", "strange"]);
    }
}

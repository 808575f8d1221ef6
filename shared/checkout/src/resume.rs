//! What was left undecided is decided: by a queue soon after, when the time to pay is over, and by a schedule behind both.

use crate::pay::Tender;
use crate::place::{Checkout, Hand};
use crate::settle::{self, Outcome};
use kernel::{Fault, Instant, Money, OrderId};
use orders::{CALLS_MOST, REQUEST_BUDGET, State, Told, What};
use std::time::Duration;

/// What became of an order that somebody looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing more to do.
    Done,
    /// Look again after that.
    Later(Duration),
}

/// Between two looks at a payment that the provider has not decided.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long looking after one payment may take.
const TIME: Duration = Duration::from_millis(4_500);

impl Checkout {
    /// Looks after the payment of an order: calls the provider while calls are left, asks it afterwards.
    ///
    /// # Errors
    /// Unavailable when a store or the provider does not answer.
    pub async fn resume(&self, id: &OrderId, traceparent: &str) -> Result<Next, Fault> {
        let hand = self.own_hand(id, traceparent);
        let Some(order) = self.orders.find(id).await? else {
            return Ok(Next::Done);
        };
        let Some(payment) = order.payment.clone().filter(orders::Payment::is_open) else {
            return Ok(Next::Done);
        };
        if order.state != State::PendingPayment {
            return Ok(Next::Done);
        }
        let idle = hand.now.since(order.events.last().map_or(payment.taken_at, |event| event.at));
        if !payment.undecided && idle < REQUEST_BUDGET {
            return Ok(Next::Later(REQUEST_BUDGET.saturating_sub(idle).max(Duration::from_secs(1))));
        }
        if let Some(outcome) = self.ask(&order, &hand).await? {
            let attempt = payment.attempt;
            self.record(order, &hand, |order, learned| settle::settle(order, attempt, &outcome, learned)).await?;
            return Ok(Next::Done);
        }
        if payment.calls >= CALLS_MOST {
            return Ok(Next::Later(PATIENCE));
        }
        let Some(tender) = Tender::open(&order, &self.tokens, hand.now).await? else {
            return Ok(Next::Later(PATIENCE));
        };
        let Ok(taken) = self.take_over(order, &hand).await? else {
            return Ok(Next::Later(Duration::from_secs(2)));
        };
        let placement = Box::pin(self.go_on(taken, Some(tender), true, &hand)).await?;
        Ok(if placement.order.state == State::PendingPayment {
            Next::Later(Duration::from_secs(4))
        } else {
            Next::Done
        })
    }

    /// Ends an order whose time to pay is over. An open payment is asked about first, and its promise given back.
    ///
    /// # Errors
    /// Unavailable when a store or the provider does not answer: then nothing expires.
    pub async fn expire(&self, id: &OrderId, traceparent: &str) -> Result<Next, Fault> {
        let hand = self.own_hand(id, traceparent);
        let Some(order) = self.orders.find(id).await? else {
            return Ok(Next::Done);
        };
        if order.state != State::PendingPayment {
            return Ok(Next::Done);
        }
        if hand.now < order.due_at() {
            return Ok(Next::Later(order.due_at().since(hand.now)));
        }
        let idle = hand.now.since(order.events.last().map_or(order.placed.placed_at, |event| event.at));
        let at_work = !order.payment.as_ref().is_some_and(|payment| payment.undecided);
        if at_work && idle < REQUEST_BUDGET {
            return Ok(Next::Later(REQUEST_BUDGET));
        }
        let outcome = match order.payment.as_ref().filter(|payment| payment.is_open()) {
            Some(_) => self.ask(&order, &hand).await?,
            None => None,
        };
        self.record(order, &hand, |order, learned| {
            if let (Some(outcome @ Outcome::Captured { .. }), Some(attempt)) =
                (&outcome, order.payment.as_ref().map(|payment| payment.attempt))
            {
                return settle::settle(order, attempt, outcome, learned);
            }
            Ok(settle::expire(order, learned))
        })
        .await?;
        Ok(Next::Done)
    }

    /// Sends one refund of an order back. A repeat sends nothing twice.
    ///
    /// # Errors
    /// Unavailable when a store or the provider does not answer; unprocessable when the provider refuses for good.
    pub async fn refund(&self, id: &OrderId, refund: u32, traceparent: &str) -> Result<(), Fault> {
        let hand = self.own_hand(id, traceparent);
        let order = self.orders.find(id).await?.ok_or_else(Fault::missing)?;
        let Some(payment) = order.payment.clone() else {
            return Err(Fault::missing());
        };
        let (Some(asked), Some(payment_id)) =
            (payment.refunds.iter().find(|known| known.refund == refund), &payment.id)
        else {
            return Err(Fault::missing());
        };
        if asked.done {
            return Ok(());
        }
        let method = self.till.method(&payment.method)?;
        let link = self.till.link().await?;
        let key = format!("{id}-refund-{refund}");
        let amount = Money { amount: asked.amount, currency: order.placed.currency };
        let before = payment.refunds.iter().filter(|known| known.done).map(|known| known.amount).sum();
        payments::refund(method, &link, self.till.call(&key, traceparent), payment_id, amount, before).await?;
        self.record(order, &hand, |order, learned| {
            let done = order
                .payment
                .as_ref()
                .is_some_and(|payment| payment.refunds.iter().any(|known| known.refund == refund && known.done));
            if !done {
                order.happen(learned.at, &learned.by, What::Refunded { refund });
            }
            Ok(!done)
        })
        .await?;
        Ok(())
    }

    /// The shop itself at work on an order.
    fn own_hand(&self, id: &OrderId, traceparent: &str) -> Hand {
        let now: Instant = self.till.now();
        let told = Told { request: id.to_string(), trace: traceparent.to_owned() };
        Hand { by: "system".to_owned(), now, deadline: now.plus(TIME), traceparent: traceparent.to_owned(), told }
    }
}

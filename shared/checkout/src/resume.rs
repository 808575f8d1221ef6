//! What was left undecided is decided: by a queue soon after, when the time to pay is over, and by a schedule behind both.

use crate::pay::{Asked, Tender};
use crate::place::{Checkout, Hand};
use crate::settle::{self, Outcome};
use kernel::{Fault, Instant, Money, OrderId};
use orders::{CALLS_MOST, Order, Payment, REQUEST_BUDGET, State, Told, What};
use payments::Admission;
use std::time::Duration;

/// What became of an order that somebody looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing more to do.
    Done,
    /// Look again after that.
    Later(Duration),
}

impl Next {
    /// Look again once a provider that is left alone may be asked.
    fn waited(wait: Duration) -> Self {
        Self::Later(wait.max(Duration::from_secs(1)))
    }
}

/// Between two looks at a payment that the provider has not decided.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long looking after one payment may take.
const TIME: Duration = Duration::from_millis(4_500);

impl Checkout {
    /// Looks after the payment of an order: calls the provider while calls are left, asks it afterwards. A provider that is
    /// left alone is waited for.
    ///
    /// # Errors
    /// Unavailable when a store or the provider does not answer.
    pub async fn resume(&self, id: &OrderId, traceparent: &str) -> Result<Next, Fault> {
        self.resume_waited(id, None, traceparent).await
    }

    /// As [`Checkout::resume`], for a queue: `waited` is how long the message lay there before anybody looked at it.
    ///
    /// # Errors
    /// As [`Checkout::resume`].
    pub async fn resume_waited(
        &self,
        id: &OrderId,
        waited: Option<Duration>,
        traceparent: &str,
    ) -> Result<Next, Fault> {
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
        if let Some(waited) = waited {
            self.till.note_wait(&payment.method, waited).await;
        }
        let pass = match self.till.admit(&payment.method, id).await? {
            Admission::Go(pass) => pass,
            Admission::Wait(wait) => return Ok(Next::waited(wait)),
        };
        let hand = Hand { pass: Some(pass), ..hand };
        let next = Box::pin(self.resume_with(order, &payment, &hand)).await;
        self.till.hand_back(hand.pass.as_ref()).await;
        next
    }

    async fn resume_with(&self, order: Order, payment: &Payment, hand: &Hand) -> Result<Next, Fault> {
        let outcome = match self.ask(&order, hand).await? {
            Asked::Decided(outcome) => Some(outcome),
            Asked::Void if !payment.is_on_errand() => Some(Outcome::Declined),
            Asked::Void | Asked::Approved | Asked::Open => None,
        };
        if let Some(outcome) = outcome {
            self.settled(order, payment.attempt, &outcome, hand).await?;
            return Ok(Next::Done);
        }
        // The shopper's turn. Their return, the provider's event, the next look and the end of the time to pay come after.
        if payment.is_on_errand() {
            return Ok(Next::Done);
        }
        if payment.calls >= CALLS_MOST {
            return Ok(Next::Later(PATIENCE));
        }
        let Some(tender) = Tender::open(&order, &self.tokens, hand.now).await? else {
            return Ok(Next::Later(PATIENCE));
        };
        let Ok(taken) = self.take_over(order, hand).await? else {
            return Ok(Next::Later(Duration::from_secs(2)));
        };
        let placement = Box::pin(self.go_on(taken, Some(tender), true, hand)).await?;
        Ok(if placement.order.state == State::PendingPayment {
            Next::Later(Duration::from_secs(4))
        } else {
            Next::Done
        })
    }

    /// Ends an order whose time to pay is over. An open payment is asked about first; a provider that is left alone is
    /// waited for.
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
        let asked = match order.payment.clone().filter(Payment::is_open) {
            None => Asked::Open,
            Some(payment) => {
                let pass = match self.till.admit(&payment.method, id).await? {
                    Admission::Go(pass) => pass,
                    Admission::Wait(wait) => return Ok(Next::waited(wait)),
                };
                let hand = Hand { pass: Some(pass), ..hand.clone() };
                let asked = self.last_look(&order, &payment, &hand).await;
                self.till.hand_back(hand.pass.as_ref()).await;
                asked?
            }
        };
        self.record(order, &hand, |order, learned| {
            if let (Asked::Decided(outcome @ Outcome::Captured { .. }), Some(attempt)) =
                (&asked, order.payment.as_ref().map(|payment| payment.attempt))
            {
                return settle::settle(order, attempt, outcome, learned);
            }
            Ok(settle::expire(order, learned))
        })
        .await?;
        Ok(Next::Done)
    }

    /// Asks about a payment whose time is over. What the shopper was asked to do and has not, or has approved and never came
    /// back from, is given back at the provider, so that nothing can be taken for it any more.
    async fn last_look(&self, order: &Order, payment: &Payment, hand: &Hand) -> Result<Asked, Fault> {
        let asked = self.ask(order, hand).await?;
        if matches!(asked, Asked::Open | Asked::Approved) {
            self.give_back(order, payment, hand).await?;
        }
        Ok(asked)
    }

    /// Sends one refund of an order back. A repeat sends nothing twice.
    ///
    /// # Errors
    /// Unavailable when a store or the provider does not answer, and with the moment to come again ([`payments::resting`])
    /// while the provider is left alone; unprocessable when it refuses for good.
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
        let pass = self.till.leave(&payment.method, id).await?;
        let sent = payments::refund(method, &link, self.till.call(&key, traceparent), payment_id, amount, before).await;
        self.till.tell_beside(&pass, &sent).await;
        self.till.hand_back(Some(&pass)).await;
        sent?;
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
        let (by, traceparent) = ("system".to_owned(), traceparent.to_owned());
        Hand { by, now, deadline: now.plus(TIME), traceparent, told, pass: None }
    }
}

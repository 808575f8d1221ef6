//! Paying an order: the charge of a placing, and a payment of its own for an order that waits.

use crate::place::{Checkout, Hand, Placement, in_flight, reused, short, told_of};
use crate::settle::{Outcome, settle};
use kernel::{Fault, Instant, Kind, Money, OrderId};
use orders::{Action, Answer, CALLS_MOST, Order, SealedToken, State, Told, Unsaved, What};
use payments::{Budget, Charge, Report, Standing, Token};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use vault::{Place, SubjectKeys};

/// How often paying starts over on the order that another change left.
const ROUNDS: usize = 8;

/// How a shopper pays: the method and the token that stands for their card or account.
#[derive(Debug, Clone)]
pub struct Tender {
    /// Which method.
    pub method: String,
    /// What stands for the card or the account.
    pub token: Token,
}

impl Tender {
    /// The token under a seal of the payment functions.
    ///
    /// # Errors
    /// Unavailable when KMS had to be asked and did not answer.
    pub async fn seal(&self, keys: &SubjectKeys, order: &OrderId, now: Instant) -> Result<SealedToken, Fault> {
        let (key, wrapped) = keys.create(order.as_str(), now).await?;
        let item = format!("ORDER#{order}");
        let seal = key.seal(&place(&item, order.as_str()), self.token.reveal().as_bytes())?;
        Ok(SealedToken { seal, key: wrapped })
    }

    /// The tender that an order keeps until its payment is decided.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when the seal does not open.
    pub async fn open(order: &Order, keys: &SubjectKeys, now: Instant) -> Result<Option<Self>, Fault> {
        let (Some(sealed), Some(payment)) = (&order.token, &order.payment) else {
            return Ok(None);
        };
        let key = keys.open(order.id().as_str(), &sealed.key, now).await?;
        let item = format!("ORDER#{}", order.id());
        let plain = key.open(&place(&item, order.id().as_str()), &sealed.seal)?;
        let token = String::from_utf8(plain).ok().and_then(|text| Token::parse(&text).ok());
        let token = token.ok_or_else(|| Fault::bug("a sealed token does not read"))?;
        Ok(Some(Self { method: payment.method.clone(), token }))
    }
}

fn place<'a>(item: &'a str, order: &'a str) -> Place<'a> {
    Place { table: "orders", item, field: "token", subject: order }
}

/// A payment for an order that waits for one.
pub struct Pay {
    /// The order, as whoever may see it has read it.
    pub order: Order,
    /// Who pays, as [`kernel::Principal`] names them.
    pub by: String,
    /// The use of the idempotency key.
    pub key: String,
    /// SHA-256 of the request, in hex.
    pub fingerprint: String,
    /// How it is paid.
    pub tender: Tender,
    /// When the request came in.
    pub now: Instant,
    /// When it must be answered.
    pub deadline: Instant,
    /// The trace it belongs to.
    pub traceparent: String,
    /// The ids that a refusal is told with.
    pub told: Told,
}

impl Checkout {
    /// Pays an order that waits, or answers a repeat of the request that did.
    ///
    /// # Errors
    /// Unprocessable when the key was used for another request; conflict when the order does not wait for a payment, or
    /// another one is being decided.
    pub async fn pay(&self, pay: Pay) -> Result<Placement, Fault> {
        let hand = Hand {
            by: pay.by.clone(),
            now: pay.now,
            deadline: pay.deadline,
            traceparent: pay.traceparent.clone(),
            told: pay.told.clone(),
        };
        self.till.method(&pay.tender.method)?;
        let (key, fingerprint) = (short(&pay.key), short(&pay.fingerprint));
        let mut order = pay.order;
        for _ in 0..ROUNDS {
            if let Some(known) = order.answers.iter().find(|answer| answer.key == key).cloned() {
                if known.fingerprint != fingerprint {
                    return Err(reused());
                }
                match self.pay_again(order, &known, &pay.tender, &hand).await? {
                    Ok(placement) => return Ok(placement),
                    Err(newer) => order = *newer,
                }
                continue;
            }
            match self.begin(order, &key, &fingerprint, &pay.tender, &hand).await? {
                Ok(begun) => return Box::pin(self.go_on(begun, Some(pay.tender), false, &hand)).await,
                Err(newer) => order = *newer,
            }
        }
        Err(Fault::unavailable("an order kept changing under a payment"))
    }

    async fn begin(
        &self,
        order: Order,
        key: &str,
        fingerprint: &str,
        tender: &Tender,
        hand: &Hand,
    ) -> Result<Result<Order, Box<Order>>, Fault> {
        order.allow(Action::Pay, kernel::Role::Customer)?;
        if order.payment.as_ref().is_some_and(orders::Payment::is_open) || placing(&order, hand.now) {
            let detail = "A payment of this order is being decided. Please try again shortly.";
            return Err(Fault::new(Kind::Conflict, "payment_in_progress", detail).retry_after(Duration::from_secs(2)));
        }
        let seen = order.version;
        let attempt = order.payment.as_ref().map_or(0, |payment| payment.attempt) + 1;
        let mut begun = order;
        begun.token = Some(tender.seal(&self.tokens, begun.id(), hand.now).await?);
        let (key, fingerprint) = (key.to_owned(), fingerprint.to_owned());
        begun.answers.push(Answer { key, fingerprint, status: None, version: 0, told: None });
        begun.happen(hand.now, &hand.by, What::PaymentStarted { method: tender.method.clone(), attempt });
        begun.trace.clone_from(&hand.traceparent);
        match self.orders.save(&begun, seen).await {
            Ok(()) => Ok(Ok(begun)),
            Err(Unsaved::Stale(newer)) => Ok(Err(newer)),
            Err(Unsaved::Fault(fault)) => Err(fault),
        }
    }

    async fn pay_again(
        &self,
        order: Order,
        known: &Answer,
        tender: &Tender,
        hand: &Hand,
    ) -> Result<Result<Placement, Box<Order>>, Fault> {
        if let Some(status) = known.status {
            let (order, told) = (order.at_version(known.version), known.told.clone());
            return Ok(Ok(Placement { order, status, told, replayed: true }));
        }
        if order.payment.as_ref().is_some_and(|payment| payment.undecided) {
            return Ok(Ok(Placement { order, status: 202, told: None, replayed: true }));
        }
        match self.take_over(order, hand).await? {
            Ok(order) => Box::pin(self.go_on(order, Some(tender.clone()), true, hand)).await.map(Ok),
            Err(newer) => Ok(Err(newer)),
        }
    }

    /// Calls the provider within the time that is left, and lets the order follow the outcome. `taken_over` says that
    /// the calls counted so far may all have been made.
    pub(crate) async fn charge(
        &self,
        order: Order,
        tender: &Tender,
        taken_over: bool,
        hand: &Hand,
    ) -> Result<Placement, Fault> {
        let Some(payment) = order.payment.clone() else {
            return Err(Fault::bug("a charge of an order that nobody pays"));
        };
        let method = self.till.method(&payment.method)?;
        let link = self.till.link().await?;
        let order_id = order.id().clone();
        let charge = Charge {
            order: &order_id,
            attempt: payment.attempt,
            amount: Money { amount: order.placed.totals.total, currency: order.placed.currency },
            token: &tender.token,
            traceparent: Some(&hand.traceparent),
        };
        let random = || self.till.chance();
        let budget = Budget { deadline: hand.deadline, clock: self.till.clock(), random: &random };
        let made = if taken_over { payment.calls } else { 0 };
        let current = Mutex::new(order);
        let outcome =
            payments::pay(method, &link, &charge, &budget, made, |call| self.count(&current, call, hand)).await;
        let order = current.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcome = match outcome {
            Ok(outcome) => believed(outcome, order.payment.as_ref().map_or(CALLS_MOST, |payment| payment.calls)),
            Err(Stopped::Stale(newer)) => return self.other_hand(*newer, hand),
            Err(Stopped::Fault(fault)) => return Err(fault),
        };
        let attempt = payment.attempt;
        let order = self.record(order, hand, |order, learned| settle(order, attempt, &outcome, learned)).await?;
        Ok(told_of(order, hand))
    }

    /// Makes sure, before a call, that the order counts it.
    async fn count(&self, current: &Mutex<Order>, call: u32, hand: &Hand) -> Result<(), Stopped> {
        let mut order = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if order.payment.as_ref().is_some_and(|payment| payment.calls >= call) {
            return Ok(());
        }
        let seen = order.version;
        order.happen(self.till.now().max(hand.now), &hand.by, What::PaymentRetried { call });
        match self.orders.save(&order, seen).await {
            Ok(()) => {
                *current.lock().unwrap_or_else(PoisonError::into_inner) = order;
                Ok(())
            }
            Err(Unsaved::Stale(newer)) => Err(Stopped::Stale(newer)),
            Err(Unsaved::Fault(fault)) => Err(Stopped::Fault(fault)),
        }
    }

    /// Somebody else has the order in hand, or has settled it: that is the answer.
    fn other_hand(&self, order: Order, hand: &Hand) -> Result<Placement, Fault> {
        let being_decided = order.state == State::PendingPayment
            && order.payment.as_ref().is_some_and(|payment| payment.is_open() && !payment.undecided);
        if being_decided { Err(in_flight()) } else { Ok(told_of(order, hand)) }
    }

    /// What the provider's books say about an order's payment; `None` when they say nothing yet. Not one of the four
    /// calls: it charges nothing.
    pub(crate) async fn ask(&self, order: &Order, hand: &Hand) -> Result<Option<Outcome>, Fault> {
        let Some(payment) = &order.payment else {
            return Ok(None);
        };
        let method = self.till.method(&payment.method)?;
        let link = self.till.link().await?;
        let key = format!("{}-read", order.id());
        let reports =
            payments::find(method, &link, self.till.call(&key, &hand.traceparent), order.id().as_str()).await?;
        let total = Money { amount: order.placed.totals.total, currency: order.placed.currency };
        Ok(read_of(reports, payment.attempt, total))
    }
}

/// Why counting a call stopped.
enum Stopped {
    /// Another change came first.
    Stale(Box<Order>),
    /// Anything else.
    Fault(Fault),
}

/// What the outcome of an operation means for the order. What surely failed and can be tried again is left to the queue;
/// what surely failed for good is a decline: the shopper can take another method.
fn believed(outcome: payments::Outcome, calls: u32) -> Outcome {
    match outcome {
        payments::Outcome::Captured { payment_id, card, .. } => {
            Outcome::Captured { payment: payment_id, card: card.map(card_of) }
        }
        payments::Outcome::Declined { .. } => Outcome::Declined,
        payments::Outcome::Failed { transient, .. } if !transient || calls >= CALLS_MOST => Outcome::Declined,
        payments::Outcome::Failed { .. }
        | payments::Outcome::Undecided { .. }
        | payments::Outcome::RequiresAction { .. } => Outcome::Undecided,
    }
}

/// What the order keeps of a card.
#[must_use]
pub fn card_of(card: payments::Card) -> orders::Card {
    orders::Card {
        brand: card.brand,
        last4: card.last4,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint,
    }
}

/// What all payments under one reference say together: one that was captured decides; a decline does when it is the
/// answer to this attempt.
fn read_of(reports: Vec<Report>, attempt: u32, total: Money) -> Option<Outcome> {
    let captured = reports
        .iter()
        .find(|report| matches!(report.standing, Standing::Captured | Standing::Refunded) && report.amount == total);
    if let Some(report) = captured {
        return Some(Outcome::Captured { payment: report.payment_id.clone(), card: report.card.clone().map(card_of) });
    }
    match reports.iter().rev().find(|report| report.attempt == Some(attempt)).map(|report| &report.standing) {
        Some(Standing::Declined { .. } | Standing::Voided) => Some(Outcome::Declined),
        _ => None,
    }
}

/// Whether the request that placed the order is still holding its stock.
fn placing(order: &Order, now: Instant) -> bool {
    let open = order.answers.first().is_some_and(|answer| answer.status.is_none());
    open && order.payment.is_none() && now.since(order.placed.placed_at) < orders::REQUEST_BUDGET
}

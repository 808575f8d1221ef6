//! Placing an order. The order is written first and decides; stock and money follow it. Every step may die and run
//! twice: the next one who comes takes the order over and ends in the same state.

use crate::pay::{Asked, Tender};
use crate::quote::Quote;
use crate::settle::{self, Learned, Outcome, Short};
use kernel::{Fault, Instant, Kind, OrderId, Region};
use orders::{Answer, Contact, InSale, New, Order, Placed, REQUEST_BUDGET, Told, Unsaved, What};
use payments::{Admission, Pass, resting};
use std::time::Duration;
use vault::SubjectKeys;

/// How often a change is tried again on the order that another change left.
const ROUNDS: usize = 8;

/// Orders, stock and payments under one hand.
#[derive(Clone)]
pub struct Checkout {
    /// The orders.
    pub orders: orders::Store,
    /// The stock.
    pub stock: stock::Store,
    /// The providers.
    pub till: crate::Till,
    /// Keys of contacts.
    pub contacts: SubjectKeys,
    /// Keys of payment tokens, for the payment functions only.
    pub tokens: SubjectKeys,
    /// Where new orders have their home.
    pub home: Region,
}

/// An order to be placed.
pub struct Place {
    /// Its id, derived from who asks, the route and the key.
    pub id: OrderId,
    /// Whose it will be.
    pub owner: String,
    /// SHA-256 of the request, in hex.
    pub fingerprint: String,
    /// What was quoted.
    pub quote: Quote,
    /// The flash sale it takes part in.
    pub in_sale: Option<InSale>,
    /// Whom it is for.
    pub contact: Contact,
    /// How it is paid, if at once.
    pub tender: Option<Tender>,
    /// When the request came in.
    pub now: Instant,
    /// When it must be answered.
    pub deadline: Instant,
    /// The trace it belongs to.
    pub traceparent: String,
    /// The ids that a refusal is told with.
    pub told: Told,
}

/// What a request about an order is answered.
#[derive(Debug)]
pub struct Placement {
    /// The order as the answer shows it.
    pub order: Order,
    /// 201 placed, 202 undecided, 402 declined, 409 sold out.
    pub status: u16,
    /// The ids that a refusal is told with.
    pub told: Option<Told>,
    /// Whether an earlier request was answered so.
    pub replayed: bool,
    /// What the provider said to this request that the order does not keep.
    pub untaken: Option<Untaken>,
}

/// Why a provider did not take the money, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    /// Who.
    pub provider: &'static str,
    /// Whether it declined the payment, which says nothing of the provider; otherwise it failed, or did not say.
    pub declined: bool,
    /// Its own code, or what went wrong.
    pub cause: String,
}

/// Who is at work on an order, and until when.
#[derive(Clone)]
pub(crate) struct Hand {
    pub by: String,
    pub now: Instant,
    pub deadline: Instant,
    pub traceparent: String,
    pub told: Told,
    /// Leave to call the provider, where a payment is open.
    pub pass: Option<Pass>,
}

impl Hand {
    pub(crate) fn learned(&self, at: Instant) -> Learned {
        Learned { by: self.by.clone(), at, told: self.told.clone() }
    }
}

impl Checkout {
    /// Places an order, or answers a repeat of the request that did.
    ///
    /// # Errors
    /// Unprocessable when the key was used for another request; conflict while the first request is at work;
    /// unavailable when a store does not answer: then the same request may be repeated and goes on; unavailable too, with
    /// nothing written, while the method's provider is left alone.
    pub async fn place(&self, place: Place) -> Result<Placement, Fault> {
        let fingerprint = short(&place.fingerprint);
        let pass = match &place.tender {
            None => None,
            Some(tender) => match self.till.admit_shopper(&tender.method, &place.id).await? {
                Admission::Go(pass) => Some(pass),
                Admission::Wait(wait) => {
                    let known = self.orders.find(&place.id).await?;
                    let known = known.map(|order| answered(&order, &fingerprint)).transpose()?.flatten();
                    return known.ok_or_else(|| resting(wait));
                }
            },
        };
        let hand = Hand {
            by: place.owner.clone(),
            now: place.now,
            deadline: place.deadline,
            traceparent: place.traceparent.clone(),
            told: place.told.clone(),
            pass,
        };
        let placed = Box::pin(self.place_with(place, &fingerprint, &hand)).await;
        self.till.hand_back(hand.pass.as_ref()).await;
        placed
    }

    async fn place_with(&self, place: Place, fingerprint: &str, hand: &Hand) -> Result<Placement, Fault> {
        let tender = place.tender.clone();
        let order = self.draft(place).await?;
        match self.orders.create(&order).await? {
            New::Written => Box::pin(self.go_on(order, tender, false, hand)).await,
            // The client repeats a write whose answer was lost: then it is ours that is there.
            New::Exists(old) if *old == order => Box::pin(self.go_on(order, tender, false, hand)).await,
            // An order under this id is its owner's, whoever could only name it by the key.
            New::Exists(old) => self.repeat(*old, fingerprint, tender, hand).await,
        }
    }

    /// Answers a repeat from the order that is there, or goes on with it.
    async fn repeat(
        &self,
        old: Order,
        fingerprint: &str,
        tender: Option<Tender>,
        hand: &Hand,
    ) -> Result<Placement, Fault> {
        let mut old = old;
        for _ in 0..ROUNDS {
            match self.again(old, fingerprint, tender.clone(), hand).await? {
                Again::Told(placement) => return Ok(*placement),
                Again::Look(newer) => old = *newer,
            }
        }
        Err(busy())
    }

    /// The answer to a repeat of a request that placed an order before; `None` when there is no order under this id.
    ///
    /// # Errors
    /// As [`Checkout::place`].
    #[expect(clippy::too_many_arguments, reason = "what a repeat is, without what it would place")]
    pub async fn placed_before(
        &self,
        id: &OrderId,
        owner: &str,
        fingerprint: &str,
        now: Instant,
        deadline: Instant,
        traceparent: &str,
        told: Told,
    ) -> Result<Option<Placement>, Fault> {
        let Some(order) = self.orders.find(id).await? else {
            return Ok(None);
        };
        let fingerprint = short(fingerprint);
        if let Some(placement) = answered(&order, &fingerprint)? {
            return Ok(Some(placement));
        }
        let pass = match &order.payment {
            Some(payment) => Some(self.till.leave(&payment.method, id).await?),
            None => None,
        };
        let hand = Hand { by: owner.to_owned(), now, deadline, traceparent: traceparent.to_owned(), told, pass };
        let placed = match Tender::open(&order, &self.tokens, now).await {
            Ok(tender) => Box::pin(self.repeat(order, &fingerprint, tender, &hand)).await,
            Err(fault) => Err(fault),
        };
        self.till.hand_back(hand.pass.as_ref()).await;
        placed.map(Some)
    }

    async fn draft(&self, place: Place) -> Result<Order, Fault> {
        let (contact, contact_key) = place.contact.seal(&self.contacts, &place.id, place.now).await?;
        let token = match &place.tender {
            Some(tender) => tender.seal(&self.tokens, &place.id, place.now).await?,
            None => None,
        };
        let mut quote = place.quote;
        for line in &mut quote.lines {
            line.cell = self.stock.choose(&place.id, &line.sku, line.quantity);
        }
        let placed = Placed {
            id: place.id,
            owner: place.owner.clone(),
            placed_at: place.now,
            home: self.home.clone(),
            currency: quote.currency,
            country: quote.country,
            shipping_method: quote.shipping_method,
            lines: quote.lines,
            totals: quote.totals,
            promotions: quote.promotions,
            in_sale: place.in_sale,
            masks: place.contact.masks(),
            contact,
            contact_key,
        };
        let answer =
            Answer { key: String::new(), fingerprint: short(&place.fingerprint), status: None, version: 0, told: None };
        let mut order = Order::new(placed, &place.owner, answer);
        order.trace = place.traceparent;
        if let Some(tender) = place.tender {
            order.happen(place.now, &place.owner, What::PaymentStarted { method: tender.method, attempt: 1 });
            order.token = token;
        }
        Ok(order)
    }

    /// What a repeat is told, or takes over.
    async fn again(&self, old: Order, fingerprint: &str, tender: Option<Tender>, hand: &Hand) -> Result<Again, Fault> {
        if let Some(placement) = answered(&old, fingerprint)? {
            return Ok(Again::Told(Box::new(placement)));
        }
        match self.take_over(old, hand).await? {
            Ok(order) => {
                Box::pin(self.go_on(order, tender, true, hand)).await.map(|placement| Again::Told(Box::new(placement)))
            }
            Err(newer) => Ok(Again::Look(newer)),
        }
    }

    /// Takes an order in hand that was left lying. The order as another change left it, when one came first.
    ///
    /// # Errors
    /// Conflict while somebody may still be at work on it.
    pub(crate) async fn take_over(&self, order: Order, hand: &Hand) -> Result<Result<Order, Box<Order>>, Fault> {
        let touched = order.events.last().map_or(order.placed.placed_at, |event| event.at);
        if hand.now.since(touched) < REQUEST_BUDGET && !order.payment.as_ref().is_some_and(|payment| payment.undecided)
        {
            return Err(in_flight());
        }
        let seen = order.version;
        let mut taken = order;
        taken.happen(hand.now, &hand.by, What::TakenOver);
        taken.trace.clone_from(&hand.traceparent);
        match self.orders.save(&taken, seen).await {
            Ok(()) => Ok(Ok(taken)),
            Err(Unsaved::Stale(newer)) => Ok(Err(newer)),
            Err(Unsaved::Fault(fault)) => Err(fault),
        }
    }

    /// Holds the stock, then pays: from wherever the order was left.
    pub(crate) async fn go_on(
        &self,
        order: Order,
        tender: Option<Tender>,
        taken_over: bool,
        hand: &Hand,
    ) -> Result<Placement, Fault> {
        if let Some(short) = self.hold(&order, taken_over, hand.now).await? {
            return self.give_up(order, short, taken_over, hand).await;
        }
        match (tender, &order.payment) {
            (Some(tender), Some(_)) => Box::pin(self.charge(order, &tender, taken_over, hand)).await,
            _ => {
                let order = self.record(order, hand, |order, learned| Ok(settle::held(order, learned))).await?;
                Ok(told_of(order, hand))
            }
        }
    }

    /// Holds all of the order's stock, and then what its customer may take of a sale: a sale that is sold out costs nothing
    /// more. A hold that is there already is not taken twice. Answers what it is short of.
    async fn hold(&self, order: &Order, taken_over: bool, now: Instant) -> Result<Option<Short>, Fault> {
        // From when the hold is made, so that one made after the order was decided is told apart and goes back.
        let until = now.plus(stock::HOLD_LASTS);
        let allowance = order.placed.in_sale.as_ref().map(allowance_of);
        let lines: Vec<(kernel::Sku, u32)> = orders::publish::holds(order)
            .into_iter()
            .filter(|(sku, ..)| allowance.as_ref().is_none_or(|allowance| allowance.sku != *sku))
            .map(|(sku, quantity, _)| (sku, quantity))
            .collect();
        let held = if taken_over {
            self.stock.hold_again(order.id(), &lines, until).await
        } else {
            self.stock.hold(order.id(), &lines, until).await
        };
        let held = match held {
            Ok(held) => held,
            Err(stock::Refusal::OutOfStock { .. }) => return Ok(Some(Short::OutOfStock)),
            Err(stock::Refusal::Fault(fault)) => return Err(fault),
        };
        let Some(allowance) = allowance else {
            return Ok(None);
        };
        match self.stock.hold_within(order.id(), &allowance, order.units(), until).await? {
            stock::Within::Held => Ok(None),
            stock::Within::Exceeded => {
                self.stock.let_go(order.id(), &held).await?;
                Ok(Some(Short::SaleLimit))
            }
        }
    }

    /// The stock is gone. If an earlier hand may have paid, the provider is asked first.
    async fn give_up(&self, order: Order, short: Short, taken_over: bool, hand: &Hand) -> Result<Placement, Fault> {
        let may_be_paid = taken_over && order.payment.as_ref().is_some_and(orders::Payment::is_open);
        let asked = if may_be_paid { self.ask(&order, hand).await? } else { Asked::Open };
        let order = self
            .record(order, hand, |order, learned| {
                let ended = settle::sold_out(order, short, learned);
                // Money that was taken for what cannot be had goes back.
                let paid = match (&asked, order.payment.as_ref().map(|payment| payment.attempt)) {
                    (Asked::Decided(outcome @ Outcome::Captured { .. }), Some(attempt)) => {
                        settle::settle(order, attempt, outcome, learned)?
                    }
                    _ => false,
                };
                Ok(ended || paid)
            })
            .await?;
        Ok(told_of(order, hand))
    }

    /// Saves a pure step on an order, again on whatever another change left, until it stands or is no longer needed.
    pub(crate) async fn record(
        &self,
        order: Order,
        hand: &Hand,
        step: impl Fn(&mut Order, &Learned) -> Result<bool, Fault>,
    ) -> Result<Order, Fault> {
        let learned = hand.learned(self.till.now().max(hand.now));
        record(&self.orders, order, &learned, &hand.traceparent, step).await.map(|(order, _)| order)
    }
}

/// Saves a pure step on an order, again on whatever another change left, until it stands or is no longer needed. Answers
/// the order, and whether the step changed it.
pub(crate) async fn record(
    orders: &orders::Store,
    order: Order,
    learned: &Learned,
    traceparent: &str,
    step: impl Fn(&mut Order, &Learned) -> Result<bool, Fault>,
) -> Result<(Order, bool), Fault> {
    let mut current = order;
    for _ in 0..ROUNDS {
        let seen = current.version;
        let mut next = current.clone();
        if !step(&mut next, learned)? {
            return Ok((current, false));
        }
        traceparent.clone_into(&mut next.trace);
        match orders.save(&next, seen).await {
            Ok(()) => return Ok((next, true)),
            Err(Unsaved::Stale(newer)) => current = *newer,
            Err(Unsaved::Fault(fault)) => return Err(fault),
        }
    }
    Err(busy())
}

fn allowance_of(in_sale: &InSale) -> stock::Allowance {
    stock::Allowance { sku: in_sale.allowance.clone(), limit: in_sale.limit, expires_at: in_sale.expires_at }
}

/// What a repeat finds.
enum Again {
    /// The answer.
    Told(Box<Placement>),
    /// Another change came first.
    Look(Box<Order>),
}

/// What a repeat of the request that placed `order` is told, once that is known: its answer, or that the outcome is not.
fn answered(order: &Order, fingerprint: &str) -> Result<Option<Placement>, Fault> {
    let first = order.answers.first().ok_or_else(|| Fault::bug("an order without its first answer"))?;
    if first.fingerprint != fingerprint {
        return Err(reused());
    }
    Ok(told_again(order, first))
}

/// What a repeat of the request behind `answer` is told, once that is known: its answer, or that the outcome is not.
pub(crate) fn told_again(order: &Order, answer: &Answer) -> Option<Placement> {
    if let Some(status) = answer.status {
        let (order, told) = (order.at_version(answer.version), answer.told.clone());
        return Some(Placement { order, status, told, replayed: true, untaken: None });
    }
    let waits = order.payment.as_ref().is_some_and(|payment| payment.undecided || payment.is_on_errand());
    waits.then(|| Placement { order: order.clone(), status: 202, told: None, replayed: true, untaken: None })
}

/// The answer that follows from the order as it stands now.
pub(crate) fn told_of(order: Order, hand: &Hand) -> Placement {
    let latest = order.answers.iter().rev().find(|answer| answer.status.is_some()).cloned();
    let open = order.answers.iter().any(|answer| answer.status.is_none());
    match latest {
        Some(answer) if !open || order.state != orders::State::PendingPayment => {
            let status = answer.status.unwrap_or(202);
            let order = order.at_version(answer.version);
            Placement { status, told: answer.told, order, replayed: false, untaken: None }
        }
        _ => Placement { order, status: 202, told: Some(hand.told.clone()), replayed: false, untaken: None },
    }
}

pub(crate) fn short(fingerprint: &str) -> String {
    fingerprint.chars().take(32).collect()
}

pub(crate) fn reused() -> Fault {
    let detail = "This Idempotency-Key was used for another request. Use a new one.";
    Fault::new(Kind::Unprocessable, "idempotency_key_reused", detail)
}

pub(crate) fn in_flight() -> Fault {
    let detail = "The first request with this Idempotency-Key is still at work. Ask again in a second.";
    Fault::new(Kind::Conflict, "request_in_flight", detail).retry_after(Duration::from_secs(1))
}

fn busy() -> Fault {
    Fault::unavailable("an order kept changing under a request")
}

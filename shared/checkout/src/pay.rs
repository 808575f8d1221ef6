//! Paying an order: the charge of a placing, and a payment of its own for an order that waits.

use crate::place::{Checkout, Hand, Placement, Untaken, in_flight, reused, short, told_again, told_of};
use crate::settle::{Outcome, settle};
use kernel::{Fault, Instant, Kind, Money, OrderId};
use orders::{Action, Answer, CALLS_MOST, Errand, Given, Order, Payment, SealedToken, State, Told, Unsaved, What};
use payments::{Budget, Can, Charge, How, Report, Standing, Token, Verdict};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use vault::{Place, SubjectKeys};

/// How often paying starts over on the order that another change left.
const ROUNDS: usize = 8;

/// How a shopper pays: the method and, where it takes one, the token that stands for their card.
#[derive(Debug, Clone)]
pub struct Tender {
    /// Which method.
    pub method: String,
    /// What stands for the card or the account.
    pub token: Option<Token>,
}

impl Tender {
    /// What a body says under the pointer `under`: a method, and a token exactly where the method takes one.
    ///
    /// # Errors
    /// Unprocessable when there is no such method; invalid, with the pointer, when the token is missing, is none, or is
    /// sent to a method that takes none.
    pub fn parse(method: String, token: Option<&str>, under: &str) -> Result<Self, Fault> {
        let how = payments::by_id(&method).ok_or_else(|| crate::till::unknown(under))?.about().how;
        let pointer = || format!("{under}/token");
        let token = match (how, token) {
            (How::Token, Some(text)) => {
                Some(Token::parse(text).map_err(|error| Fault::field(pointer(), "format", error.to_string()))?)
            }
            (How::Token, None) => return Err(Fault::field(pointer(), "required", "This method needs a token.")),
            (How::Redirect | How::Later, None) => None,
            (How::Redirect | How::Later, Some(_)) => {
                return Err(Fault::field(pointer(), "not_taken", "This method takes no token."));
            }
        };
        Ok(Self { method, token })
    }

    /// The token under a seal of the payment functions; `None` where there is none.
    ///
    /// # Errors
    /// Unavailable when KMS had to be asked and did not answer.
    pub async fn seal(&self, keys: &SubjectKeys, order: &OrderId, now: Instant) -> Result<Option<SealedToken>, Fault> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        let (key, wrapped) = keys.create(order.as_str(), now).await?;
        let item = format!("ORDER#{order}");
        let seal = key.seal(&place(&item, order.as_str()), token.reveal().as_bytes())?;
        Ok(Some(SealedToken { seal, key: wrapped }))
    }

    /// The tender that an order keeps until its payment is decided.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when the seal does not open.
    pub async fn open(order: &Order, keys: &SubjectKeys, now: Instant) -> Result<Option<Self>, Fault> {
        let Some(payment) = &order.payment else {
            return Ok(None);
        };
        let Some(sealed) = &order.token else {
            let takes_none = payments::by_id(&payment.method).is_some_and(|method| method.about().how != How::Token);
            return Ok(takes_none.then(|| Self { method: payment.method.clone(), token: None }));
        };
        let key = keys.open(order.id().as_str(), &sealed.key, now).await?;
        let item = format!("ORDER#{}", order.id());
        let plain = key.open(&place(&item, order.id().as_str()), &sealed.seal)?;
        let token = String::from_utf8(plain).ok().and_then(|text| Token::parse(&text).ok());
        let token = token.ok_or_else(|| Fault::bug("a sealed token does not read"))?;
        Ok(Some(Self { method: payment.method.clone(), token: Some(token) }))
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
        let (key, fingerprint) = (short(&pay.key), short(&pay.fingerprint));
        match answer_of(&pay.order, &key, &fingerprint)? {
            Some(answer) => {
                if let Some(placement) = told_again(&pay.order, answer) {
                    return Ok(placement);
                }
            }
            None => pay.order.allow(Action::Pay, kernel::Role::Customer)?,
        }
        let pass = self.till.leave_shopper(&pay.tender.method, pay.order.id()).await?;
        let hand = Hand {
            by: pay.by,
            now: pay.now,
            deadline: pay.deadline,
            traceparent: pay.traceparent,
            told: pay.told,
            pass: Some(pass),
        };
        let paid = Box::pin(self.pay_with(pay.order, &key, &fingerprint, &pay.tender, &hand)).await;
        self.till.hand_back(hand.pass.as_ref()).await;
        paid
    }

    async fn pay_with(
        &self,
        order: Order,
        key: &str,
        fingerprint: &str,
        tender: &Tender,
        hand: &Hand,
    ) -> Result<Placement, Fault> {
        let mut order = order;
        for _ in 0..ROUNDS {
            let (taken_over, begun) = match answer_of(&order, key, fingerprint)? {
                Some(answer) => match told_again(&order, answer) {
                    Some(placement) => return Ok(placement),
                    None => (true, self.take_over(order, hand).await?),
                },
                None => match self.start(order, key, fingerprint, tender, hand).await? {
                    Start::Saved(begun) => (false, *begun),
                    Start::Told(placement) => return Ok(*placement),
                },
            };
            match begun {
                Ok(begun) => return Box::pin(self.go_on(begun, Some(tender.clone()), taken_over, hand)).await,
                Err(newer) => order = *newer,
            }
        }
        Err(Fault::unavailable("an order kept changing under a payment"))
    }

    /// Begins a payment under a new key: the first of its order, another one, or what the shopper has come back from.
    async fn start(
        &self,
        order: Order,
        key: &str,
        fingerprint: &str,
        tender: &Tender,
        hand: &Hand,
    ) -> Result<Start, Fault> {
        order.allow(Action::Pay, kernel::Role::Customer)?;
        let (mut seen, mut begun) = (order.version, order);
        if let Some(payment) = begun.payment.clone().filter(Payment::is_on_errand) {
            let same = payment.method == tender.method;
            match self.ask(&begun, hand).await? {
                Asked::Decided(outcome) => {
                    begun = self.settled(begun, payment.attempt, &outcome, hand).await?;
                    if same || begun.state != State::PendingPayment {
                        return Ok(Start::Told(Box::new(told_of(begun, hand))));
                    }
                    seen = begun.version;
                }
                Asked::Approved if same => {
                    let begun = self.save_begun(begun, seen, key, fingerprint, What::ErrandDone, hand).await;
                    return begun.map(Start::from);
                }
                // Not done yet, as far as the provider knows.
                Asked::Open if same => return Ok(Start::Told(Box::new(told_of(begun, hand)))),
                Asked::Void => begun.happen(hand.now, &hand.by, What::PaymentLeft),
                Asked::Open | Asked::Approved if !payment.can_be_left() => return Err(in_progress()),
                // Another method: what was approved is given back first, so that it can never be taken as well.
                Asked::Open | Asked::Approved => {
                    self.give_back(&begun, &payment, hand).await?;
                    begun.happen(hand.now, &hand.by, What::PaymentLeft);
                }
            }
        }
        if begun.payment.as_ref().is_some_and(Payment::is_open) || placing(&begun, hand.now) {
            return Err(in_progress());
        }
        let attempt = begun.payment.as_ref().map_or(0, |payment| payment.attempt) + 1;
        begun.token = tender.seal(&self.tokens, begun.id(), hand.now).await?;
        let what = What::PaymentStarted { method: tender.method.clone(), attempt };
        self.save_begun(begun, seen, key, fingerprint, what, hand).await.map(Start::from)
    }

    /// Saves a payment that begins, in the place of the version that was seen.
    async fn save_begun(
        &self,
        order: Order,
        seen: u64,
        key: &str,
        fingerprint: &str,
        what: What,
        hand: &Hand,
    ) -> Result<Result<Order, Box<Order>>, Fault> {
        let mut begun = order;
        let (key, fingerprint) = (key.to_owned(), fingerprint.to_owned());
        begun.answers.push(Answer { key, fingerprint, status: None, version: 0, told: None });
        begun.happen(hand.now, &hand.by, what);
        begun.trace.clone_from(&hand.traceparent);
        match self.orders.save(&begun, seen).await {
            Ok(()) => Ok(Ok(begun)),
            Err(Unsaved::Stale(newer)) => Ok(Err(newer)),
            Err(Unsaved::Fault(fault)) => Err(fault),
        }
    }

    /// Gives back what a provider keeps for an order that will not be paid by it.
    ///
    /// # Errors
    /// Unavailable when the provider does not answer, and when it refuses: then it has been taken meanwhile, and the next
    /// look at the books says so.
    pub(crate) async fn give_back(&self, order: &Order, payment: &Payment, hand: &Hand) -> Result<(), Fault> {
        let method = self.till.method(&payment.method)?;
        let Some(given) = payment.given.as_ref().filter(|_| method.about().can.contains(&Can::Void)) else {
            return Ok(());
        };
        let key = format!("{}-{}-void", order.id(), payment.attempt);
        let link = self.till.link().await?;
        match payments::void(method, &link, self.till.call(&key, &hand.traceparent), &given.payment).await {
            Ok(_) => Ok(()),
            Err(fault) if fault.kind == Kind::Unprocessable => Err(Fault::unavailable(fault.to_string())),
            Err(fault) => Err(fault),
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
        let Some(pass) = &hand.pass else {
            return Err(Fault::bug("a charge without leave to call the provider"));
        };
        let method = self.till.method(&payment.method)?;
        let link = self.till.link().await?;
        let (order_id, return_url) = (order.id().clone(), self.till.page_of(order.id()));
        let charge = Charge {
            order: &order_id,
            attempt: payment.attempt,
            amount: Money { amount: order.placed.totals.total, currency: order.placed.currency },
            token: tender.token.as_ref(),
            approved: payment.given.as_ref().map(|given| given.payment.as_str()),
            due_at: order.due_at(),
            return_url: &return_url,
            traceparent: Some(&hand.traceparent),
        };
        let random = || self.till.chance();
        let budget = Budget { deadline: hand.deadline, clock: self.till.clock(), random: &random };
        // Calls that are only counted are still to be made; what a shopper has come back from was asked for by real ones.
        let made = if taken_over || payment.given.is_some() { payment.calls } else { 0 };
        let (current, called) = (Mutex::new(order), AtomicBool::new(false));
        let before_call = |call| {
            let (current, called) = (&current, &called);
            async move {
                self.count(current, call, hand).await?;
                called.store(true, Ordering::Relaxed);
                Ok(())
            }
        };
        let outcome = payments::pay(method, &link, &charge, &budget, made, before_call).await;
        let order = current.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (outcome, verdict, untaken) = match outcome {
            Ok(outcome) => {
                let untaken = untaken(method.about().provider, &outcome);
                let verdict = if called.into_inner() { outcome.verdict() } else { Verdict::Silent };
                let calls = order.payment.as_ref().map_or(CALLS_MOST, |payment| payment.calls);
                (believed(outcome, calls), verdict, untaken)
            }
            Err(Stopped::Stale(newer)) => return self.other_hand(*newer, hand),
            Err(Stopped::Fault(fault)) => return Err(fault),
        };
        let attempt = payment.attempt;
        let settled = self.settled(order, attempt, &outcome, hand).await;
        self.till.tell(pass, verdict).await;
        Ok(Placement { untaken, ..told_of(settled?, hand) })
    }

    /// Lets the order follow the outcome of its payment number `attempt`.
    pub(crate) async fn settled(
        &self,
        order: Order,
        attempt: u32,
        outcome: &Outcome,
        hand: &Hand,
    ) -> Result<Order, Fault> {
        self.record(order, hand, |order, learned| settle(order, attempt, outcome, learned)).await
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

    /// What the provider's books say about an order's payment. Not one of the four calls: it charges nothing.
    pub(crate) async fn ask(&self, order: &Order, hand: &Hand) -> Result<Asked, Fault> {
        let Some(payment) = &order.payment else {
            return Ok(Asked::Open);
        };
        let method = self.till.method(&payment.method)?;
        let link = self.till.link().await?;
        let key = format!("{}-read", order.id());
        let reports = payments::find(method, &link, self.till.call(&key, &hand.traceparent), order.id().as_str()).await;
        if let Some(pass) = &hand.pass {
            self.till.tell_beside(pass, &reports).await;
        }
        let total = Money { amount: order.placed.totals.total, currency: order.placed.currency };
        Ok(read_of(reports?, payment.attempt, total))
    }
}

/// What the provider's books say about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// What became of it.
    Decided(Outcome),
    /// The shopper has approved it, and nothing is taken.
    Approved,
    /// It was given back, or ran out: nothing can be taken for it.
    Void,
    /// Nothing yet.
    Open,
}

/// What came of beginning a payment.
enum Start {
    /// It stands and the provider comes next; or the order as another change left it, when one came first.
    Saved(Box<Result<Order, Box<Order>>>),
    /// There is nothing to begin.
    Told(Box<Placement>),
}

impl From<Result<Order, Box<Order>>> for Start {
    fn from(saved: Result<Order, Box<Order>>) -> Self {
        Self::Saved(Box::new(saved))
    }
}

/// A payment of this order is open.
fn in_progress() -> Fault {
    let detail = "A payment of this order is being decided. Please try again shortly.";
    Fault::new(Kind::Conflict, "payment_in_progress", detail).retry_after(Duration::from_secs(2))
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
        payments::Outcome::RequiresAction { payment_id, action } => {
            Outcome::Waits(Given { payment: payment_id, errand: errand_of(action) })
        }
        payments::Outcome::Failed { transient, .. } if !transient || calls >= CALLS_MOST => Outcome::Declined,
        payments::Outcome::Failed { .. } | payments::Outcome::Undecided { .. } => Outcome::Undecided,
    }
}

/// What a provider said when it did not take the money.
fn untaken(provider: &'static str, outcome: &payments::Outcome) -> Option<Untaken> {
    let (declined, cause) = match outcome {
        payments::Outcome::Captured { .. } | payments::Outcome::RequiresAction { .. } => return None,
        payments::Outcome::Declined { code } => (true, code),
        payments::Outcome::Failed { cause, .. } | payments::Outcome::Undecided { cause } => (false, cause),
    };
    Some(Untaken { provider, declined, cause: cause.clone() })
}

/// What the order keeps of what the shopper has to do.
fn errand_of(action: payments::Action) -> Errand {
    match action {
        payments::Action::Redirect { url } => Errand::Redirect { url },
        payments::Action::Transfer { address, amount, expires_at } => Errand::Transfer { address, amount, expires_at },
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
fn read_of(reports: Vec<Report>, attempt: u32, total: Money) -> Asked {
    let captured = reports
        .iter()
        .find(|report| matches!(report.standing, Standing::Captured | Standing::Refunded) && report.amount == total);
    if let Some(report) = captured {
        let (payment, card) = (report.payment_id.clone(), report.card.clone().map(card_of));
        return Asked::Decided(Outcome::Captured { payment, card });
    }
    match reports.into_iter().rev().find(|report| report.attempt == Some(attempt)).map(|report| report.standing) {
        Some(Standing::Declined { .. }) => Asked::Decided(Outcome::Declined),
        Some(Standing::Voided) => Asked::Void,
        Some(Standing::Authorized) => Asked::Approved,
        _ => Asked::Open,
    }
}

/// What is kept of an earlier use of that key.
fn answer_of<'a>(order: &'a Order, key: &str, fingerprint: &str) -> Result<Option<&'a Answer>, Fault> {
    let known = order.answers.iter().find(|answer| answer.key == key);
    if known.is_some_and(|answer| answer.fingerprint != fingerprint) { Err(reused()) } else { Ok(known) }
}

/// Whether the request that placed the order is still holding its stock.
fn placing(order: &Order, now: Instant) -> bool {
    let open = order.answers.first().is_some_and(|answer| answer.status.is_none());
    open && order.payment.is_none() && now.since(order.placed.placed_at) < orders::REQUEST_BUDGET
}

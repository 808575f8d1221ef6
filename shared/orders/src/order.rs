//! An order: what was placed, what happened since, and the state that follows from both.

use crate::event::{Event, Units, What};
use crate::payment::{Given, Payment, Refund};
use crate::payment_state::{self, PaymentState};
use crate::state::{Action, Illegal, State, apply};
use kernel::{Amount, Currency, Fault, Instant, Kind, OrderId, Principal, ProductId, Role, SaleId, Sku};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Key, Row};

/// Lines of one order at the most.
pub const LINES_MOST: usize = 100;
/// Bytes of one order at the most, as it is stored.
pub const BYTES_MOST: usize = 64 * 1024;
/// How long an order waits for its payment, and its stock is held.
pub const PAYMENT_TIME: Duration = Duration::from_secs(10 * 60);
/// How long one request may be at work on an order: a repeat before that is told to wait, one after takes over.
pub const REQUEST_BUDGET: Duration = Duration::from_secs(6);

/// One line as it was priced: `unit × quantity − discount + tax` is what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What is sold.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// The product's name when it was bought.
    pub name: String,
    /// The variant's name when it was bought.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// The picture's URL when it was bought.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit: Amount,
    /// What promotions take off this line.
    pub discount: Amount,
    /// Tax on this line.
    pub tax: Amount,
    /// The stock cell that was chosen for it.
    #[serde(default)]
    pub cell: u32,
}

impl Line {
    /// Price times quantity, before discount and tax.
    #[must_use]
    pub const fn total(&self) -> Amount {
        self.unit.times(self.quantity)
    }
}

/// What the whole costs: `subtotal − discount + shipping + tax = total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Σ price × quantity.
    pub subtotal: Amount,
    /// Off the lines.
    pub discount: Amount,
    /// For the way.
    pub shipping: Amount,
    /// On lines and shipping.
    pub tax: Amount,
    /// What is charged.
    pub total: Amount,
}

/// A promotion that counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Its code.
    pub code: String,
    /// What people read.
    #[serde(default)]
    pub label: String,
    /// `percentage`, `fixed` or `free_shipping`.
    pub kind: String,
    /// What it took off, shipping included.
    pub amount: Amount,
    /// Whether its uses are counted, as stock of `COUPON:<code>`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub limited: bool,
}

/// That an order takes part in a flash sale. What its customer may take of the sale is stock, held with the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InSale {
    /// Which sale.
    pub sale: SaleId,
    /// The SKU that counts the customer's units.
    pub allowance: Sku,
    /// How many of them there are in all.
    pub limit: u32,
    /// From when on nobody counts any more, in seconds since the epoch.
    pub expires_at: i64,
}

/// What anybody may see of the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masks {
    /// `a***@e***.com`.
    pub email: String,
    /// `A***`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `B***`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub city: String,
}

/// A payment token under a seal that only payment functions can open, with the key it is under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedToken {
    /// The seal.
    pub seal: vault::Sealed,
    /// Its key, wrapped for the payment functions.
    pub key: vault::WrappedKey,
}

/// The answer that a request got, so that a repeat gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which use of a key; empty for the placing itself, whose key is the order's id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The fingerprint of the request, 32 hex digits.
    pub fingerprint: String,
    /// The status, once it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The order's version that the answer shows.
    #[serde(default)]
    pub version: u64,
    /// Request and trace that a refusal named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// The ids that a refusal named, so that its repeat is the same to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The request's id.
    pub request: String,
    /// The trace's id.
    pub trace: String,
}

/// What was placed: it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The order.
    pub id: OrderId,
    /// Whose it is, as [`Principal`] names them: the index `by_customer` lists by it.
    pub owner: String,
    /// When it was placed.
    pub placed_at: Instant,
    /// The region that may write it.
    pub home: kernel::Region,
    /// What everything is priced in.
    pub currency: Currency,
    /// Where it goes: ISO 3166-1, two letters.
    pub country: String,
    /// How it goes: `standard`, `express`.
    pub shipping_method: String,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// What it costs.
    pub totals: Totals,
    /// What made it cheaper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Applied>,
    /// The flash sale it takes part in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_sale: Option<InSale>,
    /// What anybody may see of the contact.
    pub masks: Masks,
    /// E-mail and address, sealed under the order's own key.
    pub contact: vault::Sealed,
    /// The order's own key, wrapped.
    pub contact_key: vault::WrappedKey,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Its number in the order, from 1.
    pub id: u32,
    /// What is in it.
    pub units: Vec<Units>,
    /// When it was packed.
    pub packed_at: Instant,
    /// Carrier, tracking number and when it was handed over.
    pub shipped: Option<(String, String, Instant)>,
    /// When it arrived.
    pub delivered_at: Option<Instant>,
}

/// An order as it is stored: what was placed, its events, and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What was placed.
    #[serde(flatten)]
    pub placed: Placed,
    /// How many events there are: a change is made only on the version that was read.
    pub version: u64,
    /// Where it stands; the fold of the events.
    pub state: State,
    /// Its payment; the fold of the events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What requests were answered.
    pub answers: Vec<Answer>,
    /// The token to pay with, sealed for the payment functions; gone once the payment is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SealedToken>,
    /// The traceparent of the last change.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace: String,
}

impl Row for Order {
    fn key(&self) -> Key {
        key(&self.placed.id)
    }
}

/// Where an order stands in its table.
#[must_use]
pub fn key(id: &OrderId) -> Key {
    Key::new(format!("ORDER#{id}"))
}

impl Order {
    /// A new order with its first event.
    #[must_use]
    pub fn new(placed: Placed, by: &str, answer: Answer) -> Self {
        let at = placed.placed_at;
        let mut order = Self {
            placed,
            version: 0,
            state: State::PendingPayment,
            payment: None,
            events: Vec::new(),
            answers: vec![answer],
            token: None,
            trace: String::new(),
        };
        order.happen(at, by, What::Placed);
        order
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &OrderId {
        &self.placed.id
    }

    /// Units of all its lines.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.placed.lines.iter().map(|line| line.quantity).sum()
    }

    /// Why it was called off, if it was.
    #[must_use]
    pub fn called_off_for(&self) -> Option<&str> {
        self.events.iter().find_map(|event| match &event.what {
            What::Cancelled { reason } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Until when it waits for its payment.
    #[must_use]
    pub fn due_at(&self) -> Instant {
        self.placed.placed_at.plus(PAYMENT_TIME)
    }

    /// When its placing was decided: paid, declined, expired or called off. Now, as far as it knows, while it waits.
    #[must_use]
    pub fn decided_at(&self) -> Instant {
        let decides = |event: &&Event| {
            matches!(event.what, What::Paid { .. } | What::Declined | What::Expired | What::Cancelled { .. })
        };
        self.events.iter().find(decides).or(self.events.last()).map_or(self.placed.placed_at, |event| event.at)
    }

    /// Appends one event and lets the state follow.
    pub fn happen(&mut self, at: Instant, by: &str, what: What) {
        let event = Event { at, by: by.to_owned(), what };
        self.follow(&event);
        self.events.push(event);
        self.version += 1;
    }

    /// The state that follows from one more event. Pure: the fold of all of them is the state.
    fn follow(&mut self, event: &Event) {
        match &event.what {
            What::Placed | What::Held | What::Packed { .. } | What::Shipped { .. } | What::Delivered { .. } => {}
            What::PaymentStarted { method, attempt } => {
                self.payment = Some(Payment {
                    method: method.clone(),
                    attempt: *attempt,
                    state: PaymentState::Processing,
                    calls: 1,
                    taken_at: event.at,
                    undecided: false,
                    id: None,
                    given: None,
                    card: None,
                    refunds: Vec::new(),
                });
            }
            What::PaymentRetried { call } => self.on_payment(|payment| {
                payment.calls = *call;
                payment.taken_at = event.at;
                payment.undecided = false;
            }),
            What::TakenOver => self.on_payment(|payment| {
                payment.taken_at = event.at;
                payment.undecided = false;
            }),
            What::PaymentUndecided => self.on_payment(|payment| payment.undecided = true),
            What::ErrandGiven { payment: id, errand } => self.on_payment(|payment| {
                payment.advance(payment_state::Action::Ask);
                payment.undecided = false;
                payment.given = Some(Given { payment: id.clone(), errand: errand.clone() });
            }),
            What::ErrandDone => self.on_payment(|payment| {
                payment.advance(payment_state::Action::Try);
                payment.taken_at = event.at;
                payment.undecided = false;
            }),
            What::Paid { payment: id, card } => {
                self.on_payment(|payment| {
                    payment.advance(payment_state::Action::Capture);
                    payment.undecided = false;
                    payment.id = Some(id.clone());
                    payment.card.clone_from(card);
                });
                if self.state == State::PendingPayment {
                    self.state = State::Paid;
                }
            }
            What::PaymentLeft => self.on_payment(|payment| payment.advance(payment_state::Action::Void)),
            What::PaymentDeclined => self.on_payment(|payment| payment.advance(payment_state::Action::Decline)),
            What::Declined => {
                self.on_payment(|payment| payment.advance(payment_state::Action::Decline));
                self.state = State::Declined;
            }
            What::Expired => {
                self.on_payment(|payment| {
                    if payment.is_open() {
                        payment.advance(payment_state::Action::Decline);
                    }
                });
                self.state = State::Expired;
            }
            What::Cancelled { .. } => {
                self.on_payment(|payment| {
                    if payment.is_open() {
                        payment.advance(payment_state::Action::Void);
                    }
                });
                self.state = State::Cancelled;
            }
            What::RefundRequested { refund, amount } => {
                self.on_payment(|payment| {
                    payment.refunds.push(Refund { refund: *refund, amount: *amount, done: false })
                });
            }
            What::Refunded { refund } => {
                let total = self.placed.totals.total;
                self.on_payment(|payment| payment.went_back(*refund, total));
            }
        }
        self.fulfilment(event);
    }

    fn on_payment(&mut self, change: impl FnOnce(&mut Payment)) {
        if let Some(payment) = &mut self.payment {
            change(payment);
        }
    }

    /// Packing, shipping and delivering move the order on once they cover all of it.
    fn fulfilment(&mut self, event: &Event) {
        let reached: fn(&Parcel) -> bool = match event.what {
            What::Packed { .. } => |_| true,
            What::Shipped { .. } => |parcel| parcel.shipped.is_some(),
            What::Delivered { .. } => |parcel| parcel.delivered_at.is_some(),
            _ => return,
        };
        let to = match event.what {
            What::Packed { .. } => State::Packed,
            What::Shipped { .. } => State::Shipped,
            _ => State::Delivered,
        };
        let parcels = parcels(self.events.iter().chain([event]));
        let covered = self.placed.lines.iter().all(|line| units_of(&parcels, &line.sku, reached) >= line.quantity);
        if covered && self.state.is_sold() {
            self.state = to;
        }
    }

    /// The parcels, in the order they were packed.
    #[must_use]
    pub fn parcels(&self) -> Vec<Parcel> {
        parcels(self.events.iter())
    }

    /// How many of a SKU are packed, shipped and delivered.
    #[must_use]
    pub fn fulfilled(&self, sku: &Sku) -> (u32, u32, u32) {
        let parcels = self.parcels();
        (
            units_of(&parcels, sku, |_| true),
            units_of(&parcels, sku, |parcel| parcel.shipped.is_some()),
            units_of(&parcels, sku, |parcel| parcel.delivered_at.is_some()),
        )
    }

    /// The order as it was after its first `version` events.
    #[must_use]
    pub fn at_version(&self, version: u64) -> Self {
        let mut order = Self {
            placed: self.placed.clone(),
            version: 0,
            state: State::PendingPayment,
            payment: None,
            events: Vec::new(),
            answers: self.answers.clone(),
            token: None,
            trace: self.trace.clone(),
        };
        for event in self.events.iter().take(usize::try_from(version).unwrap_or(usize::MAX)) {
            order.follow(event);
            order.events.push(event.clone());
            order.version += 1;
        }
        order
    }

    /// Refuses an action that the table of transitions does not allow.
    ///
    /// # Errors
    /// Conflict in this state, forbidden in this role.
    pub fn allow(&self, action: Action, role: Role) -> Result<(), Fault> {
        match apply(self.state, action, role) {
            Ok(_) => Ok(()),
            Err(Illegal::Role) => {
                Err(Fault::new(Kind::Forbidden, "forbidden", format!("Someone else may {} this order.", action.name())))
            }
            Err(Illegal::State) => Err(Fault::new(
                Kind::Conflict,
                "illegal_transition",
                format!(
                    "An order that is {} cannot be changed this way ({}).",
                    self.state.name().replace('_', " "),
                    action.name()
                ),
            )),
        }
    }

    /// Whether `who` may see it: its owner, or staff.
    #[must_use]
    pub fn is_visible_to(&self, who: &Principal) -> bool {
        matches!(who, Principal::Staff { .. } | Principal::System) || self.placed.owner == who.to_string()
    }

    /// Refuses an order that has grown beyond what one item may hold.
    ///
    /// # Errors
    /// Too large.
    pub fn check_size(&self) -> Result<(), Fault> {
        let bytes =
            serde_json::to_vec(self).map_err(|error| Fault::bug(format!("order does not write: {error}")))?.len();
        if self.placed.lines.len() <= LINES_MOST && bytes <= BYTES_MOST {
            return Ok(());
        }
        Err(Fault::new(
            Kind::TooLarge,
            "order_too_large",
            format!("An order holds at most {LINES_MOST} lines and 64 KB."),
        ))
    }
}

fn parcels<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::new();
    for event in events {
        match &event.what {
            What::Packed { parcel, units } => parcels.push(Parcel {
                id: *parcel,
                units: units.clone(),
                packed_at: event.at,
                shipped: None,
                delivered_at: None,
            }),
            What::Shipped { parcel, carrier, tracking } => {
                for known in parcels.iter_mut().filter(|known| known.id == *parcel) {
                    known.shipped = Some((carrier.clone(), tracking.clone(), event.at));
                }
            }
            What::Delivered { parcel } => {
                for known in parcels.iter_mut().filter(|known| known.id == *parcel) {
                    known.delivered_at = Some(event.at);
                }
            }
            _ => {}
        }
    }
    parcels
}

fn units_of(parcels: &[Parcel], sku: &Sku, counts: impl Fn(&Parcel) -> bool) -> u32 {
    let units = parcels.iter().filter(|parcel| counts(parcel)).flat_map(|parcel| &parcel.units);
    units.filter(|units| units.sku == *sku).map(|units| units.quantity).sum()
}

//! An order as people see it: the shape that every operation which answers with an order sends. Personal data is
//! masked; the clear form stands in `sealed`, for the browser that may open it.

use crate::event::What;
use crate::order::{Line, Order};
use crate::payment::{Errand, Given};
use crate::state::{Action, State, TRANSITIONS};
use kernel::{Amount, Currency, Money, Role};
use serde::Serialize;

/// An order, ready to be sent as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    id: String,
    status: &'static str,
    state: &'static str,
    version: u64,
    placed_at: String,
    expires_at: Option<String>,
    lines: Vec<ShownLine>,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total: Money,
    total_amount: String,
    currency: Currency,
    country: String,
    shipping_method: String,
    customer_email: String,
    address: Option<ShownAddress>,
    payment: Option<ShownPayment>,
    parcels: Vec<ShownParcel>,
    promotions: Vec<ShownPromotion>,
    events: Vec<ShownEvent>,
    allowed_actions: Vec<&'static str>,
    sealed: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct ShownLine {
    sku: String,
    product_id: String,
    name: String,
    variant: String,
    quantity: u32,
    price: String,
    unit_price: Money,
    line_total: Money,
    discount: Money,
    tax: Money,
    image_url: String,
    packed: u32,
    shipped: u32,
    delivered: u32,
}

#[derive(Debug, Clone, Serialize)]
struct ShownAddress {
    name: String,
    line1: &'static str,
    city: String,
    postal_code: &'static str,
    country: String,
}

#[derive(Debug, Clone, Serialize)]
struct ShownPayment {
    state: &'static str,
    method: String,
    amount: Money,
    refunded: Money,
    calls: u32,
    card: Option<ShownCard>,
    action: Option<ShownErrand>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ShownErrand {
    Redirect { url: String },
    Transfer { address: String, amount: String, expires_at: String },
}

#[derive(Debug, Clone, Serialize)]
struct ShownCard {
    brand: String,
    last4: String,
    exp_month: u8,
    exp_year: u16,
}

#[derive(Debug, Clone, Serialize)]
struct ShownParcel {
    id: String,
    carrier: Option<String>,
    tracking: Option<String>,
    lines: Vec<ShownUnits>,
    packed_at: String,
    shipped_at: Option<String>,
    delivered_at: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct ShownUnits {
    sku: String,
    quantity: u32,
}

#[derive(Debug, Clone, Serialize)]
struct ShownPromotion {
    code: String,
    label: String,
    kind: String,
    amount: Money,
}

#[derive(Debug, Clone, Serialize)]
struct ShownEvent {
    version: usize,
    #[serde(rename = "type")]
    kind: &'static str,
    at: String,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Shown {
    /// The order as someone in `role` sees it; `sealed` is the contact under the key of their browser.
    #[must_use]
    pub fn of(order: &Order, role: Role, sealed: Option<String>) -> Self {
        let placed = &order.placed;
        let money = |amount: Amount| Money { amount, currency: placed.currency };
        let address = (!placed.masks.name.is_empty()).then(|| ShownAddress {
            name: placed.masks.name.clone(),
            line1: "***",
            city: placed.masks.city.clone(),
            postal_code: "***",
            country: placed.country.clone(),
        });
        Self {
            id: placed.id.to_string(),
            status: order.state.status().name(),
            state: order.state.name(),
            version: order.version,
            placed_at: placed.placed_at.to_string(),
            expires_at: (order.state == State::PendingPayment).then(|| order.due_at().to_string()),
            lines: placed.lines.iter().map(|line| shown_line(order, line)).collect(),
            subtotal: money(placed.totals.subtotal),
            discount: money(placed.totals.discount),
            shipping: money(placed.totals.shipping),
            tax: money(placed.totals.tax),
            total: money(placed.totals.total),
            total_amount: placed.currency.decimal(placed.totals.total),
            currency: placed.currency,
            country: placed.country.clone(),
            shipping_method: placed.shipping_method.clone(),
            customer_email: placed.masks.email.clone(),
            address,
            payment: order.payment.as_ref().map(|payment| ShownPayment {
                state: payment.state.name(),
                method: payment.method.clone(),
                amount: money(placed.totals.total),
                refunded: money(payment.refunded()),
                calls: payment.calls,
                card: payment.card.as_ref().map(|card| ShownCard {
                    brand: card.brand.clone(),
                    last4: card.last4.clone(),
                    exp_month: card.exp_month,
                    exp_year: card.exp_year,
                }),
                action: payment.given.as_ref().filter(|_| payment.is_on_errand()).map(shown_errand),
            }),
            parcels: order.parcels().into_iter().map(shown_parcel).collect(),
            promotions: placed
                .promotions
                .iter()
                .map(|applied| ShownPromotion {
                    code: applied.code.clone(),
                    label: applied.label.clone(),
                    kind: applied.kind.clone(),
                    amount: money(applied.amount),
                })
                .collect(),
            events: shown_events(order),
            allowed_actions: allowed(order, role),
            sealed,
        }
    }
}

fn shown_errand(given: &Given) -> ShownErrand {
    match given.errand.clone() {
        Errand::Redirect { url } => ShownErrand::Redirect { url },
        Errand::Transfer { address, amount, expires_at } => {
            ShownErrand::Transfer { address, amount, expires_at: expires_at.to_string() }
        }
    }
}

fn shown_line(order: &Order, line: &Line) -> ShownLine {
    let money = |amount: Amount| Money { amount, currency: order.placed.currency };
    let (packed, shipped, delivered) = order.fulfilled(&line.sku);
    ShownLine {
        sku: line.sku.to_string(),
        product_id: line.product.to_string(),
        name: line.name.clone(),
        variant: line.variant.clone(),
        quantity: line.quantity,
        price: order.placed.currency.decimal(line.unit),
        unit_price: money(line.unit),
        line_total: money(line.total()),
        discount: money(line.discount),
        tax: money(line.tax),
        image_url: line.image.clone(),
        packed: packed.min(line.quantity),
        shipped: shipped.min(line.quantity),
        delivered: delivered.min(line.quantity),
    }
}

fn shown_parcel(parcel: crate::order::Parcel) -> ShownParcel {
    let (carrier, tracking, shipped_at) = match parcel.shipped {
        Some((carrier, tracking, at)) => (Some(carrier), Some(tracking), Some(at.to_string())),
        None => (None, None, None),
    };
    ShownParcel {
        id: parcel.id.to_string(),
        carrier,
        tracking,
        lines: parcel
            .units
            .into_iter()
            .map(|units| ShownUnits { sku: units.sku.to_string(), quantity: units.quantity })
            .collect(),
        packed_at: parcel.packed_at.to_string(),
        shipped_at,
        delivered_at: parcel.delivered_at.map(|at| at.to_string()),
    }
}

/// The events, with who did it by kind: names of people and tokens stay inside.
fn shown_events(order: &Order) -> Vec<ShownEvent> {
    let shown = order.events.iter().enumerate().map(|(index, event)| ShownEvent {
        version: index + 1,
        kind: event.what.name(),
        at: event.at.to_string(),
        by: kind_of(&event.by),
        text: text_of(&event.what),
    });
    shown.collect()
}

fn kind_of(by: &str) -> &'static str {
    match by.split(':').next().unwrap_or_default() {
        "guest" | "customer" => "customer",
        "staff" => "staff",
        _ => "system",
    }
}

fn text_of(what: &What) -> Option<String> {
    match what {
        What::Cancelled { reason } if !reason.is_empty() => Some(reason.clone()),
        What::Shipped { carrier, tracking, .. } => Some(format!("{carrier} {tracking}")),
        What::Packed { parcel, .. } | What::Delivered { parcel } => Some(format!("parcel {parcel}")),
        _ => None,
    }
}

/// What someone in `role` can do to the order now. Read from the table of transitions, less what its parcels and its
/// payment stand against.
fn allowed(order: &Order, role: Role) -> Vec<&'static str> {
    let packed = !order.parcels().is_empty();
    let paying = order.payment.as_ref().is_some_and(|payment| payment.is_open() && !payment.is_on_errand());
    let elsewhere = order.payment.as_ref().is_some_and(|payment| payment.is_on_errand() && !payment.can_be_left());
    let mut actions: Vec<Action> = TRANSITIONS
        .iter()
        .filter(|row| row.from == order.state && row.role != Role::System && role.covers(row.role))
        .map(|row| row.action)
        .filter(|action| match action {
            Action::Cancel => !packed && !paying,
            Action::Pay => !paying && !elsewhere,
            Action::Ship => order.parcels().iter().any(|parcel| parcel.shipped.is_none()),
            Action::Deliver => {
                order.parcels().iter().any(|parcel| parcel.shipped.is_some() && parcel.delivered_at.is_none())
            }
            _ => true,
        })
        .collect();
    actions.dedup();
    actions.into_iter().map(Action::name).collect()
}

//! Packing, shipping and delivering: pure steps on an order.

use crate::event::{Units, What};
use crate::order::Order;
use crate::state::Action;
use kernel::{Fault, Instant, Kind, Principal};
use std::collections::BTreeMap;

/// Parcels of one order at the most.
const PARCELS_MOST: usize = 50;

/// What the warehouse says it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Put units into a new parcel; none named means all that is left.
    Pack(Vec<Units>),
    /// Handed a parcel over; the last packed one unless it is named.
    Ship {
        /// Which.
        parcel: Option<u32>,
        /// To whom.
        carrier: String,
        /// Under which number.
        tracking: String,
    },
    /// A parcel has arrived; the last shipped one unless it is named.
    Deliver {
        /// Which.
        parcel: Option<u32>,
    },
}

/// Does one step. The same step again changes nothing where it is already so.
///
/// # Errors
/// Conflict when the order is not there for it; unprocessable for units that are not left or a parcel that is not there.
pub fn fulfil(order: &mut Order, step: Step, by: &Principal, now: Instant) -> Result<(), Fault> {
    let what = match step {
        Step::Pack(units) => {
            order.allow(Action::Pack, by.role())?;
            pack(order, units)?
        }
        Step::Ship { parcel, carrier, tracking } => {
            order.allow(Action::Ship, by.role())?;
            let parcel = find(order, parcel, |parcel| parcel.shipped.is_none())?;
            What::Shipped { parcel, carrier, tracking }
        }
        Step::Deliver { parcel } => {
            order.allow(Action::Deliver, by.role())?;
            let parcel = find(order, parcel, |parcel| parcel.shipped.is_some() && parcel.delivered_at.is_none())?;
            What::Delivered { parcel }
        }
    };
    order.happen(now, &by.to_string(), what);
    order.check_size()
}

fn pack(order: &Order, units: Vec<Units>) -> Result<What, Fault> {
    let left: Vec<Units> = order
        .placed
        .lines
        .iter()
        .map(|line| Units {
            sku: line.sku.clone(),
            quantity: line.quantity.saturating_sub(order.fulfilled(&line.sku).0),
        })
        .filter(|units| units.quantity > 0)
        .collect();
    let chosen = if units.is_empty() { left.clone() } else { summed(units) };
    for (index, units) in chosen.iter().enumerate() {
        let free = left.iter().find(|known| known.sku == units.sku).map_or(0, |known| known.quantity);
        if units.quantity == 0 || units.quantity > free {
            let detail = format!("Of {} there are {free} left to pack.", units.sku);
            let mut fault = Fault::new(Kind::Unprocessable, "not_left_to_pack", detail.clone());
            fault.errors.push(kernel::FieldError {
                pointer: format!("/lines/{index}/quantity"),
                rule: "range",
                detail,
            });
            return Err(fault);
        }
    }
    let parcels = order.parcels().len();
    if chosen.is_empty() || parcels >= PARCELS_MOST {
        return Err(Fault::new(Kind::Conflict, "nothing_to_pack", "There is nothing left to pack in this order."));
    }
    let parcel = u32::try_from(parcels + 1).unwrap_or(u32::MAX);
    Ok(What::Packed { parcel, units: chosen })
}

/// The same SKU named twice is one amount.
fn summed(units: Vec<Units>) -> Vec<Units> {
    let mut sums = BTreeMap::new();
    for units in units {
        *sums.entry(units.sku).or_insert(0_u32) += units.quantity;
    }
    sums.into_iter().map(|(sku, quantity)| Units { sku, quantity }).collect()
}

fn find(order: &Order, named: Option<u32>, fits: impl Fn(&crate::order::Parcel) -> bool) -> Result<u32, Fault> {
    let parcels = order.parcels();
    let found = match named {
        Some(id) => parcels.iter().find(|parcel| parcel.id == id && fits(parcel)),
        None => parcels.iter().rev().find(|parcel| fits(parcel)),
    };
    let refused =
        || Fault::new(Kind::Conflict, "no_such_parcel", "There is no parcel of this order that this can be done to.");
    found.map(|parcel| parcel.id).ok_or_else(refused)
}

//! What one customer may still take of a sale is stock too: a cell of its own that begins with the limit, is held with the
//! order's lines and is committed or released with them. So the limit holds over many carts, keys and environments.
//!
//! The cell is made by the first hold, in the same write. It is never spread, so no directory names it, and it leaves the
//! table some time after the sale.

use crate::cell::{Cell, Entry};
use crate::hold::Tried;
use crate::store::{ALLOWANCE, Store};
use kernel::{Fault, Instant, OrderId, SaleId, Sku, id};
use serde::{Deserialize, Serialize};
use table::{Guard, Refused, Write, WriteError};

/// What a customer may take of a sale, in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Under which SKU it is counted.
    pub sku: Sku,
    /// Units in all.
    pub limit: u32,
    /// From when on nobody asks any more, in seconds since the epoch: a while after the sale.
    pub expires_at: i64,
}

/// What became of a hold of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// The units are held, or settled already.
    Held,
    /// The customer has, or is about to have, too many.
    Exceeded,
}

/// The SKU under which the units of one customer in one sale are counted. `customer` is their name as rows keep it; the SKU
/// holds a hash of it.
///
/// # Errors
/// Never in practice: the parts fit into a SKU.
pub fn allowance(sale: &SaleId, customer: &str) -> Result<Sku, Fault> {
    let customer = id::derived(&["allowance", sale.as_str(), customer]);
    Sku::parse(&format!("{ALLOWANCE}{sale}:{customer}")).map_err(|error| Fault::bug(error.to_string()))
}

impl Store {
    /// Holds `quantity` units of a customer's allowance for an order. A repeat finds what is held already. One write for
    /// the customer's first order, two for a later one.
    ///
    /// # Errors
    /// Unavailable when the table does not answer: the same call can be repeated.
    pub async fn hold_within(
        &self,
        order: &OrderId,
        allowance: &Allowance,
        quantity: u32,
        until: Instant,
    ) -> Result<Within, Fault> {
        let id = self.id(&allowance.sku, 0);
        if let Some(left) = allowance.limit.checked_sub(quantity) {
            let mut cell = Cell::new(id.clone(), allowance.limit);
            cell.available = left;
            cell.holds.insert(order.clone(), Entry::Held { q: quantity, until });
            cell.expires_at = Some(allowance.expires_at);
            match self.table.write(Write::put(&cell)?.when(Guard::ABSENT)).await {
                Ok(_) => return Ok(Within::Held),
                Err(WriteError::Fault(fault)) => return Err(fault),
                Err(WriteError::Refused(Refused { old, .. })) => {
                    let old: Option<Cell> = old.map(table::Item::read).transpose()?;
                    if old.is_some_and(|cell| cell.holds.contains_key(order)) {
                        return Ok(Within::Held);
                    }
                }
            }
        }
        Ok(match self.try_hold(order, &id, quantity, until).await? {
            Tried::Taken(_) | Tried::Held(_) | Tried::Done => Within::Held,
            Tried::Refused(_) => Within::Exceeded,
        })
    }
}

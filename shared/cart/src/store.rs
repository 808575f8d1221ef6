//! The table of carts.

use crate::lines::Cart;
use crate::merge::merge;
use kernel::{Fault, Instant};
use table::{Table, WriteError};

/// How often a merge is done anew when the cart changed under it.
const ROUNDS: usize = 8;

/// The carts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The carts in that table.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table, for changes that are written together with an answer.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The cart of a shopper, with every change that was acknowledged; empty for one who has none or whose cart's time
    /// is over, since the database forgets late.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn load(&self, id: &str, now: Instant) -> Result<Cart, Fault> {
        let found: Option<Cart> = self.table.get_latest(&Cart::key_of(id)).await?;
        let mut cart = found.unwrap_or_else(|| Cart::empty(id));
        if cart.version > 0 && cart.expires_at <= now.seconds() {
            cart.lines.clear();
        }
        Ok(cart)
    }

    /// Puts the lines of one cart into another, when their shopper turns out to be the same. Once or often is the same.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn merge(&self, from: &str, into: &str, now: Instant) -> Result<Cart, Fault> {
        let source = self.load(from, now).await?;
        for _ in 0..ROUNDS {
            let mut cart = self.load(into, now).await?;
            let lines = merge(&cart.lines, &source.lines);
            if lines == cart.lines {
                return Ok(cart);
            }
            cart.lines = lines;
            let (write, saved) = cart.save(now)?;
            match self.table.write(write).await {
                Ok(_) => return Ok(saved),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable("the cart changed under its merge time and again"))
    }
}

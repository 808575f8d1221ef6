//! Bringing the stock of a SKU back into its first cell after a sale. What is held stays where it is until its order is
//! decided: it is sold there, or comes back with a later run.

use crate::cell::{Cell, CellId};
use crate::spread::{ACTIONS_MOST, closing, taking};
use crate::store::Store;
use kernel::{Fault, Sku};
use table::{Guard, Write, WriteError};

/// How often it is begun anew when the cells changed under it.
const ROUNDS: usize = 12;

impl Store {
    /// Closes every cell but the first and moves what is available in them there. Answers how many units are still held in
    /// closed cells: 0 when all is gathered. A run that died midway is gone on with by the next one; each transaction
    /// leaves every law of the cells as it was.
    ///
    /// # Errors
    /// Unavailable when the table does not answer, or the cells change time and again.
    pub async fn gather(&self, sku: &Sku) -> Result<u32, Fault> {
        self.close_all_but_the_first(sku).await?;
        for _ in 0..ROUNDS {
            let Some(stock) = self.look(sku).await? else {
                return Ok(0);
            };
            let closed: Vec<&Cell> = stock.cells.iter().filter(|cell| cell.id.n > 0 && !cell.open).collect();
            let full: Vec<&Cell> = closed.iter().copied().filter(|cell| cell.available > 0).collect();
            if full.is_empty() {
                return Ok(closed.into_iter().map(Cell::held).sum());
            }
            for some in full.chunks(ACTIONS_MOST - 1) {
                let units = some.iter().map(|cell| cell.available).sum();
                let mut writes = vec![bringing(&self.id(sku, 0), units)];
                writes.extend(some.iter().map(|cell| taking(&cell.id, cell.available)));
                match self.make(writes).await {
                    Ok(()) | Err(WriteError::Refused(_)) => {}
                    Err(WriteError::Fault(fault)) => return Err(fault),
                }
            }
        }
        Err(Fault::unavailable(format!("the cells of {sku} changed {ROUNDS} times while they were gathered")))
    }

    async fn close_all_but_the_first(&self, sku: &Sku) -> Result<(), Fault> {
        for _ in 0..ROUNDS {
            let Some(mut directory) = self.directory(sku).await? else {
                return Ok(());
            };
            let some: Vec<u32> = directory.open.iter().copied().filter(|n| *n > 0).take(ACTIONS_MOST - 1).collect();
            if some.is_empty() {
                return Ok(());
            }
            let seen = directory.version;
            directory.open.retain(|n| !some.contains(n));
            directory.closed.extend(&some);
            directory.version += 1;
            let mut writes = vec![Write::put(&directory)?.seen(seen)];
            for n in some {
                writes.push(closing(&self.id(sku, n))?);
            }
            match self.make(writes).await {
                Ok(()) | Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable(format!("the directory of {sku} changed {ROUNDS} times while its cells were closed")))
    }
}

fn bringing(first: &CellId, units: u32) -> Write {
    let expression = "SET available = available + :units, put_in = put_in + :units, seq = seq + :one";
    Write::update(first.key(), expression).when(Guard::PRESENT).number(":units", units).number(":one", 1)
}

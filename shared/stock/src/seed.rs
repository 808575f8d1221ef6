//! The first stock of many SKUs at once: a new catalog, a fresh local run.

use crate::cell::Cell;
use crate::directory::Directory;
use crate::store::Store;
use kernel::{Fault, Sku};
use table::{Guard, Write, WriteError};

/// SKUs of one transaction: a cell and a directory each, of at most 100 writes.
const BATCH: usize = 50;

impl Store {
    /// Gives each SKU its first cell with that many units. A SKU that has cells keeps them as they are.
    ///
    /// # Errors
    /// Unavailable when the table does not answer; some SKUs may be seeded then, and the same call goes on.
    pub async fn seed_many(&self, stock: &[(Sku, u32)]) -> Result<(), Fault> {
        for batch in stock.chunks(BATCH) {
            let writes = batch.iter().map(|(sku, units)| self.first(sku, *units)).collect::<Result<Vec<_>, _>>()?;
            match self.table.transact(writes.into_iter().flatten().collect(), None).await {
                Ok(()) => {}
                Err(WriteError::Refused(_)) => self.seed_each(batch).await?,
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Ok(())
    }

    /// One by one, where some are there already.
    async fn seed_each(&self, stock: &[(Sku, u32)]) -> Result<(), Fault> {
        for (sku, units) in stock {
            match self.table.transact(self.first(sku, *units)?, None).await {
                Ok(()) | Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Ok(())
    }

    /// The writes that make the first cell of a SKU, for whoever writes them together with something else in the table
    /// of stock.
    ///
    /// # Errors
    /// A bug when the rows do not write.
    pub fn first(&self, sku: &Sku, units: u32) -> Result<Vec<Write>, Fault> {
        let (cell, directory) = (Cell::new(self.id(sku, 0), units), Directory::new(sku.clone(), self.region.clone()));
        Ok(vec![Write::put(&cell)?.when(Guard::ABSENT), Write::put(&directory)?.when(Guard::ABSENT)])
    }
}

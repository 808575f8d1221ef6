//! What is withdrawn takes no more holds, whoever still has a quote for it: its cells close, and open again when it is
//! sold again. So placing an order needs no look at the catalog.

use crate::cell::CellId;
use crate::directory::Directory;
use crate::store::Store;
use kernel::{Fault, Sku};
use serde::{Deserialize, Serialize};
use table::{Guard, Write, WriteError};

/// The news that SKUs are sold, or no longer. It may come late, twice and out of order: the highest version stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shelf {
    /// Which SKUs.
    pub skus: Vec<Sku>,
    /// Whether they are sold.
    pub on_sale: bool,
    /// The version of the product that says so.
    pub version: u64,
}

impl Store {
    /// Closes or opens the cells of SKUs. Cells that are closed for good, to be drained, stay closed.
    ///
    /// # Errors
    /// Unavailable when the table does not answer; some cells may have followed then, and the same call goes on.
    pub async fn shelve(&self, shelf: &Shelf) -> Result<(), Fault> {
        for sku in &shelf.skus {
            let open = self.directory(sku).await?.map(|directory: Directory| directory.open).unwrap_or_default();
            for n in open {
                self.shelve_cell(&self.id(sku, n), shelf).await?;
            }
        }
        Ok(())
    }

    async fn shelve_cell(&self, id: &CellId, shelf: &Shelf) -> Result<(), Fault> {
        const LATER: Guard = Guard::new("later_news", "attribute_not_exists(shelf) OR shelf < :version");
        let expression = "SET #open = :open, shelf = :version, seq = seq + :one";
        let write = Write::update(id.key(), expression).when(Guard::PRESENT).when(LATER).name("#open", "open");
        let write = write.number(":version", shelf.version).number(":one", 1).value(":open", &shelf.on_sale)?;
        match self.table.write(write).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }
}

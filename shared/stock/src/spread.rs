//! How a SKU gets more cells and fewer: so that it sells as fast as its cells have partitions. Each change is one
//! transaction over the directory and the cells it touches, and holds only on the directory that was read.

use crate::cell::{Cell, CellId};
use crate::directory::Directory;
use crate::store::Store;
use kernel::{Fault, Sku};
use table::{Guard, Write, WriteError};

/// Cells that a busy SKU is given by itself at the most.
const CELLS_MOST: usize = 8;
/// How often a move is tried anew when the cells changed under it.
const ROUNDS: usize = 12;

impl Store {
    /// Opens another, empty cell.
    ///
    /// # Errors
    /// Missing when the SKU was never put in; a conflict when the directory changed at the same moment.
    pub async fn open(&self, sku: &Sku) -> Result<CellId, Fault> {
        self.open_with(sku, None).await
    }

    /// Opens another cell for a busy SKU and moves half of the fullest cell there. `None` when it has cells enough, or
    /// somebody else opened one at the same moment.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn widen(&self, sku: &Sku) -> Result<Option<CellId>, Fault> {
        let Some(stock) = self.look(sku).await? else {
            return Ok(None);
        };
        let fullest = stock.cells.iter().max_by_key(|cell| cell.on_offer());
        let Some(from) = fullest.filter(|cell| stock.cells.len() < CELLS_MOST && cell.on_offer() > 1) else {
            return Ok(None);
        };
        match self.open_with(sku, Some((from.id.n, from.on_offer() / 2))).await {
            Ok(id) => Ok(Some(id)),
            Err(fault) if fault.kind == kernel::Kind::Conflict => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// A new cell with units of another one: `(cell, units)`.
    async fn open_with(&self, sku: &Sku, from: Option<(u32, u32)>) -> Result<CellId, Fault> {
        let mut directory = self.directory(sku).await?.ok_or_else(Fault::missing)?;
        let (id, seen) = (self.id(sku, directory.next()), directory.version);
        directory.open.push(id.n);
        directory.version += 1;
        let units = from.map_or(0, |(_, units)| units);
        let mut writes = vec![
            Write::put(&directory)?.seen(seen),
            Write::put(&Cell::new(id.clone(), units))?.when(Guard::ABSENT),
            self.say_spread(sku, from.filter(|(n, _)| *n == 0).map_or(0, |(_, units)| units))?,
        ];
        if let Some((n, units)) = from.filter(|(n, _)| *n > 0) {
            writes.push(taking(&self.id(sku, n), units));
        }
        self.make(writes).await?;
        Ok(id)
    }

    /// Cell 0 says from now on that there are more, and gives `units` away.
    fn say_spread(&self, sku: &Sku, units: u32) -> Result<Write, Fault> {
        const ENOUGH: Guard = Guard::new("enough", "available >= :units");
        let expression =
            "SET available = available - :units, put_in = put_in - :units, seq = seq + :one, spread = :true";
        let write =
            Write::update(self.id(sku, 0).key(), expression).when(ENOUGH).number(":units", units).number(":one", 1);
        write.value(":true", &true)
    }

    /// Closes a cell: it takes no more holds, and drains as those it has are settled.
    ///
    /// # Errors
    /// Missing when there is no such open cell; a conflict when the directory changed at the same moment.
    pub async fn close(&self, sku: &Sku, n: u32) -> Result<(), Fault> {
        const PRESENT: Guard = Guard::PRESENT;
        let mut directory: Directory =
            self.directory(sku).await?.filter(|directory| directory.open.contains(&n)).ok_or_else(Fault::missing)?;
        let seen = directory.version;
        directory.open.retain(|open| *open != n);
        directory.closed.push(n);
        directory.version += 1;
        let close = Write::update(self.id(sku, n).key(), "SET #open = :false, seq = seq + :one");
        let close = close.when(PRESENT).name("#open", "open").number(":one", 1).value(":false", &false)?;
        self.make(vec![Write::put(&directory)?.seen(seen), close]).await?;
        Ok(())
    }

    /// Moves units from one cell to another, once for each `id`. Answers how many: what is not there is not moved.
    ///
    /// # Errors
    /// Missing when one of the cells is not there; unavailable when the table does not answer.
    pub async fn move_units(&self, sku: &Sku, from: u32, to: u32, units: u32, id: &str) -> Result<u32, Fault> {
        for _ in 0..ROUNDS {
            let cells: Vec<Cell> = self.table.get_many(&[self.id(sku, from).key(), self.id(sku, to).key()]).await?;
            let find = |n: u32| cells.iter().find(|cell| cell.id.n == n).ok_or_else(Fault::missing);
            let (source, target) = (find(from)?, find(to)?);
            let units = units.min(source.available);
            if units == 0 || from == to || target.has_adjusted(id) {
                return Ok(0);
            }
            match self.make(vec![taking(&source.id, units), giving(target, units, id)?]).await {
                Ok(()) => return Ok(units),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable(format!("the cells of {sku} changed {ROUNDS} times while units were moved")))
    }
}

fn taking(id: &CellId, units: u32) -> Write {
    const ENOUGH: Guard = Guard::new("enough", "available >= :units");
    let expression = "SET available = available - :units, put_in = put_in - :units, seq = seq + :one";
    Write::update(id.key(), expression).when(ENOUGH).number(":units", units).number(":one", 1)
}

fn giving(cell: &Cell, units: u32, id: &str) -> Result<Write, Fault> {
    const NEW: Guard = Guard::new("new_adjustment", "adjusted = :seen");
    let expression =
        "SET available = available + :units, put_in = put_in + :units, seq = seq + :one, adjusted = :adjusted";
    let write = Write::update(cell.id.key(), expression).when(NEW).number(":units", units).number(":one", 1);
    write.value(":seen", &cell.adjusted)?.value(":adjusted", &cell.adjusted_with(id))
}

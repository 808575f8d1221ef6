//! How a SKU gets more cells and fewer: so that it sells as fast as its cells have partitions. Each change is one
//! transaction over the directory and the cells it touches, and holds only on the directory that was read.

use crate::cell::{Cell, CellId, Stock};
use crate::directory::Directory;
use crate::store::Store;
use kernel::{Fault, Sku};
use table::{Guard, Write, WriteError};

/// Cells that a busy SKU is given by itself at the most.
const CELLS_MOST: usize = 8;
/// Actions of one transaction at the most.
pub(crate) const ACTIONS_MOST: usize = 100;
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
        let mut directory: Directory =
            self.directory(sku).await?.filter(|directory| directory.open.contains(&n)).ok_or_else(Fault::missing)?;
        let seen = directory.version;
        directory.open.retain(|open| *open != n);
        directory.closed.push(n);
        directory.version += 1;
        self.make(vec![Write::put(&directory)?.seen(seen), closing(&self.id(sku, n))?]).await?;
        Ok(())
    }

    /// Spreads a SKU over `cells` open cells, as evenly as its units allow, in as few transactions as there can be: closed
    /// cells are opened again, new ones are made, and what they get is taken from the fullest. Answers how many cells are
    /// open then: 0 for a SKU that was never put in. A SKU that has that many already stays as it is, so a run that died
    /// midway is gone on with by the same call. Each transaction leaves every law of the cells as it was.
    ///
    /// # Errors
    /// Unavailable when the table does not answer, or the cells change time and again.
    pub async fn spread(&self, sku: &Sku, cells: usize) -> Result<usize, Fault> {
        let mut failed = None;
        for _ in 0..ROUNDS + cells / (ACTIONS_MOST / 2) {
            let (Some(stock), Some(directory)) = (self.look(sku).await?, self.directory(sku).await?) else {
                return Ok(0);
            };
            if directory.open.len() >= cells {
                return Ok(directory.open.len());
            }
            match self.make(self.spreading(&stock, directory, cells)?).await {
                Ok(()) | Err(WriteError::Refused(_)) => {}
                // A conflict with a hold is for a moment; a table that stays away is not.
                Err(WriteError::Fault(fault)) if failed.is_none() => failed = Some(fault),
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(failed
            .unwrap_or_else(|| Fault::unavailable(format!("the cells of {sku} kept changing while they were spread"))))
    }

    /// The writes of one transaction that opens as many cells as fit into it.
    fn spreading(&self, stock: &Stock, mut directory: Directory, cells: usize) -> Result<Vec<Write>, Fault> {
        let sku = &stock.sku;
        let share = stock.available() / u32::try_from(cells).unwrap_or(u32::MAX).max(1);
        let mut givers: Vec<(u32, u32)> = stock
            .cells
            .iter()
            .filter(|cell| cell.on_offer() > share)
            .map(|cell| (cell.id.n, cell.on_offer() - share))
            .collect();
        givers.sort_by_key(|(n, spare)| (std::cmp::Reverse(*spare), *n));
        givers.truncate(ACTIONS_MOST / 2);
        let spare: u32 = givers.iter().map(|(_, spare)| *spare).sum();
        let share = share.min(spare);
        // Beside the new cells: the directory, the first cell, and those that give. What is given is there to give.
        let fed = spare.checked_div(share).map_or(usize::MAX, |cells| usize::try_from(cells).unwrap_or(usize::MAX));
        let missing = (cells - directory.open.len()).min(ACTIONS_MOST - 2 - givers.len()).min(fed);
        let seen = directory.version;
        let again: Vec<u32> = directory.closed.drain(..missing.min(directory.closed.len())).collect();
        let mut writes = Vec::with_capacity(ACTIONS_MOST);
        for n in &again {
            writes.push(reopening(&self.id(sku, *n), share)?);
            directory.open.push(*n);
        }
        for _ in again.len()..missing {
            let id = self.id(sku, directory.next());
            directory.open.push(id.n);
            writes.push(Write::put(&Cell::new(id, share))?.when(Guard::ABSENT));
        }
        directory.version += 1;
        writes.push(Write::put(&directory)?.seen(seen));
        let mut rest = share.saturating_mul(u32::try_from(missing).unwrap_or(u32::MAX));
        let mut of_the_first = 0;
        for (n, spare) in givers {
            let units = rest.min(spare);
            rest -= units;
            match (n, units) {
                (_, 0) => {}
                (0, units) => of_the_first = units,
                (n, units) => writes.push(taking(&self.id(sku, n), units)),
            }
        }
        writes.push(self.say_spread(sku, of_the_first)?);
        Ok(writes)
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

/// It takes no more holds.
pub(crate) fn closing(id: &CellId) -> Result<Write, Fault> {
    let close = Write::update(id.key(), "SET #open = :false, seq = seq + :one").when(Guard::PRESENT);
    close.name("#open", "open").number(":one", 1).value(":false", &false)
}

/// It takes holds again, and has `units` more.
fn reopening(id: &CellId, units: u32) -> Result<Write, Fault> {
    let expression = "SET #open = :true, available = available + :units, put_in = put_in + :units, seq = seq + :one";
    let write = Write::update(id.key(), expression).when(Guard::PRESENT).name("#open", "open");
    write.number(":units", units).number(":one", 1).value(":true", &true)
}

pub(crate) fn taking(id: &CellId, units: u32) -> Write {
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

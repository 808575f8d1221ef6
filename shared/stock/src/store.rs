//! The table of cells: what is read of it, and what an environment remembers of its directories.

use crate::cell::{Cell, CellId, Stock};
use crate::directory::Directory;
use crate::level::{Availability, Follows, LevelChange, follows};
use kernel::{Fault, Instant, OrderId, Region, Sku};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::{Item, Table};

/// How long a directory that was read is believed.
const DIRECTORY_LIFE: Duration = Duration::from_millis(100);
/// How many SKUs with many cells an environment remembers.
const DIRECTORIES_KEPT: usize = 1_000;
/// What the SKU of a coupon's limit begins with.
const COUPON: &str = "COUPON:";
/// What the SKU of a customer's allowance in a sale begins with.
pub(crate) const ALLOWANCE: &str = "SALE:";

/// The stock of one region. Cheap to clone: clones share what they know of directories, as one environment does.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) table: Table,
    pub(crate) region: Region,
    known: Arc<Mutex<HashMap<Sku, Known>>>,
}

/// What an environment knows of a SKU that has, or had, more than one cell.
#[derive(Debug, Clone)]
struct Known {
    open: Arc<[u32]>,
    /// The end of the hold for which the directory was read; all holds last equally long, so ends age like beginnings.
    read_for: Option<Instant>,
}

/// The SKU under which the uses of a coupon are counted.
///
/// # Errors
/// Invalid when the code cannot stand in a SKU.
pub fn coupon(code: &str) -> Result<Sku, Fault> {
    Sku::parse(&format!("{COUPON}{code}")).map_err(|error| Fault::field("/code", "format", error.to_string()))
}

/// Whether it is something that is put into a parcel, and no limit that is kept as stock.
pub(crate) fn is_goods(sku: &Sku) -> bool {
    ![COUPON, ALLOWANCE].iter().any(|limit| sku.as_str().starts_with(limit))
}

impl Store {
    /// The stock in that table, as `region` sells it.
    #[must_use]
    pub fn new(table: Table, region: Region) -> Self {
        Self { table, region, known: Arc::default() }
    }

    /// The table, for what is written together with something else.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) fn id(&self, sku: &Sku, n: u32) -> CellId {
        CellId { sku: sku.clone(), region: self.region.clone(), n }
    }

    /// The cell that an order's line should be held in: cell 0, unless this environment knows of more. The same
    /// order and SKU get the same cell as long as the directory stays the same. Reads nothing.
    #[must_use]
    pub fn choose(&self, order: &OrderId, sku: &Sku, _quantity: u32) -> u32 {
        let open = self.known(sku).map(|known| known.open);
        open.and_then(|open| pick(&open, order, sku)).unwrap_or(0)
    }

    fn known(&self, sku: &Sku) -> Option<Known> {
        self.known.lock().ok()?.get(sku).cloned()
    }

    fn remember(&self, sku: &Sku, known: Known) {
        if let Ok(mut all) = self.known.lock() {
            if all.len() >= DIRECTORIES_KEPT {
                all.clear();
            }
            all.insert(sku.clone(), known);
        }
    }

    /// Notes that a cell said there are more.
    pub(crate) fn learn(&self, cell: &Cell) {
        if cell.spread && self.known(&cell.id.sku).is_none() {
            self.remember(&cell.id.sku, Known { open: Arc::new([0]), read_for: None });
        }
    }

    /// The first cell to ask for a hold: as [`Store::choose`], from a directory that is fresh if the SKU is known to
    /// have many cells.
    pub(crate) async fn first_cell(&self, order: &OrderId, sku: &Sku, until: Instant) -> Result<u32, Fault> {
        if self.known(sku).is_none() {
            return Ok(0);
        }
        let open = self.open_cells(sku, until).await?;
        Ok(pick(&open, order, sku).unwrap_or(0))
    }

    /// The numbers of the open cells, as of at most 100 ms ago.
    pub(crate) async fn open_cells(&self, sku: &Sku, until: Instant) -> Result<Arc<[u32]>, Fault> {
        if let Some(Known { open, read_for: Some(read_for) }) = self.known(sku)
            && until.since(read_for).max(read_for.since(until)) < DIRECTORY_LIFE
        {
            return Ok(open);
        }
        let directory = self.directory(sku).await?;
        let open: Arc<[u32]> = directory.map(|directory| directory.open).unwrap_or_default().into();
        self.remember(sku, Known { open: Arc::clone(&open), read_for: Some(until) });
        Ok(open)
    }

    pub(crate) async fn directory(&self, sku: &Sku) -> Result<Option<Directory>, Fault> {
        self.table.get_latest(&Directory::key_of(sku, &self.region)).await
    }

    /// All cells of a SKU, with every acknowledged write; `None` for a SKU that was never put in. Cells are read one by
    /// one: units that move between two of them meanwhile may be seen in both or in neither.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn look(&self, sku: &Sku) -> Result<Option<Stock>, Fault> {
        let Some(first) = self.table.get_latest::<Cell>(&self.id(sku, 0).key()).await? else {
            return Ok(None);
        };
        if !first.spread {
            return Ok(Some(Stock { sku: sku.clone(), cells: vec![first] }));
        }
        let ids = self.directory(sku).await?.map(|directory| directory.cells()).unwrap_or_default();
        let keys: Vec<_> = ids.iter().map(CellId::key).collect();
        let mut cells: Vec<Cell> = self.table.get_many(&keys).await?;
        cells.sort_by_key(|cell| cell.id.n);
        Ok(Some(Stock { sku: sku.clone(), cells }))
    }

    /// What can be bought of each of `skus`; one that was never put in is out. One consistent `BatchGetItem`, and two
    /// more if any of them has many cells.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn levels(&self, skus: &[Sku]) -> Result<BTreeMap<Sku, Availability>, Fault> {
        let mut units: BTreeMap<Sku, u32> = skus.iter().map(|sku| (sku.clone(), 0)).collect();
        let keys: Vec<_> = units.keys().map(|sku| self.id(sku, 0).key()).collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let first: Vec<Cell> = self.table.get_many(&keys).await?;
        let spread: Vec<Sku> = first.iter().filter(|cell| cell.spread).map(|cell| cell.id.sku.clone()).collect();
        for cell in first.into_iter().chain(self.further_cells(&spread).await?) {
            *units.entry(cell.id.sku.clone()).or_default() += cell.on_offer();
        }
        Ok(units.into_iter().map(|(sku, available)| (sku, Availability::of(available))).collect())
    }

    /// The cells of `skus` beside cell 0.
    async fn further_cells(&self, skus: &[Sku]) -> Result<Vec<Cell>, Fault> {
        if skus.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = skus.iter().map(|sku| Directory::key_of(sku, &self.region)).collect();
        let directories: Vec<Directory> = self.table.get_many(&keys).await?;
        let ids = directories.iter().flat_map(Directory::cells).filter(|id| id.n > 0);
        let keys: Vec<_> = ids.map(|id| id.key()).collect();
        if keys.is_empty() { Ok(Vec::new()) } else { self.table.get_many(&keys).await }
    }

    /// What one change of the table means for the level of a SKU, if it means anything: only this region's cells of
    /// goods count, and only where the level may be another one.
    ///
    /// # Errors
    /// A bug when the items are not cells; unavailable when the other cells of the SKU cannot be read.
    pub async fn level_change(
        &self,
        pk: &str,
        old: Option<Item>,
        new: Option<Item>,
        at: Instant,
    ) -> Result<Option<LevelChange>, Fault> {
        let goods = CellId::parse(pk).filter(|id| id.region == self.region && is_goods(&id.sku));
        let (Some(id), Some(new)) = (goods, new) else {
            return Ok(None);
        };
        let (old, new) = (old.map(Item::read::<Cell>).transpose()?, new.read::<Cell>()?);
        let stock = match follows(old.as_ref(), &new) {
            Follows::Nothing => return Ok(None),
            Follows::Itself => Stock { sku: id.sku, cells: vec![new] },
            Follows::Look => match self.look(&id.sku).await? {
                Some(stock) => stock,
                None => return Ok(None),
            },
        };
        let Availability { available, level } = Availability::of(stock.available());
        Ok(Some(LevelChange { seq: stock.seq(), sku: stock.sku, level, available, at }))
    }
}

/// One of `open`, the same for the same order and SKU.
fn pick(open: &[u32], order: &OrderId, sku: &Sku) -> Option<u32> {
    if open.len() < 2 {
        return open.first().copied();
    }
    open.get(spot(order, sku) % open.len()).copied()
}

/// A number that spreads orders evenly: FNV-1a over order and SKU.
pub(crate) fn spot(order: &OrderId, sku: &Sku) -> usize {
    let bytes = order.as_str().bytes().chain(sku.as_str().bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::try_from(hash).unwrap_or(0)
}

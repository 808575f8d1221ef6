//! One cell: what it holds, what it may do next, and the laws it never breaks. Pure.

use crate::sales::Sales;
use kernel::{Instant, OrderId, Region, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use table::{Key, Row};

/// How long a mark of a settled order stays at least.
pub(crate) const MARKS_STAY: Duration = Duration::from_secs(60);
/// Entries beyond which a cell costs a second write unit and another one should be opened.
pub(crate) const ENTRIES_CHEAP: usize = 12;
/// How many adjustments a cell remembers.
const ADJUSTMENTS_KEPT: usize = 8;

/// The name of a cell: its SKU, its home region and its number there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CellId {
    /// What is in it.
    pub sku: Sku,
    /// The one region that sells it.
    pub region: Region,
    /// Which of the region's cells of this SKU, from 0.
    pub n: u32,
}

impl CellId {
    /// The cell's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(self.to_string())
    }

    /// The cell that a partition key names, if it names one.
    #[must_use]
    pub fn parse(pk: &str) -> Option<Self> {
        let mut parts = pk.strip_prefix("STOCK#")?.split('#');
        let (sku, region, n) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self { sku: Sku::parse(sku).ok()?, region: Region::parse(region).ok()?, n: n.parse().ok()? })
    }
}

impl fmt::Display for CellId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "STOCK#{}#{}#{}", self.sku, self.region, self.n)
    }
}

impl From<CellId> for String {
    fn from(id: CellId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for CellId {
    type Error = &'static str;
    fn try_from(pk: String) -> Result<Self, Self::Error> {
        Self::parse(&pk).ok_or("not the key of a stock cell")
    }
}

/// What a cell knows of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// Units are kept for it.
    Held {
        /// How many.
        q: u32,
        /// Until when the order should be decided. Nothing happens at that moment but a look.
        until: Instant,
    },
    /// They are sold: the mark that makes a repeat a no-op.
    Done {
        /// How many.
        q: u32,
        /// When they were sold.
        done: Instant,
    },
}

/// One cell as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Its name, which is its key.
    #[serde(rename = "pk")]
    pub id: CellId,
    /// Whether it takes holds.
    pub open: bool,
    /// Units that can be held.
    pub available: u32,
    /// Units sold.
    pub sold: u32,
    /// Units ever put in less those taken out.
    pub put_in: u32,
    /// Counts the mutations: unique and without gaps.
    pub seq: u64,
    /// What it knows of orders.
    #[serde(default)]
    pub holds: BTreeMap<OrderId, Entry>,
    /// The latest adjustments by the short form of their ids, oldest first.
    #[serde(default)]
    pub adjusted: Vec<String>,
    /// The latest sales, for counts that name an earlier moment.
    #[serde(default)]
    pub sales: Sales,
    /// Of the latest count that was taken over: the moment it speaks of. Kept in cell 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Instant>,
    /// Whether there are more cells, so that the directory has to be asked. Kept in cell 0 and never unset.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spread: bool,
    /// From when on the table may drop it, in seconds since the epoch: a customer's allowance of a sale only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl Row for Cell {
    fn key(&self) -> Key {
        self.id.key()
    }
}

impl Cell {
    /// A new, open cell with `available` units in it, which is its first mutation.
    #[must_use]
    pub fn new(id: CellId, available: u32) -> Self {
        Self {
            id,
            open: true,
            available,
            sold: 0,
            put_in: available,
            seq: 1,
            holds: BTreeMap::new(),
            adjusted: Vec::new(),
            sales: Sales::default(),
            stated: None,
            spread: false,
            expires_at: None,
        }
    }

    /// Units in open holds.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.holds.values().map(|entry| if let Entry::Held { q, .. } = entry { *q } else { 0 }).sum()
    }

    /// Units that can be held here now.
    #[must_use]
    pub const fn on_offer(&self) -> u32 {
        if self.open { self.available } else { 0 }
    }

    /// Whether its map of orders makes each write cost more than it need.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.holds.len() > ENTRIES_CHEAP
    }

    /// Marks that have stayed long enough, at most `most` of them.
    pub(crate) fn old_marks(&self, now: Instant, most: usize) -> Vec<(&OrderId, Instant)> {
        let old = self.holds.iter().filter_map(|(order, entry)| match entry {
            Entry::Done { done, .. } if now.since(*done) >= MARKS_STAY => Some((order, *done)),
            _ => None,
        });
        old.take(most).collect()
    }

    /// Whether the adjustment with that id was made here, as far as the cell remembers.
    pub(crate) fn has_adjusted(&self, id: &str) -> bool {
        self.adjusted.iter().any(|known| *known == short(id))
    }

    /// The remembered adjustments with one more.
    pub(crate) fn adjusted_with(&self, id: &str) -> Vec<String> {
        let mut ids: Vec<String> =
            self.adjusted.iter().skip((self.adjusted.len() + 1).saturating_sub(ADJUSTMENTS_KEPT)).cloned().collect();
        ids.push(short(id));
        ids
    }
}

/// Half a derived id, 65 bits: enough to tell the adjustments of one cell apart.
fn short(id: &str) -> String {
    let mut text = kernel::id::derived(&["adjustment", id]);
    text.truncate(13);
    text
}

/// All cells of a SKU in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// The SKU.
    pub sku: Sku,
    /// Its cells, by number.
    pub cells: Vec<Cell>,
}

impl Stock {
    /// Units that can be held, over all open cells.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.cells.iter().map(Cell::on_offer).sum()
    }

    /// Units in open holds.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.cells.iter().map(Cell::held).sum()
    }

    /// Units sold.
    #[must_use]
    pub fn sold(&self) -> u32 {
        self.cells.iter().map(|cell| cell.sold).sum()
    }

    /// Units put in less those taken out.
    #[must_use]
    pub fn put_in(&self) -> u32 {
        self.cells.iter().map(|cell| cell.put_in).sum()
    }

    /// Mutations of all cells together: grows with each.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.cells.iter().map(|cell| cell.seq).sum()
    }
}

/// A law that a cell breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which cell.
    pub cell: CellId,
    /// Which law, in words.
    pub law: &'static str,
    /// The numbers that show it.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({})", self.cell, self.law, self.seen)
    }
}

impl std::error::Error for Violation {}

/// Checks what must hold of one cell at every moment: `available >= 0` is held by its type and read as such;
/// `available + Σ holds + sold = put_in`.
///
/// # Errors
/// The law that is broken.
pub fn check_cell(cell: &Cell) -> Result<(), Violation> {
    let broken = |law, seen| Violation { cell: cell.id.clone(), law, seen };
    let there = u64::from(cell.available) + u64::from(cell.held()) + u64::from(cell.sold);
    if there != u64::from(cell.put_in) {
        let seen = format!("{} + {} + {} != {}", cell.available, cell.held(), cell.sold, cell.put_in);
        return Err(broken("available + holds + sold = put in", seen));
    }
    if cell.holds.values().any(|entry| matches!(entry, Entry::Held { q: 0, .. } | Entry::Done { q: 0, .. })) {
        return Err(broken("an entry is for at least one unit", format!("{:?}", cell.holds)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Cell, CellId, Entry, check_cell};
    use kernel::{Instant, OrderId, Region, Sku};

    fn cell(available: u32) -> Cell {
        let id = CellId { sku: Sku::parse("MAG-060").unwrap(), region: Region::parse("eu-central-1").unwrap(), n: 0 };
        Cell::new(id, available)
    }

    fn order(n: u8) -> OrderId {
        OrderId::parse(&kernel::id::encode([n; 16])).unwrap()
    }

    #[test]
    fn a_cells_name_reads_back_and_nothing_else_does() {
        let id = cell(0).id;
        assert_eq!(CellId::parse(&id.to_string()), Some(id));
        for other in [
            "CELLS#MAG-060#eu-central-1",
            "STOCK#MAG-060#eu-central-1",
            "STOCK#MAG-060#eu-central-1#x",
            "STOCK#A#b#1#2",
        ] {
            assert_eq!(CellId::parse(other), None, "{other}");
        }
    }

    // Proves: S4-P2b
    #[test]
    fn a_unit_that_is_neither_there_nor_held_nor_sold_breaks_the_law() {
        let mut cell = cell(3);
        cell.holds.insert(order(1), Entry::Held { q: 1, until: Instant::from_millis(5) });
        assert!(check_cell(&cell).is_err());
        cell.available = 2;
        assert!(check_cell(&cell).is_ok());
        cell.sold = 1;
        assert!(check_cell(&cell).is_err());
    }

    #[test]
    fn marks_are_old_after_a_minute() {
        let mut cell = cell(3);
        cell.holds.insert(order(1), Entry::Done { q: 1, done: Instant::from_seconds(100) });
        cell.holds.insert(order(2), Entry::Held { q: 1, until: Instant::from_seconds(1) });
        assert!(cell.old_marks(Instant::from_millis(159_999), 9).is_empty());
        assert_eq!(cell.old_marks(Instant::from_seconds(160), 9), [(&order(1), Instant::from_seconds(100))]);
    }

    #[test]
    fn a_cell_remembers_its_latest_eight_adjustments() {
        let mut cell = cell(3);
        for n in 0..10 {
            cell.adjusted = cell.adjusted_with(&format!("delivery {n}"));
        }
        assert_eq!(cell.adjusted.len(), 8);
        assert!(cell.has_adjusted("delivery 9") && cell.has_adjusted("delivery 2") && !cell.has_adjusted("delivery 1"));
    }
}

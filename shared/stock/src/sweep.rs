//! Holds past their time. Nothing happens to them because of that: whoever sweeps asks the order what was decided.

use crate::cell::{Cell, CellId, Entry};
use crate::store::Store;
use kernel::{Fault, Instant, OrderId, Sku};
use serde::{Deserialize, Serialize};
use table::{Item, Key, Row, Write};

/// A hold past its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Whose.
    pub order: OrderId,
    /// Of what.
    pub sku: Sku,
    /// In which cell.
    pub cell: u32,
    /// How many.
    pub quantity: u32,
    /// Until when it was meant to last.
    pub until: Instant,
}

/// A part of the table, swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    /// The holds past their time in it.
    pub overdue: Vec<Overdue>,
    /// Whether that was the table's first part.
    pub begun: bool,
    /// Whether that was the table's last part; the next sweep begins anew.
    pub finished: bool,
    /// Units of goods in it that are on hand: available or held.
    pub on_hand: u64,
}

/// Where the next sweep goes on.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    region: kernel::Region,
    after: Vec<(String, String)>,
}

impl Row for Position {
    fn key(&self) -> Key {
        position_key(&self.region)
    }
}

fn position_key(region: &kernel::Region) -> Key {
    Key::new(format!("SWEEP#{region}"))
}

impl Store {
    /// Reads the next `items` of the table at the most, from where the last sweep ended, and remembers where this one
    /// does.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn sweep(&self, now: Instant, items: usize) -> Result<Swept, Fault> {
        let from: Option<Position> = self.table.get(&position_key(&self.region)).await?;
        let after = from.map(|position| position.after).filter(|after| !after.is_empty());
        let page = self.table.scan(items, after.as_deref()).await?;
        let (mut overdue, mut on_hand) = (Vec::new(), 0);
        for cell in page.items.into_iter().filter_map(|item| self.cell_in(item)) {
            let cell = cell?;
            if crate::store::is_goods(&cell.id.sku) {
                on_hand += u64::from(cell.available) + u64::from(cell.held());
            }
            overdue.extend(overdue_in(&cell, now));
        }
        let begun = after.is_none();
        let finished = page.next.is_none();
        let position = Position { region: self.region.clone(), after: page.next.unwrap_or_default() };
        self.table.write(Write::put(&position)?).await?;
        Ok(Swept { overdue, begun, finished, on_hand })
    }

    /// The cell that an item is, if it is one of this region.
    fn cell_in(&self, item: Item) -> Option<Result<Cell, Fault>> {
        CellId::parse(item.pk()).filter(|id| id.region == self.region).map(|_| item.read())
    }
}

fn overdue_in(cell: &Cell, now: Instant) -> impl Iterator<Item = Overdue> {
    cell.holds.iter().filter_map(move |(order, entry)| match entry {
        Entry::Held { q, until } if *until < now => Some(Overdue {
            order: order.clone(),
            sku: cell.id.sku.clone(),
            cell: cell.id.n,
            quantity: *q,
            until: *until,
        }),
        _ => None,
    })
}

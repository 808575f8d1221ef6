//! Holding stock for an order: one conditional write of one cell for each line, and more only when that is refused.

use crate::cell::{Cell, CellId, Entry, Stock};
use crate::store::{Store, spot};
use futures::future::join_all;
use kernel::{Fault, Instant, OrderId, Sku};
use std::collections::BTreeMap;
use std::time::Duration;
use table::{Guard, Refused, Write, WriteError};

/// How long a hold is meant to last: `until` is this much after the request.
pub const HOLD_LASTS: Duration = Duration::from_secs(600);
/// Further cells that are asked before all of them are looked at.
const PROBES: usize = 3;
/// How often units that a look found may be taken by others before the line gives up for now.
const ROUNDS: usize = 8;

/// Units that an order has in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Of what.
    pub sku: Sku,
    /// In which of the region's cells.
    pub cell: u32,
    /// How many.
    pub quantity: u32,
    /// The cell's mutation that made the hold; `None` when it was there before, or was made after a look
    /// at all cells.
    pub seq: Option<u64>,
}

/// Why nothing is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is less than was asked for, in all open cells together.
    OutOfStock {
        /// The SKUs of which there is too little.
        skus: Vec<Sku>,
    },
    /// The table does not answer, or others took what was found time and again: some lines may be held. The same call
    /// can be repeated, and the end of the order releases what is held.
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => fault,
            Refusal::OutOfStock { skus } => {
                let names: Vec<&str> = skus.iter().map(Sku::as_str).collect();
                Self::out_of_stock().because(format!("less than asked for of {}", names.join(", ")))
            }
        }
    }
}

/// What one cell answered.
pub(crate) enum Tried {
    /// Held now.
    Taken(Cell),
    /// This order has units here already.
    Held(u32),
    /// This order is settled here.
    Done,
    /// Closed, too little, or no such cell; with the cell as it was.
    Refused(Option<Cell>),
}

/// Why a line is not held.
enum Missed {
    OutOfStock,
    Fault(Fault),
}

impl From<Fault> for Missed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Store {
    /// Holds `lines` for a new order until it is decided: each line whole, or in parts in several cells; all lines or
    /// none. `until` is [`HOLD_LASTS`] after now. A repeat finds what is held already; a line that is settled counts as
    /// held. For a SKU with one cell that is one write, and no read.
    ///
    /// # Errors
    /// [`Refusal::OutOfStock`] with what is missing, after what was held is released again; [`Refusal::Fault`] when
    /// the table does not answer.
    pub async fn hold(&self, order: &OrderId, lines: &[(Sku, u32)], until: Instant) -> Result<Vec<Held>, Refusal> {
        let lines = merged(lines);
        let tried = join_all(lines.iter().map(|(sku, quantity)| self.hold_line(order, sku, *quantity, until))).await;
        self.all_or_none(order, lines, tried).await
    }

    /// As [`Store::hold`], for an attempt that takes over another one which may have held in any cell: looks at all
    /// cells first, so that nothing is held twice.
    ///
    /// # Errors
    /// As [`Store::hold`].
    pub async fn hold_again(
        &self,
        order: &OrderId,
        lines: &[(Sku, u32)],
        until: Instant,
    ) -> Result<Vec<Held>, Refusal> {
        let lines = merged(lines);
        let tried = join_all(lines.iter().map(|(sku, quantity)| self.hold_by_look(order, sku, *quantity, until))).await;
        self.all_or_none(order, lines, tried).await
    }

    async fn all_or_none(
        &self,
        order: &OrderId,
        lines: Vec<(Sku, u32)>,
        tried: Vec<Result<Vec<Held>, Missed>>,
    ) -> Result<Vec<Held>, Refusal> {
        let (mut held, mut missing, mut fault) = (Vec::new(), Vec::new(), None);
        for ((sku, _), result) in lines.into_iter().zip(tried) {
            match result {
                Ok(parts) => held.extend(parts),
                Err(Missed::OutOfStock) => missing.push(sku),
                Err(Missed::Fault(error)) => fault = Some(error),
            }
        }
        if missing.is_empty() {
            return fault.map_or(Ok(held), |fault| Err(Refusal::Fault(fault)));
        }
        for released in join_all(held.iter().map(|part| self.release_part(order, part))).await {
            // The order ends for want of stock, and its end releases what this could not.
            fault = released.err().or(fault);
        }
        Err(Refusal::OutOfStock { skus: missing })
    }

    async fn hold_line(&self, order: &OrderId, sku: &Sku, want: u32, until: Instant) -> Result<Vec<Held>, Missed> {
        let first = self.first_cell(order, sku, until).await?;
        match self.try_hold(order, &self.id(sku, first), want, until).await? {
            Tried::Taken(cell) => {
                self.learn(&cell);
                return Ok(vec![taken(&cell, want)]);
            }
            Tried::Done => return Ok(vec![known(sku, first, want)]),
            Tried::Held(units) if units >= want => return Ok(vec![known(sku, first, want)]),
            Tried::Held(_) => return self.hold_by_look(order, sku, want, until).await,
            // The refusal showed the only cell: that was the consistent look.
            Tried::Refused(None) if first == 0 => return Err(Missed::OutOfStock),
            Tried::Refused(Some(cell)) if first == 0 && !cell.spread => return Err(Missed::OutOfStock),
            Tried::Refused(_) => {}
        }
        match self.probe(order, sku, want, until, first).await? {
            Some(held) => Ok(vec![held]),
            None => self.hold_by_look(order, sku, want, until).await,
        }
    }

    /// Asks further cells for the whole line.
    async fn probe(
        &self,
        order: &OrderId,
        sku: &Sku,
        want: u32,
        until: Instant,
        first: u32,
    ) -> Result<Option<Held>, Fault> {
        let open = self.open_cells(sku, until).await?;
        let start = spot(order, sku) % open.len().max(1);
        let others = open.iter().cycle().skip(start).take(open.len()).filter(|n| **n != first);
        for n in others.take(PROBES) {
            match self.try_hold(order, &self.id(sku, *n), want, until).await? {
                Tried::Taken(cell) => return Ok(Some(taken(&cell, want))),
                Tried::Done => return Ok(Some(known(sku, *n, want))),
                Tried::Held(units) if units >= want => return Ok(Some(known(sku, *n, want))),
                Tried::Held(_) => return Ok(None),
                Tried::Refused(_) => {}
            }
        }
        Ok(None)
    }

    /// Looks at all cells, and holds what is missing where it is, in parts if need be.
    async fn hold_by_look(&self, order: &OrderId, sku: &Sku, want: u32, until: Instant) -> Result<Vec<Held>, Missed> {
        let (mut short, mut failed): (Option<Stock>, Option<Fault>) = (None, None);
        for round in 0..ROUNDS {
            let Some(stock) = self.look(sku).await? else {
                return Err(Missed::OutOfStock);
            };
            let mut parts = match found(&stock, order, want) {
                Found::Whole(parts) => return Ok(parts),
                Found::Parts(parts) => parts,
            };
            let missing = want - parts.iter().map(|part| part.quantity).sum::<u32>();
            if stock.available() < missing {
                if stock.cells.len() == 1 || short.as_ref().is_some_and(|before| nothing_moved(before, &stock)) {
                    self.release_parts(order, &parts).await?;
                    return Err(Missed::OutOfStock);
                }
                short = Some(stock);
                continue;
            }
            let Some(portions) = portions(&stock, order, missing, round) else {
                // The rest is where a part of this order is already: one order has one entry in a cell.
                self.release_parts(order, &parts).await?;
                continue;
            };
            match self.take_portions(order, sku, portions, until).await {
                Ok(taken) => {
                    parts.extend(taken);
                    return Ok(parts);
                }
                Err(WriteError::Refused(_)) => {}
                // It may have been made: the next look tells.
                Err(WriteError::Fault(fault)) if failed.is_none() => failed = Some(fault),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(failed
            .unwrap_or_else(|| Fault::unavailable(format!("others took what was found of {sku}, {ROUNDS} times")))
            .into())
    }

    /// Takes all `portions` or none. Were they taken one after another, two orders after the last units could each hold
    /// a part, find too little for the rest, and both go away empty.
    async fn take_portions(
        &self,
        order: &OrderId,
        sku: &Sku,
        portions: Vec<(u32, u32)>,
        until: Instant,
    ) -> Result<Vec<Held>, WriteError> {
        let holding = |(n, quantity): &(u32, u32)| holding(order, &self.id(sku, *n), *quantity, until);
        self.make(portions.iter().map(holding).collect::<Result<_, _>>()?).await?;
        Ok(portions.into_iter().map(|(n, quantity)| known(sku, n, quantity)).collect())
    }

    pub(crate) async fn try_hold(
        &self,
        order: &OrderId,
        cell: &CellId,
        quantity: u32,
        until: Instant,
    ) -> Result<Tried, Fault> {
        let refused = match self.table.update(holding(order, cell, quantity, until)?).await {
            Ok(item) => return Ok(Tried::Taken(item.read()?)),
            Err(WriteError::Refused(Refused { old, .. })) => old,
            Err(WriteError::Fault(fault)) => return Err(fault),
        };
        let old: Option<Cell> = refused.map(table::Item::read).transpose()?;
        Ok(match old.as_ref().and_then(|cell| cell.holds.get(order)) {
            Some(Entry::Held { q, .. }) => Tried::Held(*q),
            Some(Entry::Done { .. }) => Tried::Done,
            None => Tried::Refused(old),
        })
    }

    /// Gives back what was just held for an order that is not to be placed after all.
    ///
    /// # Errors
    /// Unavailable when the table does not answer: then the end of the order releases it.
    pub async fn let_go(&self, order: &OrderId, held: &[Held]) -> Result<(), Fault> {
        self.release_parts(order, held).await
    }

    async fn release_parts(&self, order: &OrderId, parts: &[Held]) -> Result<(), Fault> {
        for part in parts {
            self.release_part(order, part).await?;
        }
        Ok(())
    }

    /// Gives back what this order holds in one cell; nothing when it does not hold it any more.
    async fn release_part(&self, order: &OrderId, part: &Held) -> Result<(), Fault> {
        const OURS: Guard = Guard::new("held", "holds.#order.q = :q AND attribute_exists(holds.#order.#until)");
        let key = self.id(&part.sku, part.cell).key();
        let release = Write::update(key, "SET available = available + :q, seq = seq + :one REMOVE holds.#order")
            .when(OURS)
            .name("#order", order.as_str())
            .name("#until", "until")
            .number(":q", part.quantity)
            .number(":one", 1);
        match self.table.write(release).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }
}

/// The write that holds `quantity` units of one cell for an order that has no entry there.
fn holding(order: &OrderId, cell: &CellId, quantity: u32, until: Instant) -> Result<Write, Fault> {
    const ENOUGH: Guard =
        Guard::new("enough", "#open = :true AND available >= :q AND attribute_not_exists(holds.#order)");
    Write::update(cell.key(), "SET available = available - :q, holds.#order = :hold, seq = seq + :one")
        .when(ENOUGH)
        .name("#open", "open")
        .name("#order", order.as_str())
        .number(":q", quantity)
        .number(":one", 1)
        .value(":true", &true)?
        .value(":hold", &Entry::Held { q: quantity, until })
}

fn taken(cell: &Cell, quantity: u32) -> Held {
    Held { sku: cell.id.sku.clone(), cell: cell.id.n, quantity, seq: Some(cell.seq) }
}

fn known(sku: &Sku, cell: u32, quantity: u32) -> Held {
    Held { sku: sku.clone(), cell, quantity, seq: None }
}

/// One line for each SKU: a second line of the same SKU would find the hold of the first.
fn merged(lines: &[(Sku, u32)]) -> Vec<(Sku, u32)> {
    let mut units: BTreeMap<&Sku, u32> = BTreeMap::new();
    for (sku, quantity) in lines {
        let sum = units.entry(sku).or_default();
        *sum = sum.saturating_add(*quantity);
    }
    units.into_iter().filter(|(_, quantity)| *quantity > 0).map(|(sku, quantity)| (sku.clone(), quantity)).collect()
}

/// What an order has in the cells of a SKU.
enum Found {
    /// Enough, or it is settled.
    Whole(Vec<Held>),
    /// Less than it wants.
    Parts(Vec<Held>),
}

fn found(stock: &Stock, order: &OrderId, want: u32) -> Found {
    let mut parts = Vec::new();
    for cell in &stock.cells {
        match cell.holds.get(order) {
            Some(Entry::Done { .. }) => return Found::Whole(vec![known(&stock.sku, cell.id.n, want)]),
            Some(Entry::Held { q, .. }) => parts.push(known(&stock.sku, cell.id.n, *q)),
            None => {}
        }
    }
    let have: u32 = parts.iter().map(|part| part.quantity).sum();
    if have >= want { Found::Whole(parts) } else { Found::Parts(parts) }
}

/// Where `missing` units can be held, fullest cell first: `(cell, units)`; `None` when it takes a cell in which this
/// order has an entry already. Among cells that are equally full each order, and each round of it, begins at another
/// one, so that many who are after the last units do not all want the same.
fn portions(stock: &Stock, order: &OrderId, missing: u32, round: usize) -> Option<Vec<(u32, u32)>> {
    let mut free: Vec<&Cell> = stock.cells.iter().collect();
    let start = spot(order, &stock.sku).wrapping_add(round) % free.len().max(1);
    free.rotate_left(start);
    free.retain(|cell| !cell.holds.contains_key(order));
    free.sort_by_key(|cell| std::cmp::Reverse(cell.on_offer()));
    let (mut portions, mut rest) = (Vec::new(), missing);
    for cell in free {
        let units = rest.min(cell.on_offer());
        if units > 0 {
            portions.push((cell.id.n, units));
            rest -= units;
        }
    }
    (rest == 0).then_some(portions)
}

/// Whether no units moved between cells from one look to the next: what the later one sums is all there is.
fn nothing_moved(before: &Stock, after: &Stock) -> bool {
    let put_in = |stock: &Stock| stock.cells.iter().map(|cell| (cell.id.n, cell.put_in)).collect::<Vec<_>>();
    put_in(before) == put_in(after)
}

#[cfg(test)]
mod tests {
    use super::{Found, found, merged, portions};
    use crate::cell::{Cell, CellId, Entry, Stock};
    use kernel::{Instant, OrderId, Region, Sku};

    fn stock(units: &[u32]) -> Stock {
        let sku = Sku::parse("A").unwrap();
        let cell = |(n, units): (usize, &u32)| {
            let id = CellId {
                sku: sku.clone(),
                region: Region::parse("eu-central-1").unwrap(),
                n: u32::try_from(n).unwrap(),
            };
            Cell::new(id, *units)
        };
        Stock { cells: units.iter().enumerate().map(cell).collect(), sku: sku.clone() }
    }

    fn order() -> OrderId {
        OrderId::parse(&kernel::id::encode([7; 16])).unwrap()
    }

    #[test]
    fn a_line_is_held_whole_where_it_fits_and_else_in_parts() {
        assert_eq!(portions(&stock(&[2, 9, 3]), &order(), 4, 0), Some(vec![(1, 4)]));
        assert_eq!(portions(&stock(&[2, 9, 3]), &order(), 13, 0), Some(vec![(1, 9), (2, 3), (0, 1)]));
        assert_eq!(portions(&stock(&[2, 9, 3]), &order(), 15, 0), None);
    }

    #[test]
    fn orders_and_rounds_begin_at_different_cells_that_are_equally_full() {
        let stock = stock(&[1; 64]);
        let first = |n: u8, round| {
            let order = OrderId::parse(&kernel::id::encode([n; 16])).unwrap();
            portions(&stock, &order, 2, round).unwrap()[0].0
        };
        let begun: std::collections::BTreeSet<u32> = (0..32).map(|n| first(n, 0)).collect();
        assert!(begun.len() > 16, "{begun:?}");
        assert_ne!(first(7, 0), first(7, 1));
    }

    #[test]
    fn a_part_is_not_looked_for_where_the_order_has_one() {
        let mut stock = stock(&[5, 5]);
        stock.cells[0].holds.insert(order(), Entry::Held { q: 1, until: Instant::from_millis(9) });
        assert_eq!(portions(&stock, &order(), 5, 0), Some(vec![(1, 5)]));
        assert_eq!(portions(&stock, &order(), 6, 0), None);
    }

    #[test]
    fn a_settled_line_counts_as_held() {
        let mut stock = stock(&[5, 5]);
        stock.cells[1].holds.insert(order(), Entry::Done { q: 2, done: Instant::from_millis(9) });
        assert!(matches!(found(&stock, &order(), 2), Found::Whole(parts) if parts[0].cell == 1));
    }

    #[test]
    fn two_lines_of_one_sku_are_one_hold() {
        let (a, b) = (Sku::parse("A").unwrap(), Sku::parse("B").unwrap());
        assert_eq!(merged(&[(b.clone(), 1), (a.clone(), 2), (b.clone(), 3), (a.clone(), 0)]), [(a, 2), (b, 4)]);
    }
}

//! The order decides, the cell follows: commits, releases and what a called-off order gives back.

use crate::cell::{Cell, Entry, Stock};
use crate::settling::{Act, Decision, Line, Settlement, Wanted, plan, write};
use crate::store::Store;
use futures::future::join_all;
use kernel::{Fault, Instant, OrderId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use table::{Guard, Key, Row, Write, WriteError};

/// Holds that one write settles at the most.
const BATCH: usize = 16;
/// Rounds in which whole batches are tried; then each hold goes alone.
const BATCH_ROUNDS: usize = 3;
/// Rounds altogether.
const ROUNDS: usize = 12;
/// A crowded cell with at least so many units is worth another one beside it.
const WORTH_WIDENING: u32 = 32;

/// What became of some settlements.
#[derive(Debug)]
pub struct Settled {
    /// For each settlement, in order: done, or why not yet.
    pub results: Vec<Result<(), Fault>>,
    /// SKUs whose cells know more orders than is cheap, and that have units to share: open another cell.
    pub crowded: Vec<Sku>,
}

/// That a called-off order's units went back: written together with it.
#[derive(Debug, Serialize, Deserialize)]
struct Restocked {
    order: OrderId,
    sku: Sku,
    quantity: u32,
    at: Instant,
}

impl Row for Restocked {
    fn key(&self) -> Key {
        Key::new(format!("BACK#{}#{}", self.order, self.sku))
    }
}

impl Store {
    /// Does what was decided. Settlements may repeat, come late and in any order: each unit is sold once or goes back
    /// once. Holds of one cell are settled up to 16 in one write.
    pub async fn settle(&self, settlements: &[Settlement], now: Instant) -> Settled {
        let mut by_sku: BTreeMap<&Sku, Vec<(usize, Wanted<'_>)>> = BTreeMap::new();
        let mut restocks = Vec::new();
        for (at, settlement) in settlements.iter().enumerate() {
            for (sku, line) in merged(&settlement.lines) {
                if settlement.decision == Decision::Restock {
                    restocks.push((at, settlement, line));
                } else {
                    by_sku.entry(sku).or_default().push((at, wanted(settlement, &line)));
                }
            }
        }
        let mut settled = Settled { results: settlements.iter().map(|_| Ok(())).collect(), crowded: Vec::new() };
        let done = join_all(by_sku.iter().map(|(sku, all)| self.settle_sku(sku, all, now))).await;
        for ((sku, all), result) in by_sku.iter().zip(done) {
            match result {
                Ok(crowded) => settled.crowded.extend(crowded.then(|| (*sku).clone())),
                Err(fault) => all.iter().for_each(|(at, _)| settled.results[*at] = Err(fault.clone())),
            }
        }
        let done =
            join_all(restocks.iter().map(|(_, settlement, line)| self.restock(&settlement.order, line, now))).await;
        for ((at, ..), result) in restocks.iter().zip(done) {
            if let Err(fault) = result {
                settled.results[*at] = Err(fault);
            }
        }
        settled
    }

    /// The holds of an order that was paid at `paid_at` become sales.
    ///
    /// # Errors
    /// Unavailable when the table does not answer: the call can be repeated.
    pub async fn commit(&self, order: &OrderId, lines: &[Line], paid_at: Instant, now: Instant) -> Result<(), Fault> {
        self.settle_one(order, Decision::Commit, lines, paid_at, now).await
    }

    /// The holds of an order that ended unpaid go back, wherever they are.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn release(&self, order: &OrderId, lines: &[Line], now: Instant) -> Result<(), Fault> {
        self.settle_one(order, Decision::Release, lines, now, now).await
    }

    async fn settle_one(
        &self,
        order: &OrderId,
        decision: Decision,
        lines: &[Line],
        decided_at: Instant,
        now: Instant,
    ) -> Result<(), Fault> {
        let one = Settlement { order: order.clone(), version: 0, decision, decided_at, lines: lines.to_vec() };
        self.settle(&[one], now).await.results.pop().unwrap_or(Ok(()))
    }

    /// Settles holds of one SKU; answers whether it asks for another cell.
    async fn settle_sku(&self, sku: &Sku, wanted: &[(usize, Wanted<'_>)], now: Instant) -> Result<bool, Fault> {
        let wanted: Vec<Wanted<'_>> = wanted.iter().map(|(_, one)| one.clone()).collect();
        for round in 0..ROUNDS {
            // A SKU without cells never held anything.
            let Some(stock) = self.look(sku).await? else {
                return Ok(false);
            };
            let batch = if round < BATCH_ROUNDS { BATCH } else { 1 };
            let (mut again, mut crowded) = (false, false);
            for (n, acts) in plan(&stock, &wanted) {
                let Some(cell) = stock.cells.iter().find(|cell| cell.id.n == n) else {
                    continue;
                };
                match self.settle_cell(cell.clone(), &acts, batch, now).await? {
                    Some(after) => crowded |= after.is_crowded() && after.available >= WORTH_WIDENING,
                    None => again = true,
                }
            }
            if !again {
                return Ok(crowded);
            }
        }
        Err(Fault::unavailable(format!("the cells of {sku} changed {ROUNDS} times while they were settled")))
    }

    /// The cell after all `acts`; `None` when one of them met another cell than was seen.
    async fn settle_cell(
        &self,
        mut cell: Cell,
        acts: &[Act],
        batch: usize,
        now: Instant,
    ) -> Result<Option<Cell>, Fault> {
        let mut refused = false;
        for acts in acts.chunks(batch) {
            match self.table.update(write(&cell, acts, now)?).await {
                Ok(item) => cell = item.read()?,
                Err(WriteError::Refused(refusal)) => {
                    refused = true;
                    cell = refusal.old.map(table::Item::read).transpose()?.unwrap_or(cell);
                }
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Ok((!refused).then_some(cell))
    }

    /// Gives back what a called-off order holds or has bought, once: the record of it stands in the same transaction.
    async fn restock(&self, order: &OrderId, line: &Line, now: Instant) -> Result<(), Fault> {
        let record = Restocked { order: order.clone(), sku: line.sku.clone(), quantity: line.quantity, at: now };
        for _ in 0..ROUNDS {
            let Some(stock) = self.look(&line.sku).await? else {
                return Ok(());
            };
            let mut writes = give_back(&stock, order, line)?;
            writes.push(Write::put(&record)?.when(Guard::ABSENT));
            let last = writes.len() - 1;
            match self.table.transact(writes, None).await {
                Ok(()) => return Ok(()),
                Err(WriteError::Refused(refusal)) if refusal.index == last => return Ok(()),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable(format!("the cells of {} changed {ROUNDS} times while they were restocked", line.sku)))
    }
}

fn wanted<'a>(settlement: &'a Settlement, line: &Line) -> Wanted<'a> {
    let Settlement { order, decision, decided_at, .. } = settlement;
    Wanted { order, decision: *decision, decided_at: *decided_at, quantity: line.quantity, cell: line.cell }
}

/// One line for each SKU, as it was held.
fn merged(lines: &[Line]) -> BTreeMap<&Sku, Line> {
    let mut by_sku: BTreeMap<&Sku, Line> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.quantity > 0) {
        by_sku.entry(&line.sku).and_modify(|sum| sum.quantity += line.quantity).or_insert_with(|| line.clone());
    }
    by_sku
}

/// What one cell gives back of an order.
struct Back {
    n: u32,
    held: Option<(u32, Instant)>,
    bought: u32,
}

impl Back {
    fn units(&self) -> u32 {
        self.bought + self.held.map_or(0, |(q, _)| q)
    }
}

/// The writes that bring a line back: what is held is freed; the rest was sold, with a mark or long ago. What is in a
/// closed cell goes on to one that is open, or to the first if none is: nobody could buy it where it was sold.
fn give_back(stock: &Stock, order: &OrderId, line: &Line) -> Result<Vec<Write>, Fault> {
    let Some(target) = stock.cells.iter().find(|cell| cell.open).or_else(|| stock.cells.first()) else {
        return Ok(Vec::new());
    };
    let backs: Vec<(&Cell, Back)> = backs(stock, order, line)
        .into_iter()
        .filter_map(|back| Some((stock.cells.iter().find(|cell| cell.id.n == back.n)?, back)))
        .collect();
    let goes_on = |cell: &Cell| !cell.open && cell.id != target.id;
    let brought: u32 = backs.iter().filter(|(cell, _)| goes_on(cell)).map(|(_, back)| back.units()).sum();
    let mut writes = Vec::with_capacity(backs.len() + 2);
    for (cell, back) in &backs {
        let moved = if goes_on(cell) {
            -i64::from(back.units())
        } else {
            i64::from(if cell.id == target.id { brought } else { 0 })
        };
        writes.push(give_back_in(cell, order, back, moved)?);
    }
    if brought > 0 && backs.iter().all(|(cell, _)| cell.id != target.id) {
        let bring = "SET available = available + :q, put_in = put_in + :q, seq = seq + :one";
        let write = Write::update(target.id.key(), bring).when(AS_OPEN).name("#open", "open");
        writes.push(write.value(":open", &target.open)?.number(":q", brought).number(":one", 1));
    }
    Ok(writes)
}

/// The cell takes holds, or takes none, as it was seen.
const AS_OPEN: Guard = Guard::new("as_open", "#open = :open");

fn backs(stock: &Stock, order: &OrderId, line: &Line) -> Vec<Back> {
    let mut rest = line.quantity;
    let mut cells: Vec<&Cell> = stock.cells.iter().collect();
    // Where the order is known first, then the chosen cell, then wherever most was sold.
    cells.sort_by_key(|cell| (!cell.holds.contains_key(order), cell.id.n != line.cell, std::cmp::Reverse(cell.sold)));
    let mut backs = Vec::new();
    for cell in cells {
        let back = match cell.holds.get(order) {
            Some(Entry::Held { q, until }) => Back { n: cell.id.n, held: Some((*q, *until)), bought: 0 },
            Some(Entry::Done { q, .. }) => Back { n: cell.id.n, held: None, bought: rest.min(*q).min(cell.sold) },
            None => Back { n: cell.id.n, held: None, bought: rest.min(cell.sold) },
        };
        rest = rest.saturating_sub(back.bought + back.held.map_or(0, |(q, _)| q));
        if back.bought > 0 || back.held.is_some() {
            backs.push(back);
        }
    }
    backs
}

/// What comes back in one cell; `moved` units beside that come from other cells, or leave this one if it is negative.
fn give_back_in(cell: &Cell, order: &OrderId, back: &Back, moved: i64) -> Result<Write, Fault> {
    const STILL_HELD: Guard = Guard::new("held", "holds.#order.q = :q AND holds.#order.#until = :until");
    const STILL_KNOWN: Guard = Guard::new("known", "holds.#order = :entry AND sold >= :q");
    const STILL_UNKNOWN: Guard = Guard::new("unknown", "attribute_not_exists(holds.#order) AND sold >= :q");
    let key = cell.id.key();
    let write = if let Some((_, until)) = back.held {
        let free = "SET available = available + :on, put_in = put_in + :moved, seq = seq + :one REMOVE holds.#order";
        Write::update(key, free).when(STILL_HELD).name("#until", "until").number(":until", until.millis())
    } else {
        let sell_less = "SET available = available + :on, put_in = put_in + :moved, sold = sold - :q, seq = seq + :one";
        match cell.holds.get(order) {
            Some(entry) => Write::update(key, sell_less).when(STILL_KNOWN).value(":entry", entry)?,
            None => Write::update(key, sell_less).when(STILL_UNKNOWN),
        }
    };
    let write = write.when(AS_OPEN).name("#open", "open").value(":open", &cell.open)?.name("#order", order.as_str());
    let write = write.number(":q", back.units()).number(":on", i64::from(back.units()) + moved);
    Ok(write.number(":moved", moved).number(":one", 1))
}

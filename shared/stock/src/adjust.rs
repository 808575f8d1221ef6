//! Putting stock in, taking it out, and taking over what somebody counted. Planned first, purely, from all cells of the
//! SKU; then made in one write, or in one transaction where several cells change or an answer is recorded beside it.

use crate::cell::{Cell, Stock};
use crate::directory::Directory;
use crate::hold::HOLD_LASTS;
use crate::sales::REACH;
use crate::store::Store;
use futures::stream::{StreamExt, TryStreamExt};
use kernel::{Fault, Instant, Kind, Sku};
use std::collections::HashMap;
use table::{Guard, Write, WriteError};

/// Units that one SKU may ever have been given.
const UNITS_MOST: u32 = 2_000_000_000;
/// Counts of one feed that are taken over at the same time.
const AT_ONCE: usize = 16;
/// How often a plan is made anew when the cells changed under it.
const ROUNDS: usize = 12;

/// A change of stock that is no sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adjustment {
    /// So many units more or fewer. A take stops at 0.
    Change {
        /// Positive to put in, negative to take out.
        units: i64,
        /// Names the adjustment: the same one is made once.
        id: String,
    },
    /// So many units were on hand at that moment: what was held or sold since is taken off. An older statement than
    /// the latest, or the same one, changes nothing.
    Stated {
        /// What was counted.
        units: u32,
        /// When.
        as_of: Instant,
    },
}

/// What an adjustment comes to, before it is made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The writes that make it, all or none; empty when it changes nothing.
    pub writes: Vec<Write>,
    /// The stock after them.
    pub after: Stock,
    /// Units that were taken out, for a take.
    pub taken: Option<u32>,
    /// Units that could not be taken because they are not there, for a take.
    pub short: Option<u32>,
}

impl Store {
    /// Plans an adjustment. A SKU without cells gets its first one.
    ///
    /// # Errors
    /// Unprocessable when a count speaks of the future or of more than two days ago, or a put exceeds what is kept
    /// count of; unavailable when the table does not answer.
    pub async fn plan(&self, sku: &Sku, adjustment: &Adjustment, now: Instant) -> Result<Planned, Fault> {
        match self.look(sku).await? {
            Some(stock) => plan_on(stock, adjustment, now),
            None => self.plan_first(sku, adjustment, now),
        }
    }

    /// Makes an adjustment, and plans it anew as long as the cells change under it.
    ///
    /// # Errors
    /// As [`Store::plan`].
    pub async fn adjust(&self, sku: &Sku, adjustment: &Adjustment, now: Instant) -> Result<Planned, Fault> {
        for _ in 0..ROUNDS {
            let planned = self.plan(sku, adjustment, now).await?;
            match self.make(planned.writes.clone()).await {
                Ok(()) => return Ok(planned),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable(format!("the cells of {sku} changed {ROUNDS} times while they were adjusted")))
    }

    /// Takes over what a feed states of many SKUs: one batch read for a hundred of them, and a write for each that there are
    /// fewer or more of than stated. A count that says what is there already costs no write, and its moment is not kept then: an
    /// older count that comes later still counts. Answers for each SKU whether this count changed it, now or in an earlier try.
    ///
    /// # Errors
    /// As [`Store::plan`].
    pub async fn state_many(&self, counts: &[(Sku, u32)], as_of: Instant, now: Instant) -> Result<Vec<bool>, Fault> {
        check_moment(as_of, now)?;
        let keys: Vec<_> = counts.iter().map(|(sku, _)| self.id(sku, 0).key()).collect();
        let cells: Vec<Cell> = if keys.is_empty() { Vec::new() } else { self.table.get_many(&keys).await? };
        let mut cells: HashMap<Sku, Cell> = cells.into_iter().map(|cell| (cell.id.sku.clone(), cell)).collect();
        let each = counts.iter().map(|(sku, units)| {
            let stands = cells.remove(sku).and_then(|cell| stands(cell, *units, as_of));
            async move {
                match stands {
                    Some(by_this) => Ok(by_this),
                    None => {
                        let count = Adjustment::Stated { units: *units, as_of };
                        self.adjust(sku, &count, now).await.map(|_| true)
                    }
                }
            }
        });
        let each: Vec<_> = each.collect();
        futures::stream::iter(each).buffered(AT_ONCE).try_collect().await
    }

    /// One write alone, several as one transaction.
    pub(crate) async fn make(&self, mut writes: Vec<Write>) -> Result<(), WriteError> {
        match writes.len() {
            0 => Ok(()),
            1 => self.table.write(writes.swap_remove(0)).await.map(|_| ()),
            _ => self.table.transact(writes, None).await,
        }
    }

    fn plan_first(&self, sku: &Sku, adjustment: &Adjustment, now: Instant) -> Result<Planned, Fault> {
        let (units, taken, short) = match adjustment {
            Adjustment::Change { units, .. } if *units >= 0 => (within_bounds(0, *units)?, None, None),
            Adjustment::Change { units, .. } => (0, Some(0), Some(clamped(units.saturating_neg()))),
            Adjustment::Stated { units, as_of } => {
                check_moment(*as_of, now)?;
                (within_bounds(0, i64::from(*units))?, None, None)
            }
        };
        let mut cell = Cell::new(self.id(sku, 0), units);
        match adjustment {
            Adjustment::Change { id, .. } => cell.adjusted = cell.adjusted_with(id),
            Adjustment::Stated { as_of, .. } => cell.stated = Some(*as_of),
        }
        let directory = Directory::new(sku.clone(), self.region.clone());
        let writes = vec![Write::put(&cell)?.when(Guard::ABSENT), Write::put(&directory)?.when(Guard::ABSENT)];
        Ok(Planned { writes, after: Stock { sku: sku.clone(), cells: vec![cell] }, taken, short })
    }
}

/// Whether a SKU with that one cell needs no write for a count; if so, whether it was this very count that made it so.
fn stands(cell: Cell, units: u32, as_of: Instant) -> Option<bool> {
    if cell.spread {
        return None;
    }
    let by_this = cell.stated == Some(as_of);
    let stock = Stock { sku: cell.id.sku.clone(), cells: vec![cell] };
    match target(&stock, units, as_of) {
        None => Some(by_this),
        Some((there, target)) => (there == target).then_some(false),
    }
}

fn plan_on(stock: Stock, adjustment: &Adjustment, now: Instant) -> Result<Planned, Fault> {
    match adjustment {
        Adjustment::Change { id, .. } if stock.cells.iter().any(|cell| cell.has_adjusted(id)) => Ok(nothing(stock)),
        Adjustment::Change { units, id } if *units >= 0 => put(stock, *units, id),
        Adjustment::Change { units, id } => take(stock, clamped(units.saturating_neg()), id),
        Adjustment::Stated { units, as_of } => state(stock, *units, *as_of, now),
    }
}

fn nothing(stock: Stock) -> Planned {
    Planned { writes: Vec::new(), after: stock, taken: None, short: None }
}

/// Into the open cell that has least.
fn put(mut stock: Stock, units: i64, id: &str) -> Result<Planned, Fault> {
    let units = within_bounds(stock.put_in(), units)?;
    let least = stock.cells.iter_mut().min_by_key(|cell| (!cell.open, cell.available, cell.id.n));
    let Some(cell) = least.filter(|_| units > 0) else {
        return Ok(nothing(stock));
    };
    let write = adjusting(cell, i64::from(units), id)?;
    Ok(Planned { writes: vec![write], after: stock, taken: None, short: None })
}

/// From the fullest cells first, as far as there is anything.
fn take(mut stock: Stock, units: u32, id: &str) -> Result<Planned, Fault> {
    let (mut rest, mut writes) = (units, Vec::new());
    for (at, part) in shares(&stock, units) {
        rest -= part;
        writes.push(adjusting(&mut stock.cells[at], -i64::from(part), id)?);
    }
    Ok(Planned { writes, after: stock, taken: Some(units - rest), short: Some(rest) })
}

/// Which cells, by position, give how many of `units`.
fn shares(stock: &Stock, units: u32) -> Vec<(usize, u32)> {
    let mut fullest: Vec<usize> = (0..stock.cells.len()).collect();
    fullest.sort_by_key(|at| std::cmp::Reverse(stock.cells[*at].available));
    let mut rest = units;
    let shares = fullest.into_iter().map(|at| {
        let part = rest.min(stock.cells[at].available);
        rest -= part;
        (at, part)
    });
    shares.filter(|(_, part)| *part > 0).collect()
}

/// The write that changes one cell by `units` under that id; `cell` becomes what it is afterwards.
fn adjusting(cell: &mut Cell, units: i64, id: &str) -> Result<Write, Fault> {
    const NEW: Guard = Guard::new("new_adjustment", "adjusted = :seen AND available >= :least");
    let adjusted = cell.adjusted_with(id);
    let write = Write::update(
        cell.id.key(),
        "SET available = available + :units, put_in = put_in + :units, seq = seq + :one, adjusted = :adjusted",
    )
    .when(NEW)
    .number(":units", units)
    .number(":one", 1)
    .number(":least", units.saturating_neg().max(0))
    .value(":seen", &cell.adjusted)?
    .value(":adjusted", &adjusted)?;
    cell.adjusted = adjusted;
    move_by(cell, units);
    Ok(write)
}

fn move_by(cell: &mut Cell, units: i64) {
    let moved = |from: u32| clamped(i64::from(from).saturating_add(units));
    (cell.available, cell.put_in, cell.seq) = (moved(cell.available), moved(cell.put_in), cell.seq + 1);
}

/// How many units there are and how many there are to be: stated − units held or sold since. `None` when the same or a later
/// count is known.
fn target(stock: &Stock, units: u32, as_of: Instant) -> Option<(u32, u32)> {
    let known = stock.cells.iter().filter_map(|cell| cell.stated).max();
    if known.is_some_and(|known| known >= as_of) {
        return None;
    }
    let since: u32 = stock.cells.iter().map(|cell| gone_since(cell, as_of)).sum();
    let there: u32 = stock.cells.iter().map(|cell| cell.available).sum();
    Some((there, units.saturating_sub(since)))
}

fn state(mut stock: Stock, units: u32, as_of: Instant, now: Instant) -> Result<Planned, Fault> {
    check_moment(as_of, now)?;
    let Some((there, target)) = target(&stock, units, as_of) else {
        return Ok(nothing(stock));
    };
    let mut parts: Vec<(usize, i64)> = if target >= there {
        let put = i64::from(within_bounds(stock.put_in(), i64::from(target - there))?);
        let least = (0..stock.cells.len()).min_by_key(|at| (!stock.cells[*at].open, stock.cells[*at].available, *at));
        least.map(|at| (at, put)).into_iter().collect()
    } else {
        shares(&stock, there - target).into_iter().map(|(at, part)| (at, -i64::from(part))).collect()
    };
    parts.retain(|(_, part)| *part != 0);
    // Cell 0 keeps the moment, so it takes part in any case.
    if parts.iter().all(|(at, _)| *at != 0) {
        parts.push((0, 0));
    }
    let writes =
        parts.into_iter().map(|(at, part)| stating(&mut stock.cells[at], part, as_of)).collect::<Result<_, _>>()?;
    Ok(Planned { writes, after: stock, taken: None, short: None })
}

/// Units that left this cell's shelf after `moment`, into a hold or a sale.
fn gone_since(cell: &Cell, moment: Instant) -> u32 {
    let held = cell.holds.values().map(|entry| match entry {
        crate::cell::Entry::Held { q, until } if until.minus(HOLD_LASTS) > moment => *q,
        _ => 0,
    });
    held.sum::<u32>() + cell.sales.since(moment)
}

/// The write that moves one cell to what was counted. Exact: it holds only if nothing happened since it was read.
fn stating(cell: &mut Cell, units: i64, as_of: Instant) -> Result<Write, Fault> {
    const UNTOUCHED: Guard = Guard::new("untouched", "seq = :seen");
    let stated = if cell.id.n == 0 { ", stated = :as_of" } else { "" };
    let mut write = Write::update(
        cell.id.key(),
        format!("SET available = available + :units, put_in = put_in + :units, seq = seq + :one{stated}"),
    )
    .when(UNTOUCHED)
    .number(":units", units)
    .number(":one", 1)
    .number(":seen", cell.seq);
    if cell.id.n == 0 {
        write = write.number(":as_of", as_of.millis());
        cell.stated = Some(as_of);
    }
    move_by(cell, units);
    Ok(write)
}

fn check_moment(as_of: Instant, now: Instant) -> Result<(), Fault> {
    if as_of > now {
        return Err(moment_refused("future", "as_of lies in the future."));
    }
    if now.since(as_of) >= REACH {
        return Err(moment_refused("too_old", "as_of is more than two days ago. Please count again."));
    }
    Ok(())
}

fn moment_refused(rule: &'static str, detail: &str) -> Fault {
    Fault { kind: Kind::Unprocessable, ..Fault::field("/as_of", rule, detail) }
}

fn within_bounds(already: u32, units: i64) -> Result<u32, Fault> {
    let sum = i64::from(already).saturating_add(units);
    if sum > i64::from(UNITS_MOST) {
        let detail = format!("At most {UNITS_MOST} units of one SKU are kept count of.");
        return Err(Fault { kind: Kind::Unprocessable, ..Fault::field("/change", "maximum", detail) });
    }
    Ok(clamped(units))
}

fn clamped(units: i64) -> u32 {
    u32::try_from(units.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Adjustment, plan_on};
    use crate::cell::{Cell, CellId, Entry, Stock, check_cell};
    use crate::hold::HOLD_LASTS;
    use kernel::{Instant, Kind, OrderId, Region, Sku};

    const NOW: Instant = Instant::from_seconds(1_000_000);

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

    fn change(units: i64, id: &str) -> Adjustment {
        Adjustment::Change { units, id: id.to_owned() }
    }

    #[test]
    fn a_put_goes_where_least_is_and_a_take_where_most_is() {
        let after = plan_on(stock(&[4, 2]), &change(3, "a"), NOW).unwrap().after;
        assert_eq!((after.cells[0].available, after.cells[1].available), (4, 5));
        let planned = plan_on(stock(&[4, 2]), &change(-5, "a"), NOW).unwrap();
        assert_eq!((planned.after.cells[0].available, planned.after.cells[1].available), (0, 1));
        assert_eq!((planned.taken, planned.short), (Some(5), Some(0)));
        assert!(planned.after.cells.iter().all(|cell| check_cell(cell).is_ok()));
    }

    // Proves: S4-P2b
    #[test]
    fn a_take_stops_at_zero_and_says_what_is_missing() {
        let planned = plan_on(stock(&[4]), &change(-9, "a"), NOW).unwrap();
        assert_eq!((planned.after.available(), planned.taken, planned.short), (0, Some(4), Some(5)));
    }

    // Proves: S3-06
    #[test]
    fn the_same_adjustment_is_made_once() {
        let once = plan_on(stock(&[4]), &change(3, "delivery 1"), NOW).unwrap().after;
        let twice = plan_on(once.clone(), &change(3, "delivery 1"), NOW).unwrap();
        assert!(twice.writes.is_empty());
        assert_eq!(plan_on(once, &change(3, "delivery 2"), NOW).unwrap().after.available(), 10);
    }

    #[test]
    fn a_count_leaves_out_what_was_held_or_sold_since() {
        let mut stock = stock(&[40]);
        let order = |n| OrderId::parse(&kernel::id::encode([n; 16])).unwrap();
        let held_at = |seconds, q| Entry::Held { q, until: Instant::from_seconds(seconds).plus(HOLD_LASTS) };
        stock.cells[0].holds.insert(order(1), held_at(999_000, 2));
        stock.cells[0].holds.insert(order(2), held_at(999_800, 3));
        stock.cells[0].sales =
            stock.cells[0].sales.with([(Instant::from_seconds(999_100), 4), (Instant::from_seconds(999_900), 1)], NOW);
        let count = Adjustment::Stated { units: 30, as_of: Instant::from_seconds(999_500) };
        let after = plan_on(stock, &count, NOW).unwrap().after;
        assert_eq!(after.available(), 30 - 3 - 1);
        assert!(plan_on(after.clone(), &count, NOW).unwrap().writes.is_empty(), "the same count again");
        let older = Adjustment::Stated { units: 99, as_of: Instant::from_seconds(999_400) };
        assert!(plan_on(after, &older, NOW).unwrap().writes.is_empty(), "an older count");
    }

    #[test]
    fn a_count_of_fewer_than_were_sold_since_leaves_nothing() {
        let mut stock = stock(&[40, 3]);
        stock.cells[0].sales = stock.cells[0].sales.with([(Instant::from_seconds(999_900), 9)], NOW);
        let after =
            plan_on(stock, &Adjustment::Stated { units: 5, as_of: Instant::from_seconds(999_500) }, NOW).unwrap().after;
        assert_eq!((after.available(), after.cells[0].stated), (0, Some(Instant::from_seconds(999_500))));
    }

    #[test]
    fn counts_of_the_future_and_of_last_week_are_refused() {
        for seconds in [1_000_001, 1_000_000 - 7 * 86_400] {
            let count = Adjustment::Stated { units: 5, as_of: Instant::from_seconds(seconds) };
            assert_eq!(plan_on(stock(&[1]), &count, NOW).unwrap_err().kind, Kind::Unprocessable);
        }
    }
}

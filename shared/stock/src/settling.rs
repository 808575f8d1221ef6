//! What an order's decision does to the cells that know the order. Pure.

use crate::cell::{Cell, Entry, Stock};
use crate::hold::HOLD_LASTS;
use kernel::{Fault, Instant, OrderId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use table::{Guard, Write};

/// How much the clocks of two environments may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(30);
/// Old marks that one write drops at the most.
const MARKS_DROPPED: usize = 32;

/// What was decided about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is paid: its holds become sales.
    Commit,
    /// It ended unpaid: its holds go back.
    Release,
    /// It was paid and is called off: its holds and its sales go back.
    Restock,
}

/// One line of a decided order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Of what.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
    /// The cell that was chosen when the order was placed. The units may be in others.
    #[serde(default)]
    pub cell: u32,
}

/// The message that an order's decision becomes. It may come late, twice and out of order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which order.
    pub order: OrderId,
    /// The version of the order that holds the decision.
    pub version: u64,
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub decided_at: Instant,
    /// What the order holds, limited coupons too.
    pub lines: Vec<Line>,
}

/// What one settlement asks of one SKU.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub order: &'a OrderId,
    pub decision: Decision,
    pub decided_at: Instant,
    pub quantity: u32,
    pub cell: u32,
}

/// What becomes of one hold, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Act {
    pub order: OrderId,
    pub q: u32,
    pub until: Instant,
    /// Sold, or given back.
    pub sold: bool,
}

/// What becomes of the holds in each cell, by the cell's number.
pub(crate) fn plan(stock: &Stock, wanted: &[Wanted<'_>]) -> BTreeMap<u32, Vec<Act>> {
    let mut acts: BTreeMap<u32, Vec<Act>> = BTreeMap::new();
    for one in decided_once(wanted) {
        for (cell, act) in acts_of(stock, one) {
            acts.entry(cell).or_default().push(act);
        }
    }
    acts
}

/// Each order once. Whoever says that it ended is right: an order that ended is never paid.
fn decided_once<'a, 'b>(wanted: &'b [Wanted<'a>]) -> impl Iterator<Item = &'b Wanted<'a>> {
    let mut orders: BTreeMap<&OrderId, &Wanted<'a>> = BTreeMap::new();
    for one in wanted {
        let stands = orders.entry(one.order).or_insert(one);
        if one.decision == Decision::Release {
            *stands = one;
        }
    }
    orders.into_values()
}

/// A paid order sells as many units as its line has and not one more: what is done counts, holds in the chosen cell
/// come first, and whatever is held beyond that, or was held after the decision, goes back.
fn acts_of(stock: &Stock, wanted: &Wanted<'_>) -> Vec<(u32, Act)> {
    let entries = |cell: &Cell| cell.holds.get(wanted.order).copied();
    let done: u32 =
        stock.cells.iter().filter_map(entries).map(|entry| if let Entry::Done { q, .. } = entry { q } else { 0 }).sum();
    let mut room = if wanted.decision == Decision::Commit { wanted.quantity.saturating_sub(done) } else { 0 };
    let mut cells: Vec<&Cell> = stock.cells.iter().collect();
    cells.sort_by_key(|cell| (cell.id.n != wanted.cell, cell.id.n));
    let mut acts = Vec::new();
    for cell in cells {
        let Some(Entry::Held { q, until }) = entries(cell) else {
            continue;
        };
        let sold = q <= room && until <= wanted.decided_at.plus(HOLD_LASTS).plus(CLOCKS_DIFFER);
        room -= if sold { q } else { 0 };
        acts.push((cell.id.n, Act { order: wanted.order.clone(), q, until, sold }));
    }
    acts
}

/// The one write that does `acts` in a cell as it was seen, and drops old marks. It holds only if each of those holds
/// is still the one that was seen.
pub(crate) fn write(cell: &Cell, acts: &[Act], now: Instant) -> Result<Write, Fault> {
    let sum = |sold: bool| acts.iter().filter(|act| act.sold == sold).map(|act| u64::from(act.q)).sum::<u64>();
    let (mut set, mut removed, mut guards) = (vec!["seq = seq + :one".to_owned()], Vec::new(), Vec::new());
    let mut parts = Parts::default();
    for (at, act) in acts.iter().enumerate() {
        guards.push(format!("holds.#o{at}.q = :q{at} AND holds.#o{at}.#until = :u{at}"));
        if act.sold {
            set.push(format!("holds.#o{at} = :d{at}"));
        } else {
            removed.push(format!("holds.#o{at}"));
        }
        parts.names.push((format!("#o{at}"), act.order.as_str().to_owned()));
        parts.numbers.push((format!(":q{at}"), i64::from(act.q)));
        parts.numbers.push((format!(":u{at}"), act.until.millis()));
    }
    for (at, (order, done)) in cell.old_marks(now, MARKS_DROPPED).into_iter().enumerate() {
        removed.push(format!("holds.#m{at}"));
        guards.push(format!("holds.#m{at}.#done = :m{at}"));
        parts.names.push((format!("#m{at}"), order.as_str().to_owned()));
        parts.numbers.push((format!(":m{at}"), done.millis()));
    }
    if sum(true) > 0 {
        set.push("sold = sold + :sold, sales = :sales".to_owned());
        guards.push("sold = :seen".to_owned());
    }
    if sum(false) > 0 {
        set.push("available = available + :freed".to_owned());
    }
    let remove = if removed.is_empty() { String::new() } else { format!(" REMOVE {}", removed.join(", ")) };
    let update = Write::update(cell.id.key(), format!("SET {}{remove}", set.join(", ")))
        .when(Guard::composed("as_seen", guards.join(" AND ")))
        .number(":one", 1);
    let update = parts.give(update, !acts.is_empty());
    with_sums(update, cell, acts, sum(true), sum(false), now)
}

/// Names and numbers of a composed write.
#[derive(Default)]
struct Parts {
    names: Vec<(String, String)>,
    numbers: Vec<(String, i64)>,
}

impl Parts {
    fn give(self, mut update: Write, until: bool) -> Write {
        let marks = self.names.iter().any(|(placeholder, _)| placeholder.starts_with("#m"));
        for (placeholder, attribute) in self.names {
            update = update.name(&placeholder, attribute);
        }
        for (placeholder, number) in self.numbers {
            update = update.number(&placeholder, number);
        }
        let update = if until { update.name("#until", "until") } else { update };
        if marks { update.name("#done", "done") } else { update }
    }
}

fn with_sums(
    mut update: Write,
    cell: &Cell,
    acts: &[Act],
    sold: u64,
    freed: u64,
    now: Instant,
) -> Result<Write, Fault> {
    if sold > 0 {
        // When a unit was held is when it left the shelf.
        let sales = acts.iter().filter(|act| act.sold).map(|act| (act.until.minus(HOLD_LASTS), act.q));
        update =
            update.number(":sold", sold).number(":seen", cell.sold).value(":sales", &cell.sales.with(sales, now))?;
    }
    if freed > 0 {
        update = update.number(":freed", freed);
    }
    for (at, act) in acts.iter().enumerate().filter(|(_, act)| act.sold) {
        update = update.value(&format!(":d{at}"), &Entry::Done { q: act.q, done: now })?;
    }
    Ok(update)
}

#[cfg(test)]
mod tests {
    use super::{Decision, Wanted, plan};
    use crate::cell::{Cell, CellId, Entry, Stock};
    use crate::hold::HOLD_LASTS;
    use kernel::{Instant, OrderId, Region, Sku};

    const PAID_AT: Instant = Instant::from_seconds(1_000);

    fn order(n: u8) -> OrderId {
        OrderId::parse(&kernel::id::encode([n; 16])).unwrap()
    }

    fn held(q: u32) -> Entry {
        Entry::Held { q, until: Instant::from_seconds(990).plus(HOLD_LASTS) }
    }

    fn done(q: u32) -> Entry {
        Entry::Done { q, done: Instant::from_seconds(1_001) }
    }

    /// Cells with one order's entries, if any.
    fn stock(entries: &[Option<Entry>]) -> Stock {
        let sku = Sku::parse("A").unwrap();
        let mut stock = Stock { sku: sku.clone(), cells: Vec::new() };
        for (n, entry) in entries.iter().enumerate() {
            let id = CellId {
                sku: sku.clone(),
                region: Region::parse("eu-central-1").unwrap(),
                n: u32::try_from(n).unwrap(),
            };
            let mut cell = Cell::new(id, 10);
            cell.holds.extend(entry.map(|entry| (order(1), entry)));
            stock.cells.push(cell);
        }
        stock
    }

    /// `(cell, units, sold)` of what becomes of that order's holds.
    fn outcome(entries: &[Option<Entry>], decision: Decision, quantity: u32, cell: u32) -> Vec<(u32, u32, bool)> {
        let order = order(1);
        let wanted = Wanted { order: &order, decision, decided_at: PAID_AT, quantity, cell };
        let acts = plan(&stock(entries), &[wanted.clone(), wanted]);
        acts.into_iter().flat_map(|(n, acts)| acts.into_iter().map(move |act| (n, act.q, act.sold))).collect()
    }

    // Proves: S3-06, S4-P2b
    #[test]
    fn a_paid_order_sells_its_line_and_not_one_unit_more() {
        use Decision::Commit;
        assert_eq!(outcome(&[Some(held(2))], Commit, 2, 0), [(0, 2, true)]);
        assert_eq!(outcome(&[Some(held(2)), Some(held(3))], Commit, 5, 0), [(0, 2, true), (1, 3, true)], "in parts");
        assert_eq!(outcome(&[Some(held(2)), Some(held(2))], Commit, 2, 1), [(0, 2, false), (1, 2, true)], "held twice");
        assert_eq!(outcome(&[Some(done(2)), Some(held(2))], Commit, 2, 0), [(1, 2, false)], "sold before");
        assert_eq!(outcome(&[None, Some(held(2))], Commit, 2, 0), [(1, 2, true)], "held elsewhere");
    }

    // Proves: S3-06
    #[test]
    fn a_repeat_changes_nothing() {
        assert_eq!(outcome(&[Some(done(2))], Decision::Commit, 2, 0), []);
        assert_eq!(outcome(&[None], Decision::Commit, 2, 0), []);
        assert_eq!(outcome(&[Some(done(2))], Decision::Release, 2, 0), []);
    }

    // Proves: S3-06, S4-P2b
    #[test]
    fn a_hold_made_after_the_order_was_decided_goes_back() {
        let late = Entry::Held { q: 2, until: PAID_AT.plus(HOLD_LASTS * 2) };
        assert_eq!(outcome(&[Some(late)], Decision::Commit, 2, 0), [(0, 2, false)]);
    }

    #[test]
    fn an_order_that_ended_sells_nothing_whatever_else_is_said() {
        let order = order(1);
        let wanted = |decision| Wanted { order: &order, decision, decided_at: PAID_AT, quantity: 2, cell: 0 };
        let acts = plan(
            &stock(&[Some(held(2))]),
            &[wanted(Decision::Commit), wanted(Decision::Release), wanted(Decision::Commit)],
        );
        assert!(!acts[&0][0].sold);
    }
}

//! Lists and counters of orders: a projection, written by the consumer of the order events. It can be built anew from
//! the orders at any time; a change that comes twice or late changes nothing.

use crate::order::Order;
use crate::state::State;
use kernel::{Amount, Currency, Fault, Instant, Money, OrderId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use table::{Key, Query, Row, Table, Write, WriteError};

/// One order in the back office's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The order.
    pub id: OrderId,
    /// The version of the order that this shows.
    pub version: u64,
    /// Its state; the index `by_state` lists by it.
    pub state: State,
    /// When it was placed.
    pub placed_at: Instant,
    /// What it costs.
    pub total: Amount,
    /// What went back, done or requested.
    pub refunded: Amount,
    /// In which currency.
    pub currency: Currency,
    /// Units in it.
    pub item_count: u32,
    /// `a***@e***.com`.
    pub email: String,
    /// The picture of its first line.
    #[serde(default)]
    pub image: String,
    /// Whether it was ever paid.
    pub was_paid: bool,
}

impl Summary {
    /// What the list shows of an order.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let placed = &order.placed;
        Self {
            id: placed.id.clone(),
            version: order.version,
            state: order.state,
            placed_at: placed.placed_at,
            total: placed.totals.total,
            refunded: order.payment.as_ref().map(crate::payment::Payment::refunded).unwrap_or_default(),
            currency: placed.currency,
            item_count: placed.lines.iter().map(|line| line.quantity).sum(),
            email: placed.masks.email.clone(),
            image: placed.lines.first().map(|line| line.image.clone()).unwrap_or_default(),
            was_paid: order.payment.as_ref().is_some_and(|payment| payment.id.is_some()),
        }
    }

    fn sort_key(&self) -> String {
        format!("{:013}#{}", self.placed_at.millis(), self.id)
    }

    /// The order in its owner's list.
    #[must_use]
    pub fn shown(&self) -> ShownSummary {
        ShownSummary {
            id: self.id.to_string(),
            status: self.state.status().name(),
            state: self.state.name(),
            placed_at: self.placed_at.to_string(),
            total: Money { amount: self.total, currency: self.currency },
            total_amount: self.currency.decimal(self.total),
            item_count: self.item_count,
            first_image_url: Some(self.image.clone()).filter(|image| !image.is_empty()),
        }
    }

    /// The order in the back office's list.
    #[must_use]
    pub fn staff(&self) -> StaffSummary {
        StaffSummary { summary: self.shown(), customer_email: self.email.clone() }
    }

    /// What this order adds to the counters.
    fn counts(&self) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::from([("orders".to_owned(), 1), (format!("state_{}", self.state.name()), 1)]);
        if self.was_paid {
            counts.insert("paid".to_owned(), 1);
            counts.insert(format!("revenue_{}", self.currency), self.total.units());
            counts.insert(format!("refunded_{}", self.currency), self.refunded.units());
            counts.insert("units".to_owned(), i64::from(self.item_count));
        }
        counts
    }
}

/// An order in its owner's list, ready to be sent as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct ShownSummary {
    id: String,
    status: &'static str,
    state: &'static str,
    placed_at: String,
    total: Money,
    total_amount: String,
    item_count: u32,
    first_image_url: Option<String>,
}

/// An order in the back office's list, ready to be sent as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct StaffSummary {
    #[serde(flatten)]
    summary: ShownSummary,
    customer_email: String,
}

impl Row for Summary {
    fn key(&self) -> Key {
        Key::sorted("ALL", self.sort_key())
    }
}

/// The counters over all orders: they equal a recount of the rows, always.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Counts by name: `orders`, `paid`, `units`, `state_paid`, `revenue_USD` (minor units), `refunded_USD`.
    #[serde(flatten)]
    pub counts: BTreeMap<String, serde_json::Value>,
}

impl Counters {
    /// One count; zero when nothing was counted.
    #[must_use]
    pub fn get(&self, name: &str) -> i64 {
        self.counts.get(name).and_then(serde_json::Value::as_i64).unwrap_or(0)
    }

    /// All counts by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, i64)> {
        self.counts.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_i64()?)))
    }
}

impl Row for Counters {
    fn key(&self) -> Key {
        counter_key()
    }
}

fn counter_key() -> Key {
    Key::sorted("COUNTER", "orders")
}

/// The projection's table.
#[derive(Debug, Clone)]
pub struct Views {
    table: Table,
}

impl Views {
    /// The projection in `table`.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// Brings the row of one order and the counters to that version, in one transaction. An older version, or the
    /// same again, changes nothing.
    ///
    /// # Errors
    /// Unavailable when the table does not answer, or when other changes kept coming first.
    pub async fn project(&self, summary: &Summary) -> Result<(), Fault> {
        const ROUNDS: usize = 4;
        // A first version is new here, and needs no look. A later one has a row most of the time: a look costs half a read unit,
        // a transaction that is refused four write units.
        let mut known: Option<Summary> = if summary.version > 1 { self.table.get(&summary.key()).await? } else { None };
        for _ in 0..ROUNDS {
            if known.as_ref().is_some_and(|row| row.version >= summary.version) {
                return Ok(());
            }
            let seen = known.as_ref().map_or(0, |row| row.version);
            let row = Write::put(summary)?.seen(seen);
            let writes = [Some(row), count(known.as_ref(), summary)].into_iter().flatten().collect();
            match self.table.transact(writes, None).await {
                Ok(()) => return Ok(()),
                Err(WriteError::Refused(refused)) => known = refused.old.map(table::Item::read).transpose()?,
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::unavailable("the projection of an order kept changing"))
    }

    /// One page of the orders in any of `states` (none means all), newest first, and where the next one begins: before
    /// that sort key.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn list(
        &self,
        states: &[State],
        limit: usize,
        before: Option<&str>,
    ) -> Result<(Vec<Summary>, Option<String>), Fault> {
        let before = before.unwrap_or("~");
        let mut found: Vec<Summary> = Vec::new();
        if states.is_empty() {
            let all = Query::new("pk = :pk AND sk < :before").text(":pk", "ALL");
            found = self.table.query(all.text(":before", before).descending().limit(limit + 1)).await?.items;
        }
        for state in states {
            let of_state = Query::new("#state = :state AND sk < :before").index("by_state").name("#state", "state");
            let of_state = of_state.text(":state", state.name()).text(":before", before);
            found.extend(self.table.query(of_state.descending().limit(limit + 1)).await?.items);
        }
        found.sort_by_key(|summary| std::cmp::Reverse(summary.sort_key()));
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(Summary::sort_key);
        Ok((found, next))
    }

    /// The orders in `state` that were placed before `moment`, oldest first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn waiting(&self, state: State, moment: Instant, limit: usize) -> Result<Vec<Summary>, Fault> {
        let query = Query::new("#state = :state AND sk < :before").index("by_state").name("#state", "state");
        let query = query.text(":state", state.name()).text(":before", format!("{:013}", moment.millis()));
        Ok(self.table.query(query.limit(limit)).await?.items)
    }

    /// The counters.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn counters(&self) -> Result<Counters, Fault> {
        Ok(self.table.get_latest(&counter_key()).await?.unwrap_or_default())
    }
}

/// The difference that a row's new version makes to the counters; `None` when it makes none.
fn count(old: Option<&Summary>, new: &Summary) -> Option<Write> {
    let mut changes = new.counts();
    for (name, value) in old.map(Summary::counts).unwrap_or_default() {
        *changes.entry(name).or_insert(0) -= value;
    }
    changes.retain(|_, value| *value != 0);
    if changes.is_empty() {
        return None;
    }
    let parts: Vec<String> = (0..changes.len()).map(|index| format!("#n{index} :v{index}")).collect();
    let update = Write::update(counter_key(), format!("ADD {}", parts.join(", ")));
    let update = changes.into_iter().enumerate().fold(update, |update, (index, (name, value))| {
        update.name(&format!("#n{index}"), name).number(&format!(":v{index}"), value)
    });
    Some(update)
}

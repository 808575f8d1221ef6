//! The laws of every moment: each change of an order and of a cell is looked at, in the order in which they were made.

use crate::shop::Shop;
use cloud::Clock;
use kernel::{Amount, Instant, OrderId, Sku};
use orders::Order;
use orders::publish::holds;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use stock::{Cell, CellId, Entry};
use table::Item;

/// A law that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which, in a sentence, with the numbers that show it.
    pub law: String,
    /// When.
    pub at: Instant,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.law)
    }
}

#[derive(Default)]
struct Seen {
    orders: BTreeMap<OrderId, Order>,
    cells: BTreeMap<CellId, Cell>,
    positions: BTreeMap<String, i64>,
    broken: Vec<Broken>,
}

/// Looks at every change. Clones share what they have seen.
#[derive(Clone)]
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    clock: Clock,
    orders: String,
    stock: String,
}

impl Watch {
    /// Begins to look, from the first change on, as tasks of this runtime.
    ///
    /// # Errors
    /// When a table has no name or no stream.
    pub fn over(shop: &Shop) -> Result<Self, String> {
        let name = |name: &str| shop.keeper().setting(name).map(str::to_owned).map_err(|error| error.to_string());
        let (orders, stock) = (name("TABLE_ORDERS")?, name("TABLE_STOCK")?);
        let watch = Self { seen: Arc::default(), clock: shop.cloud().clock().clone(), orders, stock };
        for table in [&watch.orders, &watch.stock] {
            let mut changed = shop.cloud().changed(table).ok_or_else(|| format!("{table} has no stream"))?;
            let (watch, shop) = (watch.clone(), shop.clone());
            drop(tokio::spawn(async move {
                while changed.changed().await.is_ok() {
                    watch.look(&shop).await;
                }
            }));
        }
        Ok(watch)
    }

    /// Looks at whatever is new.
    pub async fn look(&self, shop: &Shop) {
        // An order comes before what it holds.
        for table in [&self.orders, &self.stock] {
            loop {
                let position = self.seen().positions.get(table).copied().unwrap_or_default();
                let changes = match shop.cloud().changes(table, position).await {
                    Ok(changes) => changes,
                    Err(error) => return self.broken(format!("the stream of {table} reads: {error}")),
                };
                if changes.is_empty() {
                    break;
                }
                for (position, record) in changes {
                    self.seen().positions.insert(table.clone(), position);
                    self.change(&record);
                }
            }
        }
    }

    /// The first law that was broken.
    #[must_use]
    pub fn first_broken(&self) -> Option<Broken> {
        self.seen().broken.first().cloned()
    }

    /// Notes a law that somebody else saw broken.
    pub fn broken(&self, law: impl Into<String>) {
        let broken = Broken { law: law.into(), at: self.clock.now() };
        self.seen().broken.push(broken);
    }

    /// Every order as it is.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.seen().orders.values().cloned().collect()
    }

    /// Every cell as it is.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        self.seen().cells.values().cloned().collect()
    }

    /// What holds at the end of each step, over all rows together.
    pub fn whole(&self) {
        let mut seen = self.seen();
        let mut paid: BTreeMap<Sku, u64> = BTreeMap::new();
        for order in seen.orders.values().filter(|order| was_paid(order)) {
            for (sku, quantity, _) in holds(order) {
                *paid.entry(sku).or_default() += u64::from(quantity);
            }
        }
        let mut sold: BTreeMap<Sku, u64> = BTreeMap::new();
        for cell in seen.cells.values() {
            *sold.entry(cell.id.sku.clone()).or_default() += u64::from(cell.sold);
        }
        let at = self.clock.now();
        for (sku, sold) in sold {
            let paid = paid.get(&sku).copied().unwrap_or_default();
            if sold > paid {
                let law = format!("no more is sold than was paid for: {sold} of {sku} are sold, {paid} were paid for");
                seen.broken.push(Broken { law, at });
            }
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, record: &Value) {
        let image = |name: &str| {
            let image = record["dynamodb"].get(name)?;
            serde_json::from_value::<serde_dynamo::Item>(image.clone()).ok().map(Item::new)
        };
        let Some(new) = image("NewImage") else { return };
        let found = if new.pk().starts_with("ORDER#") {
            new.read().map_err(|fault| fault.to_string()).and_then(|order| self.order(order))
        } else if CellId::parse(new.pk()).is_some() {
            new.read().map_err(|fault| fault.to_string()).and_then(|cell| self.cell(cell))
        } else {
            Ok(())
        };
        if let Err(law) = found {
            self.broken(law);
        }
    }

    fn order(&self, order: Order) -> Result<(), String> {
        let mut seen = self.seen();
        let old = seen.orders.insert(order.id().clone(), order.clone());
        drop(seen);
        let id = order.id();
        if let Some(old) = &old
            && (order.events.len() <= old.events.len() || order.events[..old.events.len()] != old.events[..])
        {
            return Err(format!("the history of an order only grows: {id} at version {}", order.version));
        }
        let folded = order.at_version(order.version);
        if (folded.state, &folded.payment, folded.version) != (order.state, &order.payment, order.events.len() as u64) {
            return Err(format!("the state of an order is the fold of its events: {id} at version {}", order.version));
        }
        let Some(payment) = &order.payment else { return Ok(()) };
        let captured = if payment.id.is_some() { order.placed.totals.total } else { Amount::ZERO };
        if payment.refunded() > captured {
            return Err(format!(
                "no more goes back than was captured: {:?} of {captured:?} of {id}",
                payment.refunded()
            ));
        }
        if payment.calls > orders::CALLS_MOST {
            return Err(format!("a payment is called for at most four times: {id} counts {}", payment.calls));
        }
        Ok(())
    }

    fn cell(&self, cell: Cell) -> Result<(), String> {
        let mut seen = self.seen();
        let old = seen.cells.insert(cell.id.clone(), cell.clone());
        let strange = cell.holds.iter().find(|(order, entry)| match entry {
            Entry::Held { .. } => !seen.orders.contains_key(*order),
            Entry::Done { .. } => !seen.orders.get(*order).is_some_and(was_paid),
        });
        let strange = strange.map(|(order, entry)| (order.clone(), *entry));
        drop(seen);
        let before = old.map_or(0, |cell| cell.seq);
        if cell.seq != before + 1 {
            return Err(format!(
                "each mutation of a cell has the next number: {} went from {before} to {}",
                cell.id, cell.seq
            ));
        }
        stock::check_cell(&cell).map_err(|violation| violation.to_string())?;
        match strange {
            Some((order, Entry::Held { .. })) => {
                Err(format!("what is held belongs to an order: {order} in {}", cell.id))
            }
            Some((order, Entry::Done { .. })) => Err(format!("what is sold is paid for: {order} in {}", cell.id)),
            None => Ok(()),
        }
    }
}

/// Whether the money of an order was taken, whatever became of it since.
#[must_use]
pub fn was_paid(order: &Order) -> bool {
    order.payment.as_ref().is_some_and(|payment| payment.id.is_some())
}

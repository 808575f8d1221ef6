//! The books of a shop: every stock cell, every order and the provider's ledger, read from the stores themselves and held
//! against each other.

use crate::process::TABLES;
use crate::shop::Shop;
use kernel::{OrderId, Sku};
use lambda::Platform;
use orders::{Order, PaymentState, State};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use stock::{Cell, CellId, Entry, check_cell};
use table::{Item, Table};

/// Everything that must fit together.
pub struct Books {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Every order.
    pub orders: HashMap<OrderId, Order>,
    /// The provider's payments.
    pub payments: Vec<Value>,
}

impl Books {
    /// Reads them all.
    ///
    /// # Panics
    /// When a store does not answer.
    pub fn read(shop: &Shop) -> Self {
        let platform = shop.platform();
        let items = |name: &str| all(shop, platform, name);
        let cells = items("stock").into_iter().filter(|item| CellId::parse(item.pk()).is_some());
        let cells = cells.map(|item| item.read::<Cell>().expect("a cell reads")).collect();
        let orders = items("orders").into_iter().filter(|item| item.pk().starts_with("ORDER#"));
        let orders = orders.map(|item| item.read::<Order>().expect("an order reads"));
        let ledger = shop.get(&shop.provider("/ledger")).attempt().expect("the ledger answers").json();
        Self {
            cells,
            orders: orders.map(|order| (order.id().clone(), order)).collect(),
            payments: ledger["payments"].as_array().cloned().unwrap_or_default(),
        }
    }

    /// What does not fit, in words; nothing once everything is delivered. Orders that wait for their payment and
    /// are not due keep their holds.
    pub fn violations(&self) -> Vec<String> {
        let mut found: Vec<String> = self
            .cells
            .iter()
            .filter_map(|cell| check_cell(cell).err())
            .map(|violation| violation.to_string())
            .collect();
        self.holds(&mut found);
        self.sales(&mut found);
        self.money(&mut found);
        found
    }

    /// Units are kept for orders that are not decided, and for no others.
    fn holds(&self, found: &mut Vec<String>) {
        for cell in &self.cells {
            for (id, entry) in &cell.holds {
                let state = self.orders.get(id).map(|order| order.state);
                if matches!(entry, Entry::Held { .. }) && state != Some(State::PendingPayment) {
                    found.push(format!("{} holds for {id}, which is {state:?}", cell.id));
                }
            }
        }
    }

    /// What the cells sold is what orders bought. An order that was cancelled after it was settled may still count.
    fn sales(&self, found: &mut Vec<String>) {
        let (mut sold, mut cancelled) = (BTreeMap::<Sku, u64>::new(), BTreeMap::<Sku, u64>::new());
        for order in self.orders.values() {
            let counts = match order.state {
                State::PendingPayment | State::Expired | State::Declined => continue,
                State::Cancelled => &mut cancelled,
                _ => &mut sold,
            };
            for line in &order.placed.lines {
                *counts.entry(line.sku.clone()).or_insert(0) += u64::from(line.quantity);
            }
            if let Some(in_sale) = &order.placed.in_sale {
                *counts.entry(in_sale.allowance.clone()).or_insert(0) += u64::from(order.units());
            }
            for promotion in order.placed.promotions.iter().filter(|promotion| promotion.limited) {
                *counts.entry(stock::coupon(&promotion.code).expect("a code")).or_insert(0) += 1;
            }
        }
        let mut in_cells = BTreeMap::<Sku, u64>::new();
        for cell in &self.cells {
            *in_cells.entry(cell.id.sku.clone()).or_insert(0) += u64::from(cell.sold);
        }
        for (sku, seen) in in_cells {
            let (least, more) = (sold.get(&sku).copied().unwrap_or(0), cancelled.get(&sku).copied().unwrap_or(0));
            if !(least..=least + more).contains(&seen) {
                found
                    .push(format!("the cells of {sku} sold {seen}, the orders {least} and {more} that were cancelled"));
            }
        }
    }

    /// Every order is charged at most once, and what the provider has is what the order says.
    fn money(&self, found: &mut Vec<String>) {
        let mut charged = HashMap::<&str, (u32, i64)>::new();
        for payment in self.payments.iter().filter(|payment| taken(payment)) {
            let kept = payment["amount"].as_i64().unwrap_or(0) - payment["refunded"].as_i64().unwrap_or(0);
            let (times, sum) = charged.entry(payment["reference"].as_str().unwrap_or_default()).or_default();
            *times += 1;
            *sum += kept;
        }
        for order in self.orders.values() {
            let (times, kept) = charged.remove(order.id().as_str()).unwrap_or_default();
            let total = order.placed.totals.total.units();
            let due = match order.state {
                State::PendingPayment => 0,
                State::Expired | State::Declined | State::Cancelled => 0,
                _ => total,
            };
            let undecided = order.payment.as_ref().is_some_and(|payment| payment.state == PaymentState::Processing);
            if times > 1 || (kept != due && !undecided) {
                found.push(format!(
                    "order {} is {:?} at {due}, charged {times} times, {kept} kept",
                    order.id(),
                    order.state
                ));
            }
        }
        for (reference, (times, kept)) in charged {
            found.push(format!("{reference} was charged {times} times, {kept} kept, and is no order"));
        }
    }

    /// The orders in that state.
    pub fn count(&self, state: State) -> usize {
        self.orders.values().filter(|order| order.state == state).count()
    }

    /// Reads until nothing is amiss and no payment is undecided, for at most that long.
    ///
    /// # Panics
    /// With what is amiss at the end.
    pub fn settled(shop: &Shop, within: Duration) -> Self {
        let amiss = |books: &Self| {
            let mut amiss = books.violations();
            let undecided = |order: &&Order| {
                order.state == State::PendingPayment
                    && order.payment.as_ref().is_some_and(|payment| payment.state == PaymentState::Processing)
            };
            amiss.extend(books.orders.values().filter(undecided).map(|order| format!("{} is undecided", order.id())));
            amiss
        };
        let end = std::time::Instant::now() + within;
        loop {
            let books = Self::read(shop);
            let amiss = amiss(&books);
            if amiss.is_empty() {
                return books;
            }
            assert!(std::time::Instant::now() < end, "amiss after {within:?}:\n{}", amiss.join("\n"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Whether money was taken for it, even if it went back.
fn taken(payment: &Value) -> bool {
    ["captured", "partially_refunded", "refunded"].iter().any(|status| payment["status"] == *status)
}

/// Every item of a table.
fn all(shop: &Shop, platform: &Platform, name: &str) -> Vec<Item> {
    let table: Table = platform.table(name).expect("the table has a name");
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = shop.block_on(table.scan(1000, after.as_deref())).expect("the table answers");
        items.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return items,
        }
    }
}

/// Everything that is stored in the tables and waits in the queues, as text.
///
/// # Panics
/// When a store does not answer.
pub fn everything_stored(shop: &Shop) -> String {
    let local = shop.local().expect("a run of this process");
    let mut text: String = TABLES.iter().map(|name| format!("{:?}\n", all(shop, shop.platform(), name))).collect();
    for queue in &local.cloud().definition().queues {
        text.push_str(&local.cloud().queue_bodies(&queue.name).unwrap_or_default().join("\n"));
    }
    text
}

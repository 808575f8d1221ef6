//! Orders in their table: whole items, written on the version that was read.

use crate::order::{Order, key};
use kernel::{Fault, OrderId, Principal};
use table::{Guard, Item, Page, Query, Table, Write, WriteError};

/// The orders.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

/// What became of a new order.
#[derive(Debug)]
pub enum New {
    /// It is written.
    Written,
    /// There was one already under this id.
    Exists(Box<Order>),
}

impl Store {
    /// The orders in `table`.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table itself, for the idempotency record beside a change.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The order with every acknowledged change.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn find(&self, id: &OrderId) -> Result<Option<Order>, Fault> {
        self.table.get_latest(&key(id)).await
    }

    /// The order, if it is there and `who` may see it: foreign and absent look the same.
    ///
    /// # Errors
    /// Missing; unavailable when the table does not answer.
    pub async fn get(&self, id: &OrderId, who: &Principal) -> Result<Order, Fault> {
        self.find(id).await?.filter(|order| order.is_visible_to(who)).ok_or_else(Fault::missing)
    }

    /// Writes a new order, unless there is one under its id.
    ///
    /// # Errors
    /// Too large; unavailable when the table does not answer.
    pub async fn create(&self, order: &Order) -> Result<New, Fault> {
        order.check_size()?;
        match self.table.write(Write::put(order)?.when(Guard::ABSENT)).await {
            Ok(_) => Ok(New::Written),
            Err(WriteError::Refused(refused)) => {
                let old = refused.old.ok_or_else(|| Fault::unavailable("an order that is there and is not"))?;
                Ok(New::Exists(Box::new(old.read()?)))
            }
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// The write that puts `order` in the place of its version `seen`.
    ///
    /// # Errors
    /// Too large.
    pub fn change(&self, order: &Order, seen: u64) -> Result<Write, Fault> {
        order.check_size()?;
        Ok(Write::put(order)?.seen(seen))
    }

    /// Puts `order` in the place of its version `seen`. A change that came first is handed back.
    ///
    /// # Errors
    /// [`Stale`](Unsaved::Stale) with the order as it is; else a fault.
    pub async fn save(&self, order: &Order, seen: u64) -> Result<(), Unsaved> {
        match self.table.write(self.change(order, seen)?).await {
            Ok(_) => Ok(()),
            Err(WriteError::Refused(refused)) => {
                let old: Order = refused.old.ok_or_else(|| Fault::bug("an order that was read is gone"))?.read()?;
                // The client repeats a write whose answer was lost: then ours is the one that stands.
                if old.version == order.version && old.events == order.events {
                    return Ok(());
                }
                Err(Unsaved::Stale(Box::new(old)))
            }
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The ids of somebody's orders, newest first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn of(
        &self,
        who: &Principal,
        limit: usize,
        after: Option<&[(String, String)]>,
    ) -> Result<Page<Order>, Fault> {
        let query = Query::new("#owner = :owner")
            .index("by_customer")
            .name("#owner", "owner")
            .text(":owner", who.to_string())
            .descending()
            .limit(limit);
        let query = match after {
            Some(position) => query.after(position),
            None => query,
        };
        let page: Page<Item> = self.table.query_items(query).await?;
        let keys: Vec<table::Key> = page.items.iter().map(|item| table::Key::new(item.pk())).collect();
        let mut items: Vec<Order> = self.table.get_many(&keys).await?;
        items.sort_by_key(|order| (std::cmp::Reverse(order.placed.placed_at), order.placed.id.clone()));
        Ok(Page { items, next: page.next })
    }
}

/// Why a change was not saved.
#[derive(Debug)]
pub enum Unsaved {
    /// Another change came first; this is the order now.
    Stale(Box<Order>),
    /// Anything else.
    Fault(Fault),
}

impl From<Fault> for Unsaved {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Unsaved> for Fault {
    fn from(unsaved: Unsaved) -> Self {
        match unsaved {
            Unsaved::Fault(fault) => fault,
            Unsaved::Stale(order) => WriteError::Refused(table::Refused {
                index: 0,
                guards: format!("version of {}", order.id()),
                old: None,
            })
            .into(),
        }
    }
}

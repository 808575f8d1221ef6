//! The sales in their table, and what an environment remembers of them.

use crate::sale::{Sale, key};
use crate::warm::Warm;
use kernel::{Fault, Instant, SaleId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::{Guard, Key, Query, Row, Table, Write, WriteError};

/// How long a sale that was read is believed. What a shopper sees of it never changes; only its state does.
const LIFE: Duration = Duration::from_secs(3);
/// How many sales an environment remembers.
const KEPT: usize = 100;
/// What the index `live` finds sales by that are not closed.
pub const LIVE: &str = "live";

/// Which sale has an item. There until the sale is closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claim {
    sku: Sku,
    sale: SaleId,
}

impl Row for Claim {
    fn key(&self) -> Key {
        claim_key(&self.sku)
    }
}

fn claim_key(sku: &Sku) -> Key {
    Key::new(format!("ITEM#{sku}"))
}

/// Each sale that was read, and when.
type Known = HashMap<SaleId, (Instant, Arc<Sale>)>;

/// The sales. Cheap to clone: clones share what they know, as one environment does.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) table: Table,
    known: Arc<Mutex<Known>>,
}

impl Store {
    /// The sales in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, known: Arc::default() }
    }

    /// The table itself, for the idempotency record beside a change.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// A sale, as of a few seconds ago at the most.
    ///
    /// # Errors
    /// Missing when there is none; unavailable when the table does not answer.
    pub async fn get(&self, id: &SaleId, now: Instant) -> Result<Arc<Sale>, Fault> {
        let fresh = |(read_at, sale): &(Instant, Arc<Sale>)| {
            (now.since(*read_at).max(read_at.since(now)) < LIFE).then(|| Arc::clone(sale))
        };
        if let Some(sale) = self.known().get(id).and_then(fresh) {
            return Ok(sale);
        }
        // A sale that was opened a moment ago may be missed by the cheaper look.
        let read: Option<Sale> = match self.table.get(&key(id)).await? {
            Some(sale) => Some(sale),
            None => self.table.get_latest(&key(id)).await?,
        };
        let sale = Arc::new(read.ok_or_else(Fault::missing)?);
        let mut known = self.known();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(id.clone(), (now, Arc::clone(&sale)));
        Ok(sale)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<SaleId, (Instant, Arc<Sale>)>> {
        // An entry is put in whole or not at all.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sales that are not closed, the one that ends first first. One query for each hundred of them.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn live(&self) -> Result<Vec<Sale>, Fault> {
        let (mut sales, mut after) = (Vec::new(), None::<Vec<(String, String)>>);
        loop {
            let query = Query::new("#live = :live").index("live").name("#live", "live").text(":live", LIVE).limit(100);
            let query = match &after {
                Some(position) => query.after(position),
                None => query,
            };
            let page = self.table.query::<Sale>(query).await?;
            sales.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(sales),
            }
        }
    }

    /// What was asked for last to be kept warm for sales.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn warm(&self) -> Result<Warm, Fault> {
        Ok(self.table.get_latest(&Warm::key()).await?.unwrap_or_default())
    }

    /// Notes what is asked for, in the place of what was noted before; false when another note came first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn save_warm(&self, warm: &Warm) -> Result<bool, Fault> {
        match self.table.write(warm.save()?).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// Which of `skus` a sale has that is not closed.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn claimed(&self, skus: &[Sku]) -> Result<Vec<Sku>, Fault> {
        let keys: Vec<Key> = skus.iter().map(claim_key).collect();
        let claims: Vec<Claim> = self.table.get_many(&keys).await?;
        Ok(claims.into_iter().map(|claim| claim.sku).collect())
    }

    /// The writes that open a sale: it, and its claim on each of its items, none of which another sale may have. All or
    /// none.
    ///
    /// # Errors
    /// A bug when a row does not write.
    pub fn open(&self, sale: &Sale) -> Result<Vec<Write>, Fault> {
        let claims = sale.items.iter().map(|item| Claim { sku: item.sku.clone(), sale: sale.id.clone() });
        let mut writes = vec![Write::put(sale)?.when(Guard::ABSENT)];
        for claim in claims {
            writes.push(Write::put(&claim)?.when(Guard::ABSENT));
        }
        Ok(writes)
    }

    /// Puts a sale in the place of its version `seen`. Answers false when another change came first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn save(&self, sale: &Sale, seen: u64) -> Result<bool, Fault> {
        match self.table.write(Write::put(sale)?.seen(seen)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// Puts a closed sale in the place of its version `seen`, and lets its items go, in one transaction. Answers false
    /// when another change came first.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub async fn let_go(&self, sale: &Sale, seen: u64) -> Result<bool, Fault> {
        const OURS: Guard = Guard::new("ours_or_gone", "attribute_not_exists(pk) OR sale = :sale");
        let mut writes = vec![Write::put(sale)?.seen(seen)];
        for item in &sale.items {
            writes.push(Write::delete(claim_key(&item.sku)).when(OURS).text(":sale", sale.id.as_str()));
        }
        match self.table.transact(writes, None).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }
}

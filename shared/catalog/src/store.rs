//! The table of products.

use crate::create;
use crate::offer::{Answer, Offer, Wanted};
use crate::product::{Product, SkuRow};
use kernel::{Fault, ProductId, Sku};
use std::collections::HashMap;
use table::{Key, Table, Write, WriteError};

/// Writes of one transaction at the most.
const TRANSACTION: usize = 100;

/// Products, in the table `catalog`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The store in that table.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table, for the writes that [`crate::create`] and [`crate::change`] give.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The product, with its last change.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn product(&self, id: &ProductId) -> Result<Option<Product>, Fault> {
        self.table.get_latest(&Product::key_of(id)).await
    }

    /// The product as it was a moment ago at the least: half the price of [`Store::product`].
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn recent_product(&self, id: &ProductId) -> Result<Option<Product>, Fault> {
        self.table.get(&Product::key_of(id)).await
    }

    /// The offers of `skus`, by at most two batch reads for 100 of them. A SKU that no product has now is left out.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn variants(&self, skus: &[Sku]) -> Result<Vec<Offer>, Fault> {
        let wanted: Vec<Wanted> = skus.iter().cloned().map(Wanted::Sku).collect();
        let answers = self.offers(&wanted).await?;
        Ok(answers.into_iter().filter_map(Answer::offer).collect())
    }

    /// One answer for each of `wanted`, in their order, by at most two batch reads for 100 of them.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn offers(&self, wanted: &[Wanted]) -> Result<Vec<Answer>, Fault> {
        let owners = self.owners(wanted).await?;
        let products = self.products(wanted.iter().filter_map(|one| owner(one, &owners))).await?;
        Ok(wanted.iter().map(|one| answer(one, owner(one, &owners).and_then(|id| products.get(id)))).collect())
    }

    /// Which product each wanted SKU belongs to.
    async fn owners(&self, wanted: &[Wanted]) -> Result<HashMap<Sku, ProductId>, Fault> {
        let keys: Vec<Key> = wanted
            .iter()
            .filter_map(|one| match one {
                Wanted::Sku(sku) => Some(SkuRow::key_of(sku)),
                Wanted::Product(_) => None,
            })
            .collect();
        let rows: Vec<SkuRow> = self.table.get_many(&keys).await?;
        Ok(rows.into_iter().map(|row| (row.sku, row.product)).collect())
    }

    async fn products(&self, ids: impl Iterator<Item = &ProductId>) -> Result<HashMap<ProductId, Product>, Fault> {
        let keys: Vec<Key> = ids.map(Product::key_of).collect();
        let products: Vec<Product> = self.table.get_many(&keys).await?;
        Ok(products.into_iter().map(|product| (product.id.clone(), product)).collect())
    }

    /// Makes all of `products`, as many in one transaction as fit: for a first catalog. Each product is made whole or
    /// not at all; when one is refused, those before it may have been made.
    ///
    /// # Errors
    /// A conflict when an id or a SKU is taken; unavailable when the table does not answer.
    pub async fn create_many(&self, products: &[Product]) -> Result<(), Fault> {
        let mut batch: Vec<(usize, Write)> = Vec::with_capacity(TRANSACTION);
        for (at, product) in products.iter().enumerate() {
            let writes = create::writes(product)?;
            if batch.len() + writes.len() > TRANSACTION {
                self.create_batch(products, std::mem::take(&mut batch)).await?;
            }
            batch.extend(writes.into_iter().map(|write| (at, write)));
        }
        self.create_batch(products, batch).await
    }

    async fn create_batch(&self, products: &[Product], batch: Vec<(usize, Write)>) -> Result<(), Fault> {
        if batch.is_empty() {
            return Ok(());
        }
        let (owners, writes): (Vec<usize>, Vec<Write>) = batch.into_iter().unzip();
        match self.table.transact(writes, None).await {
            Ok(()) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
            Err(WriteError::Refused(mut refused)) => {
                let at = owners[refused.index];
                // Within its own product's writes, the product itself is the first.
                refused.index -= owners.partition_point(|owner| *owner < at);
                Err(create::refusal(&products[at], &refused))
            }
        }
    }
}

fn owner<'a>(wanted: &'a Wanted, owners: &'a HashMap<Sku, ProductId>) -> Option<&'a ProductId> {
    match wanted {
        Wanted::Sku(sku) => owners.get(sku),
        Wanted::Product(id) => Some(id),
    }
}

fn answer(wanted: &Wanted, product: Option<&Product>) -> Answer {
    let Some(product) = product else {
        return Answer::Nothing;
    };
    match (wanted, product.variants.as_slice()) {
        (Wanted::Sku(sku), _) => {
            product.variant(sku).map_or(Answer::Nothing, |variant| Answer::Offer(Offer::of(product, variant)))
        }
        (Wanted::Product(_), [only]) => Answer::Offer(Offer::of(product, only)),
        (Wanted::Product(_), []) => Answer::Nothing,
        (Wanted::Product(_), _) => Answer::Several,
    }
}

//! What every environment shows of the sales: one shared copy, refreshed by one of them every [`WINDOW`].
//!
//! The copy stands in one item together with the moment from which on it may be refreshed. Each environment that finds its
//! own copy due tries one conditional update of that item. Whoever wins asks the table once and stores the new copy; all
//! others are refused, and the refusal carries the item with the copy. So there is one query in each window, however many
//! environments there are, and one that dies with the lease in its hand costs a window and nothing else.

use crate::sale::{Phase, SHOWN_AFTER, Sale, phase};
use crate::store::Store;
use kernel::{Fault, Instant, Money, ProductId, SaleId, Sku};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::{Guard, Item, Key, Refused, Row, Write, WriteError};

/// Between two refreshes, over all environments.
pub const WINDOW: Duration = Duration::from_secs(30);
/// How soon an environment looks again when it met the copy while another one was refreshing it, or could not look.
const SOON: Duration = Duration::from_secs(2);
/// How long a copy is served when the table does not answer: as long as the listing's `stale-if-error` says.
const STALE_LIFE: Duration = Duration::from_secs(300);
/// How often the very first copy is waited for, by one read each.
const FIRST_LOOKS: usize = 50;
/// A copy is no longer than that: an item takes 400 KB.
const BYTES_MOST: usize = 300_000;

/// An item of a sale as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedItem {
    /// What is sold.
    pub sku: Sku,
    /// Of which product.
    pub product_id: ProductId,
    /// The product's name.
    pub name: String,
    /// The variant's name.
    pub variant: String,
    /// Its picture.
    pub image_url: String,
    /// Price of one in the sale.
    pub price: Money,
    /// Price of one when the sale was opened.
    pub was_price: Money,
    /// What is left.
    pub stock: Left,
}

/// What is left of an item, roughly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// `in`, `low`, `out`.
    pub level: String,
    /// Exact up to 10, rounded down to tens beyond.
    pub remaining: u32,
}

impl Left {
    /// So many units, with their level.
    #[must_use]
    pub fn of(available: u32, level: &str) -> Self {
        let remaining = if available <= 10 { available } else { available / 10 * 10 };
        Self { level: level.to_owned(), remaining }
    }
}

/// A sale as it is shown, but for where it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    id: SaleId,
    name: String,
    starts_at: Instant,
    ends_at: Instant,
    limit_per_customer: u32,
    waiting_room: bool,
    items: Vec<ListedItem>,
}

impl Listed {
    /// A sale with what is left of each of its items.
    #[must_use]
    pub fn of(sale: &Sale, left: impl Fn(&Sku) -> Left) -> Self {
        let items = sale.items.iter().map(|item| ListedItem {
            sku: item.sku.clone(),
            product_id: item.product.clone(),
            name: item.name.clone(),
            variant: item.variant.clone(),
            image_url: item.image.clone(),
            price: sale.money(item.price),
            was_price: sale.money(item.was),
            stock: left(&item.sku),
        });
        Self {
            id: sale.id.clone(),
            name: sale.name.clone(),
            starts_at: sale.starts_at,
            ends_at: sale.ends_at,
            limit_per_customer: sale.limit,
            waiting_room: sale.waiting_room,
            items: items.collect(),
        }
    }
}

/// The listing at one moment, ready to be sent as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown<'a> {
    server_time: String,
    sales: Vec<ShownSale<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ShownSale<'a> {
    id: &'a SaleId,
    name: &'a str,
    state: Phase,
    starts_at: String,
    ends_at: String,
    limit_per_customer: u32,
    waiting_room: bool,
    items: &'a [ListedItem],
}

/// The copy that all environments share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// When it was made.
    pub made_at: Instant,
    /// The sales, the one that ends first first.
    pub sales: Vec<Listed>,
}

impl Copy {
    /// The sales as they stand at `now`, which is told to the second.
    #[must_use]
    pub fn shown(&self, now: Instant) -> Shown<'_> {
        let now = Instant::from_seconds(now.seconds());
        let recent = self.sales.iter().filter(|sale| now < sale.ends_at.plus(SHOWN_AFTER));
        let sales = recent.map(|sale| ShownSale {
            id: &sale.id,
            name: &sale.name,
            state: phase(sale.starts_at, sale.ends_at, now),
            starts_at: sale.starts_at.to_string(),
            ends_at: sale.ends_at.to_string(),
            limit_per_customer: sale.limit_per_customer,
            waiting_room: sale.waiting_room,
            items: &sale.items,
        });
        Shown { server_time: now.to_string(), sales: sales.collect() }
    }
}

/// The one item: until when the copy is fresh, and the copy as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shared {
    due: Instant,
    /// Who has the lease until then.
    by: String,
    #[serde(default)]
    copy: Option<String>,
}

impl Row for Shared {
    fn key(&self) -> Key {
        place()
    }
}

fn place() -> Key {
    Key::new("LISTING")
}

impl Shared {
    fn copy(&self) -> Result<Option<Copy>, Fault> {
        let read = |text: &String| {
            serde_json::from_str(text)
                .map_err(|error| Fault::bug(format!("the copy of the listing does not read: {error}")))
        };
        self.copy.as_ref().map(read).transpose()
    }
}

/// The listing as this environment knows it. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub struct Listing {
    sales: Store,
    by: Arc<str>,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    copy: Option<Arc<Copy>>,
    /// When this environment looks next.
    look_at: Option<Instant>,
}

/// A look at the shared item.
enum Look {
    /// This environment refreshes it, until then nobody else does.
    Ours(Shared),
    /// Another one does, or has.
    Others(Option<Shared>),
}

impl Listing {
    /// The listing of the sales in that store, for the environment that is known by that name and no other. Nothing is
    /// read yet.
    #[must_use]
    pub fn new(sales: Store, by: &str) -> Self {
        Self { sales, by: by.into(), known: Arc::default() }
    }

    /// The copy to show at `now`, and why it is older than it should be, if it is. `fill` makes the listed sales of those
    /// that the table has; it is called at most once in each [`WINDOW`] over all environments.
    ///
    /// # Errors
    /// Unavailable when the table does not answer and nothing that may still be shown is in memory.
    pub async fn current<F, Fut>(&self, now: Instant, fill: F) -> Result<(Arc<Copy>, Option<Fault>), Fault>
    where
        F: FnOnce(Vec<Sale>) -> Fut,
        Fut: Future<Output = Result<Vec<Listed>, Fault>>,
    {
        let known = self.known();
        if let (Some(copy), Some(look_at)) = (&known.copy, known.look_at)
            && now < look_at
        {
            return Ok((Arc::clone(copy), None));
        }
        match self.look(now, fill).await {
            Ok(copy) => Ok((copy, None)),
            Err(fault) => {
                let stale = known.copy.filter(|copy| now.since(copy.made_at) < STALE_LIFE + WINDOW);
                self.remember(stale.clone(), now.plus(SOON));
                stale.map(|copy| (copy, Some(fault.clone()))).ok_or(fault)
            }
        }
    }

    async fn look<F, Fut>(&self, now: Instant, fill: F) -> Result<Arc<Copy>, Fault>
    where
        F: FnOnce(Vec<Sale>) -> Fut,
        Fut: Future<Output = Result<Vec<Listed>, Fault>>,
    {
        match self.lease(now).await? {
            Look::Ours(shared) => match self.refresh(&shared, now, fill).await {
                Ok(copy) => Ok(self.remember_copy(copy, shared.due)),
                // The lease stays taken: the next window's winner refreshes. Until then the copy before is shown.
                Err(fault) => match shared.copy()? {
                    Some(old) => Ok(self.remember_copy(old, shared.due)),
                    None => Err(fault),
                },
            },
            Look::Others(shared) => {
                let shared = match shared {
                    Some(shared) if shared.copy.is_some() => shared,
                    _ => self.first().await?,
                };
                let copy = shared
                    .copy()?
                    .ok_or_else(|| Fault::unavailable("the first copy of the listing is not there yet"))?;
                let made_for_this_window = copy.made_at.plus(WINDOW) >= shared.due;
                let look_at = if made_for_this_window { shared.due } else { now.plus(SOON).min(shared.due) };
                Ok(self.remember_copy(copy, look_at))
            }
        }
    }

    /// Takes the lease of a window, if it is to be had.
    async fn lease(&self, now: Instant) -> Result<Look, Fault> {
        const DUE: Guard = Guard::new("due", "attribute_not_exists(due) OR due <= :now");
        let due = now.plus(WINDOW);
        let lease = Write::update(place(), "SET due = :due, #by = :by")
            .when(DUE)
            .name("#by", "by")
            .number(":now", now.millis())
            .number(":due", due.millis())
            .text(":by", &*self.by);
        match self.sales.table.update(lease).await {
            Ok(item) => Ok(Look::Ours(item.read()?)),
            Err(WriteError::Refused(Refused { old, .. })) => {
                let shared: Option<Shared> = old.map(Item::read).transpose()?;
                // The client repeats an update whose answer was lost: then the lease is this one's.
                match shared {
                    Some(shared) if shared.due == due && *shared.by == *self.by => Ok(Look::Ours(shared)),
                    other => Ok(Look::Others(other)),
                }
            }
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    async fn refresh<F, Fut>(&self, shared: &Shared, now: Instant, fill: F) -> Result<Copy, Fault>
    where
        F: FnOnce(Vec<Sale>) -> Fut,
        Fut: Future<Output = Result<Vec<Listed>, Fault>>,
    {
        const OUR_LEASE: Guard = Guard::new("our_lease", "due = :due AND #by = :by");
        let copy = fitting(Copy { made_at: now, sales: fill(self.sales.live().await?).await? })?;
        let store = Write::update(place(), "SET #copy = :copy")
            .when(OUR_LEASE)
            .name("#copy", "copy")
            .name("#by", "by")
            .number(":due", shared.due.millis())
            .text(":by", &*self.by)
            .text(":copy", written(&copy)?);
        match self.sales.table.write(store).await {
            // Whoever took the lease meanwhile stores something newer.
            Ok(_) | Err(WriteError::Refused(_)) => Ok(copy),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// The very first copy, which another environment is making.
    async fn first(&self) -> Result<Shared, Fault> {
        for _ in 0..FIRST_LOOKS {
            if let Some(shared) = self.sales.table.get_latest::<Shared>(&place()).await?
                && shared.copy.is_some()
            {
                return Ok(shared);
            }
        }
        Err(Fault::unavailable("the first copy of the listing is not there yet"))
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, copy: Option<Arc<Copy>>, look_at: Instant) {
        // Replaced in whole: after a panic it is as good as before.
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Known { copy, look_at: Some(look_at) };
    }

    fn remember_copy(&self, copy: Copy, look_at: Instant) -> Arc<Copy> {
        let copy = Arc::new(copy);
        self.remember(Some(Arc::clone(&copy)), look_at);
        copy
    }
}

fn written(copy: &Copy) -> Result<String, Fault> {
    serde_json::to_string(copy).map_err(|error| Fault::bug(format!("the copy of the listing does not write: {error}")))
}

/// As many of the sales as an item holds, those that end first.
fn fitting(mut copy: Copy) -> Result<Copy, Fault> {
    while written(&copy)?.len() > BYTES_MOST {
        copy.sales.truncate(copy.sales.len() * 3 / 4);
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::{Shared, place};
    use kernel::Instant;
    use table::Row;

    #[test]
    fn the_shared_copy_stands_where_it_is_looked_for() {
        let shared = Shared { due: Instant::from_seconds(1), by: "e".to_owned(), copy: None };
        assert_eq!(shared.key(), place());
    }
}

//! Changes become part of the read model. Messages come at least once and in any order: of a product the newest
//! version counts, and levels are read from the stock after the pointer, so that whoever moves the pointer next has
//! seen at least as much. A projection that started from an older pointer moves nothing and starts again.

use crate::index::{Document, Index};
use crate::level::StockLevel;
use crate::view::new_segment::{Base, NewSegment};
use crate::view::news::News;
use crate::view::pointer::{Pointer, Retired};
use crate::view::shelf::Shelf;
use kernel::{Fault, Instant, Kind, Sku};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use table::{Write, WriteError};

/// The most products that the read model lists. A product beyond it is refused, and its message lies with the dead
/// letters until there is room.
pub const PRODUCTS: usize = 100_000;
/// The most memory that the index takes, in bytes, with room left for products that grow.
pub const INDEX_BYTES: usize = 46 * 1024 * 1024;
/// How often the pointer is tried for again because another projection was first.
const ATTEMPTS: usize = 16;
/// How long a segment stays in the bucket after its time, for readers that are behind.
const RETIRED_LIFE: Duration = Duration::from_secs(600);

/// What the queue `catalog-projection` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Change {
    /// A product as it is now.
    Product {
        /// All that the read model needs.
        product: Box<Document>,
    },
    /// The level of a SKU may be another one. Only the SKU counts: the level is read where it is decided.
    Level {
        /// Whose.
        sku: Sku,
    },
}

/// The ids of the products that were not taken, each with why.
pub type Refusals = HashMap<String, Fault>;

/// What became of the changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// The products that were not taken.
    pub refusals: Refusals,
    /// Why the list of popular products is one projection behind, if it is: the next one writes it.
    pub behind: Option<Fault>,
}

/// Folds `changes` into the read model. `levels` answers what can be bought of each SKU now.
///
/// # Errors
/// Unavailable when a store does not answer or too many projections are at work; then the catalog has not changed.
pub async fn project<F, Fut>(shelf: &Shelf, changes: &[Change], levels: F, now: Instant) -> Result<Projected, Fault>
where
    F: Fn(Vec<Sku>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<HashMap<Sku, StockLevel>, Fault>> + Send,
{
    let mut refusals = Refusals::new();
    let mut behind = None;
    let mut written: Option<NewSegment> = None;
    let mut orphans: Vec<Retired> = Vec::new();
    for _ in 0..ATTEMPTS {
        let (mut pointer, reading) = shelf.latest(now).await?;
        let base = Base { pointer: &pointer, index: &reading.index, now };
        let (holding, over): (Vec<_>, Vec<_>) =
            written.take().into_iter().partition(|segment| segment.still_holds(&base));
        orphans.extend(over.into_iter().map(|segment| Retired { key: segment.named.key, at: now }));
        let segment = match holding.into_iter().next() {
            Some(segment) => segment,
            None => {
                let (segment, refused) = write(shelf, changes, &levels, &base).await?;
                refusals = refused;
                let Some(segment) = segment else {
                    return Ok(Projected { refusals, behind });
                };
                segment
            }
        };
        // Segments that were written and never named go the way of the old ones.
        orphans.retain(|orphan| pointer.segments.iter().all(|named| named.key != orphan.key));
        pointer.retired.extend(orphans.iter().cloned());
        if !move_pointer(shelf, &pointer, &segment, now).await? {
            written = Some(segment);
            continue;
        }
        behind = shelf.write_popular().await.err();
        orphans.clear();
        // News about the level of a product that was not known passed by: now that it is known, its level is read again.
        if !segment.adds() {
            return Ok(Projected { refusals, behind });
        }
    }
    Err(Fault::unavailable("other projections kept moving the pointer"))
}

/// Writes the segment that brings what is new of `changes`, if anything is.
async fn write<F, Fut>(
    shelf: &Shelf,
    changes: &[Change],
    levels: &F,
    base: &Base<'_>,
) -> Result<(Option<NewSegment>, Refusals), Fault>
where
    F: Fn(Vec<Sku>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<HashMap<Sku, StockLevel>, Fault>> + Send,
{
    let mut news = News::of(changes, base.index);
    if news.is_empty() {
        return Ok((None, Refusals::new()));
    }
    let levels = levels(news.skus(base.index)).await?;
    let (segment, refusals) = within_bounds(&mut news, &levels, base);
    if let Some(segment) = &segment {
        shelf.bucket().put_if_absent(&segment.named.key, segment.bytes.clone(), "application/octet-stream").await?;
    }
    Ok((segment, refusals))
}

/// The segment that brings the news, without the products that are more than the read model takes.
fn within_bounds(
    news: &mut News<'_>,
    levels: &HashMap<Sku, StockLevel>,
    base: &Base<'_>,
) -> (Option<NewSegment>, Refusals) {
    let full = base.pointer.bytes() > INDEX_BYTES;
    let room = if full { 0 } else { PRODUCTS.saturating_sub(base.index.listed()) };
    let mut refusals = news.refuse_beyond(room, base.index);
    let mut draft = NewSegment::of(news, levels, base);
    if draft.as_ref().is_some_and(|draft| draft.moved(base.pointer, base.now).bytes() > INDEX_BYTES) {
        refusals.extend(news.refuse_beyond(0, base.index));
        draft = NewSegment::of(news, levels, base);
    }
    (draft, refusals)
}

/// The refusal of a product for which there is no room.
pub(super) fn full() -> Fault {
    let detail = format!("The catalog lists at most {PRODUCTS} products in {INDEX_BYTES} bytes.");
    Fault::new(Kind::Unprocessable, "catalog_full", detail)
}

/// Moves the pointer on to where `draft` is part of the catalog: `false` when another projection was first.
async fn move_pointer(shelf: &Shelf, pointer: &Pointer, draft: &NewSegment, now: Instant) -> Result<bool, Fault> {
    let mut next = draft.moved(pointer, now);
    next.products = Index::new(shelf.segments_with(&next, &draft.named.key, &draft.segment)).listed();
    // Two projections of the same messages write one segment: the one that lost may have retired what the other names.
    next.retired.retain(|old| next.segments.iter().all(|named| named.key != old.key));
    next.retired = delete_old(shelf, next.retired, now).await;
    match shelf.control().write(Write::put(&next)?.seen(pointer.version)).await {
        Ok(_) => {}
        Err(WriteError::Refused(refused)) => {
            // The answer to this very write may have been lost.
            let stands = refused.old.and_then(|item| item.read::<Pointer>().ok());
            if stands.as_ref() != Some(&next) {
                return Ok(false);
            }
        }
        Err(WriteError::Fault(fault)) => return Err(fault),
    }
    shelf.adopt(next, (draft.named.key.clone(), draft.segment.clone()), now);
    Ok(true)
}

/// Deletes segments whose readers are gone. One that cannot be deleted now stays on the list for the next projection.
async fn delete_old(shelf: &Shelf, retired: Vec<Retired>, now: Instant) -> Vec<Retired> {
    let mut kept = Vec::with_capacity(retired.len());
    for one in retired {
        let over = now.since(one.at) > RETIRED_LIFE;
        if !over || shelf.bucket().delete(&one.key).await.is_err() {
            kept.push(one);
        }
    }
    kept
}

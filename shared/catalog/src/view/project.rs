//! Changes become part of the read model. Messages come at least once and in any order: of a product the newest
//! version counts, and levels are read from the stock after the pointer, so that whoever moves the pointer next has
//! seen at least as much. A projection that started from an older pointer moves nothing and starts again.

use crate::index::{Builder, Card, Document, Index, Place, Segment, impacts};
use crate::level::StockLevel;
use crate::view::compaction::{Size, taken_in};
use crate::view::pointer::{Pointer, Retired, SegmentRef};
use crate::view::shelf::Shelf;
use bytes::Bytes;
use kernel::{Fault, Instant, Kind, Sku, id};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use table::{Write, WriteError};

/// The most products that the read model lists. A product beyond it is refused, and its message lies with the dead
/// letters until there is room.
pub const PRODUCTS: usize = 100_000;
/// The most memory that the index takes, in bytes, with room left for products that grow.
pub const INDEX_BYTES: usize = 46 * 1024 * 1024;
/// How often a projection starts again because another one was first.
const ATTEMPTS: usize = 8;
/// How long a segment stays in the bucket after its time, for readers that are behind.
const RETIRED_LIFE: Duration = Duration::from_secs(600);
/// How long a withdrawn product is remembered, so that no older message brings it back: longer than any queue keeps one.
const WITHDRAWN_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

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

/// Folds `changes` into the read model. `levels` answers what can be bought of each SKU now.
///
/// # Errors
/// Unavailable when a store does not answer or too many projections are at work; then nothing has changed.
pub async fn project<F, Fut>(shelf: &Shelf, changes: &[Change], levels: F, now: Instant) -> Result<Refusals, Fault>
where
    F: Fn(Vec<Sku>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<HashMap<Sku, StockLevel>, Fault>> + Send,
{
    for _ in 0..ATTEMPTS {
        let (pointer, reading) = shelf.latest(now).await?;
        let mut news = News::of(changes, &reading.index);
        if news.is_empty() {
            return Ok(Refusals::new());
        }
        let levels = levels(news.skus(&reading.index)).await?;
        let room = if pointer.bytes() > INDEX_BYTES { 0 } else { PRODUCTS.saturating_sub(reading.index.listed()) };
        let mut refusals = news.refuse_beyond(room, &reading.index);
        let mut next = Next::build(&news, &levels, &reading.index, &pointer, now);
        if next.as_ref().is_some_and(|next| next.pointer.bytes() > INDEX_BYTES) {
            refusals.extend(news.refuse_beyond(0, &reading.index));
            next = Next::build(&news, &levels, &reading.index, &pointer, now);
        }
        let Some(next) = next else {
            return Ok(refusals);
        };
        if next.commit(shelf, pointer.version, now).await? {
            return Ok(refusals);
        }
    }
    Err(Fault::unavailable("other projections kept moving the pointer"))
}

/// What of the changes is new to an index.
struct News<'a> {
    /// The newest version of each product, where it is newer than the index's.
    documents: BTreeMap<&'a str, &'a Document>,
    /// Products with SKUs whose levels may have changed.
    touched: BTreeSet<String>,
}

impl<'a> News<'a> {
    fn of(changes: &'a [Change], index: &Index) -> Self {
        let mut news = Self { documents: BTreeMap::new(), touched: BTreeSet::new() };
        for change in changes {
            match change {
                Change::Product { product } => news.note(product, index),
                Change::Level { sku } => {
                    let card = index.find_sku(sku.as_str()).and_then(|place| index.card(place));
                    news.touched.extend(card.map(|card| card.id));
                }
            }
        }
        news.touched.retain(|id| !news.documents.contains_key(id.as_str()));
        news
    }

    fn note(&mut self, document: &'a Document, index: &Index) {
        let known = index.age(document.id.as_str()).map_or(0, |(version, _)| version);
        let noted = self.documents.get(document.id.as_str()).map_or(0, |noted| noted.version);
        if document.version > known.max(noted) {
            self.documents.insert(document.id.as_str(), document);
        }
    }

    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.touched.is_empty()
    }

    /// All SKUs whose levels are needed.
    fn skus(&self, index: &Index) -> Vec<Sku> {
        let of_documents =
            self.documents.values().filter(|document| !document.withdrawn).flat_map(|document| document.skus.clone());
        let touched = self.touched.iter().filter_map(|id| index.card(index.find(id)?));
        let of_touched = touched.flat_map(|card| card.variants).filter_map(|(sku, _)| Sku::parse(&sku).ok());
        of_documents.chain(of_touched).collect()
    }

    fn additions(&self, index: &Index) -> Vec<&'a str> {
        let new = self.documents.iter().filter(|(id, document)| !document.withdrawn && index.find(id).is_none());
        new.map(|(id, _)| *id).collect()
    }

    /// Leaves out all new products but `room` of them: updates are always taken.
    fn refuse_beyond(&mut self, room: usize, index: &Index) -> Refusals {
        let beyond: Vec<&str> = self.additions(index).into_iter().skip(room).collect();
        for id in &beyond {
            self.documents.remove(id);
        }
        beyond.into_iter().map(|id| (id.to_owned(), full())).collect()
    }
}

fn full() -> Fault {
    let detail = format!("The catalog lists at most {PRODUCTS} products in {INDEX_BYTES} bytes.");
    Fault::new(Kind::Unprocessable, "catalog_full", detail)
}

/// What the read model is to become.
struct Next {
    pointer: Pointer,
    key: String,
    bytes: Bytes,
    segment: Arc<Segment>,
}

impl Next {
    /// `None` when the news change nothing.
    fn build(
        news: &News<'_>,
        levels: &HashMap<Sku, StockLevel>,
        index: &Index,
        pointer: &Pointer,
        now: Instant,
    ) -> Option<Self> {
        let moved = moved_levels(news, levels, index);
        if news.documents.is_empty() && moved.is_empty() {
            return None;
        }
        let sizes = sizes(index);
        // A guess is enough: an entry of the demo catalog takes about 500 bytes.
        let taken = taken_in(&sizes, 500 * (news.documents.len() + moved.len()));
        let mut builder = Builder::default();
        for document in news.documents.values() {
            let words = impacts(document);
            builder.add(Card::new(document, levels), words.iter().map(|(word, impact)| (word.as_str(), *impact)));
        }
        for (at, segment) in index.segments().enumerate() {
            let is_taken = taken.contains(&at);
            let id = |doc| segment.id(doc);
            let moves = |doc| index.is_current(Place { segment: at, doc }) && moved.contains_key(id(doc));
            let stays = |doc| {
                let current = index.is_current(Place { segment: at, doc }) && !news.documents.contains_key(id(doc));
                is_taken && current && !forgotten(index, &taken, segment, doc, now)
            };
            if is_taken || (0..segment.count()).any(moves) {
                builder.absorb(
                    segment,
                    |doc| moves(doc) || stays(doc),
                    |card| moved.get(&card.id).cloned().unwrap_or(card),
                );
            }
        }
        let bytes = Bytes::from(builder.build());
        let segment = Arc::new(Segment::open(bytes.clone()).ok()?);
        let version = pointer.version + 1;
        let key = format!("segments/{version:012}-{}.seg", &id::sha256_hex(&bytes)[..16]);
        let pointer = moved_pointer(
            pointer,
            &taken,
            SegmentRef { key: key.clone(), bytes: bytes.len(), products: segment.count() },
            now,
        );
        Some(Self { pointer, key, bytes, segment })
    }

    /// Makes it so: `false` when another projection was first.
    async fn commit(self, shelf: &Shelf, seen: u64, now: Instant) -> Result<bool, Fault> {
        let Self { mut pointer, key, bytes, segment } = self;
        shelf.bucket().put_if_absent(&key, bytes, "application/octet-stream").await?;
        // Counted with the new segment in its place.
        let segments: Vec<Arc<Segment>> = shelf.segments_with(&pointer, &key, &segment);
        let index = Index::new(segments);
        pointer.products = index.listed();
        pointer.retired = delete_old(shelf, pointer.retired, now).await;
        // Before the pointer: when it cannot be written, all of this comes again.
        shelf.write_popular(&index).await?;
        match shelf.control().write(Write::put(&pointer)?.seen(seen)).await {
            Ok(_) => {}
            Err(WriteError::Refused(refused)) => {
                // The answer to this very write may have been lost.
                let stands = refused.old.and_then(|item| item.read::<Pointer>().ok());
                if stands.as_ref() != Some(&pointer) {
                    return Ok(false);
                }
            }
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
        shelf.adopt(pointer, (key, segment), now);
        Ok(true)
    }
}

/// The cards of touched products whose levels are others now.
fn moved_levels(news: &News<'_>, levels: &HashMap<Sku, StockLevel>, index: &Index) -> HashMap<String, Card> {
    let cards = news.touched.iter().filter_map(|id| index.card(index.find(id)?));
    let moved = cards.filter_map(|card| {
        let level = |sku: &str| Sku::parse(sku).ok().and_then(|sku| levels.get(&sku).copied()).unwrap_or_default();
        let variants: Vec<(String, StockLevel)> =
            card.variants.iter().map(|(sku, _)| (sku.clone(), level(sku))).collect();
        (variants != card.variants).then(|| Card { variants, revision: card.revision + 1, ..card })
    });
    moved.map(|card| (card.id.clone(), card)).collect()
}

fn sizes(index: &Index) -> Vec<Size> {
    let segments = index.segments().enumerate();
    segments
        .map(|(at, segment)| Size { bytes: segment.len_bytes(), places: segment.count(), current: index.current(at) })
        .collect()
}

/// Whether a withdrawn product need not be remembered any more: long enough ago, and no older version of it is left.
fn forgotten(index: &Index, taken: &[usize], segment: &Segment, doc: usize, now: Instant) -> bool {
    if !segment.row(doc).withdrawn {
        return false;
    }
    let long_ago = segment.card(doc).is_some_and(|card| now.since(card.updated_at) > WITHDRAWN_LIFE);
    let elsewhere = || {
        index.segments().enumerate().any(|(at, other)| !taken.contains(&at) && other.find(segment.id(doc)).is_some())
    };
    long_ago && !elsewhere()
}

fn moved_pointer(pointer: &Pointer, taken: &[usize], new: SegmentRef, now: Instant) -> Pointer {
    let mut next = Pointer { version: pointer.version + 1, ..pointer.clone() };
    next.segments.clear();
    for (at, segment) in pointer.segments.iter().enumerate() {
        if taken.contains(&at) {
            next.retired.push(Retired { key: segment.key.clone(), at: now });
        } else {
            next.segments.push(segment.clone());
        }
    }
    next.segments.push(new);
    next
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

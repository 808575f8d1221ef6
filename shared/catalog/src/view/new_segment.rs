//! A segment that is written and waits for the pointer to name it.

use crate::index::{Builder, Card, Index, Place, Segment, impacts};
use crate::level::StockLevel;
use crate::view::compaction::{Size, taken_in};
use crate::view::news::News;
use crate::view::pointer::{Pointer, Retired, SegmentRef};
use bytes::Bytes;
use kernel::{Instant, Sku, id};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a withdrawn product is remembered, so that no older message brings it back: longer than any queue keeps one.
const WITHDRAWN_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a projection starts from.
pub(super) struct Base<'a> {
    pub pointer: &'a Pointer,
    pub index: &'a Index,
    pub now: Instant,
}

/// A segment with what must still be so when the pointer comes to name it.
pub(super) struct NewSegment {
    pub segment: Arc<Segment>,
    pub bytes: Bytes,
    pub named: SegmentRef,
    /// The segments that it takes in.
    taken: Vec<String>,
    /// The products that are new in it, each with the version and revision that the index had.
    replaced: Vec<(String, Option<(u64, u64)>)>,
}

impl NewSegment {
    /// The segment that brings the news; `None` when they change nothing.
    pub fn of(news: &News<'_>, levels: &HashMap<Sku, StockLevel>, base: &Base<'_>) -> Option<Self> {
        let Base { pointer, index, now } = *base;
        let moved = moved_levels(news, levels, index);
        if news.documents.is_empty() && moved.is_empty() {
            return None;
        }
        // A guess is enough: an entry of the demo catalog takes about 500 bytes.
        let taken = taken_in(&sizes(index), 500 * (news.documents.len() + moved.len()));
        let bytes = Bytes::from(written(news, levels, &moved, &taken, index, now).build());
        let segment = Arc::new(Segment::open(bytes.clone()).ok()?);
        let key = format!("segments/{:012}-{}.seg", pointer.version + 1, &id::sha256_hex(&bytes)[..16]);
        let changed = news.documents.keys().copied().chain(moved.keys().map(String::as_str));
        Some(Self {
            named: SegmentRef { key, bytes: bytes.len(), products: segment.count() },
            taken: taken.iter().filter_map(|at| pointer.segments.get(*at)).map(|segment| segment.key.clone()).collect(),
            replaced: changed.map(|id| (id.to_owned(), index.age(id))).collect(),
            segment,
            bytes,
        })
    }

    /// Whether the pointer may name it as it is, although it has moved: nobody else has written the products that are
    /// new in it, and what it takes in is still there. What it brings is then as true as when it was written.
    pub fn still_holds(&self, base: &Base<'_>) -> bool {
        let there = |key: &String| base.pointer.segments.iter().any(|segment| segment.key == *key);
        self.taken.iter().all(there) && self.replaced.iter().all(|(id, age)| base.index.age(id) == *age)
    }

    /// Whether it brings products that the index did not know.
    pub fn adds(&self) -> bool {
        self.replaced.iter().any(|(_, age)| age.is_none())
    }

    /// Where the pointer moves to.
    pub fn moved(&self, pointer: &Pointer, now: Instant) -> Pointer {
        let mut next = Pointer { version: pointer.version + 1, ..pointer.clone() };
        let (taken, mut kept): (Vec<_>, Vec<_>) =
            next.segments.into_iter().partition(|segment| self.taken.contains(&segment.key));
        kept.push(self.named.clone());
        next.segments = kept;
        next.retired.extend(taken.into_iter().map(|segment| Retired { key: segment.key, at: now }));
        next
    }
}

fn written(
    news: &News<'_>,
    levels: &HashMap<Sku, StockLevel>,
    moved: &HashMap<String, Card>,
    taken: &[usize],
    index: &Index,
    now: Instant,
) -> Builder {
    let mut builder = Builder::default();
    for document in news.documents.values() {
        let words = impacts(document);
        builder.add(Card::new(document, levels), words.iter().map(|(word, impact)| (word.as_str(), *impact)));
    }
    for (at, segment) in index.segments().enumerate() {
        let is_taken = taken.contains(&at);
        let is_current = |doc| index.is_current(Place { segment: at, doc });
        let moves = |doc| is_current(doc) && moved.contains_key(segment.id(doc));
        let stays = |doc| {
            is_current(doc)
                && !news.documents.contains_key(segment.id(doc))
                && !forgotten(index, taken, segment, doc, now)
        };
        if is_taken || (0..segment.count()).any(moves) {
            let wanted = |doc| moves(doc) || (is_taken && stays(doc));
            builder.absorb(segment, wanted, |card| moved.get(&card.id).cloned().unwrap_or(card));
        }
    }
    builder
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

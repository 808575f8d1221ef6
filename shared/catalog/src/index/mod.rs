//! The read model in memory: a few immutable segments, searched together. Of a product that stands in several, the
//! newest version counts, whatever the order in which the segments came.

pub(crate) mod codec;
mod document;
mod facets;
mod near;
mod question;
mod score;
mod search;
mod segment;
mod similar;
mod summary;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod sample;

pub use document::{Card, DESCRIPTION_WORDS, Document, impacts};
pub use facets::{FacetValue, Facets};
pub use question::{Position, Question, Sort};
pub use search::Found;
pub use segment::{Builder, Segment};
pub use summary::Summary;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// What a place in a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// An older version of what stands elsewhere.
    Outdated,
    /// The current version, for sale.
    Listed,
    /// The current version, withdrawn.
    Withdrawn,
}

/// A place: which segment, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The segment, by its number in the index.
    pub segment: usize,
    /// The product, by its number in the segment.
    pub doc: usize,
}

/// All products that can be found, in memory. It never changes: a newer one takes its place.
#[derive(Debug, Default)]
pub struct Index {
    segments: Vec<Part>,
    categories: Dictionary,
    brands: Dictionary,
    tags: Dictionary,
    listed: usize,
}

/// A segment with what this index knows of it.
#[derive(Debug)]
struct Part {
    segment: Arc<Segment>,
    states: Vec<State>,
    /// The index's ordinal for each of the segment's.
    categories: Vec<u32>,
    brands: Vec<u32>,
    tags: Vec<u32>,
}

/// Values that occur, each with an ordinal.
#[derive(Debug, Default)]
struct Dictionary {
    values: Vec<String>,
    ordinals: HashMap<String, u32>,
}

impl Dictionary {
    fn ordinal(&mut self, value: &str) -> u32 {
        if let Some(ordinal) = self.ordinals.get(value) {
            return *ordinal;
        }
        let ordinal = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.to_owned());
        self.ordinals.insert(value.to_owned(), ordinal);
        ordinal
    }

    fn all(&mut self, texts: codec::Texts<'_>) -> Vec<u32> {
        (0..texts.count()).map(|index| self.ordinal(texts.at(index))).collect()
    }
}

impl Index {
    /// The index of `segments`.
    #[must_use]
    pub fn new(segments: Vec<Arc<Segment>>) -> Self {
        let states = states(&segments);
        let mut index = Self::default();
        for (segment, states) in segments.into_iter().zip(states) {
            index.listed += states.iter().filter(|state| **state == State::Listed).count();
            let categories = index.categories.all(segment.categories());
            let brands = index.brands.all(segment.brands());
            let tags = index.tags.all(segment.tags());
            index.segments.push(Part { segment, states, categories, brands, tags });
        }
        index
    }

    /// How many products are for sale.
    #[must_use]
    pub const fn listed(&self) -> usize {
        self.listed
    }

    /// Its segments, by their numbers.
    pub fn segments(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.segments.iter().map(|part| &part.segment)
    }

    /// How many places of the segment hold current versions.
    #[must_use]
    pub fn current(&self, segment: usize) -> usize {
        let states = self.segments.get(segment).map_or(&[][..], |part| &part.states);
        states.iter().filter(|state| **state != State::Outdated).count()
    }

    /// Whether the place holds a current version.
    #[must_use]
    pub fn is_current(&self, place: Place) -> bool {
        self.state(place) != State::Outdated
    }

    fn state(&self, place: Place) -> State {
        let state = self.segments.get(place.segment).and_then(|part| part.states.get(place.doc));
        state.copied().unwrap_or(State::Outdated)
    }

    /// Where the product `id` stands in its current version, withdrawn or not.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Place> {
        self.current_place(|segment| segment.find(id))
    }

    /// Where the product stands that has `sku` now and is for sale.
    #[must_use]
    pub fn find_sku(&self, sku: &str) -> Option<Place> {
        self.current_place(|segment| segment.find_sku(sku)).filter(|place| self.state(*place) == State::Listed)
    }

    fn current_place(&self, find: impl Fn(&Segment) -> Option<usize>) -> Option<Place> {
        let places = self
            .segments
            .iter()
            .enumerate()
            .filter_map(|(at, part)| Some(Place { segment: at, doc: find(&part.segment)? }));
        places.into_iter().find(|place| self.is_current(*place))
    }

    /// The version and revision of the product `id`.
    #[must_use]
    pub fn age(&self, id: &str) -> Option<(u64, u64)> {
        let place = self.find(id)?;
        Some(self.segments[place.segment].segment.age(place.doc))
    }

    /// What is shown of the product at `place`.
    #[must_use]
    pub fn card(&self, place: Place) -> Option<Card> {
        self.segments.get(place.segment)?.segment.card(place.doc)
    }

    /// The places of all products that are for sale.
    fn listed_places(&self) -> impl Iterator<Item = Place> {
        self.segments.iter().enumerate().flat_map(|(segment, part)| {
            let listed = part.states.iter().enumerate().filter(|(_, state)| **state == State::Listed);
            listed.map(move |(doc, _)| Place { segment, doc })
        })
    }

    fn id(&self, place: Place) -> &str {
        self.segments[place.segment].segment.id(place.doc)
    }
}

/// What each place of each segment holds: all segments are walked together in the order of ids.
fn states(segments: &[Arc<Segment>]) -> Vec<Vec<State>> {
    let mut states: Vec<Vec<State>> = segments.iter().map(|segment| vec![State::Outdated; segment.count()]).collect();
    let mut heads: BinaryHeap<Reverse<(&str, usize, usize)>> = BinaryHeap::new();
    let push = |heads: &mut BinaryHeap<_>, at: usize, doc: usize| {
        if doc < segments[at].count() {
            heads.push(Reverse((segments[at].id(doc), at, doc)));
        }
    };
    for at in 0..segments.len() {
        push(&mut heads, at, 0);
    }
    while let Some(Reverse((id, at, doc))) = heads.pop() {
        push(&mut heads, at, doc + 1);
        let mut newest = (segments[at].age(doc), at, doc);
        while let Some(Reverse((other, at, doc))) = heads.peek().copied() {
            if other != id {
                break;
            }
            heads.pop();
            push(&mut heads, at, doc + 1);
            let candidate = (segments[at].age(doc), at, doc);
            newest = newest.max(candidate);
        }
        let (_, at, doc) = newest;
        states[at][doc] = if segments[at].row(doc).withdrawn { State::Withdrawn } else { State::Listed };
    }
    states
}

#[cfg(test)]
mod tests {
    use super::sample::{card, segment};
    use super::{Card, Index};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        // Proves: S3-20
        #[test]
        fn the_newest_version_counts_in_whatever_order_segments_come(
            cards in prop::collection::vec((0_u8..6, 1_u64..5, 0_u64..3, any::<bool>()), 0..30),
            cuts in prop::collection::vec(1_usize..6, 0..10),
            turn in 0_usize..10,
        ) {
            let mut newest: BTreeMap<String, Card> = BTreeMap::new();
            let cards: Vec<Card> = cards
                .into_iter()
                // Of one version and revision there is one content only.
                .map(|(id, version, revision, _)| Card { version, revision, withdrawn: (version + revision) % 3 == 0, ..card(&format!("p{id}"), i64::try_from(version).unwrap()) })
                .collect();
            for card in &cards {
                let entry = newest.entry(card.id.clone()).or_insert_with(|| card.clone());
                if (card.version, card.revision) > (entry.version, entry.revision) {
                    *entry = card.clone();
                }
            }
            let mut segments = Vec::new();
            let mut rest = cards.as_slice();
            for cut in cuts.iter().chain(std::iter::repeat(&4)) {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                let once: BTreeMap<&str, &Card> = now.iter().map(|card| (card.id.as_str(), card)).collect();
                segments.push(segment(&once.into_values().cloned().collect::<Vec<_>>()));
                rest = later;
            }
            // A segment holds one version of each product: those that it lost do not count.
            let kept: Vec<Card> = segments.iter().flat_map(|segment| (0..segment.count()).filter_map(|doc| segment.card(doc))).collect();
            newest.retain(|id, card| { *card = kept.iter().filter(|one| one.id == *id).max_by_key(|one| (one.version, one.revision)).unwrap().clone(); true });
            let turn = turn % segments.len().max(1);
            segments.rotate_left(turn);
            let index = Index::new(segments);
            for (id, card) in &newest {
                prop_assert_eq!(index.age(id), Some((card.version, card.revision)));
            }
            prop_assert_eq!(index.listed(), newest.values().filter(|card| !card.withdrawn).count());
        }
    }
}

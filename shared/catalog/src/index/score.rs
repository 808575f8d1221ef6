//! How well a text matches: words to products, in integers.

use super::near::{near, tolerance};
use super::words::{is_empty_word, stem, words};
use super::{Index, Part, Place, State};
use std::collections::{HashMap, HashSet};

/// Words of a question that count; those after them do not.
const WORDS_MAX: usize = 12;
/// Words of a segment that one beginning may stand for.
const BEGINNINGS_MAX: usize = 64;
/// Words that one mistyped word may stand for.
const CORRECTIONS_MAX: usize = 8;

/// How much a word counts that was found otherwise than as it is, in 16ths.
mod quality {
    pub(super) const EXACT: u32 = 16;
    pub(super) const BEGINNING: u32 = 12;
    pub(super) const ONE_MISTAKE: u32 = 10;
    pub(super) const MORE_MISTAKES: u32 = 6;
}

/// Which products match, and how well.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Scores above 0, by place.
    pub scores: HashMap<Place, u32>,
    /// The text that was searched for instead of the one that was asked for.
    pub corrected: Option<String>,
}

/// A word of the index that stands for a word of the question.
#[derive(Debug, Clone, Copy)]
struct Reading {
    segment: usize,
    word: usize,
    quality: u32,
}

/// A word of the index that may have been meant.
#[derive(Debug, Default)]
struct Candidate {
    distance: usize,
    products: usize,
    /// Segments and the word's ordinals in them.
    places: Vec<(usize, usize)>,
}

/// A word of the question with what it may mean.
struct Meaning {
    readings: Vec<Reading>,
    correction: Option<String>,
}

impl Index {
    /// What matches `text`. Products that have all its words, or, if there are none, those that have most of them.
    pub(super) fn matches(&self, text: &str) -> Matches {
        let mut asked = words(text);
        asked.retain(|word| !is_empty_word(word));
        asked.truncate(WORDS_MAX);
        let unfinished = text.ends_with(|c: char| c.is_alphanumeric());
        let mut scores: HashMap<Place, (usize, u32)> = HashMap::new();
        let mut searched: Vec<String> = Vec::new();
        let mut corrected = false;
        for (at, word) in asked.iter().enumerate() {
            // One letter alone says nothing; after other words it does: `vitamin d`.
            let begun = unfinished && at + 1 == asked.len() && (at > 0 || word.chars().count() > 1);
            let meaning = self.meaning(word, begun);
            for (place, score) in self.word_scores(&meaning.readings) {
                let entry = scores.entry(place).or_default();
                *entry = (entry.0 + 1, entry.1.saturating_add(score));
            }
            corrected |= meaning.correction.is_some();
            searched.push(meaning.correction.unwrap_or_else(|| word.clone()));
        }
        let most = scores.values().map(|(words, _)| *words).max().unwrap_or(0);
        let matching = scores.into_iter().filter(|(_, (words, _))| *words == most);
        let mut scores: HashMap<Place, u32> = matching.map(|(place, (_, score))| (place, score)).collect();
        if let Some(place) = self.find_sku(text.trim()) {
            // A SKU may be an everyday word: its product comes first, and others may follow.
            scores.insert(place, u32::MAX);
            corrected = false;
        }
        Matches { scores, corrected: corrected.then(|| searched.join(" ")) }
    }

    fn meaning(&self, word: &str, begun: bool) -> Meaning {
        let mut readings = self.exact(stem(word));
        if begun {
            readings.extend(self.beginning_with(word));
        }
        if !readings.is_empty() {
            return Meaning { readings, correction: None };
        }
        self.corrections(word)
    }

    fn exact(&self, word: &str) -> Vec<Reading> {
        let parts = self.segments.iter().enumerate();
        let found = parts.filter_map(|(segment, part)| {
            Some(Reading { segment, word: part.segment.words().position(word)?, quality: quality::EXACT })
        });
        found.collect()
    }

    fn beginning_with(&self, beginning: &str) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (segment, part) in self.segments.iter().enumerate() {
            let words = part.segment.words();
            let first = words.lower_bound(beginning);
            let all = (first..words.count()).take_while(|word| words.at(*word).starts_with(beginning));
            readings.extend(all.take(BEGINNINGS_MAX).map(|word| Reading {
                segment,
                word,
                quality: quality::BEGINNING,
            }));
        }
        readings
    }

    /// The words that are closest to a word that is not there; of equally close ones those that more products have.
    fn corrections(&self, word: &str) -> Meaning {
        let wanted = stem(word);
        let most = tolerance(wanted);
        let mut candidates: HashMap<&str, Candidate> = HashMap::new();
        for (segment, part) in self.segments.iter().enumerate().filter(|_| most > 0) {
            let words = part.segment.words();
            for (word, distance) in near(|index| words.at(index), words.count(), wanted, most) {
                let candidate = candidates.entry(words.at(word)).or_default();
                candidate.distance = distance;
                candidate.products += part.listed_postings(word).count();
                candidate.places.push((segment, word));
            }
        }
        let mut ranked: Vec<(&str, Candidate)> =
            candidates.into_iter().filter(|(_, candidate)| candidate.products > 0).collect();
        ranked.sort_by_key(|(word, candidate)| (candidate.distance, usize::MAX - candidate.products, *word));
        let closest = ranked.first().map_or(0, |(_, candidate)| candidate.distance);
        ranked.retain(|(_, candidate)| candidate.distance == closest);
        ranked.truncate(CORRECTIONS_MAX);
        let quality = if closest > 1 { quality::MORE_MISTAKES } else { quality::ONE_MISTAKE };
        let correction = ranked.first().map(|(word, _)| (*word).to_owned());
        let places = ranked.into_iter().flat_map(|(_, candidate)| candidate.places);
        Meaning { readings: places.map(|(segment, word)| Reading { segment, word, quality }).collect(), correction }
    }

    /// The best score of each product among the readings of one word: its rarity times its impact.
    fn word_scores(&self, readings: &[Reading]) -> HashMap<Place, u32> {
        let mut best: HashMap<Place, u32> = HashMap::new();
        for Reading { segment, word, quality } in readings {
            let part = &self.segments[*segment];
            for (doc, impact) in part.listed_postings(*word) {
                let weight = best.entry(Place { segment: *segment, doc }).or_default();
                *weight = (*weight).max(u32::from(impact) * quality);
            }
        }
        let rarity = rarity(self.listed, best.len());
        for weight in best.values_mut() {
            *weight = weight.saturating_mul(rarity) / quality::EXACT;
        }
        best
    }

    /// How rare each of `tags` is, for products that are alike.
    pub(super) fn tag_rarities(&self, tags: &HashSet<u32>) -> HashMap<u32, u32> {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for place in self.listed_places() {
            let part = &self.segments[place.segment];
            for tag in
                part.segment.tags_of(place.doc).filter_map(|tag| part.tags.get(tag)).filter(|tag| tags.contains(tag))
            {
                *counts.entry(*tag).or_default() += 1;
            }
        }
        counts.into_iter().map(|(tag, products)| (tag, rarity(self.listed, products))).collect()
    }
}

impl Part {
    /// The products under a word that are for sale, with its impact.
    fn listed_postings(&self, word: usize) -> impl Iterator<Item = (usize, u8)> {
        self.segment.postings(word).filter(|(doc, _)| self.states.get(*doc) == Some(&State::Listed))
    }
}

/// BM25's inverse document frequency in 256ths, with base 2 and in integers: `log2(1 + (n − df + ½) / (df + ½))`.
fn rarity(all: usize, having: usize) -> u32 {
    let (all, having) = (all as u64, having.min(all) as u64);
    log2_256ths((2 * all + 2) * 256 / (2 * having + 1)).saturating_sub(8 * 256).max(16)
}

/// `256 · log2(x)`, straight between powers of two; 0 for 0.
fn log2_256ths(x: u64) -> u32 {
    let Some(whole) = x.checked_ilog2() else {
        return 0;
    };
    let fraction = ((u128::from(x) << 8) >> whole) - 256;
    whole * 256 + u32::try_from(fraction).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{log2_256ths, rarity};

    #[test]
    fn logarithms_are_exact_at_powers_of_two_and_grow_between() {
        assert_eq!([1, 2, 3, 4, 1 << 40].map(log2_256ths), [0, 256, 384, 512, 40 * 256]);
        assert_eq!(log2_256ths(0), 0);
    }

    #[test]
    fn rare_words_count_more_and_common_ones_still_something() {
        assert!(rarity(1000, 1) > rarity(1000, 10) && rarity(1000, 10) > rarity(1000, 900) && rarity(1000, 1000) > 0);
    }
}

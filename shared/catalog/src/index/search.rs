//! Answers a question: which products, in which order, and how many of what.

use super::facets::{Counts, Facets};
use super::question::{Position, Question, Sort};
use super::score::Matches;
use super::words::folded;
use super::{Card, Index, Place};
use crate::level::StockLevel;
use std::cmp::Ordering;

/// Characters of a name that sort it; more could not stand in a cursor.
const NAME_KEY: usize = 64;
/// Milliseconds that a moment may count in a key: until the year 10889.
const MOMENT_BITS: u32 = 48;

/// What a question found. It belongs to the index that answered.
#[derive(Debug)]
pub struct Found {
    hits: Vec<Hit>,
    sort: Sort,
    /// How many of what.
    pub facets: Facets,
    /// The text that was searched for instead of the one that was asked for.
    pub corrected: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Hit {
    key: u64,
    place: Place,
}

/// A question's filters, by the ordinals of one index.
struct Filters {
    categories: Option<Vec<u32>>,
    brands: Option<Vec<u32>>,
    tags: Option<Vec<u32>>,
    prices: std::ops::RangeInclusive<u64>,
    in_stock: bool,
}

impl Found {
    /// How many products, on all pages.
    #[must_use]
    pub fn total(&self) -> usize {
        self.hits.len()
    }
}

impl Index {
    /// Answers `question`.
    #[must_use]
    pub fn search(&self, question: &Question) -> Found {
        let matches = (!question.text.trim().is_empty()).then(|| self.matches(&question.text));
        let filters = self.filters(question);
        let (mut counts, sort) = (Counts::default(), question.order());
        let mut hits = Vec::new();
        match &matches {
            Some(Matches { scores, .. }) => {
                for (place, score) in scores {
                    self.sift(*place, *score, sort, &filters, &mut counts, &mut hits);
                }
            }
            None => {
                for place in self.listed_places() {
                    self.sift(place, 0, sort, &filters, &mut counts, &mut hits);
                }
            }
        }
        self.order(&mut hits, sort);
        let facets = self.facets(&counts, question);
        Found { hits, sort, facets, corrected: matches.and_then(|matches| matches.corrected) }
    }

    /// The products of one page, and where it ended if there are more.
    #[must_use]
    pub fn page(&self, found: &Found, after: Option<&Position>, limit: usize) -> (Vec<Card>, Option<Position>) {
        let start = after.map_or(0, |position| {
            found.hits.partition_point(|hit| self.compare(found.sort, *hit, position) != Ordering::Greater)
        });
        let end = found.hits.len().min(start.saturating_add(limit));
        let hits = &found.hits[start..end];
        let cards = hits.iter().filter_map(|hit| self.card(hit.place)).collect();
        let next = hits.last().filter(|_| end < found.hits.len()).map(|hit| self.position(found.sort, *hit));
        (cards, next)
    }

    fn filters(&self, question: &Question) -> Filters {
        let chosen = |dictionary: &super::Dictionary, values: &[String]| {
            (!values.is_empty())
                .then(|| values.iter().filter_map(|value| dictionary.ordinals.get(value).copied()).collect())
        };
        let bound = |amount: kernel::Amount| u64::try_from(amount.units()).unwrap_or(0);
        Filters {
            categories: chosen(&self.categories, &question.categories),
            brands: chosen(&self.brands, &question.brands),
            tags: chosen(&self.tags, &question.tags),
            prices: question.min_price.map_or(0, bound)..=question.max_price.map_or(u64::MAX, bound),
            in_stock: question.in_stock,
        }
    }

    /// Counts the product at `place`, and takes it if it passes every filter.
    fn sift(&self, place: Place, score: u32, sort: Sort, filters: &Filters, counts: &mut Counts, hits: &mut Vec<Hit>) {
        let part = &self.segments[place.segment];
        let row = part.segment.row(place.doc);
        if !filters.prices.contains(&row.price) || (filters.in_stock && row.level == StockLevel::Out) {
            return;
        }
        let category = part.categories.get(row.category as usize).copied().unwrap_or(u32::MAX);
        let brand = part.brands.get(row.brand as usize).copied().unwrap_or(u32::MAX);
        let tags = || part.segment.tags_of(place.doc).filter_map(|tag| part.tags.get(tag).copied());
        let in_category = filters.categories.as_ref().is_none_or(|chosen| chosen.contains(&category));
        let of_brand = filters.brands.as_ref().is_none_or(|chosen| chosen.contains(&brand));
        let tagged = filters.tags.as_ref().is_none_or(|chosen| tags().any(|tag| chosen.contains(&tag)));
        if of_brand && tagged {
            *counts.category.entry(category).or_default() += 1;
        }
        if in_category && tagged {
            *counts.brand.entry(brand).or_default() += 1;
        }
        if in_category && of_brand {
            for tag in tags() {
                *counts.tag.entry(tag).or_default() += 1;
            }
        }
        if in_category && of_brand && tagged {
            hits.push(Hit { key: key(sort, score, &row), place });
        }
    }

    fn order(&self, hits: &mut [Hit], sort: Sort) {
        if sort == Sort::Name {
            hits.sort_by_cached_key(|hit| (self.sort_name(hit.place), self.id(hit.place)));
        } else {
            hits.sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| self.id(a.place).cmp(self.id(b.place))));
        }
    }

    fn sort_name(&self, place: Place) -> String {
        folded(self.segments[place.segment].segment.name(place.doc)).chars().take(NAME_KEY).collect()
    }

    fn compare(&self, sort: Sort, hit: Hit, position: &Position) -> Ordering {
        let by_name =
            || if sort == Sort::Name { self.sort_name(hit.place).cmp(&position.name) } else { Ordering::Equal };
        hit.key.cmp(&position.key).then_with(by_name).then_with(|| self.id(hit.place).cmp(&position.id))
    }

    fn position(&self, sort: Sort, hit: Hit) -> Position {
        let name = if sort == Sort::Name { self.sort_name(hit.place) } else { String::new() };
        Position { key: hit.key, name, id: self.id(hit.place).to_owned() }
    }
}

/// What a product is sorted by: ascending, whatever the order is.
fn key(sort: Sort, score: u32, row: &super::segment::Row) -> u64 {
    let newest_first = |moment: u64| (1_u64 << MOMENT_BITS).saturating_sub(1).saturating_sub(moment);
    match sort {
        Sort::Relevance => u64::from(u32::MAX - score),
        Sort::Featured => u64::from(row.featured) << MOMENT_BITS | newest_first(row.created_at),
        Sort::PriceAsc => row.price,
        Sort::PriceDesc => u64::MAX - row.price,
        Sort::Newest => newest_first(row.created_at),
        Sort::Name => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{document, index};
    use super::super::{Document, Index};
    use super::{Position, Question, Sort};
    use kernel::{Amount, Instant};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn shop() -> Index {
        let product =
            |id: &str, name: &str, brand: &str, category: &str, description: &str, price: i64, tags: &[&str]| {
                Document {
                    brand: brand.to_owned(),
                    category: category.to_owned(),
                    description: description.to_owned(),
                    price: Amount::minor(price),
                    tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                    ..document(id, name)
                }
            };
        let products = [
            product(
                "magnesium",
                "Magnesium Glycinate",
                "Russet",
                "supplements",
                "Magnesium bound to glycine.",
                1650,
                &["vegan"],
            ),
            product("zinc", "Zinc", "Russet", "supplements", "Goes well with magnesium.", 900, &["vegan"]),
            product(
                "rose-oil",
                "Rosehip Oil",
                "Hollin",
                "skin-care",
                "A face oil for dry skin.",
                2400,
                &["vegan", "glass bottle"],
            ),
            product("men-balm", "Men’s Balm", "Hollin", "skin-care", "For the skin after shaving.", 1400, &[]),
            product(
                "body-oil",
                "Body Oils, set of three",
                "Nightjar",
                "hair-and-body",
                "Almond, rosehip, jojoba.",
                3900,
                &["gift"],
            ),
        ];
        index(&products, 2)
    }

    fn ask(text: &str) -> Question {
        Question { text: text.to_owned(), sort: Sort::Relevance, ..Question::default() }
    }

    fn found(index: &Index, question: &Question) -> Vec<String> {
        index.page(&index.search(question), None, 100).0.into_iter().map(|card| card.id).collect()
    }

    #[test]
    fn a_word_in_the_name_comes_before_one_in_the_description() {
        assert_eq!(found(&shop(), &ask("magnesium ")), ["magnesium", "zinc"]);
        assert_eq!(found(&shop(), &ask("rosehip")), ["rose-oil", "body-oil"]);
    }

    #[test]
    fn all_words_must_match_and_plurals_and_apostrophes_do_not_matter() {
        assert_eq!(found(&shop(), &ask("oils for the face")), ["rose-oil"]);
        assert_eq!(found(&shop(), &ask("mens balms")), ["men-balm"]);
        assert_eq!(found(&shop(), &ask("hollin oil")), ["rose-oil"]);
        assert_eq!(found(&shop(), &ask("skin care")), ["men-balm", "rose-oil"]);
    }

    #[test]
    fn the_last_word_may_be_a_beginning_until_a_space_ends_it() {
        assert_eq!(found(&shop(), &ask("magn")), ["magnesium", "zinc"]);
        assert!(found(&shop(), &ask("mag ")).is_empty());
    }

    #[test]
    fn mistyped_words_find_what_was_meant() {
        for (typed, meant) in [
            ("mangesium", "magnesium"),
            ("magnezium", "magnesium"),
            ("rosehp", "rosehip"),
            ("shavng", "shaving"),
            ("glicynate", "glycinate"),
        ] {
            let found = shop().search(&ask(typed));
            assert_eq!(found.corrected.as_deref(), Some(meant), "{typed}");
            assert!(found.total() > 0);
        }
        assert_eq!(shop().search(&ask("magnesium")).corrected, None);
        assert_eq!(shop().search(&ask("bicycle")).total(), 0);
    }

    #[test]
    fn where_no_product_has_all_words_those_with_most_are_shown() {
        assert_eq!(found(&shop(), &ask("vegan rosehip bicycle")), ["rose-oil"]);
    }

    #[test]
    fn a_sku_puts_its_product_first() {
        assert_eq!(found(&shop(), &ask("zinc"))[0], "zinc");
        assert_eq!(found(&shop(), &ask("body-oil")), ["body-oil"]);
    }

    #[test]
    fn a_filter_does_not_narrow_its_own_values() {
        let question = Question {
            categories: vec!["skin-care".to_owned()],
            brands: vec!["Hollin".to_owned()],
            ..Question::default()
        };
        let found = shop().search(&question);
        let counts = |values: &[super::super::FacetValue]| {
            values.iter().map(|value| (value.value.clone(), value.count)).collect::<Vec<_>>()
        };
        assert_eq!(found.total(), 2);
        assert_eq!(counts(&found.facets.category), [("skin-care".to_owned(), 2)]);
        assert_eq!(counts(&found.facets.brand), [("Hollin".to_owned(), 2)]);
        let only_category =
            shop().search(&Question { categories: vec!["supplements".to_owned()], ..Question::default() });
        assert_eq!(only_category.facets.category.len(), 3);
        assert_eq!(only_category.facets.category[2].label, "Hair and body");
        assert_eq!(counts(&only_category.facets.tag), [("vegan".to_owned(), 2)]);
    }

    #[test]
    fn values_of_one_filter_add_up_and_an_unknown_one_shows_nothing() {
        let brands = |values: &[&str]| Question {
            brands: values.iter().map(|value| (*value).to_owned()).collect(),
            ..Question::default()
        };
        assert_eq!(shop().search(&brands(&["Hollin", "Nightjar"])).total(), 3);
        let nothing = shop().search(&brands(&["Nobody"]));
        assert_eq!(
            (
                nothing.total(),
                nothing.facets.brand.iter().find(|value| value.value == "Nobody").map(|value| value.count)
            ),
            (0, Some(0))
        );
    }

    #[test]
    fn prices_bound_and_sort() {
        let question = Question {
            min_price: Some(Amount::minor(1400)),
            max_price: Some(Amount::minor(2400)),
            sort: Sort::PriceDesc,
            ..Question::default()
        };
        assert_eq!(found(&shop(), &question), ["rose-oil", "magnesium", "men-balm"]);
        assert_eq!(found(&shop(), &Question { sort: Sort::Name, ..Question::default() })[0], "body-oil");
    }

    fn sorts() -> impl Strategy<Value = Sort> {
        prop::sample::select(vec![
            Sort::Featured,
            Sort::PriceAsc,
            Sort::PriceDesc,
            Sort::Newest,
            Sort::Name,
            Sort::Relevance,
        ])
    }

    fn random_document(n: usize, seed: u16) -> Document {
        Document {
            name: format!("Product {}", seed % 5),
            price: Amount::minor(i64::from(seed % 4)),
            created_at: Instant::from_seconds(i64::from(seed % 3)),
            featured: seed.is_multiple_of(6).then_some(seed % 2 + 1),
            ..document(&format!("p{n}"), "")
        }
    }

    fn walk(index: &Index, question: &Question, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut after: Option<Position> = None;
        loop {
            let (cards, next) = index.page(&index.search(question), after.as_ref(), limit);
            ids.extend(cards.into_iter().map(|card| card.id));
            after = next;
            if after.is_none() {
                return ids;
            }
        }
    }

    proptest! {
        // Feature: aws-devops-three-tier, Property 8: GET /api/products returns all products from DB
        // Proves: S1-P08, C9
        #[test]
        fn the_union_of_the_pages_is_exactly_the_catalog(seeds in prop::collection::vec(any::<u16>(), 0..40), limit in 1_usize..9, size in 1_usize..9, sort in sorts()) {
            let documents: Vec<Document> = seeds.iter().enumerate().map(|(n, seed)| random_document(n, *seed)).collect();
            let index = index(&documents, size);
            let ids = walk(&index, &Question { sort, ..Question::default() }, limit);
            let expected: BTreeSet<&str> = documents.iter().map(|document| document.id.as_str()).collect();
            prop_assert_eq!(ids.len(), documents.len());
            prop_assert_eq!(ids.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        }

        #[test]
        fn products_that_stay_are_seen_once_while_others_come_and_go(
            seeds in prop::collection::vec((any::<u16>(), any::<bool>(), any::<bool>()), 1..40), limit in 1_usize..6, sort in sorts(), turn in 0_usize..10,
        ) {
            let all: Vec<Document> = seeds.iter().enumerate().map(|(n, (seed, ..))| random_document(n, *seed)).collect();
            let pick = |which: fn(&(u16, bool, bool)) -> bool| all.iter().zip(&seeds).filter(|(_, seed)| which(seed)).map(|(document, _)| document.clone()).collect::<Vec<_>>();
            let (before, after) = (index(&pick(|seed| seed.1 || seed.2), 7), index(&pick(|seed| seed.1 || !seed.2), 5));
            let question = Question { sort, ..Question::default() };
            let (mut seen, mut at, mut pages) = (Vec::new(), None, 0);
            loop {
                let index = if pages < turn { &before } else { &after };
                let (cards, next) = index.page(&index.search(&question), at.as_ref(), limit);
                seen.extend(cards.into_iter().map(|card| card.id));
                pages += 1;
                at = next;
                if at.is_none() { break; }
            }
            for document in pick(|seed| seed.1) {
                let times = seen.iter().filter(|id| **id == document.id.as_str()).count();
                // A walk that ended before the change has seen all there was.
                prop_assert_eq!(times, 1, "{}", document.id);
            }
        }
    }
}

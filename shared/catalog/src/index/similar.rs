//! Products like one, and the ones that everybody is shown.

use super::{Card, Index, Place};
use crate::level::StockLevel;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Scores of what two products may share; a tag counts by its rarity, 256 for each halving.
mod shared {
    pub(super) const CATEGORY: u32 = 1_024;
    pub(super) const BRAND: u32 = 256;
    pub(super) const PRICE: u32 = 256;
}

/// Prices within so many percent of each other are alike.
const PRICE_BAND_PERCENT: u64 = 30;

impl Index {
    /// Products like the one at `place`, most alike first: they share its category or a tag. Those that can be bought
    /// come first.
    #[must_use]
    pub fn similar(&self, place: Place, limit: usize) -> Vec<Card> {
        let part = &self.segments[place.segment];
        let row = part.segment.row(place.doc);
        let category = part.categories.get(row.category as usize).copied();
        let brand = part.brands.get(row.brand as usize).copied();
        let tags: HashSet<u32> =
            part.segment.tags_of(place.doc).filter_map(|tag| part.tags.get(tag).copied()).collect();
        let rarities = self.tag_rarities(&tags);
        let mut alike: Vec<(bool, Reverse<u32>, &str, Place)> = Vec::new();
        for other in self.listed_places().filter(|other| *other != place) {
            let theirs = &self.segments[other.segment];
            let their_row = theirs.segment.row(other.doc);
            let their_tags = theirs.segment.tags_of(other.doc).filter_map(|tag| theirs.tags.get(tag));
            let by_tags: u32 = their_tags.filter_map(|tag| rarities.get(tag)).sum();
            let same_category = theirs.categories.get(their_row.category as usize).copied() == category;
            let kinship = by_tags + if same_category { shared::CATEGORY } else { 0 };
            if kinship == 0 {
                continue;
            }
            let same_brand = theirs.brands.get(their_row.brand as usize).copied() == brand;
            let near =
                row.price.abs_diff(their_row.price).saturating_mul(100) <= row.price.saturating_mul(PRICE_BAND_PERCENT);
            let score = kinship + if same_brand { shared::BRAND } else { 0 } + if near { shared::PRICE } else { 0 };
            alike.push((their_row.level == StockLevel::Out, Reverse(score), self.id(other), other));
        }
        alike.sort_unstable_by_key(|(out, score, id, _)| (*out, *score, *id));
        alike.into_iter().take(limit).filter_map(|(.., place)| self.card(place)).collect()
    }

    /// What the shop puts forward, then the newest; those that can be bought first. `except` is left out.
    #[must_use]
    pub fn popular(&self, except: Option<Place>, limit: usize) -> Vec<Card> {
        let mut all: Vec<_> = self
            .listed_places()
            .filter(|place| Some(*place) != except)
            .map(|place| {
                let row = self.segments[place.segment].segment.row(place.doc);
                (row.level == StockLevel::Out, row.featured, Reverse(row.created_at), self.id(place), place)
            })
            .collect();
        let by = |one: &(bool, u16, Reverse<u64>, &str, Place)| (one.0, one.1, one.2);
        if limit < all.len() {
            all.select_nth_unstable_by(limit, |a, b| by(a).cmp(&by(b)).then_with(|| a.3.cmp(b.3)));
            all.truncate(limit);
        }
        all.sort_unstable_by(|a, b| by(a).cmp(&by(b)).then_with(|| a.3.cmp(b.3)));
        all.into_iter().filter_map(|(.., place)| self.card(place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::super::sample::{document, index};
    use kernel::Amount;

    fn product(id: &str, category: &str, tags: &[&str], price: i64, featured: Option<u16>) -> Document {
        Document {
            category: category.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            price: Amount::minor(price),
            featured,
            brand: id.to_owned(),
            ..document(id, id)
        }
    }

    #[test]
    fn category_tags_and_price_make_products_alike() {
        let index = index(
            &[
                product("tea", "teas", &["loose leaf"], 1000, None),
                product("other-tea", "teas", &[], 5000, None),
                product("near-tea", "teas", &[], 1100, None),
                product("kettle", "kitchen", &["loose leaf"], 9000, None),
                product("sock", "clothes", &[], 1000, None),
            ],
            2,
        );
        let place = index.find("tea").unwrap();
        let ids: Vec<String> = index.similar(place, 10).into_iter().map(|card| card.id).collect();
        assert_eq!(ids, ["near-tea", "other-tea", "kettle"]);
        let lonely = index.find("sock").unwrap();
        assert!(index.similar(lonely, 10).is_empty());
    }

    #[test]
    fn popular_is_what_the_shop_puts_forward() {
        let index = index(
            &[product("a", "x", &[], 1, None), product("b", "x", &[], 1, Some(2)), product("c", "x", &[], 1, Some(1))],
            2,
        );
        let ids = |except| index.popular(except, 2).into_iter().map(|card| card.id).collect::<Vec<_>>();
        assert_eq!(ids(None), ["c", "b"]);
        assert_eq!(ids(index.find("c")), ["b", "a"]);
    }
}

//! What of the changes an index does not know yet.

use crate::index::{Document, Index};
use crate::view::project::{Change, Refusals, full};
use kernel::Sku;
use std::collections::{BTreeMap, BTreeSet};

/// What of the changes is new to an index.
pub(super) struct News<'a> {
    /// The newest version of each product, where it is newer than the index's.
    pub documents: BTreeMap<&'a str, &'a Document>,
    /// Products with SKUs whose levels may have changed.
    pub touched: BTreeSet<String>,
}

impl<'a> News<'a> {
    pub fn of(changes: &'a [Change], index: &Index) -> Self {
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
        if document.version == known {
            // Told again: the levels of its SKUs may have moved since.
            self.touched.insert(document.id.as_str().to_owned());
        }
        if document.version > known.max(noted) {
            self.documents.insert(document.id.as_str(), document);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.touched.is_empty()
    }

    /// All SKUs whose levels are needed.
    pub fn skus(&self, index: &Index) -> Vec<Sku> {
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
    pub fn refuse_beyond(&mut self, room: usize, index: &Index) -> Refusals {
        let beyond: Vec<&str> = self.additions(index).into_iter().skip(room).collect();
        for id in &beyond {
            self.documents.remove(id);
        }
        beyond.into_iter().map(|id| (id.to_owned(), full())).collect()
    }
}

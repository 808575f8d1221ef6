//! Products for tests.

use super::{Builder, Card, Document, Index, Segment, impacts};
use crate::level::StockLevel;
use bytes::Bytes;
use kernel::{Amount, Currency, Instant, ProductId, Sku};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) fn document(id: &str, name: &str) -> Document {
    Document {
        id: ProductId::parse(id).unwrap(),
        version: 1,
        withdrawn: false,
        name: name.to_owned(),
        description: String::new(),
        brand: "Russet".to_owned(),
        category: "other".to_owned(),
        tags: Vec::new(),
        image_url: format!("/pictures/{id}.svg"),
        image_alt: String::new(),
        currency: Currency::USD,
        price: Amount::minor(1000),
        compare_at: None,
        price_varies: false,
        featured: None,
        created_at: Instant::from_seconds(1_000),
        updated_at: Instant::from_seconds(1_000),
        skus: vec![Sku::parse(id).unwrap()],
    }
}

pub(crate) fn card(id: &str, n: i64) -> Card {
    let number = u64::try_from(n).unwrap();
    Card {
        id: id.to_owned(),
        version: number + 1,
        revision: number % 2,
        withdrawn: false,
        name: format!("Product {n} ü"),
        brand: format!("Brand {}", n % 3),
        category: format!("category-{}", n % 4),
        tags: (0..n % 3).map(|tag| format!("tag {tag}")).collect(),
        image_url: format!("/pictures/{id}.svg"),
        image_alt: String::new(),
        currency: Currency::USD,
        price: Amount::minor(1000 + n * 7 % 50),
        compare_at: (n % 5 == 0).then(|| Amount::minor(9000)),
        price_varies: n % 2 == 0,
        featured: (n % 7 == 0).then_some(3),
        created_at: Instant::from_seconds(n % 11),
        updated_at: Instant::from_seconds(n),
        variants: (0..=n % 3).map(|at| (format!("{id}-{at}"), StockLevel::of(number % 8))).collect(),
    }
}

pub(crate) fn segment(cards: &[Card]) -> Arc<Segment> {
    let mut builder = Builder::default();
    for card in cards {
        builder.add(card.clone(), [("word", 9)]);
    }
    Arc::new(Segment::open(Bytes::from(builder.build())).unwrap())
}

/// An index of `documents`, all in stock, in segments of `size`.
pub(crate) fn index(documents: &[Document], size: usize) -> Index {
    let segments = documents.chunks(size.max(1)).map(|documents| {
        let mut builder = Builder::default();
        for document in documents {
            let levels: HashMap<Sku, StockLevel> =
                document.skus.iter().map(|sku| (sku.clone(), StockLevel::In)).collect();
            let impacts = impacts(document);
            builder.add(Card::new(document, &levels), impacts.iter().map(|(word, impact)| (word.as_str(), *impact)));
        }
        Arc::new(Segment::open(Bytes::from(builder.build())).unwrap())
    });
    Index::new(segments.collect())
}

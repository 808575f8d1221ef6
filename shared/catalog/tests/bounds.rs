//! The index keeps its bounds: bytes of a product, and what a page costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use bytes::Bytes;
use catalog::index::{Builder, Card, Document, Index, Question, Segment, Sort, Summary, impacts};
use catalog::{Product, StockLevel};
use kernel::{Amount, Instant, ProductId, Sku};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant as Watch};
use support::demo;

/// The demo catalog as often as it takes, each product with a name, SKUs and some words of its own.
fn documents(count: usize) -> impl Iterator<Item = Document> {
    let products = demo();
    let words: Vec<String> =
        products.iter().flat_map(|product| product.description.split_whitespace().map(str::to_owned)).collect();
    (0..count).map(move |n| {
        let product: &Product = &products[n % products.len()];
        let word = |step: usize| words[(n * step + n / 7) % words.len()].clone();
        let description: Vec<String> = (0..60).map(|at| word(at * 31 + 17)).collect();
        let document = Document::from(product);
        Document {
            id: ProductId::parse(&format!("{}-{n}", document.id)).unwrap(),
            name: format!("{} {} {n}", document.name, word(3)),
            description: description.join(" "),
            image_url: format!("/pictures/{}-{n}.svg", document.id),
            image_alt: format!("A picture of {}", document.name),
            price: Amount::minor(500 + i64::try_from(n % 9_000).unwrap()),
            created_at: Instant::from_seconds(i64::try_from(n).unwrap()),
            skus: document.skus.iter().map(|sku| Sku::parse(&format!("{sku}-{n}")).unwrap()).collect(),
            ..document
        }
    })
}

fn index(count: usize, segments: usize) -> (Index, usize) {
    let size = count.div_ceil(segments);
    let mut documents = documents(count);
    let mut built = Vec::new();
    for _ in 0..segments {
        let mut builder = Builder::default();
        for document in documents.by_ref().take(size) {
            let levels: HashMap<Sku, StockLevel> =
                document.skus.iter().map(|sku| (sku.clone(), StockLevel::In)).collect();
            let impacts = impacts(&document);
            builder.add(Card::new(&document, &levels), impacts.iter().map(|(word, impact)| (word.as_str(), *impact)));
        }
        built.push(Arc::new(Segment::open(Bytes::from(builder.build())).unwrap()));
    }
    let bytes = built.iter().map(|segment| segment.len_bytes()).sum();
    (Index::new(built), bytes)
}

fn page(index: &Index, question: &Question) -> Vec<u8> {
    let (cards, _) = index.page(&index.search(question), None, 24);
    serde_json::to_vec(&cards.iter().map(Summary::from).collect::<Vec<_>>()).unwrap()
}

fn best(mut work: impl FnMut()) -> Duration {
    let runs = (0..20).map(|_| {
        let watch = Watch::now();
        work();
        watch.elapsed()
    });
    runs.min().unwrap()
}

fn tell(index: &Index, bytes: usize) {
    println!("{} products, {bytes} bytes, {} each", index.listed(), bytes / index.listed());
    let ask = |text: &str, sort: Sort| Question { text: text.to_owned(), sort, ..Question::default() };
    let questions = [
        ("featured", ask("", Sort::Featured)),
        ("by name", ask("", Sort::Name)),
        ("magnesium", ask("magnesium", Sort::Relevance)),
        ("mangesium capsules", ask("mangesium capsules", Sort::Relevance)),
        (
            "cheap in a category",
            Question { categories: vec!["teas-and-infusions".to_owned()], sort: Sort::PriceAsc, ..Question::default() },
        ),
    ];
    for (name, question) in questions {
        println!("  {name}: {:?}", best(|| drop(black_box(page(index, &question)))));
    }
}

// 480 bytes for each of 100,000 products are 48 MB.
#[test]
fn a_product_takes_at_most_480_bytes_of_the_index() {
    let (index, bytes) = index(3_000, 2);
    assert!(bytes <= 480 * index.listed(), "{} bytes each", bytes / index.listed());
}

#[test]
fn what_a_page_costs_is_printed() {
    let (small, bytes) = index(60, 3);
    tell(&small, bytes);
}

#[test]
#[ignore = "takes minutes without optimisation"]
fn a_hundred_thousand_products_fit_48_megabytes() {
    let watch = Watch::now();
    let (whole, bytes) = index(100_000, 12);
    println!("built in {:?}", watch.elapsed());
    assert!(bytes <= 48 * 1024 * 1024, "{bytes}");
    let segments: Vec<Arc<Segment>> = whole.segments().cloned().collect();
    println!("opened in {:?}", best(|| drop(black_box(Index::new(segments.clone())))));
    tell(&whole, bytes);
}

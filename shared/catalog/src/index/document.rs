//! What the read model is told of a product, and what it keeps of it.

use crate::index::words::{is_empty_word, stem, words};
use crate::level::StockLevel;
use crate::product::Product;
use kernel::{Amount, Currency, Instant, ProductId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Words of a description that are searched; those after it are not, so that the index keeps its bound.
pub const DESCRIPTION_WORDS: usize = 200;

/// A product as the stream's reader sends it to the projection: everything that listings and search need, so that
/// nothing is read back. At most as large as a product, 64 KB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// See [`Product::id`].
    pub id: ProductId,
    /// See [`Product::version`]: of two documents the higher one counts.
    pub version: u64,
    /// Not to be listed any more.
    pub withdrawn: bool,
    /// See [`Product::name`].
    pub name: String,
    /// See [`Product::description`].
    pub description: String,
    /// See [`Product::brand`].
    pub brand: String,
    /// See [`Product::category`].
    pub category: String,
    /// See [`Product::tags`].
    pub tags: Vec<String>,
    /// The picture that stands for it.
    pub image_url: String,
    /// What it shows.
    pub image_alt: String,
    /// Of its prices.
    pub currency: Currency,
    /// The lowest.
    pub price: Amount,
    /// What the cheapest variant cost before.
    pub compare_at: Option<Amount>,
    /// Whether another variant costs more.
    pub price_varies: bool,
    /// See [`Product::featured`].
    pub featured: Option<u16>,
    /// See [`Product::created_at`].
    pub created_at: Instant,
    /// See [`Product::updated_at`].
    pub updated_at: Instant,
    /// Of its variants, in their order.
    pub skus: Vec<Sku>,
}

impl From<&Product> for Document {
    fn from(product: &Product) -> Self {
        let cheapest = product.cheapest();
        let price = cheapest.map_or(Amount::ZERO, |variant| variant.price);
        Self {
            id: product.id.clone(),
            version: product.version,
            withdrawn: !product.is_active(),
            name: product.name.clone(),
            description: product.description.clone(),
            brand: product.brand.clone(),
            category: product.category.clone(),
            tags: product.tags.clone(),
            image_url: product.image_url().to_owned(),
            image_alt: product.images.first().map(|image| image.alt.clone()).unwrap_or_default(),
            currency: product.currency,
            price,
            compare_at: cheapest.and_then(|variant| variant.compare_at),
            price_varies: product.variants.iter().any(|variant| variant.price != price),
            featured: product.featured,
            created_at: product.created_at,
            updated_at: product.updated_at,
            skus: product.skus(),
        }
    }
}

/// What the index keeps of a product to show it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// See [`Document::id`].
    pub id: String,
    /// See [`Document::version`].
    pub version: u64,
    /// How often the projection wrote this version: its levels change without it.
    pub revision: u64,
    /// Only kept so that an older version does not come back.
    pub withdrawn: bool,
    /// See [`Document::name`].
    pub name: String,
    /// See [`Document::brand`].
    pub brand: String,
    /// See [`Document::category`].
    pub category: String,
    /// See [`Document::tags`].
    pub tags: Vec<String>,
    /// See [`Document::image_url`].
    pub image_url: String,
    /// See [`Document::image_alt`].
    pub image_alt: String,
    /// See [`Document::currency`].
    pub currency: Currency,
    /// See [`Document::price`].
    pub price: Amount,
    /// See [`Document::compare_at`].
    pub compare_at: Option<Amount>,
    /// See [`Document::price_varies`].
    pub price_varies: bool,
    /// See [`Document::featured`].
    pub featured: Option<u16>,
    /// See [`Document::created_at`].
    pub created_at: Instant,
    /// See [`Document::updated_at`].
    pub updated_at: Instant,
    /// Its SKUs with their levels.
    pub variants: Vec<(String, StockLevel)>,
}

impl Card {
    /// What is kept of `document` when its SKUs are at `levels`; a SKU without a level has nothing to sell.
    #[must_use]
    pub fn new(document: &Document, levels: &HashMap<Sku, StockLevel>) -> Self {
        let level = |sku: &Sku| (sku.as_str().to_owned(), levels.get(sku).copied().unwrap_or_default());
        let text = |text: &str| if document.withdrawn { String::new() } else { text.to_owned() };
        Self {
            id: document.id.as_str().to_owned(),
            version: document.version,
            revision: 0,
            withdrawn: document.withdrawn,
            name: text(&document.name),
            brand: text(&document.brand),
            category: text(&document.category),
            tags: if document.withdrawn { Vec::new() } else { document.tags.clone() },
            image_url: text(&document.image_url),
            image_alt: text(&document.image_alt),
            currency: document.currency,
            price: document.price,
            compare_at: document.compare_at,
            price_varies: document.price_varies,
            featured: document.featured,
            created_at: document.created_at,
            updated_at: document.updated_at,
            variants: if document.withdrawn { Vec::new() } else { document.skus.iter().map(level).collect() },
        }
    }

    /// The best level of its variants.
    #[must_use]
    pub fn level(&self) -> StockLevel {
        self.variants.iter().map(|(_, level)| *level).max().unwrap_or_default()
    }

    /// The SKU that a quick purchase takes: the first that can be bought, else the first.
    #[must_use]
    pub fn default_sku(&self) -> &str {
        let for_sale = self.variants.iter().find(|(_, level)| *level > StockLevel::Out);
        for_sale.or(self.variants.first()).map_or("", |(sku, _)| sku.as_str())
    }
}

/// How much a word in each field counts, in 64ths: the boosts of BM25F.
mod boost {
    pub(super) const NAME: u32 = 8 * 64;
    pub(super) const BRAND: u32 = 4 * 64;
    pub(super) const CATEGORY: u32 = 3 * 64;
    pub(super) const TAG: u32 = 3 * 64;
    pub(super) const DESCRIPTION: u32 = 64;
    /// Where more of the same word stops counting.
    pub(super) const SATURATION: u32 = 3 * 64;
}

/// The words under which `document` is found, each with its impact from 1 to 255: BM25F with lengths held against
/// fixed ones instead of the average, so that an impact never changes when other products come or go and segments can
/// be merged as they are.
#[must_use]
pub fn impacts(document: &Document) -> HashMap<String, u8> {
    let mut weights: HashMap<String, u32> = HashMap::new();
    if document.withdrawn {
        return HashMap::new();
    }
    let mut add = |text: &str, boost: u32, usual_words: usize, most: usize| {
        let words = words(text);
        let length = words.len().min(most).max(1);
        // Half of the weight depends on the length: 1 / (½ + ½ · length / usual).
        let weight = boost as usize * 2 * usual_words / (usual_words + length);
        for word in words.iter().take(most).filter(|word| !is_empty_word(word)) {
            *weights.entry(stem(word).to_owned()).or_default() += u32::try_from(weight).unwrap_or(boost);
        }
    };
    add(&document.name, boost::NAME, 4, usize::MAX);
    add(&document.brand, boost::BRAND, 2, usize::MAX);
    add(&document.category, boost::CATEGORY, 3, usize::MAX);
    for tag in &document.tags {
        add(tag, boost::TAG, 2, usize::MAX);
    }
    add(&document.description, boost::DESCRIPTION, 60, DESCRIPTION_WORDS);
    weights.into_iter().map(|(word, weight)| (word, impact(weight))).collect()
}

fn impact(weight: u32) -> u8 {
    let impact = 255 * weight / (weight + boost::SATURATION);
    u8::try_from(impact.max(1)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Document, impacts};
    use crate::index::sample;

    #[test]
    fn a_word_in_the_name_counts_more_than_in_the_description() {
        let document = Document {
            description: "Oil and oil and oil, pressed cold".to_owned(),
            ..sample::document("a", "Rosehip Serum")
        };
        let impacts = impacts(&document);
        assert!(impacts["rosehip"] > impacts["oil"] && impacts["oil"] > impacts["cold"]);
        assert!(!impacts.contains_key("and"));
    }

    #[test]
    fn a_withdrawn_product_has_no_words() {
        assert!(impacts(&Document { withdrawn: true, ..sample::document("a", "Tea") }).is_empty());
    }
}

//! A product as it is stored.

use crate::pairs::{Pairs, listed};
use crate::supply::Supplied;
use kernel::{Amount, Currency, Instant, Money, Principal, ProductId, Sku};
use serde::{Deserialize, Serialize};
use table::{Key, Row};

/// Whether a product can be bought. Products are withdrawn, never deleted: orders name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On sale.
    #[default]
    Active,
    /// Off sale: it is in no listing, and a quote with it is refused.
    Withdrawn,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `https://…`, or a path on our own origin; at most 512 characters.
    pub url: String,
    /// What it shows, for those who do not see it; at most 255 characters.
    #[serde(default)]
    pub alt: String,
}

/// What is counted, priced and sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name for everybody who counts. One SKU belongs to one product for ever.
    pub sku: Sku,
    /// What tells it from the other variants, in words: `60 capsules`. Empty when there are none.
    #[serde(default)]
    pub name: String,
    /// The same, taken apart: `Size` is `60 capsules`.
    #[serde(default, with = "listed")]
    pub options: Pairs,
    /// Net price in minor units of the product's currency.
    pub price: Amount,
    /// What it cost before, in the same units; more than the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at: Option<Amount>,
    /// With its packing.
    #[serde(default)]
    pub weight_grams: u32,
    /// A picture of this variant, if it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
}

/// A product with all its variants: one item of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name in keys and addresses.
    pub id: ProductId,
    /// 1 when it is made; one more with each change.
    pub version: u64,
    /// Whether it can be bought.
    pub status: Status,
    /// At most 255 characters.
    pub name: String,
    /// Plain text; a blank line parts paragraphs. At most 8,000 characters.
    #[serde(default)]
    pub description: String,
    /// Who makes it; may be empty.
    #[serde(default)]
    pub brand: String,
    /// Where it stands in the shop: `first-aid`. See [`category_label`].
    pub category: String,
    /// Words to find and filter by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the label says, in its order.
    #[serde(default, with = "listed")]
    pub attributes: Pairs,
    /// The first one stands for the product.
    #[serde(default)]
    pub images: Vec<Image>,
    /// The currency of all its prices.
    pub currency: Currency,
    /// At least one; the first is the one shown first.
    pub variants: Vec<Variant>,
    /// Its place among what the shop puts forward, 1 first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub featured: Option<u16>,
    /// Where it comes from, if a partner supplies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplied: Option<Supplied>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Who changed it last.
    pub changed_by: String,
    /// The `traceparent` of that change; the stream's reader goes on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// Who makes a change, and when.
#[derive(Debug, Clone)]
pub struct Made {
    /// By whom.
    pub by: Principal,
    /// When.
    pub at: Instant,
    /// In which trace.
    pub trace: Option<String>,
}

/// Which product a SKU belongs to. It stays when the variant goes, so that a SKU in an old order never comes to mean
/// something else, and its stock never passes to another product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuRow {
    /// The SKU.
    pub sku: Sku,
    /// Its product.
    pub product: ProductId,
}

impl Row for Product {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

impl Row for SkuRow {
    fn key(&self) -> Key {
        Self::key_of(&self.sku)
    }
}

impl SkuRow {
    /// Where the row of `sku` stands.
    #[must_use]
    pub fn key_of(sku: &Sku) -> Key {
        Key::new(format!("SKU#{sku}"))
    }
}

impl Product {
    /// What every product's partition key begins with.
    pub const PREFIX: &'static str = "PRODUCT#";

    /// Where the product `id` stands.
    #[must_use]
    pub fn key_of(id: &ProductId) -> Key {
        Key::new(format!("{}{id}", Self::PREFIX))
    }

    /// Whether it can be bought.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// The variant `sku`, if the product has it now.
    #[must_use]
    pub fn variant(&self, sku: &Sku) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.sku == *sku)
    }

    /// The variant with the lowest price; the first of several.
    #[must_use]
    pub fn cheapest(&self) -> Option<&Variant> {
        self.variants.iter().min_by_key(|variant| variant.price)
    }

    /// `amount` in the product's currency.
    #[must_use]
    pub const fn money(&self, amount: Amount) -> Money {
        Money { amount, currency: self.currency }
    }

    /// The address of the picture that stands for it; empty when it has none.
    #[must_use]
    pub fn image_url(&self) -> &str {
        self.images.first().map_or("", |image| image.url.as_str())
    }

    /// All its SKUs, in order.
    #[must_use]
    pub fn skus(&self) -> Vec<Sku> {
        self.variants.iter().map(|variant| variant.sku.clone()).collect()
    }
}

/// A category as people read it: `vitamins-and-supplements` is "Vitamins and supplements".
#[must_use]
pub fn category_label(category: &str) -> String {
    let spaced = category.replace('-', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_category_is_labelled_by_its_own_words() {
        assert_eq!(super::category_label("vitamins-and-supplements"), "Vitamins and supplements");
        assert_eq!(super::category_label(""), "");
    }
}

//! What is sent, as the contract has it.

use catalog::{Draft, Image, Pairs, PriceText, VariantDraft};
use kernel::{Fault, Money, Sku};
use serde::Deserialize;

/// A new product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    id: Option<String>,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    brand: String,
    category: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    attributes: Pairs,
    #[serde(default)]
    images: Vec<Picture>,
    image_url: Option<String>,
    currency: Option<String>,
    price: Option<String>,
    stock_quantity: Option<u32>,
    #[serde(default)]
    variants: Vec<Variant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    url: String,
    #[serde(default)]
    alt: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    sku: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    options: Pairs,
    price: Option<String>,
    price_money: Option<Money>,
    compare_at: Option<String>,
    #[serde(default)]
    weight_grams: u32,
    image_url: Option<String>,
}

/// The most pieces that come in at once.
const UNITS: u32 = 1_000_000_000;

impl Body {
    /// The product, and its first stock if there is one.
    pub(crate) fn split(self) -> Result<(Draft, Option<u32>), Fault> {
        if self.stock_quantity.is_some_and(|units| units > UNITS) {
            return Err(Fault::field("/stock_quantity", "maximum", format!("At most {UNITS} pieces come in at once.")));
        }
        if self.stock_quantity.is_some() && !self.variants.is_empty() {
            let detail = "Each variant has its stock: put it in by the variant's SKU.";
            return Err(Fault::field("/stock_quantity", "stock_of_variants", detail));
        }
        let variants =
            self.variants.into_iter().enumerate().map(|(at, variant)| variant.draft(at)).collect::<Result<_, _>>()?;
        let draft = Draft {
            id: self.id,
            name: self.name,
            description: self.description,
            brand: self.brand,
            category: self.category,
            tags: self.tags,
            attributes: self.attributes,
            images: self.images.into_iter().map(|picture| Image { url: picture.url, alt: picture.alt }).collect(),
            image_url: self.image_url,
            currency: self.currency,
            price: self.price.map(PriceText::Decimal),
            featured: None,
            variants,
        };
        Ok((draft, self.stock_quantity))
    }
}

impl Variant {
    fn draft(self, at: usize) -> Result<VariantDraft, Fault> {
        let price = match (self.price, self.price_money) {
            (Some(_), Some(_)) => {
                let pointer = format!("/variants/{at}/price_money");
                return Err(Fault::field(pointer, "one_of", "Give price or price_money, not both."));
            }
            (Some(text), None) => Some(PriceText::Decimal(text)),
            (None, money) => money.map(PriceText::Money),
        };
        Ok(VariantDraft {
            sku: self.sku,
            name: self.name,
            options: self.options,
            price,
            compare_at: self.compare_at,
            weight_grams: self.weight_grams,
            image_url: self.image_url,
        })
    }
}

/// What of our own answer is read again.
#[derive(Debug, Deserialize)]
pub(crate) struct Made {
    variants: Vec<MadeVariant>,
}

#[derive(Debug, Deserialize)]
struct MadeVariant {
    sku: Sku,
}

impl Made {
    /// The SKUs of the product that was made.
    pub(crate) fn skus(self) -> impl Iterator<Item = Sku> {
        self.variants.into_iter().map(|variant| variant.sku)
    }
}

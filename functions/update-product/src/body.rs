//! What is sent, as the contract has it.

use catalog::{Image, Pairs, Patch, PriceText, Status, VariantDraft};
use kernel::{Fault, Money};
use serde::Deserialize;

/// What is to change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    name: Option<String>,
    description: Option<String>,
    brand: Option<String>,
    category: Option<String>,
    tags: Option<Vec<String>>,
    attributes: Option<Pairs>,
    images: Option<Vec<Picture>>,
    image_url: Option<String>,
    price: Option<String>,
    status: Option<Status>,
    variants: Option<Vec<Variant>>,
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

impl Body {
    /// The change, as the catalog takes it.
    pub(crate) fn patch(self) -> Result<Patch, Fault> {
        let variants = self.variants.map(|variants| {
            variants.into_iter().enumerate().map(|(at, variant)| variant.draft(at)).collect::<Result<Vec<_>, _>>()
        });
        let images =
            self.images.map(|images| images.into_iter().map(|picture| Image { url: picture.url, alt: picture.alt }));
        Ok(Patch {
            name: self.name,
            description: self.description,
            brand: self.brand,
            category: self.category,
            tags: self.tags,
            attributes: self.attributes,
            images: images.map(Iterator::collect),
            image_url: self.image_url,
            price: self.price.map(PriceText::Decimal),
            status: self.status,
            variants: variants.transpose()?,
        })
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

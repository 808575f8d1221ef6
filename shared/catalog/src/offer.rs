//! What a line of a cart, a quote or an order needs to know about what it names.

use crate::product::{Product, Variant};
use kernel::{Amount, Currency, Money, ProductId, Sku};

/// A variant as it is offered now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is sold.
    pub sku: Sku,
    /// Its product.
    pub product_id: ProductId,
    /// The product's name.
    pub product_name: String,
    /// What tells the variant from others; empty when the product has one.
    pub variant_name: String,
    /// Net, in minor units of `currency`.
    pub unit_price: Amount,
    /// What it cost before, if it is reduced.
    pub compare_at: Option<Amount>,
    /// The currency of the prices.
    pub currency: Currency,
    /// With its packing.
    pub weight_grams: u32,
    /// The variant's own picture or the product's; empty when there is none.
    pub image_url: String,
    /// The category of the product, for promotions and tax.
    pub category: String,
    /// Not for sale any more.
    pub withdrawn: bool,
    /// The version of the product that says so.
    pub version: u64,
}

/// What is looked for: a SKU, or a product that has one variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The variant `sku`.
    Sku(Sku),
    /// The only variant of the product.
    Product(ProductId),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is, or was, for sale.
    Offer(Offer),
    /// There is no such SKU or product.
    Nothing,
    /// The product has several variants: one must be named.
    Several,
}

impl Answer {
    /// The offer, if there is one.
    #[must_use]
    pub fn offer(self) -> Option<Offer> {
        match self {
            Self::Offer(offer) => Some(offer),
            Self::Nothing | Self::Several => None,
        }
    }
}

impl Offer {
    pub(crate) fn of(product: &Product, variant: &Variant) -> Self {
        Self {
            sku: variant.sku.clone(),
            product_id: product.id.clone(),
            product_name: product.name.clone(),
            variant_name: variant.name.clone(),
            unit_price: variant.price,
            compare_at: variant.compare_at,
            currency: product.currency,
            weight_grams: variant.weight_grams,
            image_url: variant.image_url.clone().unwrap_or_else(|| product.image_url().to_owned()),
            category: product.category.clone(),
            withdrawn: !product.is_active(),
            version: product.version,
        }
    }

    /// The unit price with its currency.
    #[must_use]
    pub const fn price(&self) -> Money {
        Money { amount: self.unit_price, currency: self.currency }
    }
}

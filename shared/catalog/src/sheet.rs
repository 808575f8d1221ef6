//! A product as its page shows it: prices in both forms, exact stock, levels.

use crate::level::StockLevel;
use crate::pairs::Pairs;
use crate::product::{Image, Product, Status, Variant, category_label};
use kernel::{Currency, Money, ProductId, Sku};
use serde::Serialize;
use std::collections::HashMap;

/// What is said of a product to everybody. Three functions answer with it, so that they say the same.
#[derive(Debug, Serialize)]
pub struct Sheet<'a> {
    id: &'a ProductId,
    name: &'a str,
    description: &'a str,
    brand: &'a str,
    category: &'a str,
    category_label: String,
    tags: &'a [String],
    attributes: &'a Pairs,
    images: &'a [Image],
    image_url: &'a str,
    price: String,
    price_money: Money,
    compare_at_money: Option<Money>,
    currency: Currency,
    stock_quantity: u64,
    stock_level: StockLevel,
    status: Status,
    variants: Vec<VariantSheet<'a>>,
    created_at: String,
    updated_at: String,
    version: u64,
}

/// What is said of a variant.
#[derive(Debug, Serialize)]
pub struct VariantSheet<'a> {
    sku: &'a Sku,
    name: &'a str,
    options: &'a Pairs,
    price: String,
    price_money: Money,
    compare_at_money: Option<Money>,
    weight_grams: u32,
    image_url: Option<&'a str>,
    stock_quantity: u64,
    stock_level: StockLevel,
}

impl<'a> Sheet<'a> {
    /// The sheet of `product`, with the pieces of each SKU that are for sale. A SKU that is not named has none.
    #[must_use]
    pub fn new(product: &'a Product, available: &HashMap<Sku, u64>) -> Self {
        let variants: Vec<VariantSheet<'a>> =
            product.variants.iter().map(|one| variant(product, one, available)).collect();
        let cheapest = product.cheapest();
        let price = cheapest.map_or(Money::new(0, product.currency), |variant| product.money(variant.price));
        Self {
            id: &product.id,
            name: &product.name,
            description: &product.description,
            brand: &product.brand,
            category: &product.category,
            category_label: category_label(&product.category),
            tags: &product.tags,
            attributes: &product.attributes,
            images: &product.images,
            image_url: product.image_url(),
            price: price.decimal(),
            price_money: price,
            compare_at_money: cheapest.and_then(|variant| variant.compare_at).map(|amount| product.money(amount)),
            currency: product.currency,
            stock_quantity: variants.iter().map(|variant| variant.stock_quantity).sum(),
            stock_level: variants.iter().map(|variant| variant.stock_level).max().unwrap_or_default(),
            status: product.status,
            variants,
            created_at: product.created_at.to_string(),
            updated_at: product.updated_at.to_string(),
            version: product.version,
        }
    }
}

fn variant<'a>(product: &Product, variant: &'a Variant, available: &HashMap<Sku, u64>) -> VariantSheet<'a> {
    let stock_quantity = available.get(&variant.sku).copied().unwrap_or(0);
    VariantSheet {
        sku: &variant.sku,
        name: &variant.name,
        options: &variant.options,
        price: product.money(variant.price).decimal(),
        price_money: product.money(variant.price),
        compare_at_money: variant.compare_at.map(|amount| product.money(amount)),
        weight_grams: variant.weight_grams,
        image_url: variant.image_url.as_deref(),
        stock_quantity,
        stock_level: StockLevel::of(stock_quantity),
    }
}

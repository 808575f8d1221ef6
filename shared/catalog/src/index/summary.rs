//! A product as lists show it.

use super::Card;
use crate::level::StockLevel;
use kernel::Money;
use serde::Serialize;

/// What a list says of a product. Two functions answer with it, so that they say the same.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    id: &'a str,
    name: &'a str,
    brand: &'a str,
    category: &'a str,
    image_url: &'a str,
    image_alt: &'a str,
    price: String,
    price_money: Money,
    compare_at_money: Option<Money>,
    price_varies: bool,
    stock_level: StockLevel,
    default_sku: &'a str,
    variant_count: usize,
    tags: &'a [String],
}

impl<'a> From<&'a Card> for Summary<'a> {
    fn from(card: &'a Card) -> Self {
        let money = |amount| Money { amount, currency: card.currency };
        Self {
            id: &card.id,
            name: &card.name,
            brand: &card.brand,
            category: &card.category,
            image_url: &card.image_url,
            image_alt: &card.image_alt,
            price: money(card.price).decimal(),
            price_money: money(card.price),
            compare_at_money: card.compare_at.map(money),
            price_varies: card.price_varies,
            stock_level: card.level(),
            default_sku: card.default_sku(),
            variant_count: card.variants.len(),
            tags: &card.tags,
        }
    }
}

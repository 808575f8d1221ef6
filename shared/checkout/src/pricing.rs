//! What a basket costs. Pure: prices in, totals out, and the parts always sum to the whole.

use crate::promotion::Promotion;
use crate::shipping::{Way, ways};
use crate::tax;
use kernel::{Amount, Currency, Fault, FieldError, Instant, Kind, ProductId, Sku};
use orders::{Applied, Line, Totals};

/// One thing in a basket, at its catalog price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// The product's name.
    pub name: String,
    /// The variant's name.
    pub variant: String,
    /// Its picture.
    pub image: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit: Amount,
    /// Weight of one.
    pub weight_grams: u64,
}

/// What is to be priced.
#[derive(Debug, Clone)]
pub struct Basket<'a> {
    /// What is in it.
    pub items: Vec<Item>,
    /// What it is priced in.
    pub currency: Currency,
    /// Where it goes: ISO 3166-1, two letters.
    pub country: &'a str,
    /// How it goes; the cheapest way when it is not said.
    pub shipping_method: Option<&'a str>,
    /// What makes it cheaper.
    pub promotion: Option<&'a Promotion>,
}

/// What it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The lines, each with its share of discount and tax.
    pub lines: Vec<Line>,
    /// The whole.
    pub totals: Totals,
    /// How it goes.
    pub shipping_method: String,
    /// How it could go.
    pub ways: Vec<Way>,
    /// What made it cheaper.
    pub promotions: Vec<Applied>,
    /// The tax rate, in ten-thousandths.
    pub tax_rate: u32,
}

/// Prices a basket: `Σ price × quantity − discount + shipping + tax = total`.
///
/// # Errors
/// Unprocessable for a country that nothing is delivered to, an unknown way, or a promotion that does not count.
pub fn price(basket: Basket<'_>, now: Instant) -> Result<Priced, Fault> {
    let tax_rate =
        tax::rate(basket.country).ok_or_else(|| unknown("/country", "country", "We do not deliver there yet."))?;
    let values: Vec<Amount> = basket.items.iter().map(|item| item.unit.times(item.quantity)).collect();
    let subtotal: Amount = values.iter().copied().sum();
    if let Some(promotion) = basket.promotion {
        promotion.check(subtotal, basket.currency, now)?;
    }
    let discount = basket.promotion.map_or(Amount::ZERO, |promotion| promotion.off_goods(subtotal));

    let weight = basket.items.iter().map(|item| item.weight_grams.saturating_mul(u64::from(item.quantity))).sum();
    let ways = ways(basket.country, weight, subtotal - discount);
    let way = match basket.shipping_method {
        None => ways.first(),
        Some(id) => ways.iter().find(|way| way.id == id),
    };
    let way = way.ok_or_else(|| unknown("/shipping_method", "shipping_method", "We do not send this way."))?;
    let free = basket.promotion.is_some_and(|promotion| promotion.kind == crate::PromotionKind::FreeShipping);
    let shipping = if free { Amount::ZERO } else { way.price };
    let off = discount + if free { way.price } else { Amount::ZERO };

    let taxed = subtotal - discount + shipping;
    let tax = taxed.share(tax_rate);
    let discounts = discount.allocate(&weights(&values));
    let nets: Vec<Amount> = values.iter().zip(&discounts).map(|(value, off)| *value - *off).chain([shipping]).collect();
    let taxes = tax.allocate(&weights(&nets));

    let shipping_method = way.id.to_owned();
    let lines = basket
        .items
        .into_iter()
        .zip(discounts)
        .zip(taxes)
        .map(|((item, discount), tax)| line(item, discount, tax))
        .collect();
    let promotions = basket.promotion.map(|promotion| Applied {
        code: promotion.code.clone(),
        label: promotion.label.clone(),
        kind: promotion.kind.name().to_owned(),
        amount: off,
        limited: promotion.limit.is_some(),
    });
    Ok(Priced {
        lines,
        totals: Totals { subtotal, discount, shipping, tax, total: taxed + tax },
        shipping_method,
        ways,
        promotions: promotions.into_iter().collect(),
        tax_rate,
    })
}

fn line(item: Item, discount: Amount, tax: Amount) -> Line {
    Line {
        sku: item.sku,
        product: item.product,
        name: item.name,
        variant: item.variant,
        image: item.image,
        quantity: item.quantity,
        unit: item.unit,
        discount,
        tax,
        cell: 0,
    }
}

fn weights(amounts: &[Amount]) -> Vec<u64> {
    amounts.iter().map(|amount| u64::try_from(amount.units()).unwrap_or(0)).collect()
}

fn unknown(pointer: &str, rule: &'static str, detail: &str) -> Fault {
    let mut fault = Fault::new(Kind::Unprocessable, "not_delivered", detail);
    fault.errors.push(FieldError { pointer: pointer.to_owned(), rule, detail: detail.to_owned() });
    fault
}

#[cfg(test)]
mod tests {
    use super::{Basket, Item, price};
    use crate::{Promotion, PromotionKind};
    use kernel::{Amount, Currency, Instant, ProductId, Sku};
    use proptest::prelude::*;

    fn item(index: usize, unit: i64, quantity: u32, weight_grams: u64) -> Item {
        Item {
            sku: Sku::parse(&format!("SKU-{index}")).unwrap(),
            product: ProductId::parse(&format!("product-{index}")).unwrap(),
            name: "Tea".to_owned(),
            variant: String::new(),
            image: String::new(),
            quantity,
            unit: Amount::minor(unit),
            weight_grams,
        }
    }

    fn promotion(kind: PromotionKind) -> Promotion {
        Promotion {
            code: "CODE".to_owned(),
            label: "Code".to_owned(),
            kind,
            currency: Currency::USD,
            minimum: Amount::ZERO,
            starts_at: None,
            ends_at: None,
            limit: None,
            created_at: Instant::from_millis(0),
        }
    }

    fn any_promotion() -> impl Strategy<Value = Option<Promotion>> {
        prop_oneof![
            Just(None),
            (1_u32..=100).prop_map(|percent| Some(promotion(PromotionKind::Percentage(percent)))),
            (1_i64..100_000).prop_map(|units| Some(promotion(PromotionKind::Fixed(Amount::minor(units))))),
            Just(Some(promotion(PromotionKind::FreeShipping))),
        ]
    }

    proptest! {
        // Proves: S1-D02
        #[test]
        fn the_lines_sum_to_the_totals_and_the_totals_to_the_total(
            goods in prop::collection::vec((0_i64..1_000_000, 1_u32..100, 0_u64..5_000), 1..20),
            promotion in any_promotion(),
            country in prop::sample::select(vec!["US", "DE", "JP", "FI"]),
        ) {
            let items = goods.iter().enumerate().map(|(i, (unit, quantity, weight))| item(i, *unit, *quantity, *weight)).collect();
            let basket = Basket { items, currency: Currency::USD, country, shipping_method: None, promotion: promotion.as_ref() };
            let priced = price(basket, Instant::from_millis(0)).unwrap();
            let totals = priced.totals;
            let lines: Amount = priced.lines.iter().map(orders::Line::total).sum();
            prop_assert_eq!(lines, totals.subtotal);
            prop_assert_eq!(priced.lines.iter().map(|line| line.discount).sum::<Amount>(), totals.discount);
            prop_assert!(priced.lines.iter().map(|line| line.tax).sum::<Amount>() <= totals.tax);
            prop_assert_eq!(totals.subtotal - totals.discount + totals.shipping + totals.tax, totals.total);
            prop_assert!(priced.lines.iter().all(|line| line.discount <= line.total() && line.discount >= Amount::ZERO));
            prop_assert!(totals.total >= Amount::ZERO);
        }
    }

    #[test]
    fn a_percentage_counts_on_the_goods_and_tax_on_what_is_left() {
        let ten = promotion(PromotionKind::Percentage(10));
        let basket = Basket {
            items: vec![item(1, 2_000, 2, 400)],
            currency: Currency::USD,
            country: "DE",
            shipping_method: Some("standard"),
            promotion: Some(&ten),
        };
        let totals = price(basket, Instant::from_millis(0)).unwrap().totals;
        assert_eq!((totals.subtotal.units(), totals.discount.units(), totals.shipping.units()), (4_000, 400, 900));
        assert_eq!(totals.tax.units(), 855);
        assert_eq!(totals.total.units(), 5_355);
    }

    #[test]
    fn nothing_is_priced_for_a_country_we_do_not_deliver_to() {
        let basket = Basket {
            items: vec![item(1, 1, 1, 1)],
            currency: Currency::USD,
            country: "AQ",
            shipping_method: None,
            promotion: None,
        };
        assert_eq!(price(basket, Instant::from_millis(0)).unwrap_err().errors[0].pointer, "/country");
    }
}

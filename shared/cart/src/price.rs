//! A cart at today's prices. Pure: what a SKU costs and whether it can be bought is looked up by the caller.

use crate::lines::Cart;
use kernel::{Amount, Currency, Money, Sku};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a SKU is and costs today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its product.
    pub product_id: String,
    /// The product's name.
    pub name: String,
    /// The variant's name; empty for a product with one.
    pub variant: String,
    /// A picture's URL; empty for none.
    pub image_url: String,
    /// Price of one.
    pub price: Money,
    /// The badge: `in`, `low`, `out`.
    pub stock_level: &'static str,
    /// Whether it is sold at all.
    pub on_sale: bool,
}

/// A line as shoppers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PricedLine {
    sku: Sku,
    product_id: String,
    name: String,
    variant: String,
    quantity: u32,
    price: String,
    unit_price: Money,
    line_total: Money,
    image_url: String,
    stock_level: &'static str,
    available: bool,
}

/// A cart as shoppers see it: the contract's `Cart`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PricedCart {
    id: String,
    lines: Vec<PricedLine>,
    item_count: u32,
    subtotal: Money,
    currency: Currency,
    version: u64,
}

/// `cart` at the prices of `offers`, in the order in which lines were added. What can no longer be bought is shown and
/// not summed; a SKU without an offer is not shown. One currency, that of the first line: `otherwise` for none.
#[must_use]
pub fn priced(cart: &Cart, offers: &BTreeMap<Sku, Offer>, otherwise: Currency) -> PricedCart {
    let shown = cart.skus().into_iter().filter_map(|sku| {
        let (line, offer) = (cart.lines.get(&sku)?, offers.get(&sku)?);
        Some((sku, line.quantity, offer))
    });
    let shown: Vec<(Sku, u32, &Offer)> = shown.collect();
    let currency = shown.first().map_or(otherwise, |(_, _, offer)| offer.price.currency);
    let lines: Vec<PricedLine> =
        shown.into_iter().map(|(sku, quantity, offer)| line(sku, quantity, offer, currency)).collect();
    let bought = lines.iter().filter(|line| line.available);
    let subtotal: Amount = bought.map(|line| line.line_total.amount).sum();
    PricedCart {
        id: cart.id.clone(),
        item_count: lines.iter().map(|line| line.quantity).sum(),
        subtotal: Money { amount: subtotal, currency },
        currency,
        version: cart.version,
        lines,
    }
}

fn line(sku: Sku, quantity: u32, offer: &Offer, currency: Currency) -> PricedLine {
    let Offer { product_id, name, variant, image_url, price, stock_level, on_sale } = offer.clone();
    PricedLine {
        sku,
        product_id,
        name,
        variant,
        quantity,
        price: price.decimal(),
        unit_price: price,
        line_total: Money { amount: price.amount.times(quantity), currency: price.currency },
        image_url,
        stock_level,
        available: on_sale && stock_level != "out" && price.currency == currency,
    }
}

#[cfg(test)]
mod tests {
    use super::{Offer, priced};
    use crate::lines::Cart;
    use kernel::{Currency, Instant, Money, Sku};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn offer(price: i64, stock_level: &'static str) -> Offer {
        Offer {
            product_id: "p".to_owned(),
            name: "P".to_owned(),
            variant: String::new(),
            image_url: String::new(),
            price: Money::new(price, Currency::USD),
            stock_level,
            on_sale: true,
        }
    }

    fn cart(quantities: &[u32]) -> Cart {
        let mut cart = Cart::empty("g");
        for (at, quantity) in quantities.iter().enumerate() {
            let now = Instant::from_seconds(i64::try_from(at).unwrap());
            cart.add(&Sku::parse(&format!("S-{at}")).unwrap(), *quantity, now).unwrap();
        }
        cart
    }

    proptest! {
        #[test]
        fn the_subtotal_is_what_the_lines_that_can_be_bought_cost(
            lines in prop::collection::vec((1_u32..=99, 0_i64..1_000_000, prop::sample::select(vec!["in", "low", "out"])), 0..20),
        ) {
            let cart = cart(&lines.iter().map(|(quantity, ..)| *quantity).collect::<Vec<_>>());
            let offers: BTreeMap<_, _> = lines
                .iter()
                .enumerate()
                .map(|(at, (_, price, level))| (Sku::parse(&format!("S-{at}")).unwrap(), offer(*price, level)))
                .collect();
            let sum: i64 = lines.iter().filter(|(.., level)| *level != "out").map(|(quantity, price, _)| i64::from(*quantity) * price).sum();
            let priced = priced(&cart, &offers, Currency::EUR);
            prop_assert_eq!(priced.subtotal.amount.units(), sum);
            prop_assert_eq!(priced.lines.len(), lines.len());
            prop_assert_eq!(priced.currency, if lines.is_empty() { Currency::EUR } else { Currency::USD });
        }
    }

    #[test]
    fn what_is_withdrawn_or_in_another_currency_is_shown_and_not_summed() {
        let mut offers: BTreeMap<_, _> =
            (0..3).map(|n| (Sku::parse(&format!("S-{n}")).unwrap(), offer(100, "in"))).collect();
        offers.get_mut(&Sku::parse("S-1").unwrap()).unwrap().on_sale = false;
        offers.get_mut(&Sku::parse("S-2").unwrap()).unwrap().price = Money::new(100, Currency::EUR);
        let priced = priced(&cart(&[2, 2, 2]), &offers, Currency::USD);
        assert_eq!(priced.subtotal, Money::new(200, Currency::USD));
        assert_eq!(priced.lines.iter().map(|line| line.available).collect::<Vec<_>>(), [true, false, false]);
    }
}

//! One item of a sale, priced for an order: the sale's price through the same pricing as every order, and what the customer
//! may take of it. Nothing is read but the sale.

use crate::pricing::{Basket, Item, price};
use crate::quote::Quote;
use flash::Sale;
use flash::sale::limit_reached;
use kernel::{Fault, Instant};
use orders::InSale;
use std::time::Duration;

/// How long after a sale its customers' allowances are kept: orders are called off and come back until then.
const ALLOWANCES_STAY: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a shopper wants of a sale.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which item.
    pub sku: &'a str,
    /// How many.
    pub quantity: u32,
    /// Where it goes.
    pub country: &'a str,
    /// How it goes.
    pub shipping_method: Option<&'a str>,
    /// Who takes it, as rows name them.
    pub customer: &'a str,
}

/// What an order of it is placed with.
#[derive(Debug, Clone)]
pub struct Bought {
    /// The price.
    pub quote: Quote,
    /// The customer's share in the sale.
    pub in_sale: InSale,
}

/// Prices one item of a sale for a click that came in at `received_at`.
///
/// # Errors
/// A conflict before the sale, after it, or for more than one customer may take; unprocessable for an item that is not part
/// of it, or a place that nothing is delivered to.
pub fn buy(sale: &Sale, wanted: Wanted<'_>, received_at: Instant) -> Result<Bought, Fault> {
    let item = sale.item(wanted.sku)?;
    sale.take_click(received_at)?;
    if wanted.quantity > sale.limit {
        return Err(limit_reached(sale.limit));
    }
    let basket = Basket {
        items: vec![Item {
            sku: item.sku.clone(),
            product: item.product.clone(),
            name: item.name.clone(),
            variant: item.variant.clone(),
            image: item.image.clone(),
            quantity: wanted.quantity,
            unit: item.price,
            weight_grams: u64::from(item.weight_grams),
        }],
        currency: sale.currency,
        country: wanted.country,
        shipping_method: wanted.shipping_method,
        promotion: None,
    };
    let quote = Quote::new(price(basket, received_at)?, sale.currency, wanted.country, received_at);
    let in_sale = InSale {
        sale: sale.id.clone(),
        allowance: stock::allowance(&sale.id, wanted.customer)?,
        limit: sale.limit,
        expires_at: sale.ends_at.plus(ALLOWANCES_STAY).seconds(),
    };
    Ok(Bought { quote, in_sale })
}

#[cfg(test)]
mod tests {
    use super::{Wanted, buy};
    use flash::sale::{Event, Item, Sale, State};
    use kernel::{Amount, Currency, Instant, ProductId, SaleId, Sku};

    fn sale() -> Sale {
        let item = Item {
            sku: Sku::parse("TEA").unwrap(),
            product: ProductId::parse("tea").unwrap(),
            name: "Tea".to_owned(),
            variant: "100 g".to_owned(),
            image: "/tea.svg".to_owned(),
            weight_grams: 120,
            price: Amount::minor(500),
            was: Amount::minor(1_000),
            cells: 1,
        };
        Sale {
            id: SaleId::parse(&kernel::id::encode([1; 16])).unwrap(),
            name: "Noon".to_owned(),
            state: State::Open,
            starts_at: Instant::from_seconds(1_000),
            ends_at: Instant::from_seconds(2_000),
            limit: 2,
            expected_per_second: 10,
            waiting_room: false,
            currency: Currency::USD,
            items: vec![item],
            version: 1,
            events: vec![Event { at: Instant::from_seconds(1), by: "staff".to_owned(), to: State::Open }],
            live: None,
        }
    }

    const WANTED: Wanted<'_> =
        Wanted { sku: "TEA", quantity: 2, country: "DE", shipping_method: None, customer: "guest:ada" };

    #[test]
    fn the_sales_price_goes_through_the_same_pricing_as_every_order() {
        let bought = buy(&sale(), WANTED, Instant::from_seconds(1_500)).unwrap();
        let totals = bought.quote.totals;
        assert_eq!((totals.subtotal.units(), totals.discount.units()), (1_000, 0));
        assert_eq!(totals.total, totals.subtotal + totals.shipping + totals.tax);
        assert!(totals.shipping.units() > 0 && totals.tax.units() > 0);
        assert_eq!((bought.quote.lines[0].name.as_str(), bought.quote.lines[0].unit.units()), ("Tea", 500));
        assert_eq!(bought.in_sale.limit, 2);
    }

    #[test]
    fn each_customer_has_an_allowance_of_their_own_in_each_sale() {
        let of = |customer: &'static str| {
            buy(&sale(), Wanted { customer, ..WANTED }, Instant::from_seconds(1_500)).unwrap().in_sale.allowance
        };
        assert_eq!(of("guest:ada"), of("guest:ada"));
        assert_ne!(of("guest:ada"), of("guest:eve"));
        assert!(of("guest:ada").as_str().starts_with("SALE:") && !of("guest:ada").as_str().contains("ada"));
    }

    #[test]
    fn what_cannot_be_had_is_refused_by_name() {
        let code = |wanted: Wanted<'static>, at| buy(&sale(), wanted, Instant::from_seconds(at)).unwrap_err().code;
        assert_eq!(code(WANTED, 900), "sale_not_open");
        assert_eq!(code(WANTED, 2_100), "sale_over");
        assert_eq!(code(Wanted { quantity: 3, ..WANTED }, 1_500), "sale_limit_reached");
        assert_eq!(code(Wanted { sku: "POT", ..WANTED }, 1_500), "not_in_sale");
        assert_eq!(code(Wanted { country: "XX", ..WANTED }, 1_500), "not_delivered");
    }
}

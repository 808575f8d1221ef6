//! What a shopper wants, looked up in the catalog and priced.

use crate::pricing::{Basket, Item, Priced, price};
use crate::promotion::Promotions;
use crate::quote::Quote;
use catalog::Wanted;
use kernel::{Currency, Fault, FieldError, Instant, Kind, ProductId, Sku};

/// Lines of a basket at the most.
pub const LINES_MOST: usize = 50;
/// Units of one line at the most.
pub const UNITS_MOST: u32 = 99;

/// One thing a shopper wants: a SKU, or a product that has one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which SKU.
    pub sku: Option<String>,
    /// Or which product.
    pub product: Option<String>,
    /// How many.
    pub quantity: u32,
}

/// All a shopper wants, and how.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// What.
    pub items: Vec<Wish>,
    /// Where it goes.
    pub country: String,
    /// How it goes.
    pub shipping_method: Option<String>,
    /// What they have typed to make it cheaper.
    pub coupon: Option<String>,
}

/// Prices wishes from the catalog and the promotions.
#[derive(Debug, Clone)]
pub struct Pricer {
    /// The products.
    pub catalog: catalog::Store,
    /// The promotions.
    pub promotions: Promotions,
}

impl Pricer {
    /// The quote of what a shopper wants, and all that was priced.
    ///
    /// # Errors
    /// Unprocessable with a pointer to what cannot be had; unavailable when a store does not answer.
    pub async fn quote(&self, wishes: &Wishes, now: Instant) -> Result<(Quote, Priced), Fault> {
        let (items, currency) = self.items(&wishes.items).await?;
        let promotion = match wishes.coupon.as_deref().filter(|code| !code.trim().is_empty()) {
            Some(code) => Some(self.promotions.find(code).await?),
            None => None,
        };
        let basket = Basket {
            items,
            currency,
            country: &wishes.country,
            shipping_method: wishes.shipping_method.as_deref(),
            promotion: promotion.as_ref(),
        };
        let priced = price(basket, now)?;
        Ok((Quote::new(priced.clone(), currency, &wishes.country, now), priced))
    }

    /// A quote of the same basket at today's prices, for one whose time is over.
    ///
    /// # Errors
    /// As [`Pricer::quote`].
    pub async fn renew(&self, quote: &Quote, now: Instant) -> Result<(Quote, Priced), Fault> {
        let wish =
            |line: &orders::Line| Wish { sku: Some(line.sku.to_string()), product: None, quantity: line.quantity };
        let wishes = Wishes {
            items: quote.lines.iter().map(wish).collect(),
            country: quote.country.clone(),
            shipping_method: Some(quote.shipping_method.clone()),
            coupon: quote.promotions.first().map(|applied| applied.code.clone()),
        };
        self.quote(&wishes, now).await
    }

    async fn items(&self, wishes: &[Wish]) -> Result<(Vec<Item>, Currency), Fault> {
        let wanted = wishes.iter().enumerate().map(|(at, wish)| wanted(at, wish)).collect::<Result<Vec<_>, Fault>>()?;
        let answers = self.catalog.offers(&wanted).await?;
        let mut items: Vec<Item> = Vec::with_capacity(wishes.len());
        let mut currency = None;
        for (at, (answer, wish)) in answers.into_iter().zip(wishes).enumerate() {
            let offer = match answer {
                catalog::Answer::Offer(offer) if offer.withdrawn => {
                    return Err(refused(at, "withdrawn", "This item is no longer sold."));
                }
                catalog::Answer::Offer(offer) => offer,
                catalog::Answer::Nothing => return Err(refused(at, "unknown_item", "There is no such item.")),
                catalog::Answer::Several => {
                    return Err(refused(at, "variant_needed", "This product has variants: name the SKU of one."));
                }
            };
            if *currency.get_or_insert(offer.currency) != offer.currency {
                return Err(refused(
                    at,
                    "currency",
                    "One order is paid in one currency. Please order this item on its own.",
                ));
            }
            add(&mut items, offer, wish.quantity).map_err(|()| too_many(at))?;
        }
        let currency =
            currency.ok_or_else(|| Fault::field("/items", "min_items", "An order has at least one item."))?;
        Ok((items, currency))
    }
}

/// The same SKU named twice is one line.
fn add(items: &mut Vec<Item>, offer: catalog::Offer, quantity: u32) -> Result<(), ()> {
    if let Some(known) = items.iter_mut().find(|item| item.sku == offer.sku) {
        known.quantity = known.quantity.checked_add(quantity).filter(|sum| *sum <= UNITS_MOST).ok_or(())?;
        return Ok(());
    }
    items.push(Item {
        sku: offer.sku,
        product: offer.product_id,
        name: offer.product_name,
        variant: offer.variant_name,
        image: offer.image_url,
        quantity,
        unit: offer.unit_price,
        weight_grams: u64::from(offer.weight_grams),
    });
    Ok(())
}

fn wanted(at: usize, wish: &Wish) -> Result<Wanted, Fault> {
    if wish.quantity == 0 || wish.quantity > UNITS_MOST {
        return Err(too_many(at));
    }
    match (&wish.sku, &wish.product) {
        (Some(sku), None) => {
            Sku::parse(sku).map(Wanted::Sku).map_err(|_| refused(at, "unknown_item", "There is no such item."))
        }
        (None, Some(product)) => ProductId::parse(product)
            .map(Wanted::Product)
            .map_err(|_| refused(at, "unknown_item", "There is no such item.")),
        _ => Err(Fault::field(
            format!("/items/{at}"),
            "sku_or_product",
            "Name the sku or the product, and only one of them.",
        )),
    }
}

fn too_many(at: usize) -> Fault {
    Fault::field(
        format!("/items/{at}/quantity"),
        "range",
        format!("A quantity is a whole number from 1 to {UNITS_MOST}."),
    )
}

fn refused(at: usize, rule: &'static str, detail: &str) -> Fault {
    let mut fault = Fault::new(Kind::Unprocessable, "item_refused", detail);
    fault.errors.push(FieldError { pointer: format!("/items/{at}"), rule, detail: detail.to_owned() });
    fault
}

//! Opening a sale. The stock is spread first and the sale is written last, so that a sale which can be bought from is ready
//! for it. Whatever step dies: cells that were spread sell as before, and the same request goes on from there.

use catalog::{Answer, Offer};
use flash::sale::{Event, cells};
use flash::{Item, Sale, State};
use kernel::{Currency, Fault, FieldError, Instant, Kind, Money, Principal, SaleId, Sku};

/// One item that shall be in a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which.
    pub sku: Sku,
    /// For how much.
    pub price: Money,
}

/// A sale that shall be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its name in keys and URLs.
    pub id: SaleId,
    /// What people read.
    pub name: String,
    /// From when on.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// Units that one customer may take.
    pub limit: u32,
    /// Checkouts a second that it shall be ready for.
    pub expected_per_second: u32,
    /// Whether shoppers wait for their turn.
    pub waiting_room: bool,
    /// What.
    pub items: Vec<Wish>,
    /// By whom.
    pub by: Principal,
    /// When it is opened.
    pub now: Instant,
}

/// Makes a sale ready: its items as the catalog has them, their stock spread over cells. What it answers is still to be
/// written ([`flash::Store::open`]).
///
/// # Errors
/// Unprocessable with a pointer to an item that cannot be sold like this, or for a sale that is over already; a conflict
/// when another sale has an item; unavailable when a store does not answer.
pub async fn open(
    opening: Opening,
    catalog: &catalog::Store,
    sales: &flash::Store,
    stock: &stock::Store,
) -> Result<Sale, Fault> {
    if opening.ends_at <= opening.now {
        return Err(refused("/ends_at".to_owned(), "sale_in_the_past", "This sale would be over already."));
    }
    let wanted: Vec<catalog::Wanted> =
        opening.items.iter().map(|wish| catalog::Wanted::Sku(wish.sku.clone())).collect();
    let answers = catalog.offers(&wanted).await?;
    let currency = opening.items.first().map_or(Currency::USD, |wish| wish.price.currency);
    let mut items = Vec::with_capacity(answers.len());
    for (at, (answer, wish)) in answers.into_iter().zip(&opening.items).enumerate() {
        items.push(item(at, answer, wish, currency)?);
    }
    let skus: Vec<Sku> = opening.items.iter().map(|wish| wish.sku.clone()).collect();
    if let Some(taken) = sales.claimed(&skus).await?.first() {
        return Err(in_another_sale(taken));
    }
    for item in &mut items {
        let units = stock.look(&item.sku).await?.map_or(0, |stock| stock.available());
        let open = stock.spread(&item.sku, cells(units, opening.expected_per_second)).await?;
        item.cells = u32::try_from(open).unwrap_or(u32::MAX);
    }
    let opened = Event { at: opening.now, by: opening.by.to_string(), to: State::Open };
    Ok(Sale {
        id: opening.id,
        name: opening.name,
        state: State::Open,
        starts_at: opening.starts_at,
        ends_at: opening.ends_at,
        limit: opening.limit,
        expected_per_second: opening.expected_per_second,
        waiting_room: opening.waiting_room,
        currency,
        items,
        version: 1,
        events: vec![opened],
        live: Some(flash::store::LIVE.to_owned()),
    })
}

/// The refusal of an item that another sale has.
#[must_use]
pub fn in_another_sale(sku: &Sku) -> Fault {
    Fault::new(Kind::Conflict, "in_another_sale", format!("{sku} is part of a sale that is not closed yet."))
}

fn item(at: usize, answer: Answer, wish: &Wish, currency: Currency) -> Result<Item, Fault> {
    let offer = match answer {
        Answer::Offer(offer) if offer.withdrawn => {
            return Err(refused(format!("/items/{at}/sku"), "withdrawn", "This item is no longer sold."));
        }
        Answer::Offer(offer) => offer,
        Answer::Nothing | Answer::Several => {
            return Err(refused(format!("/items/{at}/sku"), "unknown_item", "There is no such item."));
        }
    };
    if offer.currency != wish.price.currency || currency != wish.price.currency {
        let detail = "All prices of a sale are in one currency, the catalog's.";
        return Err(refused(format!("/items/{at}/price/currency"), "currency", detail));
    }
    if wish.price.amount >= offer.unit_price {
        let detail = "The price of a sale is below the catalog's.";
        return Err(refused(format!("/items/{at}/price/amount"), "not_reduced", detail));
    }
    let Offer { sku, product_id, product_name, variant_name, image_url, weight_grams, unit_price, .. } = offer;
    Ok(Item {
        sku,
        product: product_id,
        name: product_name,
        variant: variant_name,
        image: image_url,
        weight_grams,
        price: wish.price.amount,
        was: unit_price,
        cells: 0,
    })
}

fn refused(pointer: String, rule: &'static str, detail: &str) -> Fault {
    let mut fault = Fault::new(Kind::Unprocessable, "sale_refused", detail);
    fault.errors.push(FieldError { pointer, rule, detail: detail.to_owned() });
    fault
}

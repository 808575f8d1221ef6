//! `POST /api/cart`: puts something into the cart, at most ten times a minute for each guest.

use cart::Cart;
use kernel::{Currency, Fault, Kind, Principal, Sku};
use lambda::idempotency::UsedKey;
use lambda::limits::{Decision, Policy, enforce, meter, take};
use lambda::{Error, Function, Need, Once, Platform, Problem, Reply, Request, Unmade};
use serde::Deserialize;

/// How often one guest may add.
const ADDS: Policy = Policy { name: "cart", quota: 10, window_seconds: 60 };
/// How often one address may add without a valid cookie: each such call makes a new guest.
const NEWCOMERS: Policy = Policy { name: "cart-newcomers", quota: 120, window_seconds: 60 };
/// How often an addition is made anew when the cart changed under it.
const ROUNDS: usize = 8;

/// Needs the carts, the catalog and the stock to show them with, and the limits.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (shelf, limits) = (shelf(platform)?, platform.table("control")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(shelf.clone(), limits.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddCartItem {
    sku: Sku,
    quantity: u32,
}

async fn handle(shelf: Shelf, limits: table::Table, request: Request) -> Result<Reply, Problem> {
    let who = request.shopper().await?;
    let item: AddCartItem = request.json()?;
    if !(1..=cart::QUANTITY_MOST).contains(&item.quantity) {
        let detail = format!("quantity is a whole number from 1 to {}", cart::QUANTITY_MOST);
        return Err(Fault::field("/quantity", "range", detail).into());
    }
    limit(&limits, &request, &who).await?;
    request.span().key("sku", item.sku.as_str());

    lambda::once(&request, &who, shelf.carts.table(), Need::Honoured, |once| {
        let (shelf, request, who) = (shelf.clone(), request.clone(), who.clone());
        async move { add(&shelf, &request, &owner(&who)?, &item, once).await }
    })
    .await
}

/// A repeat under the same key counts once.
async fn limit(limits: &table::Table, request: &Request, who: &Principal) -> Result<(), Problem> {
    let now = request.received_at();
    if !is_known(request, who) {
        let decision = meter(limits, &NEWCOMERS, request.address(), now).await?;
        if matches!(decision, Decision::Refused { .. }) {
            return enforce(request, &NEWCOMERS, decision);
        }
    }
    let key = UsedKey::of(request, &who.to_string(), Need::Honoured)?;
    let id = key.map_or_else(|| request.span().request_id().to_owned(), |key| key.id);
    enforce(request, &ADDS, take(limits, &ADDS, &who.to_string(), &id, now).await?)
}

/// Whether the shopper came with a valid cookie: only then is it their id that the cookie names.
fn is_known(request: &Request, who: &Principal) -> bool {
    let named = request.cookie("__Host-guest").and_then(|value| value.split_once('.')).map(|(id, _)| id);
    matches!(who, Principal::Guest(id) if Some(id.as_str()) == named) || matches!(who, Principal::Customer(_))
}

/// Adds and answers in one write, anew as long as the cart changes under it.
async fn add(shelf: &Shelf, request: &Request, owner: &str, item: &AddCartItem, once: Once) -> Result<Reply, Problem> {
    let now = request.received_at();
    check_offered(shelf, &item.sku).await?;
    for _ in 0..ROUNDS {
        let mut cart = shelf.carts.load(owner, now).await?;
        let started = cart.lines.is_empty();
        cart.add(&item.sku, item.quantity, now)?;
        let (write, saved) = cart.save(now)?;
        match once.commit(vec![write], shelf.show(&saved).await?).await {
            Err(Unmade::Refused(_)) => {}
            done => {
                let reply = done?;
                request.span().measure(|metrics| {
                    metrics.count("cart_additions", 1);
                    metrics.count("carts_started", i64::from(started));
                });
                return Ok(reply);
            }
        }
    }
    Err(Fault::unavailable("the cart changed time and again while something was added").into())
}

/// Only what can be bought goes into a cart.
async fn check_offered(shelf: &Shelf, sku: &Sku) -> Result<(), Problem> {
    let found = shelf.catalog.variants(std::slice::from_ref(sku)).await?;
    match found.first() {
        None => {
            let unknown = Fault::field("/sku", "unknown_sku", "There is no such SKU.");
            Err(Fault { kind: Kind::Unprocessable, code: "unknown_sku", ..unknown }.into())
        }
        Some(offer) if offer.withdrawn => Err(Fault::out_of_stock().into()),
        Some(_) => Ok(()),
    }
}

/// What a cart is shown with.
#[derive(Clone)]
struct Shelf {
    carts: cart::Store,
    catalog: catalog::Store,
    stock: stock::Store,
}

fn shelf(platform: &Platform) -> Result<Shelf, Error> {
    Ok(Shelf {
        carts: cart::Store::new(platform.table("carts")?),
        catalog: catalog::Store::new(platform.table("catalog")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
    })
}

impl Shelf {
    /// The cart at today's prices and levels.
    async fn show(&self, cart: &Cart) -> Result<Reply, Fault> {
        let skus = cart.skus();
        let (found, levels) = futures::try_join!(self.catalog.variants(&skus), self.stock.levels(&skus))?;
        let offers = found.into_iter().map(|found| {
            let level = levels.get(&found.sku).map_or("out", |known| known.level.name());
            (found.sku.clone(), offer(found, level))
        });
        Ok(Reply::ok(&cart::priced(cart, &offers.collect(), Currency::USD)))
    }
}

fn offer(found: catalog::Offer, stock_level: &'static str) -> cart::Offer {
    cart::Offer {
        price: found.price(),
        product_id: found.product_id.into(),
        name: found.product_name,
        variant: found.variant_name,
        image_url: found.image_url,
        stock_level,
        on_sale: !found.withdrawn,
    }
}

/// The name under which a shopper's cart stands: the guest's or the customer's id.
fn owner(who: &Principal) -> Result<String, Fault> {
    match who {
        Principal::Guest(id) => Ok(id.as_str().to_owned()),
        Principal::Customer(id) => Ok(id.as_str().to_owned()),
        other => Err(Fault::bug(format!("{other} has no cart"))),
    }
}

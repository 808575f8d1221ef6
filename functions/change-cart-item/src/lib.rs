//! `PATCH /api/cart/items/{sku}`: sets the quantity of a line; 0 takes it out.

use cart::Cart;
use kernel::{Currency, Fault, Principal, Sku};
use lambda::{Error, Function, Need, Once, Platform, Problem, Reply, Request, Unmade};
use serde::Deserialize;

/// How often a change is made anew when the cart changed under it.
const ROUNDS: usize = 8;

/// Needs the carts, and the catalog and the stock to show them with.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let shelf = shelf(platform)?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(shelf.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeCartItem {
    quantity: u32,
}

async fn handle(shelf: Shelf, request: Request) -> Result<Reply, Problem> {
    let who = request.shopper().await?;
    let sku: Sku = request.path("sku")?;
    let ChangeCartItem { quantity } = request.json()?;
    if quantity > cart::QUANTITY_MOST {
        let detail = format!("quantity is a whole number from 0 to {}", cart::QUANTITY_MOST);
        return Err(Fault::field("/quantity", "range", detail).into());
    }
    request.span().key("sku", sku.as_str());

    lambda::once(&request, &who, shelf.carts.table(), Need::Honoured, |once| {
        let (shelf, request, who) = (shelf.clone(), request.clone(), who.clone());
        async move { change(&shelf, &request, &owner(&who)?, &sku, quantity, once).await }
    })
    .await
}

/// Changes and answers in one write, anew as long as the cart changes under it.
async fn change(
    shelf: &Shelf,
    request: &Request,
    owner: &str,
    sku: &Sku,
    quantity: u32,
    once: Once,
) -> Result<Reply, Problem> {
    let now = request.received_at();
    for _ in 0..ROUNDS {
        let mut cart = shelf.carts.load(owner, now).await?;
        cart.change(sku, quantity, now)?;
        let (write, saved) = cart.save(now)?;
        match once.commit(vec![write], shelf.show(&saved).await?).await {
            Err(Unmade::Refused(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(Fault::unavailable("the cart changed time and again while a line was changed").into())
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

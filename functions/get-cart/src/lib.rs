//! `GET /api/cart`: the shopper's cart at today's prices.

use cart::Cart;
use kernel::{Currency, Fault, Principal};
use lambda::{Error, Function, Platform, Problem, Reply, Request};

/// Needs the carts, and the catalog and the stock to show them with.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let shelf = shelf(platform)?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(shelf.clone(), request))
}

async fn handle(shelf: Shelf, request: Request) -> Result<Reply, Problem> {
    let who = request.shopper().await?;

    let cart = shelf.carts.load(&owner(&who)?, request.received_at()).await?;

    Ok(shelf.show(&cart).await?)
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

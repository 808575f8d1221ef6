//! `GET /flash/products`: the flash sales that are on, soon or just over, from memory. The copy is shared by all environments
//! and refreshed by one of them every 30 seconds.

use flash::listing::Left;
use flash::{Listed, Listing, Sale};
use kernel::{Fault, Sku, id};
use lambda::{Error, Function, Platform, Problem, Reply, Request};

/// Needs the sales and their stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let listing = Listing::new(flash::Store::new(platform.table("flash")?), &id::encode(platform.random()?));
    let stock = stock::Store::new(platform.table("stock")?, platform.region());
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(listing.clone(), stock.clone(), request))
}

async fn handle(listing: Listing, stock: stock::Store, request: Request) -> Result<Reply, Problem> {
    let now = request.received_at();
    let (copy, stale_because) = listing.current(now, |sales| listed(stock, sales)).await?;
    if let Some(fault) = stale_because {
        request.span().warn("the sales are shown from what is in memory", &[("cause", &fault.to_string())]);
    }
    let reply = Reply::ok(&copy.shown(now));
    let etag: String = id::sha256_hex(reply.body()).chars().take(32).collect();
    let reply = if request.has_seen(&etag) { Reply::not_modified() } else { reply };
    Ok(reply.shared(&etag))
}

/// The sales with what is left of each item.
async fn listed(stock: stock::Store, sales: Vec<Sale>) -> Result<Vec<Listed>, Fault> {
    let skus: Vec<Sku> = sales.iter().flat_map(|sale| sale.items.iter().map(|item| item.sku.clone())).collect();
    let levels = stock.levels(&skus).await?;
    let left = |sku: &Sku| {
        let known = levels.get(sku).map(|known| (known.available, known.level.name()));
        let (available, level) = known.unwrap_or((0, stock::Level::Out.name()));
        Left::of(available, level)
    };
    Ok(sales.iter().map(|sale| Listed::of(sale, left)).collect())
}

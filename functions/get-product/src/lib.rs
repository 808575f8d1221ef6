//! `GET /api/products/{productId}`: one product with its variants, as the table has it now, and the exact stock.

use catalog::Sheet;
use kernel::{Fault, ProductId, Sku, id};
use lambda::{Platform, Problem, Reply, Request, StatusCode};
use std::collections::HashMap;

/// What this function needs.
#[derive(Clone)]
struct Stores {
    catalog: catalog::Store,
    stock: stock::Store,
}

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let stores = Stores {
        catalog: catalog::Store::new(platform.table("catalog")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(stores.clone(), request))
}

async fn handle(stores: Stores, request: Request) -> Result<Reply, Problem> {
    let id: ProductId = request.path("productId")?;
    let product = stores.catalog.product(&id).await?.ok_or_else(Fault::missing)?;
    let levels = stores.stock.levels(&product.skus()).await?;
    let available: HashMap<Sku, u64> = levels.into_iter().map(|(sku, level)| (sku, level.available.into())).collect();
    let body = serde_json::to_vec(&Sheet::new(&product, &available)).map_err(|error| Fault::bug(error.to_string()))?;
    // The version alone would say "unchanged" while the stock goes down. What stands before the hyphen is what
    // `If-Match` is held against.
    let etag = format!("{}-{}", product.version, &id::sha256_hex(&body)[..16]);
    if request.has_seen(&etag) {
        return Ok(Reply::not_modified().shared(&etag));
    }
    Ok(Reply::bytes(StatusCode::OK, "application/json", body).shared(&etag))
}

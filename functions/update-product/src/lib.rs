//! `PATCH /api/products/{productId}`: staff change a product, or withdraw it, in the version they have seen.

mod body;

use body::Body;
use catalog::{Made, Patch, Product, Sheet, change};
use kernel::{Fault, ProductId, Role, Sku};
use lambda::{Need, Once, Platform, Problem, Reply, Request, StatusCode, Unmade};
use std::collections::HashMap;

/// As much as a new product may have.
const BODY_LIMIT: usize = 256 * 1024;

/// What this function needs.
#[derive(Clone)]
struct Stores {
    catalog: catalog::Store,
    stock: stock::Store,
}

/// Which version a change is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Whatever it is.
    Any,
    /// That one; `None` is none of ours.
    Version(Option<u64>),
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
    lambda::http_with_limit(platform, env!("CARGO_PKG_NAME"), BODY_LIMIT, move |request| {
        handle(stores.clone(), request)
    })
}

async fn handle(stores: Stores, request: Request) -> Result<Reply, Problem> {
    let by = request.staff(Role::Admin).await?;
    let id: ProductId = request.path("productId")?;
    let seen = seen(&request)?;
    let patch = request.json::<Body>()?.patch()?;
    let made = Made { by: by.clone(), at: request.received_at(), trace: Some(request.span().trace().to_string()) };

    let table = stores.catalog.table().clone();
    lambda::once(&request, &by, &table, Need::Honoured, async move |once: Once| {
        change(&stores, &once, &id, seen, &patch, &made).await
    })
    .await
}

async fn change(
    stores: &Stores,
    once: &Once,
    id: &ProductId,
    seen: Seen,
    patch: &Patch,
    made: &Made,
) -> Result<Reply, Problem> {
    let product = stores.catalog.product(id).await?.ok_or_else(Fault::missing)?;
    if seen != Seen::Any && seen != Seen::Version(Some(product.version)) {
        return Err(change::stale().into());
    }
    let Some(next) = change::apply(&product, patch, made)? else {
        return Ok(once.commit(Vec::new(), changed(stores, &product).await?).await?);
    };
    let reply = changed(stores, &next).await?;
    match once.commit(change::writes(&product, &next)?, reply.clone()).await {
        Err(Unmade::Refused(refused)) => change::refusal(&next, &refused).map_or(Ok(reply), |fault| Err(fault.into())),
        other => Ok(other?),
    }
}

async fn changed(stores: &Stores, product: &Product) -> Result<Reply, Fault> {
    let levels = stores.stock.levels(&product.skus()).await?;
    let available: HashMap<Sku, u64> = levels.into_iter().map(|(sku, level)| (sku, level.available.into())).collect();
    Ok(Reply::ok(&Sheet::new(product, &available)).header("etag", format!("\"{}\"", product.version)))
}

/// The version in `If-Match`. What stands behind a hyphen tells the stock, which a change of the product is not about;
/// a `W/` comes from an edge that compressed the answer.
fn seen(request: &Request) -> Result<Seen, Problem> {
    let Some(header) = request.header("if-match") else {
        let detail = "Send the product's ETag as If-Match, so that nobody else's change is lost.";
        return Err(Problem::transport(StatusCode::PRECONDITION_REQUIRED, "precondition_required", detail));
    };
    let tag = header.trim();
    if tag == "*" {
        return Ok(Seen::Any);
    }
    let quoted = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = quoted.and_then(|text| text.split('-').next()).and_then(|version| version.parse().ok());
    Ok(Seen::Version(version))
}

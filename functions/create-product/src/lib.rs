//! `POST /api/products`: staff put a product into the catalog, with its first stock if it has one variant.

mod body;

use body::Body;
use catalog::{Draft, Made, Product, Sheet, create};
use kernel::{Fault, ProductId, Role, Sku};
use lambda::{Need, Once, Platform, Problem, Reply, Request, StatusCode, Unmade};
use std::collections::HashMap;

/// A product with fifty variants and a long description fits.
const BODY_LIMIT: usize = 256 * 1024;

/// What this function needs.
#[derive(Clone)]
struct Needs {
    platform: Platform,
    catalog: catalog::Store,
    stock: stock::Store,
}

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let needs = Needs {
        platform: platform.clone(),
        catalog: catalog::Store::new(platform.table("catalog")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
    };
    lambda::http_with_limit(platform, env!("CARGO_PKG_NAME"), BODY_LIMIT, move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let by = request.staff(Role::Admin).await?;
    let body: Body = request.json()?;
    let (draft, units) = body.split()?;
    let ids = draft.ids(needs.platform.random()?)?;
    let made = Made { by: by.clone(), at: request.received_at(), trace: Some(request.span().trace().to_string()) };

    let first = ids.clone();
    let reply = lambda::once(&request, &by, needs.catalog.table(), Need::Honoured, async move |once: Once| {
        make(&once, &draft, &first, &made, units).await
    })
    .await?;

    if let Some(units) = units
        && reply.status() == StatusCode::CREATED
    {
        put_in_first_stock(&needs.stock, &reply, units).await?;
    }
    Ok(reply)
}

/// Makes the product under the first of `ids` that is free.
async fn make(
    once: &Once,
    draft: &Draft,
    ids: &[ProductId],
    made: &Made,
    units: Option<u32>,
) -> Result<Reply, Problem> {
    for (at, id) in ids.iter().enumerate() {
        let product = draft.product(id.clone(), made)?;
        match once.commit(create::writes(&product)?, created(&product, units)).await {
            Err(Unmade::Refused(_)) if at + 1 < ids.len() => {}
            Err(Unmade::Refused(refused)) => return Err(create::refusal(&product, &refused).into()),
            Err(Unmade::Problem(problem)) => return Err(problem),
            Ok(reply) => return Ok(reply),
        }
    }
    Err(Fault::bug("a product without an id").into())
}

fn created(product: &Product, units: Option<u32>) -> Reply {
    let sku = product.variants.first().map(|variant| variant.sku.clone());
    let available: HashMap<Sku, u64> = sku.zip(units.map(u64::from)).into_iter().collect();
    Reply::created(format!("/api/products/{}", product.id), &Sheet::new(product, &available))
        .header("etag", format!("\"{}\"", product.version))
}

/// The stock stands in another table than the product, so it follows the answer: also a repeated one, since the first
/// may have ended between the two. Stock that is there already stays as it is.
async fn put_in_first_stock(stock: &stock::Store, reply: &Reply, units: u32) -> Result<(), Problem> {
    let made: body::Made = lambda::parse_json(reply.body())?;
    Ok(stock.seed_many(&made.skus().map(|sku| (sku, units)).collect::<Vec<_>>()).await?)
}

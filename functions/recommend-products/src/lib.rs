//! `GET /api/products/{productId}/recommendations`: products like this one, or, when there are none or they cannot be
//! told, the ones that everybody is shown.

use catalog::index::{Card, Index, Place, Summary};
use catalog::view::{Page, Pages, Reading, Shelf};
use kernel::{Fault, ProductId};
use lambda::{Platform, Problem, Reply, Request, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Products that are recommended where the request names no number.
const USUAL: usize = 6;
/// At most so many.
const MOST: usize = 24;

/// What this function needs.
#[derive(Clone)]
struct Needs {
    shelf: Shelf,
    catalog: catalog::Store,
    pages: Arc<Pages>,
}

#[derive(Serialize)]
struct Recommendations<T> {
    items: Vec<T>,
    basis: &'static str,
}

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let needs = Needs {
        shelf: Shelf::new(platform.table("control")?, platform.bucket("catalog")?),
        catalog: catalog::Store::new(platform.table("catalog")?),
        pages: Arc::default(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let id: ProductId = request.path("productId")?;
    let limit = request.limit(USUAL, MOST)?;
    let page = match needs.shelf.current(request.received_at()).await {
        Ok(reading) => recommended(&needs, &request, &reading, &id, limit).await?,
        Err(fault) => {
            request.span().warn("recommendations fall back to the popular products", &[("cause", &fault.to_string())]);
            fallback(&needs.shelf, limit).await?
        }
    };
    if request.has_seen(page.etag()) {
        return Ok(Reply::not_modified().shared(page.etag()));
    }
    Ok(Reply::bytes(StatusCode::OK, "application/json", page.body().to_vec()).shared(page.etag()))
}

async fn recommended(
    needs: &Needs,
    request: &Request,
    reading: &Reading,
    id: &ProductId,
    limit: usize,
) -> Result<Arc<Page>, Problem> {
    if let Some(fault) = &reading.stale_because {
        request.span().warn("recommendations are made from what is in memory", &[("cause", &fault.to_string())]);
    }
    let key = format!("{id} {limit}");
    if let Some(page) = needs.pages.get(reading.version, &key) {
        return Ok(page);
    }
    let place = reading.index.find(id.as_str());
    if place.is_none() {
        known(&needs.catalog, request, id).await?;
    }
    let (cards, basis) = choose(&reading.index, place, limit);
    let page = page(cards.iter().map(Summary::from).collect(), basis)?;
    Ok(needs.pages.keep(reading.version, key, page))
}

/// A product that the read model does not know may be a moment old: then it has no kin yet. Else it is not there.
async fn known(catalog: &catalog::Store, request: &Request, id: &ProductId) -> Result<(), Problem> {
    match catalog.recent_product(id).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Fault::missing().into()),
        Err(fault) => {
            request.span().warn("whether the product exists could not be told", &[("cause", &fault.to_string())]);
            Ok(())
        }
    }
}

fn choose(index: &Index, place: Option<Place>, limit: usize) -> (Vec<Card>, &'static str) {
    let similar = place.map(|place| index.similar(place, limit)).unwrap_or_default();
    if similar.is_empty() { (index.popular(place, limit), "popular") } else { (similar, "similar") }
}

async fn fallback(shelf: &Shelf, limit: usize) -> Result<Arc<Page>, Problem> {
    let json = shelf.popular_json().await?;
    let items: Vec<Box<RawValue>> = serde_json::from_str(&json).map_err(|error| Fault::bug(error.to_string()))?;
    Ok(Arc::new(page(items.into_iter().take(limit).collect(), "popular")?))
}

fn page<T: Serialize>(items: Vec<T>, basis: &'static str) -> Result<Page, Fault> {
    let body = serde_json::to_vec(&Recommendations { items, basis }).map_err(|error| Fault::bug(error.to_string()))?;
    Ok(Page::new(body))
}

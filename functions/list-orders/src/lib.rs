//! `GET /api/orders`: somebody's own orders, newest first.

use lambda::{Error, Function, Platform, Problem, Reply, Request};
use orders::view::Summary;

/// Orders on one page unless the request says otherwise, and at most.
const PAGE: (usize, usize) = (20, 100);

/// Needs the orders.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let orders = orders::Store::new(platform.table("orders")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(orders.clone(), request))
}

async fn handle(orders: orders::Store, request: Request) -> Result<Reply, Problem> {
    let who = request.principal().await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Vec<(String, String)>> = request.cursor().await?;

    let page = orders.of(&who, limit, after.as_deref()).await?;

    let items = page.items.iter().map(|order| Summary::of(order).shown()).collect();
    request.page(items, page.next.as_ref()).await
}

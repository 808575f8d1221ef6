//! `GET /admin/promotions`: the promotions there are.

use checkout::Promotions;
use checkout::promotion::ShownPromotion;
use kernel::Role;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use serde::Serialize;

/// Promotions on one page unless the request says otherwise, and at most.
const PAGE: (usize, usize) = (50, 100);

/// Needs promotions.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let promotions = Promotions::new(platform.table("checkout")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(promotions.clone(), request))
}

#[derive(Serialize)]
struct Page {
    items: Vec<ShownPromotion>,
    next_cursor: Option<String>,
}

async fn handle(promotions: Promotions, request: Request) -> Result<Reply, Problem> {
    request.staff(Role::Finance).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Vec<(String, String)>> = request.cursor().await?;

    let page = promotions.list(limit, after.as_deref()).await?;

    let next_cursor = match &page.next {
        Some(position) => Some(request.seal_cursor(position).await?),
        None => None,
    };
    Ok(Reply::ok(&Page { items: page.items.iter().map(checkout::Promotion::shown).collect(), next_cursor }))
}

//! `GET /admin/promotions`: the promotions there are.

use checkout::Promotions;
use kernel::Role;
use lambda::{Error, Function, Platform, Problem, Reply, Request};

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

async fn handle(promotions: Promotions, request: Request) -> Result<Reply, Problem> {
    request.staff(Role::Finance).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Vec<(String, String)>> = request.cursor().await?;

    let page = promotions.list(limit, after.as_deref()).await?;

    request.page(page.items.iter().map(checkout::Promotion::shown).collect(), page.next.as_ref()).await
}

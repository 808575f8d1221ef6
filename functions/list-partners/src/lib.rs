//! `GET /admin/partners`: all partners, the one that came last first. For staff.

use kernel::Role;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::shown::ShownPartner;
use partners::{Position, Store};

/// Partners on one page unless the request says otherwise, and at most.
const PAGE: (usize, usize) = (20, 100);

/// Needs the partners.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let partners = Store::new(platform.table("partners")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(partners.clone(), request))
}

async fn handle(partners: Store, request: Request) -> Result<Reply, Problem> {
    request.staff(Role::Support).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Position> = request.cursor().await?;

    let page = partners.partners(limit, after.as_ref()).await?;

    let items = page.items.iter().map(|partner| ShownPartner::of(partner, &[], request.received_at())).collect();
    Ok(request.page(items, page.next.as_ref()).await?.header("cache-control", "private, no-store"))
}

//! `GET /partner/jobs`: the feeds of the partner whose key it is and what became of them, newest first.
//! `GET /admin/partners/{partnerId}/jobs`: those of any partner, for staff.

use kernel::Role;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::shown::ShownJob;
use partners::{Position, Scope};
use wiring::PartnerGate;

/// Jobs on one page unless the request says otherwise, and at most.
const PAGE: (usize, usize) = (20, 100);

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(gate.clone(), request))
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    let own = if request.route().starts_with("/admin/") {
        request.staff(Role::Support).await?;
        None
    } else {
        Some(gate.admit(&request, Scope::Feeds).await?.partner)
    };
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Position> = request.cursor().await?;
    let partner = match own {
        Some(partner) => partner,
        None => gate.partners.partner(&request.path("partnerId")?).await?.id,
    };

    let page = gate.partners.jobs(&partner, limit, after.as_ref()).await?;

    let items = page.items.iter().map(ShownJob::of).collect();
    Ok(request.page(items, page.next.as_ref()).await?.header("cache-control", "private, no-store"))
}

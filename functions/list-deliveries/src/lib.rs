//! `GET /partner/deliveries`: what was sent to a partner's endpoint and what came of it, newest first.

use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::shown::ShownDelivery;
use partners::{Position, Scope};
use wiring::PartnerGate;

/// Deliveries on one page unless the request says otherwise, and at most.
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
    let row = gate.admit(&request, Scope::Account).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Position> = request.cursor().await?;

    let page = gate.partners.deliveries(&row.partner, limit, after.as_ref()).await?;

    let items = page.items.iter().map(ShownDelivery::of).collect();
    Ok(request.page(items, page.next.as_ref()).await?.header("cache-control", "private, no-store"))
}

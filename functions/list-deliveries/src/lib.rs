//! `GET /partner/deliveries`: what was sent to a partner's endpoint and what came of it, newest first.

use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::shown::ShownDelivery;
use partners::{Position, Scope};
use serde::Serialize;
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

#[derive(Serialize)]
struct Page {
    items: Vec<ShownDelivery>,
    next_cursor: Option<String>,
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    let row = gate.admit(&request, Scope::Account).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let after: Option<Position> = request.cursor().await?;

    let page = gate.partners.deliveries(&row.partner, limit, after.as_ref()).await?;

    let next_cursor = match &page.next {
        Some(position) => Some(request.seal_cursor(position).await?),
        None => None,
    };
    let items = page.items.iter().map(ShownDelivery::of).collect();
    Ok(Reply::ok(&Page { items, next_cursor }).header("cache-control", "private, no-store"))
}

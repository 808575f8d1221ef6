//! `POST /partner/deliveries/{deliveryId}/replay`: sends a delivery again, at once. The change of its item is what sends for it.

use kernel::{Fault, Kind};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::Scope;
use partners::shown::ShownDelivery;
use wiring::PartnerGate;

/// How often the delivery is read anew when it changed meanwhile.
const ROUNDS: usize = 4;

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
    let (id, now): (String, _) = (request.path("deliveryId")?, request.received_at());
    let partners = gate.partners;
    for _ in 0..ROUNDS {
        let delivery = partners.delivery(&row.partner, &id).await?;
        if partners.partner(&row.partner).await?.enabled_endpoint().is_none() {
            let detail = "Events go nowhere at the moment. Set your endpoint first.";
            return Err(Fault::new(Kind::Conflict, "no_endpoint", detail).into());
        }
        let mut delivery = delivery.replay(now);
        if partners.save_delivery(&mut delivery).await? {
            let reply = Reply::accepted("/partner/deliveries", &ShownDelivery::of(&delivery));
            return Ok(reply.header("cache-control", "private, no-store"));
        }
    }
    Err(Fault::unavailable(format!("a delivery changed {ROUNDS} times while it was to be sent again")).into())
}

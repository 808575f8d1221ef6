//! `GET /partner/me`: the partner whose key it is. `GET /admin/partners/{partnerId}`: any partner, for staff.

use kernel::{PartnerId, Role};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::Scope;
use partners::shown::ShownPartner;
use wiring::PartnerGate;

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(gate.clone(), request))
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    let id = if request.route().starts_with("/admin/") {
        request.staff(Role::Support).await?;
        request.path::<PartnerId>("partnerId")?
    } else {
        gate.admit(&request, Scope::Account).await?.partner
    };

    let partner = gate.partners.partner(&id).await?;
    let rows = gate.partners.rows(&partner).await?;

    let shown = ShownPartner::of(&partner, &rows, request.received_at());
    Ok(Reply::ok(&shown).header("cache-control", "private, no-store"))
}

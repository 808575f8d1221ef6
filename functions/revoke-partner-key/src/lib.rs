//! `DELETE /partner/keys/{keyId}`: a key of the partner counts no more, from this moment on and everywhere. Doing it twice is
//! doing it once.

use kernel::Fault;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::Scope;
use table::WriteError;
use wiring::PartnerGate;

/// How often the partner is read anew when it changed meanwhile.
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
    let key: String = request.path("keyId")?;
    let by = wiring::holder(&row).to_string();
    for _ in 0..ROUNDS {
        let partner = gate.partners.partner(&row.partner).await?;
        let (_, writes) = partner.revoke(&key, &by, request.received_at())?;
        if writes.is_empty() {
            return Ok(Reply::no_content());
        }
        match gate.partners.table().transact(writes, None).await {
            Ok(()) => return Ok(Reply::no_content()),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
    }
    Err(Fault::unavailable(format!("the partner changed {ROUNDS} times while a key was revoked")).into())
}

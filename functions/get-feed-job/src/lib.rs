//! `GET /partner/jobs/{jobId}`: how far a feed has been read, and what was found so far.

use kernel::JobId;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::Scope;
use partners::shown::ShownJob;
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
    let row = gate.admit(&request, Scope::Feeds).await?;
    let id: JobId = request.path("jobId")?;

    let job = gate.partners.job(&row.partner, &id).await?;

    Ok(Reply::ok(&ShownJob::of(&job)).header("cache-control", "private, no-store"))
}

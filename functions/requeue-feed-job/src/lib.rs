//! `POST /partner/jobs/{jobId}/requeue`: reads a feed again from its beginning, when it is over and no later feed was read since.

use kernel::{Fault, JobId, Kind};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::shown::ShownJob;
use partners::{Job, Scope};
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
    overtaken(&gate, &job).await?;

    let mut job = job.requeue(&wiring::holder(&row).to_string(), request.received_at())?;
    if !gate.partners.wait_again(&mut job).await? {
        let detail = "The job changed meanwhile. Look at it again.";
        return Err(Fault::new(Kind::Conflict, "changed_meanwhile", detail).into());
    }

    Ok(Reply::accepted(format!("/partner/jobs/{id}"), &ShownJob::of(&job)))
}

/// What a later feed said stands: an older one is not read after it.
async fn overtaken(gate: &PartnerGate, job: &Job) -> Result<(), Problem> {
    let newest = gate.partners.jobs(&job.partner, 1, None).await?;
    if newest.items.first().is_none_or(|newest| newest.id == job.id) {
        return Ok(());
    }
    let detail = "A later feed came since, and what it says stands. Send this feed anew if it is to count.";
    Err(Fault::new(Kind::Conflict, "overtaken", detail).into())
}

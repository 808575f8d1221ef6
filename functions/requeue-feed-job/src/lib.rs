//! `POST /partner/jobs/{jobId}/requeue`: reads a feed again from its beginning, when it is over and no later feed came since.

use kernel::{Fault, JobId, Kind};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request, Unmade};
use partners::shown::ShownJob;
use partners::turn::{Turns, too_many_wait};
use partners::{Job, Scope, Store};
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
    let who = wiring::holder(&row);
    let (by, now) = (who.to_string(), request.received_at());
    let partners = gate.partners;

    lambda::once(&request, &who, partners.clone().table(), Need::Honoured, |once| async move {
        let job = partners.job(&row.partner, &id).await?;
        if job.world != row.key.world {
            let detail = "This feed is of the other world. Use a key of the world that it was sent to.";
            return Err(Fault::new(Kind::Forbidden, "forbidden", detail).into());
        }
        overtaken(&partners, &job).await?;
        let mut job = job.requeue(&by, now)?;
        let writes = vec![job.save()?, Turns::join(&job.partner, &job.id, job.received_at, now)];
        let reply = Reply::accepted(format!("/partner/jobs/{id}"), &ShownJob::of(&job));
        let reply = reply.header("cache-control", "private, no-store");
        once.commit(writes, reply).await.map_err(|unmade| match unmade {
            Unmade::Refused(refused) if refused.index == 1 => too_many_wait().into(),
            other => other.into(),
        })
    })
    .await
}

/// What a later feed said stands: an older one is not read after it.
async fn overtaken(partners: &Store, job: &Job) -> Result<(), Problem> {
    let newest = partners.jobs(&job.partner, 1, None).await?;
    if newest.items.first().is_none_or(|newest| newest.id == job.id) {
        return Ok(());
    }
    let detail = "A later feed came since, and what it says stands. Send this feed anew if it is to count.";
    Err(Fault::new(Kind::Conflict, "overtaken", detail).into())
}

//! `POST /partner/ingest`: takes a feed and answers at once; it is read behind the answer. `POST /partner/uploads/{uploadId}/ingest`:
//! the same with a feed that the partner stored by itself. A repeat with the same `Idempotency-Key` is the same job.

use kernel::{Fault, JobId, Kind, id};
use lambda::idempotency::{self, UsedKey};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use objects::Bucket;
use partners::job::{Arrival, Source, Wishes};
use partners::shown::ShownJob;
use partners::{Arrived, Job, KeyRow, Scope};
use wiring::{FeedAsked, PartnerGate};

/// The largest feed that is taken in one request, in bytes: a Lambda event holds 6 MB, and base64 makes three bytes four.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    feeds: Bucket,
}

/// Needs the partners, their gate and the bucket of feeds.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs { gate: PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?, feeds: platform.bucket("feeds")? };
    lambda::http_of_feeds(platform, env!("CARGO_PKG_NAME"), BODY_LIMIT, move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let row = needs.gate.admit(&request, Scope::Feeds).await?;
    let all_or_nothing = request.query::<bool>("all_or_nothing")?.unwrap_or(false);
    let who = wiring::holder(&row).to_string();
    let used = UsedKey::of(&request, &who, Need::Required)?;
    let used = used.ok_or_else(|| Fault::bug("a required key that is not there"))?;
    let id = JobId::parse(&used.id).map_err(|error| Fault::bug(error.to_string()))?;
    let uploaded = request.route().starts_with("/partner/uploads/");
    let asked = if uploaded { None } else { Some(wiring::feed_asked(&request)?) };
    if uploaded {
        wiring::mapping_asked(&request)?;
    }
    let mapping = request.query_text("mapping").filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(known) = needs.gate.partners.find_job(&id).await? {
        return replay(&known, &used);
    }
    let source = match asked {
        Some(asked) => stored(&needs, asked, &row, &id).await?,
        None => uploaded_before(&needs, &row, &request).await?,
    };
    let wishes = Wishes { all_or_nothing, mapping };
    let job = Job::receive(arrival(id, &row, &used, source, wishes, &request), request.received_at());
    match needs.gate.partners.arrive(&job).await? {
        Arrived::New => Ok(accepted(&job)),
        Arrived::Again(known) => replay(&known, &used),
    }
}

/// Puts the feed of a request into the bucket. First the bytes, then the job that names them: a death between leaves bytes that
/// nobody reads, and that run out.
async fn stored(needs: &Needs, asked: FeedAsked, row: &KeyRow, id: &JobId) -> Result<Source, Fault> {
    let sha256 = id::sha256_hex(&asked.body);
    let source = Source {
        // Named by its bytes too: of two requests with one key, neither puts its feed in the place of the other's.
        object: format!("feeds/{}/{id}/{sha256}", row.partner),
        bytes: u64::try_from(asked.body.len()).unwrap_or(u64::MAX),
        sha256,
        media_type: Some(asked.media_type),
        file_name: asked.file_name,
    };
    needs.feeds.put(&source.object, asked.body, "application/octet-stream").await?;
    Ok(source)
}

/// The feed that the partner stored by itself.
async fn uploaded_before(needs: &Needs, row: &KeyRow, request: &Request) -> Result<Source, Problem> {
    let upload = needs.gate.partners.upload(&row.partner, &request.path::<String>("uploadId")?).await?;
    // The bucket takes just those bytes, and takes them once.
    if needs.feeds.size(&upload.object).await?.is_none() {
        let detail = "The bytes are not there yet. Put them to the address of the upload first.";
        return Err(Fault::new(Kind::Conflict, "upload_missing", detail).into());
    }
    Ok(Source {
        object: upload.object,
        bytes: upload.bytes,
        sha256: upload.sha256,
        media_type: Some(upload.media_type),
        file_name: upload.file_name,
    })
}

fn arrival(id: JobId, row: &KeyRow, used: &UsedKey, source: Source, wishes: Wishes, request: &Request) -> Arrival {
    Arrival {
        id,
        partner: row.partner.clone(),
        fingerprint: used.fingerprint.clone(),
        world: row.key.world,
        source,
        wishes,
        origin: Some(wiring::origin(request, Some(&row.key.id))),
        trace: Some(request.span().trace().to_string()),
    }
}

fn accepted(job: &Job) -> Reply {
    let reply = Reply::accepted(format!("/partner/jobs/{}", job.id), &ShownJob::of(job));
    reply.header("cache-control", "private, no-store")
}

/// The answer to a repeat: the same as the first one.
fn replay(known: &Job, used: &UsedKey) -> Result<Reply, Problem> {
    if known.fingerprint != used.fingerprint {
        return Err(idempotency::reused());
    }
    Ok(accepted(&known.as_received()).header("idempotency-replayed", "true"))
}

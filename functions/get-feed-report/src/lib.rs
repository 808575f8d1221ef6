//! `GET /partner/jobs/{jobId}/report`: what is wrong with a feed, row by row, as JSON or, with `?format=csv`, as a table. Long
//! reports come in pages.

use kernel::{Fault, JobId};
use lambda::{Error, Function, Platform, Problem, Reply, Request, StatusCode};
use objects::Bucket;
use partners::report::{self, Line};
use partners::{Job, Scope};
use serde::Serialize;
use wiring::PartnerGate;

/// Bytes of the report that one page holds at the least, if there are so many: an answer of Lambda holds six million.
const PAGE: usize = 1024 * 1024;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    feeds: Bucket,
}

/// Needs the partners, their gate and the bucket of reports.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs { gate: PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?, feeds: platform.bucket("feeds")? };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Serialize)]
struct Page {
    items: Vec<Line>,
    next_cursor: Option<String>,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let row = needs.gate.admit(&request, Scope::Feeds).await?;
    let id: JobId = request.path("jobId")?;
    let csv = match request.query_text("format").filter(|format| !format.is_empty()) {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Fault::field("?format", "one_of", "format is json or csv.").into()),
    };
    let from: u32 = request.cursor().await?.unwrap_or(0);
    let job = needs.gate.partners.job(&row.partner, &id).await?;

    let (items, next) = page(&needs.feeds, &job, from).await?;

    let next_cursor = match next {
        Some(next) => Some(request.seal_cursor(&next).await?),
        None => None,
    };
    let reply = if csv {
        let name = format!("attachment; filename=\"report-{id}.csv\"");
        let body = report::table(&items, from == 0).into_bytes();
        Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", body).header("content-disposition", name)
    } else {
        Reply::ok(&Page { items, next_cursor: next_cursor.clone() })
    };
    let reply = match next_cursor {
        Some(cursor) => {
            let format = if csv { "csv" } else { "json" };
            let next = format!("</partner/jobs/{id}/report?format={format}&cursor={cursor}>; rel=\"next\"");
            reply.header("link", next)
        }
        None => reply,
    };
    Ok(reply.header("cache-control", "private, no-store"))
}

/// The rejections from part `from` on, as many parts as make a page, and the part with which the next page begins.
async fn page(feeds: &Bucket, job: &Job, from: u32) -> Result<(Vec<Line>, Option<u32>), Fault> {
    let (mut items, mut bytes) = (Vec::new(), 0);
    for n in from..job.parts {
        if bytes >= PAGE {
            return Ok((items, Some(n)));
        }
        let part = feeds.get(&job.part(n)).await?;
        let part = part.ok_or_else(|| Fault::bug(format!("part {n} of the report of job {} is not there", job.id)))?;
        bytes += part.len();
        items.extend(report::read(&part)?);
    }
    Ok((items, None))
}

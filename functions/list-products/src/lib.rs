//! `GET /api/products`: finds products over the read model in memory. The union of all pages is exactly the catalog.

mod asked;
mod page;
mod recent;

use asked::Asked;
use catalog::view::{Page, Pages, Reading, Shelf};
use lambda::{Platform, Problem, Reply, Request, StatusCode};
use recent::Recent;
use std::sync::Arc;

/// What this function needs.
#[derive(Clone)]
struct Needs {
    shelf: Shelf,
    pages: Arc<Pages>,
    recent: Arc<Recent>,
}

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let shelf = Shelf::new(platform.table("control")?, platform.bucket("catalog")?);
    let needs = Needs { shelf, pages: Arc::default(), recent: Arc::default() };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let asked = Asked::read(&request)?;
    let reading = needs.shelf.current(request.received_at()).await?;
    if let Some(fault) = &reading.stale_because {
        request.span().warn("the listing is served from what is in memory", &[("cause", &fault.to_string())]);
    }
    if asked.is_search() {
        request.span().measure(|metrics| metrics.count("searches", 1));
    }
    let kept = needs.pages.get(reading.version, asked.key());
    request.span().measure(|metrics| metrics.count(if kept.is_some() { "cache_hits" } else { "cache_misses" }, 1));
    let page = match kept {
        Some(page) => page,
        None => needs.pages.keep(
            reading.version,
            asked.key().to_owned(),
            answer(&needs.recent, &request, &asked, &reading).await?,
        ),
    };
    if request.has_seen(page.etag()) {
        return Ok(linked(Reply::not_modified(), &page));
    }
    Ok(linked(Reply::bytes(StatusCode::OK, "application/json", page.body().to_vec()), &page))
}

fn linked(reply: Reply, page: &Page) -> Reply {
    let reply = reply.shared(page.etag());
    match page.next() {
        Some(next) => reply.header("link", format!("<{next}>; rel=\"next\"")),
        None => reply,
    }
}

async fn answer(recent: &Recent, request: &Request, asked: &Asked, reading: &Reading) -> Result<Page, Problem> {
    let after = asked.after(request).await?;
    let found = recent.find(reading.version, &asked.list(), || reading.index.search(asked.question()));
    let mut limit = asked.limit();
    loop {
        let (cards, end) = reading.index.page(&found, after.as_ref(), limit);
        let cursor = match end {
            Some(end) => Some(asked.cursor(request, end).await?),
            None => None,
        };
        let body = page::body(&cards, &found, cursor.as_deref())?;
        if body.len() <= page::BYTES || limit == 1 {
            let next = cursor.map(|cursor| asked.address(&cursor));
            return Ok(Page::new(body).with_next(next));
        }
        limit /= 2;
    }
}

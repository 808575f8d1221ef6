//! `POST /partner/webhooks/stock`: a partner states what it has on hand, in a message signed as Standard Webhooks say. It is
//! verified before anything else, known again by its id, acknowledged at once and applied behind the answer.

use kernel::{Fault, Instant, Kind, PartnerId, Sku};
use lambda::limits::Policy;
use lambda::{Error, Function, Platform, Problem, Reply, Request, StatusCode};
use partners::audit::Outcome;
use partners::partner::Step;
use partners::stated::{Count, LINES_MOST, REACH, Stated};
use partners::validation::limits;
use partners::{Partner, World};
use serde::{Deserialize, Serialize};
use table::Table;
use vault::SubjectKeys;
use wiring::{Evidence, PartnerGate};

/// How often a partner may tell, exactly.
const PER_PARTNER: Policy = Policy { name: "partner-stock", quota: 60, window_seconds: 60 };
/// How often one address may come with what is not believed, roughly.
const PER_ADDRESS: Policy = Policy { name: "partner-address", quota: 60, window_seconds: 60 };

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    evidence: Evidence,
    seals: SubjectKeys,
    control: Table,
}

/// Needs the partners, the keys of their seals, the limits and where evidence is kept.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        gate: PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?,
        evidence: Evidence::new(platform)?,
        seals: platform.subject_keys("personal", "partners", "partner")?,
        control: platform.table("control")?,
    };
    lambda::http_of_feeds(platform, env!("CARGO_PKG_NAME"), lambda::BODY_LIMIT, move |request| {
        handle(needs.clone(), request)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockUpdate {
    as_of: String,
    items: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    stock: u32,
}

#[derive(Serialize)]
struct Accepted<'a> {
    id: &'a str,
    items: usize,
    stored: bool,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let now = request.received_at();
    let Some((partner, id)) = believed(&needs, &request).await? else {
        return Err(turn_away(&needs, &request).await?);
    };
    request.span().key("partner", partner.id.as_str());
    let decision = lambda::limits::take(&needs.control, &PER_PARTNER, partner.id.as_str(), &id, now).await?;
    lambda::limits::enforce(&request, &PER_PARTNER, decision)?;
    let body: StockUpdate = request.json()?;
    let (as_of, counts) = read(&body, now)?;
    needs.gate.partners.prove(&partner.id, Step::WebhookVerified, now).await?;

    let stores = partner.world() == World::Live;
    if stores {
        let trace = Some(request.span().trace().to_string());
        let stated = Stated::new(&partner, &id, as_of, counts, trace, now);
        needs.gate.partners.state(&stated).await?;
    }

    Ok(Reply::json(StatusCode::ACCEPTED, &Accepted { id: &id, items: body.items.len(), stored: stores }))
}

/// The partner that the message names and its id, if its signature holds.
async fn believed(needs: &Needs, request: &Request) -> Result<Option<(Partner, String)>, Problem> {
    let Some(id) = request.header("x-partner-id").and_then(|text| PartnerId::parse(text).ok()) else {
        return Ok(None);
    };
    let Some(partner) = needs.gate.partners.find(&id).await? else {
        return Ok(None);
    };
    let now = request.received_at();
    let secrets = partner.open_secrets(&needs.seals, now).await?;
    let secrets: Result<Vec<_>, _> = secrets.iter().map(|secret| webhooks::Secret::parse(secret)).collect();
    let secrets = secrets.map_err(|_| Fault::bug("the secret of a partner's webhooks is none"))?;
    let verified = webhooks::verify(&secrets, |name| request.header(name), request.body(), now);
    let within = |id: &str| id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic());
    Ok(verified.ok().filter(|verified| within(&verified.id)).map(|verified| (partner, verified.id)))
}

/// One answer for everything that is not believed: who forges is told nothing.
async fn turn_away(needs: &Needs, request: &Request) -> Result<Problem, Problem> {
    needs.gate.note(request, None, None, Outcome::Forged).await?;
    request.span().warn("a webhook was not believed", &[("address", request.address())]);
    let decision =
        lambda::limits::meter(&needs.control, &PER_ADDRESS, request.address(), request.received_at()).await?;
    lambda::limits::enforce(request, &PER_ADDRESS, decision)?;
    // Whoever forges without end fills no bucket.
    needs.evidence.keep_request(request, env!("CARGO_PKG_NAME"), None, Outcome::Forged.name()).await?;
    let detail = "This message is not signed as it must be.";
    Ok(Fault::new(Kind::Unauthenticated, "unauthenticated", detail).into())
}

fn read(body: &StockUpdate, now: Instant) -> Result<(Instant, Vec<Count>), Fault> {
    let as_of = Instant::parse(&body.as_of).map_err(|error| Fault::field("/as_of", "format", error.to_string()))?;
    if as_of > now {
        return Err(Fault::field("/as_of", "future", "as_of lies in the future."));
    }
    if now.since(as_of) >= REACH {
        return Err(Fault::field("/as_of", "too_old", "as_of is more than a day ago. Please count again."));
    }
    if body.items.is_empty() || body.items.len() > LINES_MOST {
        return Err(Fault::field("/items", "range", format!("A message states 1 to {LINES_MOST} items.")));
    }
    let mut counts: Vec<Count> = Vec::with_capacity(body.items.len());
    for (at, line) in body.items.iter().enumerate() {
        let sku = Sku::parse(&line.sku)
            .map_err(|error| Fault::field(format!("/items/{at}/sku"), "format", error.to_string()))?;
        if counts.iter().any(|known| known.sku == sku) {
            return Err(Fault::field(format!("/items/{at}/sku"), "unique", "This item stands above already."));
        }
        if line.stock > limits::STOCK {
            let detail = format!("A whole number from 0 to {}.", limits::STOCK);
            return Err(Fault::field(format!("/items/{at}/stock"), "range", detail));
        }
        counts.push(Count { sku, units: line.stock });
    }
    Ok((as_of, counts))
}

//! `POST /partner/keys`: a partner gets one more key. It is shown in this answer alone; a repeat with the same
//! `Idempotency-Key` makes the same key again.

use kernel::{Fault, PartnerId};
use lambda::idempotency::UsedKey;
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use partners::shown::ShownNewKey;
use partners::{NewKey, Partner, Scope, Store, World};
use serde::Deserialize;
use std::time::Duration;
use table::WriteError;
use wiring::PartnerGate;

/// How many days a key may count at the most.
const DAYS_MOST: u64 = 365;
/// How often the partner is read anew when it changed meanwhile.
const ROUNDS: usize = 4;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    platform: Platform,
}

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    let needs = Needs { gate, platform: platform.clone() };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuePartnerKey {
    world: World,
    #[serde(default = "every_scope")]
    scopes: Vec<Scope>,
    #[serde(default = "a_year")]
    expires_in_days: u64,
}

fn every_scope() -> Vec<Scope> {
    Scope::ALL.to_vec()
}

const fn a_year() -> u64 {
    DAYS_MOST
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let row = needs.gate.admit(&request, Scope::Account).await?;
    let body: IssuePartnerKey = request.json()?;
    if body.scopes.is_empty() {
        return Err(Fault::field("/scopes", "min_items", "A key is for something: name a scope.").into());
    }
    if !(1..=DAYS_MOST).contains(&body.expires_in_days) {
        let detail = format!("A whole number from 1 to {DAYS_MOST}.");
        return Err(Fault::field("/expires_in_days", "range", detail).into());
    }
    let who = wiring::holder(&row);
    let used = UsedKey::of(&request, &who.to_string(), Need::Honoured)?;
    let seed = wiring::seed(&needs.platform, used.as_ref()).await?;
    let lasts = Duration::from_secs(body.expires_in_days * 24 * 3600);
    let key = NewKey::new(&seed, body.world, body.scopes, request.received_at(), lasts);
    issue(&needs.gate.partners, &row.partner, &key, &who.to_string(), used.as_ref(), &request).await
}

/// Issues the key, unless the same request issued it before.
async fn issue(
    partners: &Store,
    partner: &PartnerId,
    key: &NewKey,
    by: &str,
    used: Option<&UsedKey>,
    request: &Request,
) -> Result<Reply, Problem> {
    let now = request.received_at();
    for _ in 0..ROUNDS {
        let partner = partners.partner(partner).await?;
        if let Some(reply) = again(&partner, key, used)? {
            return Ok(reply);
        }
        let (_, writes) = partner.issue(key, by, used.map(|used| used.fingerprint.as_str()), now)?;
        match partners.table().transact(writes, None).await {
            Ok(()) => return Ok(shown(&ShownNewKey::of(key, now))),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
    }
    Err(Fault::unavailable(format!("the partner changed {ROUNDS} times while a key was issued")).into())
}

/// The answer to a repeat.
fn again(partner: &Partner, key: &NewKey, used: Option<&UsedKey>) -> Result<Option<Reply>, Problem> {
    let Some(known) = partner.keys.iter().find(|known| known.id == key.issued.id) else {
        return Ok(None);
    };
    if used.is_some_and(|used| known.fingerprint.as_deref() != Some(used.fingerprint.as_str())) {
        return Err(lambda::idempotency::reused());
    }
    let lasts = known.expires_at.since(known.created_at);
    let same = key.again(known.created_at, lasts);
    Ok(Some(shown(&ShownNewKey::of(&same, known.created_at)).header("idempotency-replayed", "true")))
}

fn shown(key: &ShownNewKey) -> Reply {
    Reply::created("/partner/me", key).header("cache-control", "private, no-store")
}

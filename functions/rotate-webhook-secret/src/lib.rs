//! `POST /partner/webhook/secret`: a partner gets a new secret, and for a day the one before counts as well. It is shown in this
//! answer alone; a repeat with the same `Idempotency-Key` makes the same secret again.

use kernel::{Fault, Instant};
use lambda::idempotency::{self, UsedKey};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use partners::webhook::Rotation;
use partners::{Partner, Scope};
use serde::Serialize;
use vault::SubjectKeys;
use wiring::PartnerGate;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    seals: SubjectKeys,
    platform: Platform,
}

/// Needs the partners, their gate and the keys of their seals.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        gate: PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?,
        seals: platform.subject_keys("personal", "partners", "partner")?,
        platform: platform.clone(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Serialize)]
struct NewWebhookSecret<'a> {
    webhook_secret: &'a str,
    old_secret_until: String,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let row = needs.gate.admit(&request, Scope::Account).await?;
    let (who, now) = (wiring::holder(&row).to_string(), request.received_at());
    let used = UsedKey::of(&request, &who, Need::Honoured)?;
    let secret = partners::key::webhook_secret(&wiring::seed(&needs.platform, used.as_ref()).await?);

    let partner = needs.gate.partners.partner(&row.partner).await?;
    let sealed = partner.seal_secret(&needs.seals, &secret, now).await?;
    let rotate = |partner: Partner| {
        if again(&partner, used.as_ref()).is_some() {
            return Ok(None);
        }
        let request = used.as_ref().map(|used| (used.id.clone(), used.fingerprint.clone()));
        partner.rotate(sealed.clone(), request, &who, now).map(Some)
    };
    if let Some(partner) = needs.gate.partners.change(&row.partner, rotate).await? {
        let until = partner.old_secret_until.ok_or_else(|| Fault::bug("a rotation without an end"))?;
        return Ok(reply(&secret, until));
    }
    let partner = needs.gate.partners.partner(&row.partner).await?;
    let known = again(&partner, used.as_ref()).ok_or_else(|| Fault::unavailable("a rotation that is gone"))?;
    if used.is_some_and(|used| used.fingerprint != known.fingerprint) {
        return Err(idempotency::reused());
    }
    Ok(reply(&secret, known.old_until).header("idempotency-replayed", "true"))
}

/// What the same request did before.
fn again<'a>(partner: &'a Partner, used: Option<&UsedKey>) -> Option<&'a Rotation> {
    let used = used?;
    partner.rotations.iter().find(|known| known.id == used.id)
}

fn reply(secret: &str, until: Instant) -> Reply {
    let shown = NewWebhookSecret { webhook_secret: secret, old_secret_until: until.to_string() };
    Reply::created("/partner/me", &shown).header("cache-control", "private, no-store")
}

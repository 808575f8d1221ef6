//! `POST /partner/onboard`: a partner comes, with nobody's help, and gets a key of the sandbox and the secret that its webhooks are
//! signed with. Both are shown in this answer alone.

use kernel::{Email, Fault, Kind, PartnerId, id, mask};
use lambda::idempotency::{self, UsedKey};
use lambda::limits::{self, Policy};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use partners::key::KEY_LASTS;
use partners::partner::{Newcomer, check_handle};
use partners::shown::{ShownNewKey, ShownPartner};
use partners::{NewKey, Partner, Scope, Store, World};
use serde::{Deserialize, Serialize};
use table::{Table, WriteError};
use vault::{Place, SubjectKeys};

/// Partners that one address may bring in an hour, roughly.
const PER_ADDRESS: Policy = Policy { name: "onboard-address", quota: 20, window_seconds: 3600 };

/// What the function needs.
#[derive(Clone)]
struct Needs {
    partners: Store,
    control: Table,
    seals: SubjectKeys,
    platform: Platform,
}

/// Needs the partners, the limits and the keys of their seals.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        partners: Store::new(platform.table("partners")?),
        control: platform.table("control")?,
        seals: platform.subject_keys("personal", "partners", "partner")?,
        platform: platform.clone(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnboardPartner {
    handle: String,
    name: String,
    email: String,
}

#[derive(Serialize)]
struct Onboarded {
    partner: ShownPartner,
    key: ShownNewKey,
    webhook_secret: String,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let body: OnboardPartner = request.json()?;
    let email = read(&body)?;
    let now = request.received_at();
    let address = format!("address:{}", request.address());
    let used = UsedKey::of(&request, &address, Need::Honoured)?;
    let seed = wiring::seed(&needs.platform, used.as_ref()).await?;
    let id = PartnerId::parse(&id::derived(&["partner", &seed])).map_err(|error| Fault::bug(error.to_string()))?;
    if let Some(used) = &used
        && let Some(known) = needs.partners.find(&id).await?
    {
        return replay(&known, used, &seed);
    }
    let decision = limits::meter(&needs.control, &PER_ADDRESS, request.address(), now).await?;
    limits::enforce(&request, &PER_ADDRESS, decision)?;

    let key = NewKey::new(&seed, World::Sandbox, Scope::ALL.to_vec(), now, KEY_LASTS);
    let newcomer = newcomer(&needs, &body, &email, &id, &seed, used.as_ref(), &request).await?;
    let (partner, writes) = Partner::onboard(newcomer, &key, now)?;
    match needs.partners.table().transact(writes, None).await {
        Ok(()) => Ok(reply(&partner, &key, &seed)),
        Err(WriteError::Fault(fault)) => Err(fault.into()),
        // The same request at the same moment, or a transaction whose answer was lost.
        Err(WriteError::Refused(_)) => match needs.partners.find(&id).await? {
            Some(known) => replay_or_first(&known, used.as_ref(), &seed),
            None => Err(taken().into()),
        },
    }
}

fn read(body: &OnboardPartner) -> Result<Email, Fault> {
    check_handle(&body.handle)?;
    lambda::text_limit("/name", &body.name, 128)?;
    if body.name.trim().is_empty() {
        return Err(Fault::field("/name", "required", "A partner has a name."));
    }
    if body.name.chars().any(wiring::unseen) {
        return Err(Fault::field("/name", "format", "A name holds no characters that cannot be seen."));
    }
    Email::parse(&body.email).map_err(|error| Fault::field("/email", "format", error.to_string()))
}

async fn newcomer(
    needs: &Needs,
    body: &OnboardPartner,
    email: &Email,
    id: &PartnerId,
    seed: &str,
    used: Option<&UsedKey>,
    request: &Request,
) -> Result<Newcomer, Fault> {
    let (key, wrapped) = needs.seals.create(id.as_str(), request.received_at()).await?;
    let item = format!("{}{id}", Partner::PREFIX);
    let place = |field| Place { table: "partners", item: &item, field, subject: id.as_str() };
    Ok(Newcomer {
        id: id.clone(),
        handle: body.handle.clone(),
        name: body.name.trim().to_owned(),
        email: key.seal(&place("email"), email.reveal().as_bytes())?,
        email_mask: mask::email(email.reveal()),
        secret: key.seal(&place("secrets"), partners::key::webhook_secret(seed).as_bytes())?,
        seal_key: wrapped,
        fingerprint: used.map(|used| used.fingerprint.clone()).unwrap_or_default(),
    })
}

/// The answer where the partner was made meanwhile: by the same request at the same moment, or by this very transaction, whose
/// answer was lost.
fn replay_or_first(known: &Partner, used: Option<&UsedKey>, seed: &str) -> Result<Reply, Problem> {
    match used {
        Some(used) => replay(known, used, seed),
        None => {
            let key = NewKey::new(seed, World::Sandbox, Scope::ALL.to_vec(), known.created_at, KEY_LASTS);
            Ok(reply(&known.as_onboarded(&key), &key, seed))
        }
    }
}

/// The answer to a repeat: the same key and the same secret, made from the same seed again.
fn replay(known: &Partner, used: &UsedKey, seed: &str) -> Result<Reply, Problem> {
    if known.fingerprint != used.fingerprint {
        return Err(idempotency::reused());
    }
    let key = NewKey::new(seed, World::Sandbox, Scope::ALL.to_vec(), known.created_at, KEY_LASTS);
    Ok(reply(&known.as_onboarded(&key), &key, seed).header("idempotency-replayed", "true"))
}

fn reply(partner: &Partner, key: &NewKey, seed: &str) -> Reply {
    let shown = Onboarded {
        partner: ShownPartner::of(partner, &[], partner.created_at),
        key: ShownNewKey::of(key, partner.created_at),
        webhook_secret: partners::key::webhook_secret(seed),
    };
    Reply::created("/partner/me", &shown).header("cache-control", "private, no-store")
}

fn taken() -> Fault {
    let mut fault = Fault::new(Kind::Conflict, "handle_taken", "Somebody has this handle. Choose another one.");
    fault.errors.push(kernel::FieldError {
        pointer: "/handle".to_owned(),
        rule: "unique",
        detail: fault.detail.clone(),
    });
    fault
}

//! Who asks with a partner's key.

use kernel::{Fault, Kind, Principal};
use lambda::limits::{self, Decision, Policy};
use lambda::{Error, Platform, Problem, Request, StatusCode};
use partners::audit::{self, Attempt, Outcome};
use partners::feeds;
use partners::key::name_in;
use partners::mapping::Mapping;
use partners::partner::Step;
use partners::{KeyRow, Scope, Store};
use table::Table;

/// How often a partner's key may be used.
const PER_KEY: Policy = Policy { name: "partner-key", quota: 60, window_seconds: 60 };
/// How often one address may come without a key that counts, roughly.
const PER_ADDRESS: Policy = Policy { name: "partner-address", quota: 60, window_seconds: 60 };

/// Lets partners in by their keys: looks each key up at every use, so that a key that was revoked counts nowhere any more, and
/// writes every attempt into the audit log.
#[derive(Clone)]
pub struct PartnerGate {
    /// The partners.
    pub partners: Store,
    control: Table,
    audit: Table,
    operation: &'static str,
}

impl PartnerGate {
    /// The gate of the function `operation`.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn new(platform: &Platform, operation: &'static str) -> Result<Self, Error> {
        let (control, audit) = (platform.table("control")?, platform.table("audit")?);
        Ok(Self { partners: Store::new(platform.table("partners")?), control, audit, operation })
    }

    /// The partner's key that a request comes with, if it may be used for `scope`.
    ///
    /// # Errors
    /// 401 without a key that counts, 403 when it is not for that, 429 when it was used too often; unavailable when the audit
    /// log cannot be written.
    pub async fn admit(&self, request: &Request, scope: Scope) -> Result<KeyRow, Problem> {
        let now = request.received_at();
        let Some(presented) = presented(request) else {
            return Err(self.turn_away(request, None, None, Outcome::Missing).await);
        };
        let name = name_in(presented);
        let Some(row) = self.partners.key(presented, now).await? else {
            return Err(self.turn_away(request, name, None, Outcome::Refused).await);
        };
        request.span().key("partner", row.partner.as_str());
        if !row.key.scopes.contains(&scope) {
            return Err(self.turn_away(request, name, Some(&row), Outcome::OutOfScope).await);
        }
        let decision = limits::take(&self.control, &PER_KEY, &row.key.id, request.span().request_id(), now).await?;
        if matches!(decision, Decision::Refused { .. }) {
            self.note(request, name, Some(&row), Outcome::Limited).await?;
        }
        limits::enforce(request, &PER_KEY, decision)?;
        self.note(request, name, Some(&row), Outcome::Admitted).await?;
        self.partners.used(&row, now).await?;
        if row.last_used_at.is_none() {
            self.partners.prove(&row.partner, Step::KeyUsed, now).await?;
        }
        Ok(row)
    }

    /// Writes down that somebody was not let in, and says so.
    async fn turn_away(&self, request: &Request, key: Option<&str>, row: Option<&KeyRow>, outcome: Outcome) -> Problem {
        match self.refusal(request, key, row, outcome).await {
            Ok(problem) | Err(problem) => problem,
        }
    }

    async fn refusal(
        &self,
        request: &Request,
        key: Option<&str>,
        row: Option<&KeyRow>,
        outcome: Outcome,
    ) -> Result<Problem, Problem> {
        self.note(request, key, row, outcome).await?;
        let told = [("outcome", outcome.name()), ("address", request.address())];
        request.span().warn("a partner's key was not admitted", &told);
        if outcome == Outcome::OutOfScope {
            return Ok(Fault::new(Kind::Forbidden, "forbidden", "This key may not be used for that.").into());
        }
        let decision = limits::meter(&self.control, &PER_ADDRESS, request.address(), request.received_at()).await?;
        limits::enforce(request, &PER_ADDRESS, decision)?;
        let detail = "This needs a partner's key that counts, in the header X-API-Key.";
        let fault = Fault::new(Kind::Unauthenticated, "unauthenticated", detail);
        Ok(Problem::from(fault).header("www-authenticate", "Bearer"))
    }

    /// Writes an attempt into the audit log.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn note(
        &self,
        request: &Request,
        key: Option<&str>,
        row: Option<&KeyRow>,
        outcome: Outcome,
    ) -> Result<(), Fault> {
        let attempt = Attempt {
            at: request.received_at(),
            address: request.address().to_owned(),
            operation: self.operation.to_owned(),
            request: request.span().request_id().to_owned(),
            key: key.map(str::to_owned),
            partner: row.map(|row| row.partner.clone()),
            outcome,
            expires_at: 0,
        };
        audit::record(&self.audit, attempt).await
    }
}

/// Who a key speaks for.
#[must_use]
pub fn holder(row: &KeyRow) -> Principal {
    Principal::Partner(row.partner.clone())
}

/// The key as it stands in `X-API-Key` or, as a bearer's token, in `Authorization`. A key in the address is none: addresses
/// are logged everywhere.
fn presented(request: &Request) -> Option<&str> {
    if let Some(key) = request.header("x-api-key") {
        return Some(key.trim());
    }
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A feed as a request brings it.
pub struct FeedAsked {
    /// The feed itself.
    pub body: Vec<u8>,
    /// What the sender says it is.
    pub media_type: String,
    /// What the sender calls it.
    pub file_name: Option<String>,
    /// How it is to be read, if the sender says so.
    pub mapping: Option<Mapping>,
}

/// Characters of a feed's file name.
const FILE_NAME: usize = 255;
/// Characters of a mapping.
const MAPPING: usize = 8 * 1024;

/// The feed in the body of a request, with what is said about it.
///
/// # Errors
/// 415 when the body is said to be something that no feed is; 400 with the pointer for the rest.
pub fn feed_asked(request: &Request) -> Result<FeedAsked, Problem> {
    let media_type = media_type(request)?;
    if request.body().is_empty() {
        return Err(Fault::field("", "required", "The feed stands in the body, and the body is empty.").into());
    }
    Ok(FeedAsked {
        body: request.body().to_vec(),
        media_type,
        file_name: file_name(request)?,
        mapping: mapping_asked(request)?,
    })
}

/// How a feed is to be read, if the request says so.
///
/// # Errors
/// 400 with the pointer when it is no mapping.
pub fn mapping_asked(request: &Request) -> Result<Option<Mapping>, Problem> {
    let Some(text) = request.query_text("mapping").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    lambda::text_limit("?mapping", text, MAPPING)?;
    let mapping = Mapping::from_json(text);
    Ok(Some(mapping.map_err(|error| Fault::field("?mapping", "format", error.to_string()))?))
}

/// Whether a character cannot be seen, or turns others around: in names that people read it only deceives.
#[must_use]
pub fn unseen(c: char) -> bool {
    c.is_control() || partners::validation::hides(c)
}

/// What the body is said to be.
fn media_type(request: &Request) -> Result<String, Problem> {
    feed_media_type(request.header("content-type").unwrap_or_default())
}

/// What a feed is said to be, in full. A form is no feed; anything else is looked at when it is read, since senders err.
///
/// # Errors
/// 415 when it is said to be something that no feed is.
pub fn feed_media_type(said: &str) -> Result<String, Problem> {
    let bare = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if feeds::media_types().contains(&bare.as_str()) {
        return Ok(said.chars().take(255).collect());
    }
    let detail = format!("Send the feed as one of {}.", feeds::media_types().join(", "));
    Err(Problem::transport(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

fn file_name(request: &Request) -> Result<Option<String>, Problem> {
    feed_file_name("?file_name", request.query_text("file_name"))
}

/// What the sender calls a feed, if anything; `pointer` is where it says so.
///
/// # Errors
/// 400 when it is too long or holds control characters.
pub fn feed_file_name(pointer: &'static str, said: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(name) = said.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    lambda::text_limit(pointer, name, FILE_NAME)?;
    if name.chars().any(unseen) {
        return Err(Fault::field(pointer, "format", "A file name holds no characters that cannot be seen.").into());
    }
    Ok(Some(name.to_owned()))
}

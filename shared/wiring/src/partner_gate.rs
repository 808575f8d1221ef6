//! Who asks with a partner's key.

use kernel::{Fault, Kind, Principal};
use lambda::limits::{self, Decision, Policy};
use lambda::{Error, Platform, Problem, Request};
use partners::audit::{self, Attempt, Outcome};
use partners::key::name_in;
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

//! Where a partner's events go, and the secrets that webhooks are signed with. All changes are pure; the writes that make them are
//! conditional on the version that was read.

use crate::partner::{Partner, What};
use kernel::{Fault, Instant};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::Write;
use vault::{Place, Sealed, SubjectKeys};

/// How long the secret before the newest counts.
const OLD_SECRET: Duration = Duration::from_secs(24 * 3600);
/// Requests for a new secret that a partner remembers at the most.
const ROTATIONS_KEPT: usize = 8;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address.
    pub url: String,
    /// When it was set.
    pub set_at: Instant,
    /// When and why nothing goes there any more, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
}

/// Why nothing goes to an endpoint any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// When that was noticed.
    pub at: Instant,
    /// Why.
    pub why: Why,
}

/// Why an endpoint was disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It answered 410: it is gone for good.
    Gone,
}

/// A request that made a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Derived from who asked and with which idempotency key.
    pub id: String,
    /// SHA-256 over the request, in hex.
    pub fingerprint: String,
    /// Until when the secret before counted beside it.
    pub old_until: Instant,
}

impl Partner {
    /// The partner with its events going to `url`, or nowhere, and the write that makes it. An endpoint that is set anew is
    /// enabled.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn set_endpoint(mut self, url: Option<String>, by: &str, now: Instant) -> Result<(Self, Write), Fault> {
        let seen = self.version;
        // Every setting is a moment of its own: it is tested anew.
        let after = self.endpoint.as_ref().map(|known| known.set_at.plus(Duration::from_millis(1)));
        let set_at = after.map_or(now, |after| after.max(now));
        self.endpoint = url.map(|url| Endpoint { url, set_at, disabled: None });
        self.happen(now, by, What::EndpointSet);
        let write = self.put(seen)?;
        Ok((self, write))
    }

    /// The partner with the endpoint disabled that was set at `set_at`, and the write that makes it; `None` when it was
    /// disabled before, or set anew since.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn disable_endpoint(mut self, set_at: Instant, why: Why, now: Instant) -> Result<Option<(Self, Write)>, Fault> {
        let seen = self.version;
        let Some(endpoint) = self.endpoint.as_mut().filter(|known| known.set_at == set_at && known.disabled.is_none())
        else {
            return Ok(None);
        };
        endpoint.disabled = Some(Disabled { at: now, why });
        self.happen(now, "system", What::EndpointDisabled { why });
        let write = self.put(seen)?;
        Ok(Some((self, write)))
    }

    /// Where events go, unless nowhere.
    #[must_use]
    pub fn enabled_endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref().filter(|endpoint| endpoint.disabled.is_none())
    }

    /// The partner with a new secret under its seal, and the write that makes it. The one before counts for a while longer,
    /// one before that no more.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn rotate(
        mut self,
        secret: Sealed,
        request: Option<(String, String)>,
        by: &str,
        now: Instant,
    ) -> Result<(Self, Write), Fault> {
        let (seen, old_until) = (self.version, now.plus(OLD_SECRET));
        self.secrets.insert(0, secret);
        self.secrets.truncate(2);
        self.old_secret_until = Some(old_until);
        if let Some((id, fingerprint)) = request {
            self.rotations.push(Rotation { id, fingerprint, old_until });
            let over = self.rotations.len().saturating_sub(ROTATIONS_KEPT);
            self.rotations.drain(..over);
        }
        self.happen(now, by, What::SecretRotated);
        let write = self.put(seen)?;
        Ok((self, write))
    }

    /// The secrets that count, under their seals, the newest first.
    fn counting_secrets(&self, now: Instant) -> impl Iterator<Item = &Sealed> {
        let old_counts = self.old_secret_until.is_some_and(|until| now < until);
        self.secrets.iter().take(if old_counts { 2 } else { 1 })
    }

    /// The secrets that webhooks are signed with, in the clear, the newest first.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when a seal does not open.
    pub async fn open_secrets(&self, seals: &SubjectKeys, now: Instant) -> Result<Vec<String>, Fault> {
        let key = seals.open(self.id.as_str(), &self.seal_key, now).await?;
        let item = format!("{}{}", Self::PREFIX, self.id);
        let place = self.secrets_place(&item);
        let open = |sealed| {
            let plain = key.open(&place, sealed)?;
            String::from_utf8(plain).map_err(|_| Fault::bug("a secret is no text"))
        };
        self.counting_secrets(now).map(open).collect()
    }

    /// A secret under the partner's seal.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer.
    pub async fn seal_secret(&self, seals: &SubjectKeys, secret: &str, now: Instant) -> Result<Sealed, Fault> {
        let key = seals.open(self.id.as_str(), &self.seal_key, now).await?;
        key.seal(&self.secrets_place(&format!("{}{}", Self::PREFIX, self.id)), secret.as_bytes())
    }

    fn secrets_place<'a>(&'a self, item: &'a str) -> Place<'a> {
        Place { table: "partners", item, field: "secrets", subject: self.id.as_str() }
    }
}

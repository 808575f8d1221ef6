//! Where what looks like an attack is kept.

use kernel::{Fault, PartnerId, id};
use lambda::{Error, Platform, Request};
use objects::Bucket;
use partners::Job;
use partners::evidence::{self, Origin, SecurityEvent};
use std::collections::BTreeSet;
use table::Table;

/// Keeps what looks like an attack: first a copy of the body, then the event that names it. Doing it twice is doing it once.
#[derive(Clone)]
pub struct Evidence {
    bucket: Bucket,
    audit: Table,
}

impl Evidence {
    /// Where this shop keeps it.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn new(platform: &Platform) -> Result<Self, Error> {
        Ok(Self { bucket: platform.bucket("evidence")?, audit: platform.table("audit")? })
    }

    /// Keeps a request and its body.
    ///
    /// # Errors
    /// Unavailable when the bucket or the table does not answer.
    pub async fn keep_request(
        &self,
        request: &Request,
        operation: &str,
        partner: Option<PartnerId>,
        seen: &str,
    ) -> Result<(), Fault> {
        let (body, sha256) = (request.body().to_vec(), id::sha256_hex(request.body()));
        let event = SecurityEvent {
            at: request.received_at(),
            operation: operation.to_owned(),
            seen: BTreeSet::from([seen.to_owned()]),
            origin: origin(request, None),
            partner,
            job: None,
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            object: format!("requests/{}/{sha256}", request.span().request_id()),
            sha256,
            expires_at: 0,
        };
        self.bucket.put_if_absent(&event.object, body, "application/octet-stream").await?;
        evidence::record(&self.audit, event).await
    }

    /// Keeps a feed, with all that was seen in it so far.
    ///
    /// # Errors
    /// As [`Evidence::keep_request`].
    pub async fn keep_feed(&self, job: &Job, feeds: &Bucket) -> Result<(), Fault> {
        let Some(origin) = job.origin.clone() else {
            return Ok(());
        };
        let event = SecurityEvent {
            at: job.received_at,
            operation: "ingest-feed".to_owned(),
            seen: job.suspected.clone(),
            origin,
            partner: Some(job.partner.clone()),
            job: Some(job.id.clone()),
            sha256: job.source.sha256.clone(),
            bytes: job.source.bytes,
            object: job.source.object.clone(),
            expires_at: 0,
        };
        feeds.copy_to(&self.bucket, &event.object).await?;
        evidence::record(&self.audit, event).await
    }
}

/// Where a request came from, as it is kept.
#[must_use]
pub fn origin(request: &Request, key: Option<&str>) -> Origin {
    Origin::new(request.span().request_id(), request.address(), key, request.headers())
}

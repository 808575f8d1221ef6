//! `POST /partner/uploads`: a partner says what it has, and gets an address at which the bucket takes just those bytes, once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Fault, id};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use objects::{Bucket, Expected};
use partners::upload::{BYTES_MOST, Upload, WITHIN};
use partners::{Scope, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wiring::PartnerGate;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    gate: PartnerGate,
    feeds: Bucket,
    platform: Platform,
}

/// Needs the partners, their gate and the bucket of feeds.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        gate: PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?,
        feeds: platform.bucket("feeds")?,
        platform: platform.clone(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateUpload {
    bytes: u64,
    sha256: String,
    media_type: String,
    file_name: Option<String>,
}

#[derive(Serialize)]
struct Created<'a> {
    id: &'a str,
    url: String,
    method: &'static str,
    headers: BTreeMap<String, String>,
    expires_at: String,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let row = needs.gate.admit(&request, Scope::Feeds).await?;
    let body: CreateUpload = request.json()?;
    let (hash, media_type) = (checked(&body)?, wiring::feed_media_type(&body.media_type)?);
    let file_name = wiring::feed_file_name("/file_name", body.file_name.as_deref())?;
    let (who, now) = (wiring::holder(&row), request.received_at());
    let Needs { gate, feeds, platform } = needs;
    let partners: Store = gate.partners;

    lambda::once(&request, &who, partners.clone().table(), Need::Honoured, |once| async move {
        let id = id::encode(platform.random()?);
        let object = Upload::object(&row.partner, &id);
        let expected = Expected { bytes: body.bytes, sha256_base64: &STANDARD.encode(hash), within: WITHIN };
        let offer = feeds.offer(&object, &expected, now).await?;
        let upload = Upload {
            id,
            partner: row.partner,
            object,
            bytes: body.bytes,
            sha256: body.sha256,
            media_type,
            file_name,
            expires_at: Upload::kept_until(now),
        };
        let created = Created {
            id: &upload.id,
            url: offer.url,
            method: "PUT",
            headers: offer.headers,
            expires_at: now.plus(WITHIN).to_string(),
        };
        let reply = Reply::created(format!("/partner/uploads/{}/ingest", upload.id), &created);
        once.commit(vec![upload.create()?], reply.header("cache-control", "private, no-store"))
            .await
            .map_err(Problem::from)
    })
    .await
}

/// The hash's bytes, where the rest is in its limits.
fn checked(body: &CreateUpload) -> Result<Vec<u8>, Fault> {
    if body.bytes == 0 || body.bytes > BYTES_MOST {
        return Err(Fault::field("/bytes", "range", format!("A feed has 1 to {BYTES_MOST} bytes.")));
    }
    let digit = |at: usize| body.sha256.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let hex = body.sha256.len() == 64 && body.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let hash: Option<Vec<u8>> = (0..32).map(|n| digit(2 * n)).collect();
    hash.filter(|_| hex).ok_or_else(|| {
        Fault::field("/sha256", "format", "SHA-256 over the bytes of the feed, as 64 digits 0 to 9 and a to f.")
    })
}

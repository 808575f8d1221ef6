//! Standard Webhooks 1.0.0 (<https://www.standardwebhooks.com>): signing and verifying. No IO and no clock: the caller says
//! what time it is.
//!
//! Written on `ring` rather than on the `standardwebhooks` crate, which reads the system's clock, takes an empty secret and
//! refuses a body that is not UTF-8.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Instant;
use ring::hmac;
use std::fmt;

/// The header with the message's id, by which it is known to be a repeat.
pub const ID: &str = "webhook-id";
/// The header with the moment of this try, in Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures: `v1,<base64>`, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// How far a message's moment may lie from ours, in seconds, either way.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The sizes of a secret that the standard allows, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What both sides know: 24 to 64 bytes, written `whsec_` and base64. It does not print.
#[derive(Clone)]
pub struct Secret {
    key: hmac::Key,
}

/// Why a text is no webhook secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and base64 of 24 to 64 bytes")]
pub struct NotASecret;

/// Why a message is not believed. The sender is told no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// One of the three headers is missing or no text.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// The timestamp is no whole number of seconds.
    #[error("the timestamp is not a number of seconds")]
    Timestamp,
    /// The timestamp is more than five minutes off.
    #[error("the timestamp is more than five minutes off")]
    Stale,
    /// No signature matches.
    #[error("no signature matches")]
    Forged,
}

impl Secret {
    /// The secret in `text`, with or without its prefix.
    ///
    /// # Errors
    /// [`NotASecret`] when it is not base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).map_err(|_| NotASecret)?;
        if !SECRET_BYTES.contains(&bytes.len()) {
            return Err(NotASecret);
        }
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) })
    }

    fn matches(&self, id: &str, timestamp: i64, body: &[u8], signature: &[u8]) -> bool {
        // ring compares in constant time.
        hmac::verify(&self.key, &signed_bytes(id, timestamp, body), signature).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// The value of [`SIGNATURE`] for a message: one signature for each secret, so that a receiver who knows only the
/// new or only the old one believes it during a rotation.
#[must_use]
pub fn sign(secrets: &[Secret], id: &str, at: Instant, body: &[u8]) -> String {
    let bytes = signed_bytes(id, at.seconds(), body);
    let signatures: Vec<String> =
        secrets.iter().map(|secret| format!("v1,{}", STANDARD.encode(hmac::sign(&secret.key, &bytes)))).collect();
    signatures.join(" ")
}

/// What is believed of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its id: the same for every repeat of it.
    pub id: String,
    /// When this try of it was sent.
    pub sent_at: Instant,
}

/// Checks a message against the secrets that count now: `header` gives its headers, `body` are the bytes as they came.
///
/// # Errors
/// [`Distrust`] when it is not believed.
pub fn verify<'a>(
    secrets: &[Secret],
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now: Instant,
) -> Result<Verified, Distrust> {
    let required = |name: &'static str| header(name).filter(|value| !value.is_empty()).ok_or(Distrust::Missing(name));
    let (id, timestamp, signatures) = (required(ID)?, required(TIMESTAMP)?, required(SIGNATURE)?);
    let seconds: i64 = timestamp.parse().map_err(|_| Distrust::Timestamp)?;
    if seconds.abs_diff(now.seconds()) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(Distrust::Stale);
    }
    let believed = signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,")).any(|encoded| {
        STANDARD
            .decode(encoded)
            .is_ok_and(|bytes| secrets.iter().any(|secret| secret.matches(id, seconds, body, &bytes)))
    });
    if believed {
        Ok(Verified { id: id.to_owned(), sent_at: Instant::from_seconds(seconds) })
    } else {
        Err(Distrust::Forged)
    }
}

fn signed_bytes(id: &str, timestamp: i64, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{id}.{timestamp}.").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

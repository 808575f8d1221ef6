//! What looks like an attack, kept for whoever has to look into it later: who, when, from where, the request without its secrets,
//! and the hash of the body whose copy lies in the bucket of evidence, which nobody in the shop may read.

use crate::feeds;
use crate::validation::Flag;
use kernel::{Fault, Instant, JobId, PartnerId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use table::{Key, Row, Table, Write, WriteError};

/// How long it is kept, here and in the bucket.
const KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Bytes of headers that are kept at the most.
const HEADERS_MOST: usize = 4096;
/// Refusals of whole feeds that honest files do not come to.
const REFUSALS: [&str; 3] = ["doctype_entities", "unknown_entity", "unpacks_too_large"];

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Which request: its id is in the log and in the answer.
    pub request: String,
    /// From which network address.
    pub address: String,
    /// The name of the key that it was made with, if with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its headers, but for those that hold secrets.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// When the request came.
    pub at: Instant,
    /// What was asked for: the operation's name.
    pub operation: String,
    /// What it looks like: names of flags, rules and outcomes.
    pub seen: BTreeSet<String>,
    /// Where it came from.
    pub origin: Origin,
    /// Whose request it was, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Which feed it was, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// SHA-256 over the body, in hex.
    pub sha256: String,
    /// How many bytes the body has.
    pub bytes: u64,
    /// Where its copy stands in the bucket of evidence.
    pub object: String,
    /// When the event is dropped, in seconds.
    #[serde(default)]
    pub expires_at: i64,
}

impl Row for SecurityEvent {
    fn key(&self) -> Key {
        let whose = self.partner.as_ref().map_or_else(
            || format!("UNKNOWN#{}#{}", &self.at.to_string()[..10], crate::audit::spread(&self.origin.request)),
            ToString::to_string,
        );
        Key::sorted(format!("SECURITY#{whose}"), format!("{:014}#{}", self.at.millis(), self.origin.request))
    }
}

impl Origin {
    /// The origin of a request with those headers.
    #[must_use]
    pub fn new<'a>(
        request: &str,
        address: &str,
        key: Option<&str>,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut left = HEADERS_MOST;
        let kept = headers.filter(|(name, _)| !is_secret(name)).filter(|(name, value)| {
            let size = name.len() + value.len();
            let fits = size <= left;
            left -= if fits { size } else { 0 };
            fits
        });
        let headers = kept.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { request: request.to_owned(), address: address.to_owned(), key: key.map(str::to_owned), headers }
    }
}

/// Whether a header may hold what lets somebody in. What is not known to be harmless is taken for a secret.
fn is_secret(name: &str) -> bool {
    const HARMLESS: [&str; 16] = [
        "accept",
        "accept-encoding",
        "accept-language",
        "content-encoding",
        "content-length",
        "content-type",
        "forwarded",
        "host",
        "origin",
        "referer",
        "user-agent",
        "via",
        "webhook-id",
        "webhook-timestamp",
        "x-forwarded-for",
        "x-partner-id",
    ];
    !HARMLESS.iter().any(|harmless| name.eq_ignore_ascii_case(harmless))
}

/// What a reader of a feed saw in `events` that looks like an attack.
#[must_use]
pub fn seen(events: &[feeds::Event]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for event in events {
        match event {
            feeds::Event::Item(item) => seen.extend(attacks(item.flags.iter().copied())),
            feeds::Event::Rejected(rejections) => {
                let texts = rejections.iter().flat_map(|rejection| crate::validation::flags(&rejection.value_start));
                seen.extend(attacks(texts));
            }
            feeds::Event::Broken(refusal) if REFUSALS.contains(&refusal.rule.name) => {
                seen.insert(refusal.rule.name.to_owned());
            }
            feeds::Event::Merged { .. } | feeds::Event::Note(_) | feeds::Event::Broken(_) => {}
        }
    }
    seen
}

fn attacks(flags: impl Iterator<Item = Flag>) -> impl Iterator<Item = String> {
    flags.filter(|flag| flag.is_attack()).map(|flag| flag.name().to_owned())
}

/// Writes an event into the table `audit`. Twice the same request is one event, with what was seen last.
///
/// # Errors
/// Unavailable when the table does not answer.
pub async fn record(table: &Table, mut event: SecurityEvent) -> Result<(), Fault> {
    event.expires_at = event.at.plus(KEPT).seconds();
    match table.write(Write::put(&event)?).await {
        Ok(_) => Ok(()),
        Err(WriteError::Refused(_)) => Err(Fault::bug("a put without a guard was refused")),
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, seen};
    use crate::feeds::{self, Event};

    /// What is seen in a feed.
    fn seen_in(feed: &'static str) -> Vec<String> {
        let detected = feeds::detect(feed.as_bytes(), None, None).unwrap();
        let events: Vec<Event> = feeds::open(detected, Box::new(feed.as_bytes()), None, 0).collect();
        seen(&events).into_iter().collect()
    }

    // Proves: S4-S2c
    #[test]
    fn what_may_do_harm_is_seen_in_rows_that_are_taken_in_rows_that_are_not_and_in_the_feed_itself() {
        assert_eq!(seen_in("sku,name,price_cents\nA,<script>x</script>,1\n"), ["looks_like_script"]);
        assert_eq!(
            seen_in("sku,name,price_cents\nA' OR '1'='1,Tea,1\nB,=1+1,1\n"),
            ["looks_like_formula", "looks_like_sql"]
        );
        let laughs =
            "<!DOCTYPE p [<!ENTITY a \"ha\">]><products><product><sku>A</sku><name>&a;</name></product></products>";
        assert_eq!(seen_in(laughs), ["doctype_entities"]);
    }

    #[test]
    fn what_is_only_wrong_or_odd_is_no_attack() {
        assert_eq!(seen_in("sku,name,price_cents,stock\nA,Tea\u{200b},100,1\nB,O'Brien,,1\nB,O'Brien,,1\n"), [""; 0]);
        assert_eq!(seen_in("sku,name,price_cents,stock\nA,\"Tea,100,1\n"), [""; 0]);
    }

    #[test]
    fn headers_that_may_hold_secrets_are_left_out() {
        let headers = [
            ("Content-Type", "text/csv"),
            ("X-API-Key", "rk"),
            ("Authorization", "Bearer rk"),
            ("Cookie", "c"),
            ("Idempotency-Key", "i"),
            ("Webhook-Signature", "v1,x"),
            ("X-Of-Their-Own", "token"),
            ("User-Agent", "curl"),
        ];
        let origin = Origin::new("r", "192.0.2.1", Some("k"), headers.into_iter());
        let names: Vec<&str> = origin.headers.keys().map(String::as_str).collect();
        assert_eq!(names, ["content-type", "user-agent"]);
    }

    #[test]
    fn headers_are_kept_up_to_a_size() {
        let long = "x".repeat(4000);
        let headers = [("user-agent", "curl"), ("referer", long.as_str()), ("host", long.as_str()), ("via", "v")];
        let origin = Origin::new("r", "192.0.2.1", None, headers.into_iter());
        let names: Vec<&str> = origin.headers.keys().map(String::as_str).collect();
        assert_eq!(names, ["referer", "user-agent", "via"]);
    }
}

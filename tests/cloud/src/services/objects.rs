//! S3: whole objects in buckets, by path or by host name.

use crate::clock::Clock;
use crate::definition::{Bucket, CorsRule};
use crate::journal::{Entries, Journal, Kind};
use crate::wire::{Reply, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kernel::Instant;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is kept beside an object's bytes, in front of them in the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    content_type: String,
    etag: String,
    length: usize,
    at: Instant,
}

/// One object: its bytes are here in memory mode, and in the journal otherwise.
struct Object {
    head: Option<Head>,
    bytes: Option<Bytes>,
}

/// The S3 of one cloud.
pub(crate) struct Objects {
    buckets: Vec<Bucket>,
    objects: Mutex<HashMap<String, Object>>,
    journal: Arc<Journal>,
    clock: Clock,
}

impl Objects {
    pub(crate) fn new(buckets: &[Bucket], journal: Arc<Journal>, clock: Clock, left: Entries) -> Self {
        let objects = left.into_iter().map(|(key, _)| (key, Object { head: None, bytes: None })).collect();
        Self { buckets: buckets.to_vec(), objects: Mutex::new(objects), journal, clock }
    }

    fn exists(&self, place: &str) -> bool {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).contains_key(place)
    }

    async fn read(&self, place: &str) -> Option<(Head, Bytes)> {
        let here = {
            let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
            let object = objects.get(place)?;
            object.head.clone().zip(object.bytes.clone())
        };
        if here.is_some() {
            return here;
        }
        let stored = self.journal.read(Kind::Object, place.to_owned()).await?;
        let end = stored.iter().position(|byte| *byte == b'\n')?;
        let head = serde_json::from_slice(stored.get(..end)?).ok()?;
        Some((head, Bytes::from(stored).slice(end + 1..)))
    }

    /// Stores an object unless `only_if_absent` and it is there; whether it was stored.
    fn write(&self, place: &str, head: Head, bytes: Bytes, only_if_absent: bool) -> bool {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        if only_if_absent && objects.contains_key(place) {
            return false;
        }
        if self.journal.on_disk() {
            let mut stored = serde_json::to_vec(&head).unwrap_or_default();
            stored.push(b'\n');
            stored.extend_from_slice(&bytes);
            self.journal.put(Kind::Object, place.to_owned(), stored);
            objects.insert(place.to_owned(), Object { head: None, bytes: None });
        } else {
            objects.insert(place.to_owned(), Object { head: Some(head), bytes: Some(bytes) });
        }
        true
    }

    fn remove(&self, place: &str) {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.remove(place);
        // Under the lock, so that the journal sees changes in the order in which they happened.
        self.journal.remove(Kind::Object, place.to_owned());
    }
}

/// The bucket and the key that a call is about; the key is empty for the bucket itself.
pub(crate) fn place(objects: &Objects, request: &Request) -> (String, String) {
    let host = request.header("host").split(':').next().unwrap_or_default();
    let path = percent_decoded(request.path.trim_start_matches('/'));
    let mut names = objects.buckets.iter().map(|bucket| &bucket.name);
    match names.find(|name| host.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))) {
        Some(name) => (name.clone(), path),
        None => match path.split_once('/') {
            Some((bucket, key)) => (bucket.to_owned(), key.to_owned()),
            None => (path, String::new()),
        },
    }
}

/// The operation that a method means, since S3 speaks REST.
pub(crate) fn action(request: &Request) -> &'static str {
    match request.method.as_str() {
        "PUT" => "PutObject",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "DELETE" => "DeleteObject",
        _ => "",
    }
}

/// Answers one call of the REST-XML protocol.
pub(crate) async fn answer(objects: &Objects, action: &str, request: &Request) -> Reply {
    let (bucket, key) = place(objects, request);
    if !objects.buckets.iter().any(|known| known.name == bucket) {
        return refusal(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    if key.is_empty() {
        return if action == "HeadObject" {
            Reply::empty(200)
        } else {
            refusal(501, "NotImplemented", "Only objects are here")
        };
    }
    let place = format!("{bucket}/{key}");
    match action {
        "PutObject" => put(objects, &place, request).await,
        "GetObject" | "HeadObject" if !is_as_signed(request) => {
            refusal(403, "AccessDenied", "The request is not the one that was signed.")
        }
        "GetObject" | "HeadObject" => get(objects, &place, action == "HeadObject", request.header("range")).await,
        "DeleteObject" => {
            objects.remove(&place);
            if objects.journal.written().await { Reply::empty(204) } else { unwritten() }
        }
        _ => refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
    }
}

/// The rule under which a browser may make such a call for a page of `origin`.
fn cors_rule<'a>(objects: &'a Objects, request: &Request, origin: &str, method: &str) -> Option<&'a CorsRule> {
    let (name, _) = place(objects, request);
    let bucket = objects.buckets.iter().find(|bucket| bucket.name == name)?;
    let allows = |list: &[String], value: &str| list.iter().any(|allowed| allowed == value);
    let all = |rule: &CorsRule| rule.origins.iter().any(|allowed| allowed == "*");
    bucket.cors.iter().find(|rule| (all(rule) || allows(&rule.origins, origin)) && allows(&rule.methods, method))
}

/// Answers a browser that asks before a page of another origin calls:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>.
pub(crate) fn preflight(objects: &Objects, request: &Request) -> Reply {
    let (origin, method) = (request.header("origin"), request.header("access-control-request-method"));
    let asked = request.header("access-control-request-headers").to_ascii_lowercase();
    let mut headers = asked.split(',').map(str::trim).filter(|name| !name.is_empty());
    let rule = cors_rule(objects, request, origin, method);
    match rule.filter(|rule| headers.all(|name| rule.headers.iter().any(|allowed| allowed == name))) {
        Some(rule) => Reply::empty(200)
            .with("access-control-allow-origin", origin)
            .with("access-control-allow-methods", rule.methods.join(", "))
            .with("access-control-allow-headers", asked)
            .with("access-control-max-age", rule.max_age.as_secs().to_string())
            .with("vary", "Origin"),
        None => refusal(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed."),
    }
}

/// The same answer, for a page of another origin to read where it may.
pub(crate) fn shared(objects: &Objects, request: &Request, reply: Reply) -> Reply {
    let origin = request.header("origin");
    if origin.is_empty() || cors_rule(objects, request, origin, request.method.as_str()).is_none() {
        return reply;
    }
    reply.with("access-control-allow-origin", origin).with("vary", "Origin")
}

/// The bytes of the object that a copy is made of.
async fn copied(objects: &Objects, from: &str) -> Option<Bytes> {
    let from = percent_decoded(from.trim_start_matches('/'));
    if objects.exists(&from) { objects.read(&from).await.map(|(_, bytes)| bytes) } else { None }
}

/// Whether the bytes are those that the caller says they are.
fn is_what_it_says(request: &Request, bytes: &[u8]) -> bool {
    let said = request.header("x-amz-checksum-sha256");
    said.is_empty() || said == STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

async fn put(objects: &Objects, place: &str, request: &Request) -> Reply {
    let only_if_absent = request.header("if-none-match") == "*";
    let chunked = request.header("content-encoding").contains("aws-chunked");
    let bytes = if chunked { unchunked(&request.body) } else { Some(request.body.clone()) };
    let Some(mut bytes) = bytes else {
        return refusal(400, "IncompleteBody", "The chunks of the body do not add up");
    };
    if is_over(request, objects.clock.now()) {
        return refusal(403, "AccessDenied", "Request has expired");
    }
    if !is_as_signed(request) {
        return refusal(403, "AccessDenied", "There were headers present in the request which were not signed");
    }
    if !is_what_it_says(request, &bytes) {
        return refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
    }
    let from = request.header("x-amz-copy-source");
    if !from.is_empty() {
        let Some(copy) = copied(objects, from).await else {
            return refusal(404, "NoSuchKey", "The specified key does not exist.");
        };
        bytes = copy;
    }
    let etag = format!("\"{}\"", kernel::id::sha256_hex(&bytes).get(..32).unwrap_or_default());
    let content_type = match request.header("content-type") {
        "" => "application/octet-stream",
        given => given,
    };
    let head = Head {
        content_type: content_type.to_owned(),
        etag: etag.clone(),
        length: bytes.len(),
        at: objects.clock.now(),
    };
    if !objects.write(place, head, bytes, only_if_absent) {
        return refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    }
    if !objects.journal.written().await {
        return unwritten();
    }
    if from.is_empty() {
        return Reply::empty(200).with("etag", etag);
    }
    let etag = etag.trim_matches('"');
    Reply::new(200, "application/xml", format!("<CopyObjectResult><ETag>{etag}</ETag></CopyObjectResult>"))
}

/// Whether a presigned address counts no more: `X-Amz-Date` and `X-Amz-Expires` in the query.
fn is_over(request: &Request, now: Instant) -> bool {
    let parameter = |name: &str| request.query.split('&').find_map(|pair| pair.strip_prefix(name));
    let Some((date, seconds)) = parameter("X-Amz-Date=").zip(parameter("X-Amz-Expires=")) else {
        return false;
    };
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default();
    let (day, time) = (
        format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)),
        format!("{}:{}:{}", part(9, 11), part(11, 13), part(13, 15)),
    );
    let since = Instant::parse(&format!("{day}T{time}.000Z"));
    let lasts = seconds.parse().map(Duration::from_secs);
    since.ok().zip(lasts.ok()).is_none_or(|(since, lasts)| now > since.plus(lasts))
}

/// Whether a presigned request is the one that was signed: `x-id` names its operation, `X-Amz-SignedHeaders` what it must have. Other
/// requests are signed anew each time.
fn is_as_signed(request: &Request) -> bool {
    let parameter = |name: &str| request.query.split('&').find_map(|pair| pair.strip_prefix(name));
    let Some(signed) = parameter("X-Amz-SignedHeaders=").map(percent_decoded) else {
        return true;
    };
    let operation = parameter("x-id=").is_none_or(|operation| operation == action(request));
    operation && signed.split(';').all(|name| !request.header(name).is_empty())
}

async fn get(objects: &Objects, place: &str, head_only: bool, range: &str) -> Reply {
    if !objects.exists(place) {
        return if head_only {
            Reply::empty(404)
        } else {
            refusal(404, "NoSuchKey", "The specified key does not exist.")
        };
    }
    let Some((head, bytes)) = objects.read(place).await else {
        return refusal(404, "NoSuchKey", "The specified key does not exist.");
    };
    if let Some((from, to)) = asked_part(range) {
        return part(&head, &bytes, from, to);
    }
    let length = head.length;
    let reply =
        Reply::new(200, &head.content_type, if head_only { Bytes::new() } else { bytes }).with("etag", head.etag);
    if head_only { reply.with("content-length", length.to_string()) } else { reply }
}

/// The first and the last byte that are asked for: one range with both ends, which is what our client sends.
fn asked_part(range: &str) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

fn part(head: &Head, bytes: &Bytes, from: usize, to: usize) -> Reply {
    if from >= bytes.len() || to < from {
        return refusal(416, "InvalidRange", "The requested range is not satisfiable");
    }
    let end = bytes.len().min(to.saturating_add(1));
    let says = format!("bytes {from}-{}/{}", end - 1, bytes.len());
    Reply::new(206, &head.content_type, bytes.slice(from..end))
        .with("etag", head.etag.clone())
        .with("content-range", says)
}

fn unwritten() -> Reply {
    refusal(500, "InternalError", "the state cannot be written")
}

pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Reply::new(status, "application/xml", body)
}

/// The body inside `aws-chunked`: each chunk led by its length in hex, the last one of length 0, then trailers.
fn unchunked(body: &[u8]) -> Option<Bytes> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let (line, after) = rest.split_at_checked(end)?;
        let length = line.split(|byte| *byte == b';').next()?;
        let length = usize::from_str_radix(std::str::from_utf8(length).ok()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(Bytes::from(bytes));
        }
        let (chunk, after) = after.get(2..)?.split_at_checked(length)?;
        bytes.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{percent_decoded, unchunked};

    #[test]
    fn chunks_are_put_together_and_trailers_left_out() {
        let body = b"5;chunk-signature=abc\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(unchunked(body).unwrap(), "hello!");
        assert!(unchunked(b"5\r\nhel").is_none());
    }

    #[test]
    fn keys_are_decoded_once() {
        assert_eq!(percent_decoded("a%20b%2Fc%25"), "a b/c%");
        assert_eq!(percent_decoded("100%"), "100%");
    }
}

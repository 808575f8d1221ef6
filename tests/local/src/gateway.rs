//! API Gateway and CloudFront on one port: finds the operation, checks what the gateway checks, sends the function the
//! very event that AWS would, and serves the pages.

use crate::contract::{Contract, Found, Operation};
use crate::environments::{Failure, Pool};
use crate::event::{self, Incoming, Unsendable};
use crate::pages::{Pages, keep_browsers_safe};
use crate::refusal::Refusal;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body_util::BodyExt;
use lambda::Clock;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use telemetry::Trace;

/// The longest body that API Gateway takes, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How much of a body that is too long is still read, so that its sender gets to read the answer.
const PATIENCE: usize = 64 * 1024 * 1024;

/// The gateway.
pub struct Gateway {
    /// What it answers.
    pub contract: Contract,
    /// Who answers.
    pub pools: HashMap<&'static str, Arc<Pool>>,
    /// The web pages.
    pub pages: Pages,
    /// Tells the time.
    pub clock: Clock,
    /// Draws ids.
    pub random: Arc<dyn Fn() -> [u8; 24] + Send + Sync>,
}

impl Gateway {
    /// Answers one request from `peer`.
    pub async fn answer(&self, request: axum::extract::Request, peer: SocketAddr) -> Response<axum::body::Body> {
        let (parts, body) = request.into_parts();
        let call = Call::of(&parts, peer, (self.random)());
        let mut response = match self.found(&parts, body, &call).await {
            Ok(response) => response,
            Err(refusal) => refusal.response(&call.request_id, call.trace.trace_id()),
        };
        if let Ok(id) = HeaderValue::from_str(&call.request_id) {
            response.headers_mut().entry(HeaderName::from_static("x-request-id")).or_insert(id);
        }
        keep_browsers_safe(response.headers_mut());
        response.map(axum::body::Body::from)
    }

    async fn found(&self, parts: &Parts, body: axum::body::Body, call: &Call) -> Result<Response<Bytes>, Refusal> {
        let path = parts.uri.path();
        match self.contract.find(&parts.method, path) {
            Found::Operation(operation, path_parameters) => {
                let body = read(body, operation.max_body_bytes).await?;
                self.check(operation, parts, &body)?;
                self.invoke(operation, parts, &path_parameters, &body, call).await
            }
            Found::OtherMethod(known) => Err(Refusal::other_method(&known)),
            Found::Nothing => {
                let Some(page) = self.pages.answer(&parts.method, path, &parts.headers) else {
                    return self.nowhere(parts).ok_or_else(Refusal::unknown_path);
                };
                let readable = [&Method::GET, &Method::HEAD];
                if readable.contains(&&parts.method) { Ok(page) } else { Err(Refusal::other_method(&readable)) }
            }
        }
    }

    /// What a browser sees at an address that is neither a page nor the API's. Whatever begins like a path of the API is
    /// the API's to answer.
    fn nowhere(&self, parts: &Parts) -> Option<Response<Bytes>> {
        let of_the_api = self.contract.is_near(parts.uri.path());
        if of_the_api { None } else { self.pages.not_found(&parts.method, &parts.headers) }
    }

    /// What a REST API's request validator checks: parameters that must be there, and the schema of a JSON body.
    fn check(&self, operation: &Operation, parts: &Parts, body: &[u8]) -> Result<(), Refusal> {
        let blank = |name: &&String| {
            parts.headers.get(name.as_str()).is_none_or(|value| value.as_bytes().trim_ascii().is_empty())
        };
        if let Some(missing) = operation.required_headers.iter().find(blank) {
            return Err(Refusal::invalid(format!("The header {missing} is required.")));
        }
        let query = event::pairs(parts.uri.query().unwrap_or_default());
        let absent = |name: &&String| !query.iter().any(|(known, value)| known == *name && !value.is_empty());
        if let Some(missing) = operation.required_query.iter().find(absent) {
            return Err(Refusal::invalid(format!("The query parameter {missing} is required.")));
        }
        let Some(expected) = &operation.body else {
            return Ok(());
        };
        if body.is_empty() {
            return if expected.required { Err(Refusal::invalid("This operation needs a body.")) } else { Ok(()) };
        }
        if expected.raw || !is_json(&parts.headers) {
            return Ok(());
        }
        let said = || Refusal::invalid("The body does not match the contract of this operation.");
        let value = serde_json::from_slice(body).map_err(|_| Refusal::invalid("The body is not JSON."))?;
        if self.contract.violations(&expected.schema, &value).is_empty() { Ok(()) } else { Err(said()) }
    }

    async fn invoke(
        &self,
        operation: &Operation,
        parts: &Parts,
        path_parameters: &[(String, String)],
        body: &[u8],
        call: &Call,
    ) -> Result<Response<Bytes>, Refusal> {
        let pool = self.pools.get(operation.function.as_str()).ok_or_else(Refusal::failed)?;
        let incoming = Incoming {
            resource: &operation.path,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            method: &parts.method,
            headers: &parts.headers,
            path_parameters,
            body,
            source_ip: &call.source_ip,
            request_id: &call.request_id,
            received_at_millis: (self.clock)().millis(),
        };
        let event = event::event(&incoming).map_err(|why| match why {
            Unsendable::NotText => Refusal::invalid("The body is not UTF-8 text."),
            Unsendable::TooLong => Refusal::too_large(event::EVENT_LIMIT),
        })?;
        let answer = pool.invoke(event).await.map_err(|failure| match failure {
            Failure::Throttled | Failure::TimedOut => Refusal::throttled(),
            Failure::Failed(_) => Refusal::failed(),
        })?;
        event::response(&answer).ok_or_else(Refusal::failed)
    }
}

/// What the gateway knows of a request before it looks at what is asked.
struct Call {
    request_id: String,
    source_ip: String,
    trace: Trace,
}

impl Call {
    fn of(parts: &Parts, peer: SocketAddr, random: [u8; 24]) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let usable = |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let trace = header("traceparent").and_then(Trace::parse).unwrap_or_else(|| Trace::new(random));
        let drawn = || kernel::id::encode(std::array::from_fn(|index| random[index]));
        Self {
            request_id: header("x-request-id").filter(usable).map_or_else(drawn, str::to_owned),
            source_ip: source_ip(peer.ip(), header("x-forwarded-for")).to_string(),
            trace,
        }
    }
}

/// The caller's address. Somebody on this machine may say for whom they ask: the last hop that they name.
fn source_ip(peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
    let named = forwarded_for.and_then(|hops| hops.rsplit(',').next()).and_then(|hop| hop.trim().parse().ok());
    if peer.is_loopback() { named.unwrap_or(peer) } else { peer }
}

/// API Gateway takes a body without a media type for JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

async fn read(body: axum::body::Body, limit: usize) -> Result<Bytes, Refusal> {
    let limit = limit.min(BODY_LIMIT);
    let (mut body, mut kept, mut seen) = (body, BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::invalid("The body ended early."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= limit {
            kept.extend_from_slice(&data);
        } else if seen > PATIENCE {
            break;
        }
    }
    if seen > limit { Err(Refusal::too_large(limit)) } else { Ok(kept.freeze()) }
}

#[cfg(test)]
mod tests {
    use super::source_ip;

    #[test]
    fn only_this_machine_may_ask_for_another_address() {
        let (here, there) = ("127.0.0.1".parse().unwrap(), "198.51.100.1".parse().unwrap());
        assert_eq!(source_ip(here, Some("10.0.0.1, 203.0.113.9")).to_string(), "203.0.113.9");
        assert_eq!(source_ip(here, Some("nonsense")).to_string(), "127.0.0.1");
        assert_eq!(source_ip(here, None).to_string(), "127.0.0.1");
        assert_eq!(source_ip(there, Some("203.0.113.9")).to_string(), "198.51.100.1");
    }
}

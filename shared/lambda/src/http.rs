//! Functions that answer HTTP requests from API Gateway: REST (payload 1.0, as deployed) and HTTP APIs (payload 2.0, as
//! `cargo lambda watch` sends).

use crate::function::{Function, Invocation, Start, caught, measure, unreadable};
use crate::identity::Gate;
use crate::platform::{Error, Platform, Stopwatch};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::{Inner, Request};
use ::http::StatusCode;
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Fault, Instant};
use serde::Serialize;
use serde::ser::SerializeMap;
use std::sync::{Arc, Mutex};
use telemetry::Span;

/// The largest body a route takes unless it says otherwise, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// A function that answers HTTP requests.
///
/// # Errors
/// When a setting that every such function needs is missing.
pub fn http<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    http_with_limit(platform, operation, BODY_LIMIT, handler)
}

/// As [`http`], for a route with a body limit of its own, in bytes.
///
/// # Errors
/// As [`http`].
pub fn http_with_limit<F, Fut>(
    platform: &Platform,
    operation: &'static str,
    body_limit: usize,
    handler: F,
) -> Result<Function, Error>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    http_taking(platform, operation, Bodies { limit: body_limit, may_list_numbers: false }, handler)
}

/// As [`http_with_limit`], for a route that takes feeds: the numbers of thousands of articles, some of which cannot be told from
/// those of cards (docs/decisions/0203).
///
/// # Errors
/// As [`http`].
pub fn http_of_feeds<F, Fut>(
    platform: &Platform,
    operation: &'static str,
    body_limit: usize,
    handler: F,
) -> Result<Function, Error>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    http_taking(platform, operation, Bodies { limit: body_limit, may_list_numbers: true }, handler)
}

/// The bodies that a route takes.
#[derive(Debug, Clone, Copy)]
struct Bodies {
    /// A longer one is refused, in bytes.
    limit: usize,
    /// Whether numbers that look like those of cards are no reason to refuse one.
    may_list_numbers: bool,
}

fn http_taking<F, Fut>(
    platform: &Platform,
    operation: &'static str,
    bodies: Bodies,
    handler: F,
) -> Result<Function, Error>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    let start = Start::new(platform, operation);
    let gate = Arc::new(Gate::new(platform));
    let handler = Arc::new(handler);
    Ok(Function::new(operation, move |event, invocation| {
        let (start, gate, handler) = (start.clone(), Arc::clone(&gate), Arc::clone(&handler));
        Box::pin(async move { serve(&start, gate, &event, invocation, bodies, &*handler).await })
    }))
}

async fn serve<F, Fut>(
    start: &Start,
    gate: Arc<Gate>,
    event: &[u8],
    invocation: Invocation,
    bodies: Bodies,
    handler: &F,
) -> Result<Vec<u8>, Error>
where
    F: Fn(Request) -> Fut,
    Fut: Future<Output = Result<Reply, Problem>>,
{
    let watch = start.platform.stopwatch();
    let received_at = watch.began;
    let (incoming, payload) = Incoming::read(event)
        .map_err(|error| unreadable(&start.span(None, &invocation.request_id), start, watch, &error))?;
    let request_id = incoming.request_id.clone().unwrap_or_else(|| invocation.request_id.clone());
    let traceparent = incoming.headers.get("traceparent").and_then(|value| value.to_str().ok());
    let span = start.span(traceparent, &request_id);
    let (method, route) = (incoming.method.clone(), incoming.route.clone());

    let (answered, always) = match incoming.into_request(received_at, invocation.deadline, span.clone(), gate, bodies) {
        Ok(request) => {
            let answered = caught(start, async { handler(request.clone()).await }).await;
            let answered = answered.unwrap_or_else(|panic| Err(panic.into()));
            let always = request.inner.reply_headers.lock().map(|headers| headers.clone()).unwrap_or_default();
            (answered, always)
        }
        Err(problem) => (Err(problem), Vec::new()),
    };
    let code = answered.as_ref().err().map(|problem| problem.fault().code);
    let reply = answered.unwrap_or_else(|problem| problem.reply(&span));
    let reply = always.into_iter().fold(reply, |reply, (name, value)| reply.header(&name, value));
    let reply = reply.header("x-request-id", request_id).header("traceparent", span.trace().to_string());

    let access = Access { method: method.as_str(), route: &route, status: reply.status, code };
    access.tell(&span, start, watch);
    Ok(payload.write(reply)?)
}

/// One request, as its line tells of it. The route stands for the path: what a client writes into a path may be
/// anything, and what it names is in the business keys.
struct Access<'a> {
    method: &'a str,
    route: &'a str,
    status: StatusCode,
    code: Option<&'static str>,
}

impl Access<'_> {
    /// One access line and one EMF document for each request.
    fn tell(&self, span: &Span, start: &Start, watch: Stopwatch) {
        let took = watch.took(&start.platform);
        let failed = usize::from(self.status.is_server_error());
        measure(span, start, failed, "http_request_duration_seconds", took);
        let took_ms = took.as_millis().to_string();
        let mut fields = vec![
            ("method", self.method),
            ("route", self.route),
            ("status", self.status.as_str()),
            ("duration_ms", took_ms.as_str()),
        ];
        fields.extend(self.code.map(|code| ("code", code)));
        span.info("request", &fields);
        span.finish();
    }
}

/// Which of the gateway's two payloads came, and so which answer it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payload {
    Rest,
    Http,
}

/// What both payloads say.
struct Incoming {
    method: ::http::Method,
    route: String,
    path: String,
    headers: ::http::HeaderMap,
    query: Vec<(String, String)>,
    path_parameters: std::collections::HashMap<String, String>,
    body: Option<String>,
    base64: bool,
    address: String,
    request_id: Option<String>,
}

/// The member that tells the payloads apart.
#[derive(serde::Deserialize)]
struct Versioned {
    version: Option<String>,
}

impl Incoming {
    fn read(event: &[u8]) -> Result<(Self, Payload), serde_json::Error> {
        let version = serde_json::from_slice::<Versioned>(event)?.version;
        if version.as_deref() == Some("2.0") {
            Ok((serde_json::from_slice::<ApiGatewayV2httpRequest>(event)?.into(), Payload::Http))
        } else {
            Ok((serde_json::from_slice::<ApiGatewayProxyRequest>(event)?.into(), Payload::Rest))
        }
    }

    fn into_request(
        self,
        received_at: Instant,
        deadline: Instant,
        span: Span,
        gate: Arc<Gate>,
        bodies: Bodies,
    ) -> Result<Request, Problem> {
        let body = match self.body {
            Some(text) if self.base64 => STANDARD
                .decode(text)
                .map_err(|_| Problem::from(Fault::field("", "encoding", "The body is not valid base64.")))?,
            Some(text) => text.into_bytes(),
            None => Vec::new(),
        };
        if body.len() > bodies.limit {
            let detail = format!("The body is larger than {} bytes.", bodies.limit);
            return Err(Problem::transport(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
        }
        if !bodies.may_list_numbers && kernel::card::contains_card_number(&body) {
            return Err(kernel::card::refusal().into());
        }
        let inner = Inner {
            method: self.method,
            route: self.route,
            path: self.path,
            headers: self.headers,
            query: self.query,
            path_parameters: self.path_parameters,
            body,
            address: self.address,
            received_at,
            deadline,
            span,
            gate,
            reply_headers: Mutex::default(),
        };
        Ok(Request { inner: Arc::new(inner) })
    }
}

impl From<ApiGatewayProxyRequest> for Incoming {
    fn from(event: ApiGatewayProxyRequest) -> Self {
        let headers = if event.multi_value_headers.is_empty() { event.headers } else { event.multi_value_headers };
        let query = if event.multi_value_query_string_parameters.is_empty() {
            event.query_string_parameters
        } else {
            event.multi_value_query_string_parameters
        };
        Self {
            method: event.http_method,
            route: event.resource.unwrap_or_default(),
            path: event.path.unwrap_or_default(),
            headers,
            query: query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            path_parameters: event
                .path_parameters
                .into_iter()
                .map(|(name, value)| (name, percent_decoded(&value)))
                .collect(),
            body: event.body,
            base64: event.is_base64_encoded,
            address: event.request_context.identity.source_ip.unwrap_or_default(),
            request_id: event.request_context.request_id,
        }
    }
}

impl From<ApiGatewayV2httpRequest> for Incoming {
    fn from(event: ApiGatewayV2httpRequest) -> Self {
        let mut headers = event.headers;
        if let Some(cookies) = event.cookies
            && let Ok(value) = cookies.join("; ").parse()
        {
            headers.insert("cookie", value);
        }
        let context = event.request_context;
        // The route key is `POST /api/orders/{orderId}`.
        let route = event.route_key.as_deref().and_then(|key| key.split_once(' ')).map(|(_, path)| path.to_owned());
        let path = event.raw_path.unwrap_or_default();
        Self {
            method: context.http.method,
            route: route.unwrap_or_else(|| path.clone()),
            path,
            headers,
            query: event
                .query_string_parameters
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            path_parameters: event
                .path_parameters
                .into_iter()
                .map(|(name, value)| (name, percent_decoded(&value)))
                .collect(),
            body: event.body,
            base64: event.is_base64_encoded,
            address: context.http.source_ip.unwrap_or_default(),
            request_id: context.request_id,
        }
    }
}

/// API Gateway hands path parameters over as they stood in the URL.
fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%' && after.len() >= 2)
            .then(|| std::str::from_utf8(&after[..2]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()))
            .flatten();
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Payload {
    fn write(self, reply: Reply) -> Result<Vec<u8>, serde_json::Error> {
        let (body, base64) = match String::from_utf8(reply.body) {
            Ok(text) => (text, false),
            Err(binary) => (STANDARD.encode(binary.as_bytes()), true),
        };
        serde_json::to_vec(&Answer {
            payload: self,
            status: reply.status.as_u16(),
            headers: &reply.headers,
            body,
            base64,
        })
    }
}

struct Answer<'a> {
    payload: Payload,
    status: u16,
    headers: &'a [(String, String)],
    body: String,
    base64: bool,
}

impl Serialize for Answer<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("statusCode", &self.status)?;
        let cookies: Vec<&str> =
            self.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str()).collect();
        let plain = Plain(self.headers);
        map.serialize_entry("headers", &plain)?;
        if self.payload == Payload::Http {
            // Even when there are none: `cargo lambda watch` refuses an answer without this member.
            map.serialize_entry("cookies", &cookies)?;
        } else if !cookies.is_empty() {
            map.serialize_entry("multiValueHeaders", &std::collections::BTreeMap::from([("set-cookie", cookies)]))?;
        }
        map.serialize_entry("body", &self.body)?;
        map.serialize_entry("isBase64Encoded", &self.base64)?;
        map.end()
    }
}

/// The headers that may stand once.
struct Plain<'a>(&'a [(String, String)]);

impl Serialize for Plain<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().filter(|(name, _)| name != "set-cookie").map(|(name, value)| (name, value)))
    }
}

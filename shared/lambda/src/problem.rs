//! How a refusal is said over HTTP: RFC 9457 `application/problem+json`. The one place where a fault gets a status.

use crate::reply::Reply;
use http::StatusCode;
use kernel::{Fault, FieldError, Kind};
use serde::Serialize;
use serde_json::{Map, Value};
use table::WriteError;
use telemetry::Span;

/// Where the pages of the error types live; each code has one in `docs/errors.md`.
const TYPES: &str = "https://russet.shop/errors/";

/// A refusal: a fault, or a refusal of the transport that no context knows.
#[derive(Debug, Clone)]
pub struct Problem {
    inner: Box<Inner>,
}

/// What a problem says: kept apart, since a result is as large as its larger side.
#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    fault: Fault,
    headers: Vec<(&'static str, String)>,
    members: Map<String, Value>,
    told: Option<(String, String)>,
}

impl Problem {
    /// A refusal of the transport: 405, 411, 413, 415, 428.
    #[must_use]
    pub fn transport(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let mut problem = Self::from(Fault::new(Kind::Invalid, code, detail));
        problem.inner.status = status;
        problem
    }

    /// The same problem with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.inner.headers.push((name, value.into()));
        self
    }

    /// The same problem with one more member, which its code documents.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.inner.members.insert(name.to_owned(), value);
        self
    }

    /// The same problem under the request and the trace that were told it first: its repeat is the same to the byte.
    #[must_use]
    pub fn told(mut self, request_id: impl Into<String>, trace_id: impl Into<String>) -> Self {
        self.inner.told = Some((request_id.into(), trace_id.into()));
        self
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.inner.fault
    }

    /// The reply that says it. The cause goes to the log, here and only here.
    pub(crate) fn reply(&self, span: &Span) -> Reply {
        let Inner { status, fault, headers, members, told } = &*self.inner;
        match (&fault.cause, status.is_server_error()) {
            (Some(cause), true) => span.error("the request failed", &[("code", fault.code), ("cause", cause)]),
            (None, true) => span.error("the request failed", &[("code", fault.code), ("cause", &fault.detail)]),
            (Some(cause), false) => span.info("the request was refused", &[("code", fault.code), ("cause", cause)]),
            (None, false) => {}
        }
        let now = (span.request_id().to_owned(), span.trace().trace_id().to_owned());
        let (request_id, trace_id) = told.as_ref().unwrap_or(&now);
        let body = Body {
            kind: format!("{TYPES}{}", fault.code),
            title: title(*status),
            status: status.as_u16(),
            detail: &fault.detail,
            instance: format!("urn:request:{request_id}"),
            code: fault.code,
            trace_id,
            errors: fault.errors.iter().map(FieldReply::from).collect(),
            members,
        };
        let mut reply = Reply::json(*status, &body).content_type("application/problem+json");
        if let Some(after) = fault.retry_after {
            let seconds = after.as_millis().div_ceil(1000).max(1);
            reply = reply.header("retry-after", seconds.to_string());
        }
        for (name, value) in headers {
            reply = reply.header(name, value.clone());
        }
        reply
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'static str,
    trace_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldReply<'a>>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct FieldReply<'a> {
    pointer: &'a str,
    detail: &'a str,
    rule: &'static str,
}

impl<'a> From<&'a FieldError> for FieldReply<'a> {
    fn from(error: &'a FieldError) -> Self {
        Self { pointer: &error.pointer, detail: &error.detail, rule: error.rule }
    }
}

/// The one table from faults to statuses.
const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Missing => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Precondition => StatusCode::PRECONDITION_FAILED,
        Kind::Gone => StatusCode::GONE,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Declined => StatusCode::PAYMENT_REQUIRED,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let status = status(fault.kind);
        Self { inner: Box::new(Inner { status, fault, headers: Vec::new(), members: Map::new(), told: None }) }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        Fault::from(error).into()
    }
}

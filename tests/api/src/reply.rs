//! One answer.

use crate::shop::contract;
use http::{HeaderMap, Method};
use local::contract::Found;
use serde_json::Value;

/// Set where the API answers by itself: the headers of the edge are not there then.
const WITHOUT_EDGE: &str = "WITHOUT_EDGE";

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    method: Method,
    path: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Reply {
    pub(crate) fn read(method: Method, path: String, response: http::Response<ureq::Body>) -> Result<Self, String> {
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(64 * 1024 * 1024).read_to_vec().map_err(|error| error.to_string())?;
        Ok(Self { method, path, status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path that was asked for, without its query.
    pub fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}: the body is not JSON: {error}"))
    }

    /// The same answer, if it has that status.
    ///
    /// # Panics
    /// When it has another.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The same answer, if it is a problem document with that status and code.
    ///
    /// # Panics
    /// When it is not.
    pub fn problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{reply}");
        assert_eq!(reply.json()["code"], code, "{reply}");
        reply
    }

    /// `name=value` of the cookie that the answer sets under that name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        set.filter_map(|cookie| cookie.split(';').next())
            .find(|pair| pair.starts_with(&format!("{name}=")))
            .map(str::to_owned)
    }

    /// The answer is one that the contract names for this operation, and looks as it says.
    pub(crate) fn hold_to_the_contract(&self) {
        assert!(self.header("x-request-id").is_some(), "{self}: no X-Request-Id");
        if std::env::var_os(WITHOUT_EDGE).is_none() {
            assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self}");
        }
        let path = self.path.split('?').next().unwrap_or_default();
        let Found::Operation(operation, _) = contract().find(&self.method, path) else {
            return;
        };
        let Some(known) = operation.answers.get(&self.status) else {
            panic!("{self}: the contract of {} does not know this status", operation.id);
        };
        if known.bodies.is_empty() {
            assert!(self.body.is_empty(), "{self}: the contract knows no body here");
            return;
        }
        let media_type = self.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
        let Some(schema) = known.bodies.get(media_type) else {
            panic!("{self}: the contract of {} does not know the media type {media_type:?} here", operation.id);
        };
        if media_type.ends_with("json") {
            let breaches: Vec<String> =
                contract().violations(schema, &self.json()).iter().map(ToString::to_string).collect();
            assert!(breaches.is_empty(), "{self}\nthe contract of {} is broken: {}", operation.id, breaches.join("; "));
        }
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text();
        let start: String = text.chars().take(1500).collect();
        write!(out, "{} {} → {} {start}", self.method, self.path, self.status)
    }
}

//! What goes over the wire, and the shapes that the JSON protocols share.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// One call, read from the socket.
pub(crate) struct Request {
    pub(crate) method: http::Method,
    /// Still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The answer to one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The error's name in the service's model.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    /// The state could not be written: whether it happened is not known.
    pub(crate) fn unwritten() -> Self {
        Self { status: 500, code: "InternalFailure", message: "the state cannot be written".into() }
    }

    pub(crate) fn unknown_action(action: &str) -> Self {
        Self::new("UnknownOperationException", format!("the stand-in does not know {action}"))
    }
}

/// The answer in one of the AWS JSON protocols: `application/x-amz-json-1.0`, `-1.1` or plain for REST.
pub(crate) fn json_reply(content_type: &str, answer: Result<Value, Refusal>) -> Reply {
    match answer {
        Ok(value) => Reply::new(200, content_type, value.to_string()),
        Err(refusal) => {
            let body = json!({"__type": refusal.code, "message": refusal.message});
            Reply::new(refusal.status, content_type, body.to_string()).with("x-amzn-errortype", refusal.code)
        }
    }
}

/// The request's JSON as `T`.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refusal::new("SerializationException", error.to_string()))
}

//! What the gateway itself refuses, said as its `GatewayResponses` say it: problem documents without pointers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::json;

/// A refusal of the gateway.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: String,
    headers: Vec<(HeaderName, String)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), headers: Vec::new() }
    }

    fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The request does not match the contract: API Gateway's `BAD_REQUEST_BODY` and `BAD_REQUEST_PARAMETERS`.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// No such path.
    #[must_use]
    pub fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here under this name.")
    }

    /// The path is there, the method is not.
    #[must_use]
    pub fn other_method(allowed: &[&Method]) -> Self {
        let allowed = allowed.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", format!("This path answers {allowed}."))
            .header(http::header::ALLOW, allowed)
    }

    /// The body is longer than the route takes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("The body is larger than {limit} bytes."))
    }

    /// No environment is free and no more may be made: Lambda throttles.
    #[must_use]
    pub fn throttled() -> Self {
        let detail = "System experiencing high traffic. Please try again shortly.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).header(http::header::RETRY_AFTER, "1")
    }

    /// The function failed as a whole.
    #[must_use]
    pub fn failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side. It has been noted.")
    }

    /// The response that says it.
    #[must_use]
    pub fn response(self, request_id: &str, trace_id: &str) -> Response<Bytes> {
        let body = json!({
            "type": format!("https://russet.shop/errors/{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": format!("urn:request:{request_id}"),
            "code": self.code,
            "trace_id": trace_id,
            "errors": [],
        });
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = self.status;
        let own = [
            ("content-type", "application/problem+json"),
            ("cache-control", "private, no-store"),
            ("x-request-id", request_id),
        ];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

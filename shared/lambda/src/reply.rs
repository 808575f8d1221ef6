//! What a function answers.

use http::StatusCode;
use serde::Serialize;

/// A status, headers and a body.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// A JSON body with that status, not to be kept by anyone.
    #[must_use]
    pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::bytes(status, "application/json", body),
            Err(_) => {
                Self::bytes(StatusCode::INTERNAL_SERVER_ERROR, "application/problem+json", b"{\"status\":500}".to_vec())
            }
        }
    }

    /// A body of any type.
    #[must_use]
    pub fn bytes(status: StatusCode, content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("cache-control".to_owned(), "private, no-store".to_owned()),
        ];
        Self { status, headers, body }
    }

    /// 204: it is done, and there is nothing to say about it.
    #[must_use]
    pub fn no_content() -> Self {
        Self::bytes(StatusCode::NO_CONTENT, "application/json", Vec::new())
    }

    /// 200.
    #[must_use]
    pub fn ok<T: Serialize>(body: &T) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// 201, made there.
    #[must_use]
    pub fn created<T: Serialize>(location: impl Into<String>, body: &T) -> Self {
        Self::json(StatusCode::CREATED, body).header("location", location)
    }

    /// 202, going on there.
    #[must_use]
    pub fn accepted<T: Serialize>(location: impl Into<String>, body: &T) -> Self {
        Self::json(StatusCode::ACCEPTED, body).header("location", location)
    }

    /// 304.
    #[must_use]
    pub const fn not_modified() -> Self {
        Self { status: StatusCode::NOT_MODIFIED, headers: Vec::new(), body: Vec::new() }
    }

    /// The same reply with a header set.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name || name == "set-cookie");
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same reply as another media type.
    #[must_use]
    pub fn content_type(self, media_type: &str) -> Self {
        self.header("content-type", media_type)
    }

    /// The same reply, shared: kept by CloudFront for 30 s and by browsers for 5, served stale while it is fetched
    /// anew and when we are down.
    #[must_use]
    pub fn shared(self, etag: &str) -> Self {
        self.header("cache-control", "public, max-age=5, s-maxage=30, stale-while-revalidate=30, stale-if-error=300")
            .header("etag", format!("\"{etag}\""))
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A member of a problem, as JSON.
///
/// # Errors
/// A bug when it does not write.
pub fn to_json<T: Serialize>(value: &T) -> Result<serde_json::Value, kernel::Fault> {
    serde_json::to_value(value).map_err(|error| kernel::Fault::bug(format!("a reply does not write: {error}")))
}

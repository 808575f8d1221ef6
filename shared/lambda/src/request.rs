//! What a function is asked, checked on the way out of it.

use crate::identity::Gate;
use crate::problem::Problem;
use crate::reply::Reply;
use http::{HeaderMap, Method, StatusCode};
use kernel::{Fault, Instant, Principal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use telemetry::Span;

/// One HTTP request. Everything it gives out has been checked; what does not pass is a [`Problem`].
#[derive(Clone)]
pub struct Request {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub method: Method,
    pub route: String,
    pub path: String,
    pub headers: HeaderMap,
    pub query: Vec<(String, String)>,
    pub path_parameters: HashMap<String, String>,
    pub body: Vec<u8>,
    pub address: String,
    pub received_at: Instant,
    pub deadline: Instant,
    pub span: Span,
    pub gate: Arc<Gate>,
    /// Headers that the reply carries whatever it says: a new guest's cookie, the limits.
    pub reply_headers: Mutex<Vec<(String, String)>>,
}

impl Request {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.inner.method
    }

    /// The route as the contract writes it: `/api/orders/{orderId}`.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.inner.route
    }

    /// The path as it was asked for.
    #[must_use]
    pub fn path_text(&self) -> &str {
        &self.inner.path
    }

    /// The body's bytes, as they came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.inner.body
    }

    /// When the request came in.
    #[must_use]
    pub fn received_at(&self) -> Instant {
        self.inner.received_at
    }

    /// When Lambda will end the invocation.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.inner.deadline
    }

    /// The voice of this request.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.inner.span
    }

    /// The caller's network address, as the gateway saw it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.inner.address
    }

    /// A header, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers that are text, by their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// Whether the caller has the reply with that ETag already, as `If-None-Match` says: by the weak comparison, as RFC
    /// 9110 §13.1.2 asks, since an edge that compresses answers weakens their tags.
    #[must_use]
    pub fn has_seen(&self, etag: &str) -> bool {
        self.header("if-none-match").is_some_and(|header| {
            header.split(',').map(str::trim).any(|tag| {
                let quoted = tag.strip_prefix("W/").unwrap_or(tag);
                tag == "*" || quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(etag)
            })
        })
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.inner
            .headers
            .get_all("cookie")
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// A part of the path. What does not parse names nothing that exists.
    ///
    /// # Errors
    /// 404.
    pub fn path<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        let value =
            self.inner.path_parameters.get(name).ok_or_else(|| Fault::bug(format!("no path parameter {name}")))?;
        value.parse().map_err(|_| Fault::missing().into())
    }

    /// A query parameter, if it is given and not empty.
    ///
    /// # Errors
    /// 400 naming the parameter when it does not parse.
    pub fn query<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem>
    where
        T::Err: std::fmt::Display,
    {
        let Some(value) = self.query_text(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        value
            .parse()
            .map(Some)
            .map_err(|error: T::Err| Fault::field(format!("?{name}"), "format", error.to_string()).into())
    }

    /// A query parameter as it came.
    #[must_use]
    pub fn query_text(&self, name: &str) -> Option<&str> {
        self.inner.query.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// How many items of a list are asked for: `?limit=`, `otherwise` when it is not given.
    ///
    /// # Errors
    /// 400 unless it is 1 to `most`.
    pub fn limit(&self, otherwise: usize, most: usize) -> Result<usize, Problem> {
        let limit = self.query::<usize>("limit")?.unwrap_or(otherwise);
        if (1..=most).contains(&limit) {
            return Ok(limit);
        }
        Err(Fault::field("?limit", "range", format!("limit is a whole number from 1 to {most}")).into())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 415 when it is not said to be JSON; 400 with the pointer when it is not that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let media_type = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::transport(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as application/json.",
            ));
        }
        parse_json(&self.inner.body).map_err(Problem::from)
    }

    /// Who asks, as far as the request proves it: staff by token, a guest by a signed cookie, else nobody.
    ///
    /// # Errors
    /// 401 for a token that is not one of ours; unavailable when a store does not answer.
    pub async fn principal(&self) -> Result<Principal, Problem> {
        self.inner.gate.principal(self).await
    }

    /// The member of staff who asks, if they may do what `role` may.
    ///
    /// # Errors
    /// 401 without a valid token, 403 in another role.
    pub async fn staff(&self, role: kernel::Role) -> Result<Principal, Problem> {
        self.inner.gate.staff(self, role).await
    }

    /// The guest or customer who asks; somebody new becomes a guest, and the reply sets their cookie.
    ///
    /// # Errors
    /// Unavailable when a store does not answer.
    pub async fn shopper(&self) -> Result<Principal, Problem> {
        self.inner.gate.shopper(self).await
    }

    /// A guest nobody knows yet. Who the reply is for learns of it by [`Request::welcome`].
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new_guest(&self) -> Result<kernel::GuestId, Problem> {
        Ok(self.inner.gate.new_guest()?)
    }

    /// Lets the reply carry the cookie of `guest`.
    ///
    /// # Errors
    /// Unavailable when the signing secret cannot be read.
    pub async fn welcome(&self, guest: &kernel::GuestId) -> Result<(), Problem> {
        Ok(self.inner.gate.welcome(self, guest).await?)
    }

    /// The key that the browser made for this session, from the header `Session-Key`: personal data is sealed to it.
    ///
    /// # Errors
    /// 400 when it is not a P-256 public key as base64url of its JWK.
    pub fn session_key(&self) -> Result<Option<vault::Recipient>, Problem> {
        let Some(text) = self.header("session-key") else {
            return Ok(None);
        };
        let refused =
            |_| Fault::field("?Session-Key", "format", "Session-Key is base64url of a P-256 public JWK.").into();
        vault::Recipient::from_header(text).map(Some).map_err(refused)
    }

    /// Opens a cursor that an earlier page gave out.
    ///
    /// # Errors
    /// 400 when it is not one of ours for this list.
    pub async fn cursor<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        let Some(text) = self.query_text("cursor").filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        self.inner.gate.open_cursor(self, text).await.map(Some)
    }

    /// Seals where the next page of this list begins.
    ///
    /// # Errors
    /// Unavailable when the signing secret cannot be read.
    pub async fn seal_cursor<T: Serialize>(&self, position: &T) -> Result<String, Problem> {
        self.inner.gate.seal_cursor(self, position).await
    }

    /// One page of a list as it is answered: its items, and where the next page begins, sealed.
    ///
    /// # Errors
    /// Unavailable when the signing secret cannot be read.
    pub async fn page<T: Serialize, P: Serialize>(&self, items: Vec<T>, next: Option<&P>) -> Result<Reply, Problem> {
        let next_cursor = match next {
            Some(position) => Some(self.seal_cursor(position).await?),
            None => None,
        };
        Ok(Reply::ok(&Page { items, next_cursor }))
    }

    /// A header that the reply carries whatever it says.
    pub fn reply_header(&self, name: &str, value: impl Into<String>) {
        if let Ok(mut headers) = self.inner.reply_headers.lock() {
            headers.push((name.to_owned(), value.into()));
        }
    }
}

/// One page of a list.
#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// `bytes` as JSON of one shape; unknown fields are refused by the shape itself.
///
/// # Errors
/// Invalid, with an RFC 6901 pointer to what does not fit.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let message = error.inner().to_string();
        Fault::field(pointer(error.path(), &message), rule(error.inner(), &message), said(&message))
    })?;
    json.end().map_err(|error| Fault::field("", "json", said(&error.to_string())))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path, message: &str) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    // serde names a missing or unknown field in its message only.
    let named = message.strip_prefix("missing field `").or_else(|| message.strip_prefix("unknown field `"));
    if let Some((field, _)) = named.and_then(|rest| rest.split_once('`'))
        && !pointer.ends_with(&format!("/{field}"))
    {
        pointer.push_str(&format!("/{field}"));
    }
    pointer
}

fn rule(error: &serde_json::Error, message: &str) -> &'static str {
    use serde_json::error::Category;
    match error.classify() {
        Category::Data if message.starts_with("missing field") => "required",
        Category::Data if message.starts_with("unknown field") => "unknown_field",
        Category::Data if message.starts_with("invalid type") => "type",
        Category::Data => "format",
        Category::Syntax | Category::Eof | Category::Io => "json",
    }
}

/// serde's words, without the names of our types and the position, which the pointer gives.
fn said(message: &str) -> String {
    let text = message.split(" at line ").next().unwrap_or(message);
    if text.is_empty() { "The body is not JSON.".to_owned() } else { text.to_owned() }
}

/// Refuses a text that is longer than its field takes.
///
/// # Errors
/// Invalid, with the pointer.
pub fn text_limit(pointer: &str, text: &str, most: usize) -> Result<(), Fault> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(Fault::field(pointer, "max_length", format!("This is longer than {most} characters.")))
}

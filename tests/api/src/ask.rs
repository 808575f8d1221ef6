//! One request.

use crate::reply::Reply;
use crate::shop::Shop;
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

/// A request that is being put together.
#[must_use]
#[derive(Clone)]
pub struct Ask<'a> {
    shop: &'a Shop,
    method: Method,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(shop: &'a Shop, method: Method, path: &str) -> Self {
        Self { shop, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// With that header.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        self.header_bytes(name, value.as_ref().as_bytes())
    }

    /// With that header, whatever its bytes.
    ///
    /// # Panics
    /// When HTTP has no room for them.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, HeaderValue::from_bytes(value).expect("a header's value")));
        self
    }

    /// Without that header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known.as_str() != name);
        self
    }

    /// Under that `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    /// With a body of that media type.
    pub fn bytes(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", media_type)
    }

    /// Sends it, and holds the answer to the contract.
    ///
    /// # Panics
    /// When there is no answer, or one that the contract does not know.
    pub fn send(&self) -> Reply {
        let reply = self.attempt().unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path));
        reply.hold_to_the_contract();
        reply
    }

    /// Sends it, and gives the answer unchecked, or why there is none.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn attempt(&self) -> Result<Reply, String> {
        let mut request = http::Request::builder().method(self.method.clone()).uri(self.shop.address_of(&self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answered = match &self.body {
            Some(body) => self.shop.agent().run(request.body(body.clone()).map_err(|error| error.to_string())?),
            None => self.shop.agent().run(request.body(()).map_err(|error| error.to_string())?),
        };
        Reply::read(self.method.clone(), self.path.clone(), answered.map_err(|error| error.to_string())?)
    }
}

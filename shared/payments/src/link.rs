//! The way to a provider.

use outbound::{Answer, Ask, Client, Method};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// What we and the provider know: the secret `payments`. It does not print.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    api_key: String,
    webhook_secret: String,
    /// During a rotation, the secret that is going.
    #[serde(default)]
    previous_webhook_secret: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// The secrets that may have signed an event. One that does not read signs nothing.
    #[must_use]
    pub fn webhook_secrets(&self) -> Vec<webhooks::Secret> {
        let texts = std::iter::once(&self.webhook_secret).chain(&self.previous_webhook_secret);
        texts.filter_map(|text| webhooks::Secret::parse(text).ok()).collect()
    }
}

/// The way to a provider: its address, what we know together, and the client that calls it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    client: Client,
    base: String,
    credentials: Credentials,
}

/// One call: how long it may take, under which key it counts once, and where in the trace it belongs.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// How long the provider has.
    pub within: Duration,
    /// The same for every repeat of the same effect: the provider answers repeats from the first.
    pub key: &'a str,
    /// Our place in the trace.
    pub traceparent: Option<&'a str>,
}

impl Link {
    /// The way to the provider at `base`, the setting `PAYMENT_PROVIDER_URL`.
    #[must_use]
    pub fn new(client: Client, base: &str, credentials: Credentials) -> Self {
        Self { client, base: base.trim_end_matches('/').to_owned(), credentials }
    }

    /// Posts `body` there, under the call's idempotency key.
    pub(crate) async fn post(&self, path: &str, call: Call<'_>, body: Vec<u8>) -> Result<Answer, outbound::Failure> {
        self.send(Method::POST, path, call, body).await
    }

    /// Gets what is there.
    pub(crate) async fn get(&self, path: &str, call: Call<'_>) -> Result<Answer, outbound::Failure> {
        self.send(Method::GET, path, call, Vec::new()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        call: Call<'_>,
        body: Vec<u8>,
    ) -> Result<Answer, outbound::Failure> {
        let url = format!("{}{path}", self.base);
        let bearer = format!("Bearer {}", self.credentials.api_key);
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", call.key)];
        let (traceparent, within) = (call.traceparent, call.within);
        self.client.send(Ask { method, url: &url, headers: &headers, body, traceparent, within }).await
    }
}

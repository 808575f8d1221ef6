//! The way to the providers, for one environment.

use kernel::{Fault, Instant};
use payments::{Call, Credentials, Link, Method};
use std::sync::Arc;
use std::time::Duration;
use vault::Secrets;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// How long a question to a provider's books may take.
const ASK: Duration = Duration::from_secs(3);

/// Reaches the providers. Cheap to clone; clones share connections and the secret.
#[derive(Clone)]
pub struct Till {
    client: outbound::Client,
    base: Arc<str>,
    secrets: Secrets,
    secret: Arc<str>,
    clock: Clock,
    random: vault::Random,
}

impl Till {
    /// The providers at `base`, with the credentials in the secret of that name.
    #[must_use]
    pub fn new(base: &str, secrets: Secrets, secret: &str, clock: Clock, random: vault::Random) -> Self {
        Self { client: outbound::Client::new(), base: base.into(), secrets, secret: secret.into(), clock, random }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// The clock itself.
    pub fn clock(&self) -> &(dyn Fn() -> Instant + Send + Sync) {
        &*self.clock
    }

    /// A random number, for the waits between calls.
    #[must_use]
    pub fn chance(&self) -> u64 {
        let mut bytes = [0; 8];
        // Without randomness every wait is the shortest: worse spread, never wrong.
        if self.random.fill(&mut bytes).is_err() {
            return 0;
        }
        u64::from_be_bytes(bytes)
    }

    /// The way there, with the credentials of now.
    ///
    /// # Errors
    /// Unavailable when the vault does not answer.
    pub async fn link(&self) -> Result<Link, Fault> {
        let credentials: Credentials = self.secrets.recent(&self.secret, self.now()).await?.json()?;
        Ok(Link::new(self.client.clone(), &self.base, credentials))
    }

    /// The method that a shopper or an order names.
    ///
    /// # Errors
    /// Unprocessable when there is no such method.
    pub fn method(&self, id: &str) -> Result<&'static dyn Method, Fault> {
        payments::by_id(id).ok_or_else(|| {
            let detail = "There is no such payment method.";
            let mut fault = Fault::new(kernel::Kind::Unprocessable, "payment_method_unknown", detail);
            let pointer = "/payment/method".to_owned();
            fault.errors.push(kernel::FieldError { pointer, rule: "payment_method", detail: detail.to_owned() });
            fault
        })
    }

    /// A call of its own key, outside the count of a payment's calls: a question, a void, a refund.
    #[must_use]
    pub fn call<'a>(&self, key: &'a str, traceparent: &'a str) -> Call<'a> {
        Call { within: ASK, key, traceparent: Some(traceparent).filter(|text| !text.is_empty()) }
    }
}

//! The way to the providers, for one environment.

use kernel::{Fault, Instant, OrderId};
use payments::{Admission, Breakers, Call, Credentials, Link, Method, Pass, Verdict, providers, resting};
use std::collections::BTreeSet;
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
    breakers: Breakers,
    shop: Arc<str>,
}

impl Till {
    /// The providers at `base`, with the credentials in the secret of that name. `shop` is where shoppers see us: those who
    /// are sent to a provider's page come back there.
    #[must_use]
    pub fn new(
        base: &str,
        secrets: Secrets,
        secret: &str,
        clock: Clock,
        random: vault::Random,
        breakers: Breakers,
        shop: &str,
    ) -> Self {
        let (client, base, secret) = (outbound::Client::new(), base.into(), secret.into());
        Self { client, base, secrets, secret, clock, random, breakers, shop: shop.trim_end_matches('/').into() }
    }

    /// The page of an order, for a shopper who comes back to it from their provider: it sees by `?back` what to do next.
    #[must_use]
    pub fn page_of(&self, order: &OrderId) -> String {
        format!("{}/shop/orders/{order}?back", self.shop)
    }

    /// Whether a checkout with that method can begin now. Made beside another call, it spares the checkout a read of its
    /// own; it takes nothing.
    ///
    /// # Errors
    /// Unprocessable when there is no such method; unavailable, with the moment from which trying again makes sense,
    /// when its provider is left alone.
    pub async fn ready(&self, method: &str) -> Result<(), Fault> {
        let provider = self.method(method)?.about().provider;
        self.breakers.look(provider, self.now()).await?.map_or(Ok(()), |wait| Err(resting(wait)))
    }

    /// How many providers are left alone, or were so a short while ago and have not been seen to work since.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn resting(&self) -> Result<usize, Fault> {
        let all: BTreeSet<&'static str> = providers::ALL.iter().map(|method| method.about().provider).collect();
        let mut resting = 0;
        for provider in all {
            resting += usize::from(self.breakers.is_in_trouble(provider, self.now()).await?);
        }
        Ok(resting)
    }

    /// Leave to call the provider for an order's payment, or how long to wait for it.
    ///
    /// # Errors
    /// Unprocessable when there is no such method; unavailable when the table does not answer.
    pub async fn admit(&self, method: &str, order: &OrderId) -> Result<Admission, Fault> {
        self.breakers.admit(self.method(method)?.about().provider, order, self.now()).await
    }

    /// As [`Till::admit`], for a shopper: those who come new wait too while the queue of payments is behind.
    ///
    /// # Errors
    /// As [`Till::admit`].
    pub async fn admit_shopper(&self, method: &str, order: &OrderId) -> Result<Admission, Fault> {
        let provider = self.method(method)?.about().provider;
        match self.breakers.look(provider, self.now()).await? {
            Some(wait) => Ok(Admission::Wait(wait)),
            None => self.admit(method, order).await,
        }
    }

    /// As [`Till::admit`], for somebody who does not wait.
    ///
    /// # Errors
    /// Unavailable, with the moment from which trying again makes sense, when the provider is left alone.
    pub async fn leave(&self, method: &str, order: &OrderId) -> Result<Pass, Fault> {
        passed(self.admit(method, order).await?)
    }

    /// As [`Till::admit_shopper`], for a shopper who does not wait.
    ///
    /// # Errors
    /// As [`Till::leave`].
    pub async fn leave_shopper(&self, method: &str, order: &OrderId) -> Result<Pass, Fault> {
        passed(self.admit_shopper(method, order).await?)
    }

    /// Notes how long a payment with that method waited for its first look. What the table does not take is not noted: the
    /// next one is.
    pub async fn note_wait(&self, method: &str, waited: Duration) {
        if let Ok(method) = self.method(method) {
            drop(self.breakers.note_wait(method.about().provider, waited, self.now()).await);
        }
    }

    /// Tells the breaker how an operation ended. What the table does not take is not counted: what the shopper is told
    /// does not hang on it, and a provider that is down is heard of again at once.
    pub async fn tell(&self, pass: &Pass, verdict: Verdict) {
        drop(self.breakers.report(pass, verdict, self.now()).await);
    }

    /// Tells the breaker what came of a question or a refund. Those are no payments and count only where they are the
    /// one call that a half-open breaker let through.
    pub async fn tell_beside<T>(&self, pass: &Pass, came: &Result<T, Fault>) {
        if came.is_err() && pass.is_probe() {
            self.tell(pass, Verdict::Fails).await;
        }
    }

    /// Gives back what a pass still holds: a probe that was not needed lets the next one try.
    pub async fn hand_back(&self, pass: Option<&Pass>) {
        if let Some(pass) = pass {
            self.tell(pass, Verdict::Silent).await;
        }
    }

    /// The same, calling them through `client`.
    #[must_use]
    pub fn through(self, client: outbound::Client) -> Self {
        Self { client, ..self }
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
        payments::by_id(id).ok_or_else(|| unknown("/payment"))
    }

    /// A call of its own key, outside the count of a payment's calls: a question, a void, a refund.
    #[must_use]
    pub fn call<'a>(&self, key: &'a str, traceparent: &'a str) -> Call<'a> {
        Call { within: ASK, key, traceparent: Some(traceparent).filter(|text| !text.is_empty()) }
    }
}

fn passed(admission: Admission) -> Result<Pass, Fault> {
    match admission {
        Admission::Go(pass) => Ok(pass),
        Admission::Wait(wait) => Err(resting(wait)),
    }
}

/// There is no such method; `under` is where the body names it.
pub(crate) fn unknown(under: &str) -> Fault {
    let detail = "There is no such payment method.";
    let mut fault = Fault::new(kernel::Kind::Unprocessable, "payment_method_unknown", detail);
    let pointer = format!("{under}/method");
    fault.errors.push(kernel::FieldError { pointer, rule: "payment_method", detail: detail.to_owned() });
    fault
}

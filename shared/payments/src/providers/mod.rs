//! The payment methods: one file for each, and one list. A new method is a new file and its name here; the page, the calls, the
//! retries and the breaker follow from the list.

mod card;
mod crypto;
mod paypal;
mod wire;

use crate::event::{Delivery, Event, Unbelieved};
use crate::link::{Call, Credentials, Link};
use crate::pay::Charge;
use crate::report::Report;
use futures::future::BoxFuture;
use kernel::Money;

/// Every method there is, in the order in which the page shows them.
pub const ALL: &[&dyn Method] = &[&card::Card, &paypal::PayPal, &crypto::Crypto];

/// The method with that id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Method> {
    ALL.iter().copied().find(|method| method.about().id == id)
}

/// The first method of that provider: the one that reads its events.
#[must_use]
pub fn by_provider(provider: &str) -> Option<&'static dyn Method> {
    ALL.iter().copied().find(|method| method.about().provider == provider)
}

/// How the shopper pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The provider's fields on our page give a token.
    Token,
    /// The shopper goes to the provider's page and comes back.
    Redirect,
    /// The money comes later, outside the shop.
    Later,
}

impl How {
    /// The name that the page knows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Redirect => "redirect",
            Self::Later => "later",
        }
    }
}

/// What a method can do besides taking money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Can {
    /// Promise first and take later.
    Capture,
    /// Give a promise back.
    Void,
    /// Send money back, in parts too.
    Refund,
}

/// A field that the page shows for a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The member of `payment` that it fills.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
}

/// What a method is: data for the page, for the routes and for whoever asks what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The method's id: `card`.
    pub id: &'static str,
    /// Who provides it: the last part of the webhook's path.
    pub provider: &'static str,
    /// For people.
    pub label: &'static str,
    /// For people, one or two sentences.
    pub description: &'static str,
    /// How the shopper pays.
    pub how: How,
    /// What the page asks for.
    pub fields: &'static [Field],
    /// What it can do.
    pub can: &'static [Can],
}

/// Why a call did not end with a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The method cannot be asked for this: nothing was sent, and nothing will be.
    #[error("not asked: {0}")]
    NotAsked(String),
    /// No connection: surely not received. Trying again makes sense.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The provider said that it did nothing and that trying again makes sense (429, 503).
    #[error("the provider is busy: {0}")]
    Busy(String),
    /// No answer, a broken answer or a failure midway (other 5xx): perhaps done. Trying again with the same key is safe.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// An answer that makes no sense: perhaps done. The same call would get the same answer.
    #[error("the answer makes no sense: {0}")]
    Garbled(String),
    /// The provider refused the request as such (4xx) and did nothing: the request or our credentials are wrong.
    #[error("the provider refuses the request: {status} {code}")]
    Refused {
        /// Its status.
        status: u16,
        /// Its word for it.
        code: String,
    },
    /// We are led elsewhere (3xx) or may not go there: our settings are wrong. Nothing was done.
    #[error("the provider is not where we look for it: {0}")]
    Misled(String),
}

impl Failure {
    /// Whether the provider may have acted on the call.
    #[must_use]
    pub const fn perhaps_done(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::Garbled(_))
    }

    /// Whether the same call may end better.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::Busy(_) | Self::Unanswered(_))
    }
}

impl From<outbound::Failure> for Failure {
    fn from(failure: outbound::Failure) -> Self {
        match failure {
            outbound::Failure::NotAllowed(reason) => Self::Misled(reason.to_string()),
            outbound::Failure::NotSent(cause) => Self::NotSent(cause),
            outbound::Failure::Unanswered(cause) => Self::Unanswered(cause),
        }
    }
}

/// What a call comes to.
pub type Said<'a, T> = BoxFuture<'a, Result<T, Failure>>;

/// One way to pay. Every operation is one call to the provider under the call's idempotency key; a method that cannot do
/// something ([`About::can`]) refuses it.
pub trait Method: Send + Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// Asks for the money; with `capture` it is taken at once, or as soon as the shopper has done what the report says.
    fn authorise<'a>(
        &'a self,
        link: &'a Link,
        call: Call<'a>,
        charge: &'a Charge<'a>,
        capture: bool,
    ) -> Said<'a, Report>;

    /// Takes what was promised.
    fn capture<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report>;

    /// Gives a promise back.
    fn void<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str) -> Said<'a, Report>;

    /// Sends `amount` back.
    fn refund<'a>(&'a self, link: &'a Link, call: Call<'a>, payment_id: &'a str, amount: Money) -> Said<'a, Report>;

    /// Every payment under our reference, oldest first.
    fn read<'a>(&'a self, link: &'a Link, call: Call<'a>, reference: &'a str) -> Said<'a, Vec<Report>>;

    /// Checks that a message comes from the provider, and reads it.
    ///
    /// # Errors
    /// [`Unbelieved`] when it is not proved, or does not read.
    fn parse_event(&self, credentials: &Credentials, delivery: &Delivery<'_>) -> Result<Event, Unbelieved>;
}

//! What went wrong, said without a transport. `lambda` turns a fault into a status, or into retry, park or drop.

use std::fmt;
use std::time::Duration;

/// What kind of trouble it is, by who has to react.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request cannot be understood: a field is missing, unknown or of the wrong type.
    Invalid,
    /// Understood, and against a rule: the sender must change what it asks for.
    Unprocessable,
    /// Nobody said who they are, or not believably.
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// Not there, or not theirs: the two look the same.
    Missing,
    /// The state of things is against it now.
    Conflict,
    /// The version that the sender named is no longer the current one.
    Precondition,
    /// It was there and is no more.
    Gone,
    /// More bytes, lines or characters than are taken.
    TooLarge,
    /// Too many requests.
    Limited,
    /// The payment was declined.
    Declined,
    /// Something we depend on does not answer: the same request may succeed later.
    Unavailable,
    /// Our own mistake.
    Bug,
}

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as an RFC 6901 pointer into the body (`/items/0/quantity`), or `?name` for a query parameter.
    pub pointer: String,
    /// The rule's name, stable: `required`, `unknown_field`, `max_length` …
    pub rule: &'static str,
    /// What is wrong, in words for the sender.
    pub detail: String,
}

/// What went wrong: a kind, a stable code, and words for the person who asked. Details for us go to the log as
/// `cause`, never to the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// By who has to react.
    pub kind: Kind,
    /// Stable, snake case, listed in `docs/errors.md`: `out_of_stock`.
    pub code: &'static str,
    /// For the person who asked.
    pub detail: String,
    /// The fields that break a rule.
    pub errors: Vec<FieldError>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// For the log only.
    pub cause: Option<String>,
}

/// The four texts that shoppers read, word for word.
pub mod texts {
    /// 429.
    pub const LIMITED: &str = "Too many requests. Please wait and try again.";
    /// 402.
    pub const DECLINED: &str = "Payment could not be processed. Please try again or use different payment method.";
    /// 409, when the stock is gone.
    pub const OUT_OF_STOCK: &str = "This item is no longer available.";
    /// 503.
    pub const UNAVAILABLE: &str = "System experiencing high traffic. Please try again shortly.";
}

impl Fault {
    /// A fault of `kind` with its stable code and words for the sender.
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// One field breaks a rule: the request cannot be understood.
    #[must_use]
    pub fn field(pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut fault = Self::new(Kind::Invalid, "invalid_request", detail.clone());
        fault.errors.push(FieldError { pointer: pointer.into(), rule, detail });
        fault
    }

    /// Not there, or not theirs.
    #[must_use]
    pub fn missing() -> Self {
        Self::new(Kind::Missing, "not_found", "There is nothing here under this name.")
    }

    /// The stock is gone.
    #[must_use]
    pub fn out_of_stock() -> Self {
        Self::new(Kind::Conflict, "out_of_stock", texts::OUT_OF_STOCK)
    }

    /// The payment was declined.
    #[must_use]
    pub fn declined() -> Self {
        Self::new(Kind::Declined, "payment_declined", texts::DECLINED)
    }

    /// Too many requests; `after` is when the next one will be taken.
    #[must_use]
    pub fn limited(after: Duration) -> Self {
        let mut fault = Self::new(Kind::Limited, "rate_limited", texts::LIMITED);
        fault.retry_after = Some(after);
        fault
    }

    /// Something we depend on does not answer; `cause` is for the log.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        let mut fault = Self::new(Kind::Unavailable, "unavailable", texts::UNAVAILABLE);
        fault.retry_after = Some(Duration::from_secs(1));
        fault.cause = Some(cause.into());
        fault
    }

    /// Our own mistake; `cause` is for the log.
    #[must_use]
    pub fn bug(cause: impl Into<String>) -> Self {
        let mut fault = Self::new(Kind::Bug, "internal", "Something went wrong on our side. It has been noted.");
        fault.cause = Some(cause.into());
        fault
    }

    /// The same fault with what the log should know.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same fault with the moment from which trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.detail)?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(out, " ({cause})"))
    }
}

impl std::error::Error for Fault {}

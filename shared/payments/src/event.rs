//! What a provider tells us unasked.

use crate::report::Report;
use kernel::{Fault, Instant, Kind};

/// A message as it came.
pub struct Delivery<'a> {
    /// Its headers.
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Send + Sync),
    /// Its body, byte for byte.
    pub body: &'a [u8],
    /// When it came.
    pub received_at: Instant,
}

/// What a provider tells us: where a payment stands now. Told at least once, in any order, perhaps before the answer to
/// our own call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The provider's id of the event: the same for every repeat.
    pub id: String,
    /// `payment.captured` …
    pub kind: String,
    /// When this try of it was sent.
    pub sent_at: Instant,
    /// Where the payment stands.
    pub report: Report,
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbelieved {
    /// It is not proved to come from the provider.
    #[error("the message is not signed as it should be: {0}")]
    Distrusted(#[from] webhooks::Distrust),
    /// It is signed, and no event that we know how to read.
    #[error("the event does not read: {0}")]
    Unreadable(String),
}

impl From<Unbelieved> for Fault {
    fn from(unbelieved: Unbelieved) -> Self {
        let cause = unbelieved.to_string();
        let fault = match unbelieved {
            Unbelieved::Distrusted(_) => {
                Self::new(Kind::Unauthenticated, "unauthenticated", "The message is not signed as it should be.")
            }
            Unbelieved::Unreadable(_) => Self::new(Kind::Unprocessable, "event_unreadable", "The event does not read."),
        };
        fault.because(cause)
    }
}

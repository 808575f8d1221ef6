//! What a function says about itself: JSON log lines, EMF metrics and the W3C trace context. No global state: a
//! [`Span`] is made for each invocation and passed to whoever has something to say.

mod emf;
mod rates;
mod span;
mod trace;

pub use emf::{Metrics, NAMESPACE, Unit};
pub use rates::{Business, basis_points};
pub use span::{Level, Output, Span, Subject};
pub use trace::Trace;

//! How a write can fail: refused by its guard, or not done for another reason.

use crate::row::Item;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use kernel::Fault;
use std::fmt;

/// A guard did not hold, so nothing was written.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Which write of a transaction; 0 for a single one.
    pub index: usize,
    /// The names of the guards that had to hold together, joined by `+`.
    pub guards: String,
    /// The item as it was; `None` when there was none.
    pub old: Option<Item>,
}

/// Why a write was not made.
#[derive(Debug, Clone)]
pub enum WriteError {
    /// A guard did not hold.
    Refused(Refused),
    /// Anything else.
    Fault(Fault),
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<WriteError> for Fault {
    /// A refusal that its caller did not expect is a conflict: another change came first.
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Fault(fault) => fault,
            WriteError::Refused(refused) => Fault::new(
                kernel::Kind::Conflict,
                "changed_meanwhile",
                "This was changed at the same moment. Please look again and repeat.",
            )
            .because(format!("guard {} did not hold", refused.guards)),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => write!(out, "refused by {}", refused.guards),
            Self::Fault(fault) => fault.fmt(out),
        }
    }
}

/// What an SDK error means: throttled, busy, unreachable and timed out are for later; the rest is our mistake.
pub(crate) fn fault<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata + fmt::Debug,
    R: fmt::Debug,
{
    let code = error.code().unwrap_or_default();
    let cause = format!("{operation}: {code} {} [{error}]", error.message().unwrap_or_default());
    let ours = matches!(
        code,
        "ValidationException" | "ResourceNotFoundException" | "AccessDeniedException" | "SerializationException"
    ) || matches!(error, SdkError::ConstructionFailure(_));
    if ours { Fault::bug(cause) } else { Fault::unavailable(cause) }
}

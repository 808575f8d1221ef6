//! What an SDK error means for whoever asked.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use kernel::Fault;

/// What an SDK error means: throttled, busy, unreachable and timed out are for later; the rest is our mistake. The
/// service's words go to the log alone.
pub(crate) fn fault<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Fault {
    let code = error.code().unwrap_or_default();
    let cause = format!("{operation}: {code} {} [{error}]", error.message().unwrap_or_default());
    let refused = error.raw_response().is_some_and(|answer| (400..500).contains(&answer.status().as_u16()));
    let busy = code.contains("Throttl")
        || matches!(
            code,
            "RequestTimeout"
                | "TooManyRequestsException"
                | "SlowDown"
                | "ConditionalRequestConflict"
                | "OperationAborted"
        );
    let ours = (refused && !busy) || matches!(error, SdkError::ConstructionFailure(_));
    if ours { Fault::bug(cause) } else { Fault::unavailable(cause) }
}

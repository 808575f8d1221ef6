//! Which refusals of the store are for a moment only: another request was at work on the same item or object.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;
use std::time::Duration;

/// How long a request lets the other one finish.
const PAUSE: Duration = Duration::from_millis(25);

/// Lets a client repeat what only met another request, within its number of attempts. S3 answers such a write with 409,
/// DynamoDB with 400 and the code `TransactionConflict…`; the SDKs repeat neither by themselves.
#[derive(Debug)]
pub(crate) struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let met = context
            .response()
            .is_some_and(|answer| met_another(answer.status().as_u16(), answer.body().bytes().unwrap_or_default()));
        if met {
            RetryAction::retryable_error_with_explicit_delay(ErrorKind::TransientError, PAUSE)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "conflicts"
    }
}

/// A transaction of which a condition failed too has its answer, and is not repeated.
fn met_another(status: u16, body: &[u8]) -> bool {
    let says = |code: &str| body.windows(code.len()).any(|window| window == code.as_bytes());
    status == 409 || (status == 400 && says("TransactionConflict") && !says("ConditionalCheckFailed"))
}

#[cfg(test)]
mod tests {
    use super::met_another;

    #[test]
    fn only_what_met_another_request_is_repeated() {
        assert!(met_another(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>"));
        assert!(met_another(400, br#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}"#));
        assert!(met_another(400, br#"{"CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#));
        let decided = br#"{"CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#;
        assert!(!met_another(400, decided));
        assert!(!met_another(412, b"<Error><Code>PreconditionFailed</Code></Error>"));
        assert!(!met_another(400, br#"{"__type":"ConditionalCheckFailedException"}"#));
    }
}

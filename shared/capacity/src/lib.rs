//! Application Auto Scaling as Russet uses it: how many environments of a function are kept warm.

use aws_sdk_applicationautoscaling::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use kernel::Fault;
use std::sync::Arc;

pub use aws_sdk_applicationautoscaling::Client;

/// The environments of one function's alias `live`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Environments {
    client: Client,
    function: Arc<str>,
}

impl Environments {
    /// Those of the function of that name, through that client.
    #[must_use]
    pub fn new(client: Client, function: impl Into<Arc<str>>) -> Self {
        Self { client, function: function.into() }
    }

    /// Has at least so many kept warm from now on, and at most so many. Said again, nothing changes. With `most` at 0 none is kept:
    /// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>.
    ///
    /// # Errors
    /// Unavailable when the service does not answer or is busy; a bug when it refuses.
    pub async fn keep(&self, least: u32, most: u32) -> Result<(), Fault> {
        let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        let request = self
            .client
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Lambda)
            .scalable_dimension(ScalableDimension::LambdaFunctionProvisionedConcurrency)
            .resource_id(format!("function:{}:live", self.function))
            .min_capacity(number(least))
            .max_capacity(number(most));
        request.send().await.map(drop).map_err(|error| fault(&error))
    }
}

/// Throttled, busy, unreachable and timed out are for later; the rest is our mistake.
fn fault<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Fault {
    let code = error.code().unwrap_or_default();
    let cause = format!("RegisterScalableTarget: {code} {} [{error}]", error.message().unwrap_or_default());
    let refused = error.raw_response().is_some_and(|answer| (400..500).contains(&answer.status().as_u16()));
    let busy = code.contains("Throttl") || matches!(code, "ConcurrentUpdateException" | "LimitExceededException");
    if refused && !busy { Fault::bug(cause) } else { Fault::unavailable(cause) }
}

//! Runs a function on Lambda.

use crate::function::{Function, Invocation};
use crate::platform::{Error, Platform};
use kernel::Instant;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// Starts the environment, makes the function and serves invocations until Lambda ends the process.
///
/// # Errors
/// When the platform or the function cannot be made: Lambda reports an init error, rather than a service that is
/// half there.
pub fn run<F>(function: F) -> Result<(), Error>
where
    F: AsyncFnOnce(&Platform) -> Result<Function, Error>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let platform = Platform::from_environment()?;
        let function = function(&platform).await?;
        lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| serve(&function, event))).await
    })
}

async fn serve(function: &Function, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Error> {
    let (payload, context) = event.into_parts();
    let deadline = Instant::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let text: String = Box::<str>::from(payload).into();
    let answer = function.invoke(text.into_bytes(), Invocation { request_id: context.request_id, deadline }).await?;
    Ok(RawValue::from_string(String::from_utf8(answer)?)?)
}

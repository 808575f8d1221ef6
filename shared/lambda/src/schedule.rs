//! Functions that a schedule starts.

use crate::function::{Function, Start, caught, tell};
use crate::platform::{Error, Platform};
use kernel::Fault;
use std::sync::Arc;
use telemetry::Span;

/// A function that a schedule starts. A fault fails the run; the next one comes with the schedule.
///
/// # Errors
/// None yet; a setting may be asked for later.
pub fn schedule<F, Fut>(platform: &Platform, operation: &'static str, handler: F) -> Result<Function, Error>
where
    F: Fn(Span) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let start = Start::new(platform, operation);
    let handler = Arc::new(handler);
    Ok(Function::new(operation, move |_event, invocation| {
        let (start, handler) = (start.clone(), Arc::clone(&handler));
        Box::pin(async move {
            let watch = start.platform.stopwatch();
            let span = start.span(None, &invocation.request_id);
            let done = caught(&start, async { handler(span.clone()).await }).await.and_then(|done| done);
            if let Err(fault) = &done {
                span.error("the scheduled run failed", &[("code", fault.code), ("cause", &fault.to_string())]);
            }
            tell(&span, &start, watch, usize::from(done.is_err()));
            done.map(|()| b"null".to_vec()).map_err(Error::from)
        })
    }))
}

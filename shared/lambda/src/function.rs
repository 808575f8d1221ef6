//! A function as Lambda sees it: an event in, an answer out, both as JSON.

use crate::platform::{Error, Platform};
use futures::future::BoxFuture;
use kernel::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use telemetry::{Span, Subject, Trace};

/// What Lambda says about one invocation besides the event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's own id of the invocation.
    pub request_id: String,
    /// When Lambda will end it.
    pub deadline: Instant,
}

/// One function, ready to be invoked. It serves one invocation at a time, as an environment does.
#[derive(Clone)]
pub struct Function {
    operation: &'static str,
    invoke: Arc<dyn Fn(Vec<u8>, Invocation) -> BoxFuture<'static, Result<Vec<u8>, Error>> + Send + Sync>,
}

impl Function {
    /// A function from its operation and what it does with an event.
    pub(crate) fn new<F>(operation: &'static str, invoke: F) -> Self
    where
        F: Fn(Vec<u8>, Invocation) -> BoxFuture<'static, Result<Vec<u8>, Error>> + Send + Sync + 'static,
    {
        Self { operation, invoke: Arc::new(invoke) }
    }

    /// The operation, kebab-case.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Gives the function one event and waits for its answer.
    ///
    /// # Errors
    /// When the invocation failed as a whole: Lambda (or the poller) then does with the event what the trigger says.
    pub async fn invoke(&self, event: Vec<u8>, invocation: Invocation) -> Result<Vec<u8>, Error> {
        (self.invoke)(event, invocation).await
    }
}

/// What every kind of function needs to begin an invocation.
#[derive(Clone)]
pub(crate) struct Start {
    pub platform: Platform,
    operation: &'static str,
    warm: Arc<AtomicBool>,
}

impl Start {
    pub(crate) fn new(platform: &Platform, operation: &'static str) -> Self {
        Self { platform: platform.clone(), operation, warm: Arc::default() }
    }

    /// The voice of one invocation, under the caller's trace if it sent a valid one.
    pub(crate) fn span(&self, traceparent: Option<&str>, request_id: &str) -> Span {
        let cold = !self.warm.swap(true, Ordering::Relaxed);
        let trace = match traceparent.and_then(Trace::parse) {
            Some(parent) => parent.child(self.platform.random().unwrap_or_default()),
            None => Trace::new(self.platform.random().unwrap_or([0; 24])),
        };
        let subject = Subject {
            operation: self.operation,
            version: self.platform.version().into(),
            output: self.platform.output(),
        };
        Span::new(subject, trace, request_id, cold, self.platform.clock())
    }
}

/// The line and the EMF document of an invocation that is not HTTP.
pub(crate) fn tell(span: &Span, start: &Start, received_at: Instant, failures: usize) {
    let took = start.platform.now().since(received_at);
    let failures = i64::try_from(failures).unwrap_or(i64::MAX);
    span.measure(|metrics| {
        metrics.count("count", 1);
        metrics.count("errors", failures);
        metrics.seconds("duration_seconds", took);
    });
    let (took_ms, failed) = (took.as_millis().to_string(), failures.to_string());
    span.info("invocation", &[("duration_ms", &took_ms), ("failures", &failed)]);
    span.finish();
}

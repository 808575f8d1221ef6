//! A function as Lambda sees it: an event in, an answer out, both as JSON.

use crate::platform::{Error, Platform, Stopwatch};
use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::{Fault, Instant};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use telemetry::{Span, Subject, Trace};

/// What Lambda says about one invocation besides the event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's own id of the invocation.
    pub request_id: String,
    /// When Lambda will end it.
    pub deadline: Instant,
}

/// What a function does with an event.
type Invoke = dyn Fn(Vec<u8>, Invocation) -> BoxFuture<'static, Result<Vec<u8>, Error>> + Send + Sync;

/// One function, ready to be invoked. It serves one invocation at a time, as an environment does.
#[derive(Clone)]
pub struct Function {
    operation: &'static str,
    invoke: Arc<Invoke>,
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
        self.under(traceparent.and_then(Trace::parse), request_id)
    }

    /// The voice of an invocation for several messages: in their trace if they share one, else in one of its own.
    pub(crate) fn batch_span<'a>(
        &self,
        traceparents: impl IntoIterator<Item = Option<&'a str>>,
        request_id: &str,
    ) -> Span {
        let mut traces = traceparents.into_iter().map(|header| header.and_then(Trace::parse));
        let first = traces.next().flatten();
        let shared =
            first.filter(|first| traces.all(|other| other.is_some_and(|other| other.trace_id() == first.trace_id())));
        self.under(shared, request_id)
    }

    /// The voice of one message of an invocation, under the message's own trace.
    pub(crate) fn part(&self, span: &Span, traceparent: Option<&str>) -> Span {
        let own = traceparent.and_then(Trace::parse);
        let parent = own.as_ref().unwrap_or_else(|| span.trace());
        span.part(parent.child(self.platform.random().unwrap_or_default()))
    }

    fn under(&self, parent: Option<Trace>, request_id: &str) -> Span {
        let cold = !self.warm.swap(true, Ordering::Relaxed);
        let trace = match parent {
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

/// What `work` gives, or the bug that a panic in it is. The place of the panic is known where [`crate::run`] runs.
pub(crate) async fn caught<T>(start: &Start, work: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let place = start.platform.take_panic().map(|place| format!(" at {place}")).unwrap_or_default();
        Fault::bug(format!("panic{place}: {}", panic_text(&*panic)))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("of an unknown kind")
}

/// The refusal of an event that is not of the kind that this function takes. The event's own words stay out of it.
pub(crate) fn unreadable(span: &Span, start: &Start, watch: Stopwatch, error: &serde_json::Error) -> Error {
    let place = format!("{:?} at line {}, column {}", error.classify(), error.line(), error.column());
    span.error("the event cannot be read", &[("cause", &place)]);
    tell(span, start, watch, 1);
    format!("the event cannot be read: {place}").into()
}

/// The line and the EMF document of an invocation that is not HTTP.
pub(crate) fn tell(span: &Span, start: &Start, watch: Stopwatch, failures: usize) {
    let took = watch.took(&start.platform);
    measure(span, start, failures, "duration_seconds", took);
    let (took_ms, failed) = (took.as_millis().to_string(), failures.to_string());
    span.info("invocation", &[("duration_ms", &took_ms), ("failures", &failed)]);
    span.finish();
}

/// What every invocation measures.
pub(crate) fn measure(span: &Span, start: &Start, errors: usize, duration: &'static str, took: Duration) {
    let memory = start.platform.memory_used_pct();
    span.measure(|metrics| {
        metrics.count("count", 1);
        metrics.count("errors", i64::try_from(errors).unwrap_or(i64::MAX));
        metrics.count("cold_start", i64::from(span.cold_start()));
        metrics.seconds(duration, took);
        if let Some(percent) = memory {
            metrics.percent("memory_used_pct", percent);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{Start, caught};
    use crate::{Platform, Settings};
    use kernel::Instant;
    use std::sync::Arc;

    // Proves: S1-P25
    #[tokio::test]
    async fn a_panic_is_a_fault_that_says_where_it_was() {
        let names = [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let environment = names.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let clock = Arc::new(|| Instant::from_seconds(1));
        let platform = Platform::new(Settings { environment, clock, output: Arc::new(|_| {}) }).unwrap();
        let noting = platform.clone();
        std::panic::set_hook(Box::new(move |panic| noting.note_panic(panic.location().unwrap().to_string())));
        let start = Start::new(&platform, "place-order");
        let fault = caught(&start, async { panic!("on purpose") }).await.map(|()| 0).unwrap_err();
        let cause = fault.cause.unwrap();
        assert!(cause.contains("function.rs:") && cause.contains("on purpose"), "{cause}");
        assert_eq!(platform.take_panic(), None, "a place is told once");
    }
}

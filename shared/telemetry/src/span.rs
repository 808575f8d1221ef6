//! One invocation's voice: every line carries the same operation, version, trace and request.

use crate::emf::Metrics;
use crate::trace::Trace;
use kernel::Instant;
use serde::ser::{SerializeMap, Serializer};
use std::sync::Arc;
use std::sync::Mutex;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Somebody swallowed an error on purpose, or a caller was refused.
    Warn,
    /// Somebody should look.
    Error,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// Where lines go: standard output on Lambda, a collector on one machine.
pub type Output = Arc<dyn Fn(&str) + Send + Sync>;

/// What all lines of a function have in common.
#[derive(Clone)]
pub struct Subject {
    /// The operation, kebab-case.
    pub operation: &'static str,
    /// `<semver>+<commit>`.
    pub version: Arc<str>,
    /// Where its lines go.
    pub output: Output,
}

/// One invocation's voice. Cheap to clone: clones share the business keys and the metrics.
#[derive(Clone)]
pub struct Span {
    inner: Arc<Inner>,
}

struct Inner {
    subject: Subject,
    trace: Trace,
    request_id: String,
    cold_start: bool,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    keys: Mutex<Vec<(&'static str, String)>>,
    metrics: Mutex<Metrics>,
}

impl Span {
    /// The voice of one invocation.
    #[must_use]
    pub fn new(
        subject: Subject,
        trace: Trace,
        request_id: impl Into<String>,
        cold_start: bool,
        clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    ) -> Self {
        let (keys, metrics) = (Mutex::default(), Mutex::default());
        Self {
            inner: Arc::new(Inner { subject, trace, request_id: request_id.into(), cold_start, clock, keys, metrics }),
        }
    }

    /// Where in the trace this invocation stands.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.inner.trace
    }

    /// The id of the request, as the caller is told it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.inner.request_id
    }

    /// Adds a business key (`order`, `sku`, `partner`, `customer` as a hash) to this and all later lines. Never
    /// personal data.
    pub fn key(&self, name: &'static str, value: impl Into<String>) {
        if let Ok(mut keys) = self.inner.keys.lock() {
            keys.retain(|(known, _)| *known != name);
            keys.push((name, value.into()));
        }
    }

    /// Adds to this invocation's metrics.
    pub fn measure(&self, add: impl FnOnce(&mut Metrics)) {
        if let Ok(mut metrics) = self.inner.metrics.lock() {
            add(&mut metrics);
        }
    }

    /// Worth knowing.
    pub fn info(&self, message: &str, fields: &[(&'static str, &str)]) {
        self.line(Level::Info, message, fields);
    }

    /// An error swallowed on purpose, or a caller refused.
    pub fn warn(&self, message: &str, fields: &[(&'static str, &str)]) {
        self.line(Level::Warn, message, fields);
    }

    /// Somebody should look.
    pub fn error(&self, message: &str, fields: &[(&'static str, &str)]) {
        self.line(Level::Error, message, fields);
    }

    /// One JSON line. A field that reads as an integer is written as one.
    pub fn line(&self, level: Level, message: &str, fields: &[(&'static str, &str)]) {
        let mut line = Vec::with_capacity(512);
        let written = self.write(&mut line, level, message, fields);
        if written.is_ok()
            && let Ok(text) = std::str::from_utf8(&line)
        {
            (self.inner.subject.output)(text);
        }
    }

    fn write(
        &self,
        line: &mut Vec<u8>,
        level: Level,
        message: &str,
        fields: &[(&'static str, &str)],
    ) -> Result<(), serde_json::Error> {
        let inner = &*self.inner;
        let mut json = serde_json::Serializer::new(line);
        let mut map = json.serialize_map(None)?;
        map.serialize_entry("timestamp", &(inner.clock)().to_string())?;
        map.serialize_entry("level", level.name())?;
        map.serialize_entry("message", message)?;
        map.serialize_entry("operation", inner.subject.operation)?;
        map.serialize_entry("version", &*inner.subject.version)?;
        map.serialize_entry("cold_start", &inner.cold_start)?;
        map.serialize_entry("trace_id", inner.trace.trace_id())?;
        map.serialize_entry("span_id", inner.trace.span_id())?;
        map.serialize_entry("request_id", &inner.request_id)?;
        if let Ok(keys) = inner.keys.lock() {
            for (name, value) in keys.iter() {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in fields {
            match value.parse::<i64>() {
                Ok(number) => map.serialize_entry(name, &number)?,
                Err(_) => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }

    /// Ends the invocation: writes its metrics as one EMF document.
    pub fn finish(&self) {
        let Ok(metrics) = self.inner.metrics.lock() else {
            return;
        };
        if let Some(document) = metrics.document(self.inner.subject.operation, (self.inner.clock)()) {
            (self.inner.subject.output)(&document);
        }
    }
}

//! One invocation's voice: every line carries the same operation, version, trace and request.

use crate::emf::Metrics;
use crate::trace::Trace;
use kernel::Instant;
use serde::ser::{SerializeMap, Serializer};
use std::fmt;
use std::sync::{Arc, Mutex};

/// What every line says first. A field under one of these names gets an underscore, so that none stands twice.
const CONTEXT: [&str; 9] =
    ["timestamp", "level", "message", "operation", "version", "cold_start", "trace_id", "span_id", "request_id"];

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

/// One invocation's voice, or that of one part of it. Cheap to clone: clones share the business keys and the metrics.
#[derive(Clone)]
pub struct Span {
    inner: Arc<Inner>,
}

impl fmt::Debug for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Span({} {})", self.inner.subject.operation, self.inner.trace)
    }
}

struct Inner {
    subject: Subject,
    trace: Trace,
    request_id: String,
    cold_start: bool,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    keys: Mutex<Vec<(&'static str, String)>>,
    metrics: Arc<Mutex<Metrics>>,
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
        let (keys, metrics) = (Mutex::default(), Arc::default());
        Self {
            inner: Arc::new(Inner { subject, trace, request_id: request_id.into(), cold_start, clock, keys, metrics }),
        }
    }

    /// The voice of one part of this invocation that belongs to a trace of its own: one message of a batch. It has its
    /// own business keys; what it measures is the invocation's.
    #[must_use]
    pub fn part(&self, trace: Trace) -> Self {
        let inner = &*self.inner;
        Self {
            inner: Arc::new(Inner {
                subject: inner.subject.clone(),
                trace,
                request_id: inner.request_id.clone(),
                cold_start: inner.cold_start,
                clock: Arc::clone(&inner.clock),
                keys: Mutex::default(),
                metrics: Arc::clone(&inner.metrics),
            }),
        }
    }

    /// Whether this is the first invocation of its environment.
    #[must_use]
    pub fn cold_start(&self) -> bool {
        self.inner.cold_start
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

    /// One JSON line. A field that is an integer, to the letter, is written as one.
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
            // What a line says of itself is nearer than what all lines say.
            let own = |name: &&str| fields.iter().any(|(field, _)| field == name);
            for (name, value) in keys.iter().filter(|(name, _)| !own(name)) {
                map.serialize_entry(&*free(name), value)?;
            }
        }
        for (at, (name, value)) in fields.iter().enumerate() {
            let again = fields.iter().skip(at + 1).any(|(later, _)| later == name);
            match value.parse::<i64>() {
                _ if again => {}
                Ok(number) if number.to_string() == *value => map.serialize_entry(&*free(name), &number)?,
                _ => map.serialize_entry(&*free(name), value)?,
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

/// The name itself, or one that does not stand in the line yet.
fn free(name: &str) -> std::borrow::Cow<'_, str> {
    if CONTEXT.contains(&name) { format!("{name}_").into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::{CONTEXT, Level, Span, Subject};
    use crate::Trace;
    use kernel::Instant;
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};

    fn voice() -> (Span, Arc<Mutex<Vec<String>>>) {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&lines);
        let output = Arc::new(move |line: &str| kept.lock().unwrap().push(line.to_owned()));
        let subject = Subject { operation: "place-order", version: "1.2.3+abc".into(), output };
        let clock = Arc::new(|| Instant::from_seconds(1_800_000_000));
        (Span::new(subject, Trace::new([7; 24]), "r-1", true, clock), lines)
    }

    /// The names of a line in their order; serde's own map would hide one that stands twice.
    fn names(line: &str) -> Vec<String> {
        struct Names(Vec<String>);
        impl<'de> serde::Deserialize<'de> for Names {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Visit;
                impl<'de> serde::de::Visitor<'de> for Visit {
                    type Value = Names;
                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                        let mut names = Vec::new();
                        while let Some((name, _)) = map.next_entry::<String, serde_json::Value>()? {
                            names.push(name);
                        }
                        Ok(Names(names))
                    }
                }
                from.deserialize_map(Visit)
            }
        }
        serde_json::from_str::<Names>(line).unwrap().0
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn whatever_is_said_is_one_line_of_json_with_its_context_and_no_name_twice(
            message in any::<String>(),
            values in prop::collection::vec((prop::sample::select(vec!["order", "sku", "cause", "message", "level", "trace_id", "n"]), any::<String>()), 0..8),
            key in any::<String>(),
        ) {
            let (span, lines) = voice();
            span.key("order", key);
            let fields: Vec<(&'static str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            span.line(Level::Error, &message, &fields);
            let line = lines.lock().unwrap().remove(0);
            prop_assert!(!line.contains(['\n', '\r']));
            let said: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&said["message"], &message);
            prop_assert_eq!(&said["level"], "ERROR");
            prop_assert_eq!(&said["trace_id"], span.trace().trace_id());
            let mut names = names(&line);
            prop_assert_eq!(&names[..9], &CONTEXT[..]);
            names.sort();
            let all = names.len();
            names.dedup();
            prop_assert_eq!(names.len(), all, "{}", line);
        }
    }

    #[test]
    fn a_part_speaks_under_its_own_trace_and_measures_for_the_whole() {
        let (span, lines) = voice();
        span.key("order", "a");
        let part = span.part(Trace::new([9; 24]));
        part.key("order", "b");
        part.measure(|metrics| metrics.count("count", 1));
        part.info("one message", &[]);
        span.info("all of them", &[]);
        span.finish();
        let lines = lines.lock().unwrap();
        let read = |at: usize| -> serde_json::Value { serde_json::from_str(&lines[at]).unwrap() };
        assert_eq!(read(0)["trace_id"], part.trace().trace_id());
        assert_eq!(read(0)["order"], "b");
        assert_eq!(read(1)["order"], "a");
        assert_ne!(read(0)["trace_id"], read(1)["trace_id"]);
        assert_eq!(read(2)["count"], 1);
    }
}

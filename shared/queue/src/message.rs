//! What is sent.

use kernel::Fault;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The message attribute that carries the W3C `traceparent` of the request that sends.
pub const TRACE_ATTRIBUTE: &str = "traceparent";

/// The longest delay that SQS knows, in seconds.
const DELAY_SECONDS_MAX: u64 = 900;

/// One message: a body, and when it may be read first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The text of the message, at most 256 KiB with its attributes.
    pub body: String,
    /// Seconds until it can be received for the first time, 0 to 900.
    pub delay_seconds: u16,
    /// Message attributes of type String, beside the trace. Never personal data: they are not sealed.
    pub attributes: BTreeMap<String, String>,
}

impl Message {
    /// A message with that body, to be received at once.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// A message whose body is `value` as JSON.
    ///
    /// # Errors
    /// A bug when `value` does not write as JSON.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, Fault> {
        let body =
            serde_json::to_string(value).map_err(|error| Fault::bug(format!("message does not write: {error}")))?;
        Ok(Self::text(body))
    }

    /// The same message, first received after `delay`: rounded up to whole seconds, 15 minutes at the most.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        self.delay_seconds = u16::try_from(seconds.min(DELAY_SECONDS_MAX)).unwrap_or(0);
        self
    }

    /// The same message with one more attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Bytes that count against the limit of one message and of one batch.
    pub(crate) fn size_bytes(&self) -> usize {
        // A trace is 55 characters under an 11-character name, and each attribute names its type, "String".
        let attributes: usize = self.attributes.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
        self.body.len() + attributes + 72
    }
}

#[cfg(test)]
mod tests {
    use super::Message;
    use std::time::Duration;

    #[test]
    fn a_delay_is_rounded_up_and_ends_at_15_minutes() {
        assert_eq!(Message::text("x").after(Duration::from_millis(1)).delay_seconds, 1);
        assert_eq!(Message::text("x").after(Duration::from_secs(600)).delay_seconds, 600);
        assert_eq!(Message::text("x").after(Duration::from_secs(9000)).delay_seconds, 900);
    }
}

//! W3C Trace Context, level 1: `traceparent` in and out.

use std::fmt;

/// Where in a trace we are. Written as `00-<trace id>-<span id>-<flags>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    trace_id: String,
    span_id: String,
    flags: u8,
}

impl Trace {
    /// The caller's position, from its `traceparent`. `None` when the header breaks the grammar, as the standard
    /// asks: then a new trace begins.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
        let named = hex(trace_id, 32) && hex(span_id, 16) && hex(flags, 2);
        let zero = |text: &str| text.bytes().all(|b| b == b'0');
        if !known || !named || zero(trace_id) || zero(span_id) {
            return None;
        }
        Some(Self {
            trace_id: trace_id.to_owned(),
            span_id: span_id.to_owned(),
            flags: u8::from_str_radix(flags, 16).ok()?,
        })
    }

    /// A new trace from 24 random bytes.
    #[must_use]
    pub fn new(random: [u8; 24]) -> Self {
        let (trace, span) = random.split_at(16);
        Self { trace_id: hex_of(trace), span_id: hex_of(span), flags: 1 }
    }

    /// Our own span under this one, from 8 random bytes.
    #[must_use]
    pub fn child(&self, random: [u8; 8]) -> Self {
        Self { trace_id: self.trace_id.clone(), span_id: hex_of(&random), flags: self.flags }
    }

    /// 32 hex digits that all lines of one request share.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// 16 hex digits of this span.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span_id
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

fn hex_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    // An id of zeros means "no id" in the standard: its last digit is raised.
    let zero = bytes.iter().all(|b| *b == 0);
    let mut text: String = bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect();
    if zero {
        text.pop();
        text.push('1');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Trace;

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(Trace::parse(header).unwrap().to_string(), header);
    }

    #[test]
    fn a_broken_header_begins_a_new_trace() {
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert!(Trace::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_child_keeps_the_trace_and_has_a_span_of_its_own() {
        let parent = Trace::new([7; 24]);
        let child = parent.child([9; 8]);
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
        assert!(Trace::parse(&Trace::new([0; 24]).to_string()).is_some());
    }
}

//! The magic tokens.

use serde_json::{Value, json};
use std::time::Duration;

/// What a token does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Takes the money.
    Approve,
    /// Refuses it.
    Decline(&'static str),
    /// Fails that often with 503, then approves; counted by idempotency key, on disk.
    Fail(u32),
    /// Takes the money and answers that much later.
    Slow(Duration),
    /// Does nothing and never answers.
    Hang,
    /// Takes the money and drops the connection; a repeat is answered.
    LoseAnswer,
    /// Takes the money and sends its event three times.
    DuplicateEvent,
}

impl Behaviour {
    /// What `token` does; what is no token of ours is declined.
    pub(crate) fn of(token: &str) -> Self {
        match token {
            "tok_approve" => Self::Approve,
            "tok_decline" => Self::Decline("card_declined"),
            "tok_insufficient_funds" => Self::Decline("insufficient_funds"),
            "tok_hang" => Self::Hang,
            "tok_lost_answer" => Self::LoseAnswer,
            "tok_duplicate_event" => Self::DuplicateEvent,
            _ => Self::with_number(token).unwrap_or(Self::Decline("token_unknown")),
        }
    }

    fn with_number(token: &str) -> Option<Self> {
        let times = token.strip_prefix("tok_fail_").and_then(|number| number.parse().ok()).map(Self::Fail);
        let slow = token.strip_prefix("tok_slow_").and_then(|number| number.parse().ok());
        times.or_else(|| slow.map(Duration::from_millis).map(Self::Slow))
    }

    pub(crate) const fn declines(&self) -> Option<&'static str> {
        match self {
            Self::Decline(code) => Some(code),
            _ => None,
        }
    }

    /// How often its event is sent.
    pub(crate) const fn event_copies(&self) -> u32 {
        if matches!(self, Self::DuplicateEvent) { 3 } else { 1 }
    }
}

/// The card behind a token, as the provider describes it: more than a shop may keep.
pub(crate) fn card(token: &str) -> Value {
    let fingerprint = format!("fp_{}", &kernel::id::sha256_hex(token.as_bytes())[..16]);
    json!({
        "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031, "fingerprint": fingerprint,
        "funding": "credit", "country": "US",
    })
}

#[cfg(test)]
mod tests {
    use super::Behaviour;
    use std::time::Duration;

    #[test]
    fn tokens_say_what_they_do() {
        assert_eq!(Behaviour::of("tok_approve"), Behaviour::Approve);
        assert_eq!(Behaviour::of("tok_fail_3"), Behaviour::Fail(3));
        assert_eq!(Behaviour::of("tok_slow_750"), Behaviour::Slow(Duration::from_millis(750)));
        for unknown in ["tok_fail_", "tok_fail_x", "tok_slow_-1", "", "tok_visa"] {
            assert_eq!(Behaviour::of(unknown), Behaviour::Decline("token_unknown"), "{unknown}");
        }
        assert_eq!(Behaviour::of("tok_duplicate_event").event_copies(), 3);
    }
}

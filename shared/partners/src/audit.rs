//! The audit log of partners: every attempt to use a key, with time and source address and without the key.

use kernel::{Fault, Instant, PartnerId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Key, Row, Table, Write, WriteError};

/// How long an entry is kept.
const KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Over how many partitions the attempts of a day are spread that no partner is known for.
const SPREAD: u32 = 16;

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The key counts and may be used for that.
    Admitted,
    /// There was no key.
    Missing,
    /// The key is none of ours, has expired or was revoked.
    Refused,
    /// The key counts, but not for that.
    OutOfScope,
    /// The key counts, and was used too often.
    Limited,
    /// A message whose signature does not hold.
    Forged,
}

impl Outcome {
    /// The outcome as it is stored and logged.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Missing => "missing",
            Self::Refused => "refused",
            Self::OutOfScope => "out_of_scope",
            Self::Limited => "limited",
            Self::Forged => "forged",
        }
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Instant,
    /// From which network address.
    pub address: String,
    /// What was asked for: the operation's name.
    pub operation: String,
    /// Which request: its id is in the log and in the answer.
    pub request: String,
    /// The name in the key that was presented, whether or not it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whose key it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What came of it.
    pub outcome: Outcome,
    /// When the entry is dropped, in seconds.
    #[serde(default)]
    pub expires_at: i64,
}

impl Row for Attempt {
    fn key(&self) -> Key {
        let lot = match &self.partner {
            Some(partner) => format!("PARTNER#{partner}"),
            None => format!("UNKNOWN#{}#{}", &self.at.to_string()[..10], spread(&self.request)),
        };
        Key::sorted(lot, format!("{:014}#{}", self.at.millis(), self.request))
    }
}

/// Which of the partitions a request's attempt goes to.
pub(crate) fn spread(request: &str) -> u32 {
    request.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % SPREAD
}

/// Writes an attempt into the table `audit`. Twice the same request is one entry.
///
/// # Errors
/// Unavailable when the table does not answer.
pub async fn record(table: &Table, mut attempt: Attempt) -> Result<(), Fault> {
    attempt.expires_at = attempt.at.plus(KEPT).seconds();
    match table.write(Write::put(&attempt)?).await {
        Ok(_) => Ok(()),
        Err(WriteError::Refused(_)) => Err(Fault::bug("a put without a guard was refused")),
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempt, Outcome};
    use kernel::Instant;
    use table::Row;

    #[test]
    fn what_nobody_is_known_for_is_spread_over_the_partitions_of_its_day() {
        let lots: std::collections::BTreeSet<String> = (0..200)
            .map(|n| {
                let attempt = Attempt {
                    at: Instant::from_seconds(86_400),
                    address: "192.0.2.1".to_owned(),
                    operation: "ingest-feed".to_owned(),
                    request: format!("request-{n}"),
                    key: None,
                    partner: None,
                    outcome: Outcome::Refused,
                    expires_at: 0,
                };
                attempt.key().pk
            })
            .collect();
        assert_eq!(lots.len(), 16);
        assert!(lots.iter().all(|lot| lot.starts_with("UNKNOWN#1970-01-02#")), "{lots:?}");
    }
}

//! How many environments are kept warm for sales: those that are on, and those that begin soon. Pure.

use crate::sale::Sale;
use kernel::{Fault, Instant};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// How long before a sale its environments are made: Lambda takes some minutes for many.
pub const AHEAD: Duration = Duration::from_secs(10 * 60);

/// What was asked of Application Auto Scaling last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warm {
    /// Environments that take checkouts, one a second each.
    pub environments: u32,
    /// How often it changed.
    pub version: u64,
}

impl Row for Warm {
    fn key(&self) -> Key {
        Self::key()
    }
}

impl Warm {
    /// Where it stands.
    #[must_use]
    pub fn key() -> Key {
        Key::new("WARM")
    }

    /// The write that says what is asked for from now on, in the place of this.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn then(&self, environments: u32) -> Result<Write, Fault> {
        let write = Write::put(&Self { environments, version: self.version + 1 })?;
        Ok(if self.version == 0 { write.when(Guard::ABSENT) } else { write.seen(self.version) })
    }
}

/// How many are wanted at that moment, `most` at the most: an environment takes a checkout a second, with the provider's time in it.
#[must_use]
pub fn wanted(sales: &[Sale], most: u32, now: Instant) -> u32 {
    let soon_or_on = sales.iter().filter(|sale| sale.starts_at.minus(AHEAD) <= now && now < sale.ends_at);
    soon_or_on.fold(0, |sum: u32, sale| sum.saturating_add(sale.expected_per_second)).min(most)
}

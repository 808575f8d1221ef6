//! How many environments are kept warm for sales: those that begin soon, and those that began a short while ago. Pure.

use crate::sale::Sale;
use kernel::{Fault, Instant};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// How long before a sale its environments are made: Lambda takes some minutes for many.
pub const AHEAD: Duration = Duration::from_secs(10 * 60);
/// How long after its begin they are kept: those that are used stay by themselves.
pub const KEPT: Duration = Duration::from_secs(30 * 60);
/// How often the same is asked for again while something is wanted: a deployment may have set other bounds.
pub const AGAIN: Duration = Duration::from_secs(5 * 60);
/// How long whoever noted what it asks for is believed to be at it. The next one comes after a minute.
pub const AT_WORK: Duration = Duration::from_secs(45);

/// What sales want.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Environments that take checkouts, one a second each, with the provider's time in it.
    pub checkouts: u32,
    /// As many for those who wait in a line, as sales have one.
    pub waiting: u32,
}

/// What was asked of Application Auto Scaling last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warm {
    /// That.
    pub wanted: Wanted,
    /// When.
    pub asked_at: Instant,
    /// Whether all of it was taken.
    pub settled: bool,
    /// How often it changed.
    pub version: u64,
}

impl Default for Warm {
    fn default() -> Self {
        Self { wanted: Wanted::default(), asked_at: Instant::from_millis(0), settled: true, version: 0 }
    }
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

    /// Whether nothing is to be asked for: somebody is at it, or all of it was taken, and not long ago.
    #[must_use]
    pub fn is_enough(&self, wanted: Wanted, now: Instant) -> bool {
        let age = now.since(self.asked_at);
        if !self.settled {
            return age < AT_WORK;
        }
        self.wanted == wanted && (wanted == Wanted::default() || age < AGAIN)
    }

    /// What is asked for now, in the place of this.
    #[must_use]
    pub fn asks(&self, wanted: Wanted, now: Instant) -> Self {
        Self { wanted, asked_at: now, settled: false, version: self.version + 1 }
    }

    /// All of it was taken.
    #[must_use]
    pub fn settles(&self) -> Self {
        Self { settled: true, version: self.version + 1, ..self.clone() }
    }

    /// The write that puts it in the place of the version before it.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn save(&self) -> Result<Write, Fault> {
        let write = Write::put(self)?;
        Ok(if self.version == 1 { write.when(Guard::ABSENT) } else { write.seen(self.version - 1) })
    }
}

/// What is wanted at that moment, `most` environments at the most.
#[must_use]
pub fn wanted(sales: &[Sale], most: u32, now: Instant) -> Wanted {
    let soon_or_new = |sale: &&Sale| {
        let until = sale.ends_at.min(sale.starts_at.plus(KEPT));
        sale.starts_at.minus(AHEAD) <= now && now < until
    };
    let rates = |waiting_only: bool| {
        let counts = sales.iter().filter(soon_or_new).filter(|sale| sale.waiting_room || !waiting_only);
        counts.fold(0, |sum: u32, sale| sum.saturating_add(sale.expected_per_second)).min(most)
    };
    Wanted { checkouts: rates(false), waiting: rates(true) }
}

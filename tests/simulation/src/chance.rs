//! Chance that follows from a seed.

use cloud::Random;
use vault::{NoRandomness, SecureRandom};

/// A stream of chance. Clones share it: who draws next gets what comes next.
#[derive(Debug, Clone)]
pub struct Chance(Random);

impl Chance {
    /// The stream of that name under `seed`. Streams of different names have nothing to do with each other, so that one
    /// more draw from one of them leaves the others as they are.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let mixed = name
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(Random::seeded(mixed))
    }

    /// The same stream, for the stand-ins.
    #[must_use]
    pub fn random(&self) -> Random {
        self.0.clone()
    }

    /// A number from 0 to just below `end`.
    pub fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        // The bias of the remainder is one in 2^50 or less for what is asked here.
        u64::from_le_bytes(bytes) % end.max(1)
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True once in `n` times.
    pub fn one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of `all`; `None` when there is none.
    pub fn pick<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() {
            return None;
        }
        let at = usize::try_from(self.below(all.len() as u64)).unwrap_or_default();
        all.get(at)
    }
}

impl SecureRandom for Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(bytes);
        Ok(())
    }
}

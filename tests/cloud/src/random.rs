//! Randomness for ids and keys: the system's, or one that follows from a seed.

use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the stand-ins take randomness from. Clones share the source.
#[derive(Clone, Default)]
pub struct Random(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Seeded(Arc<Mutex<u64>>),
}

impl fmt::Debug for Random {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Random")
    }
}

impl Random {
    /// The randomness that follows from `seed`: the same each time, so that a run can be repeated. Never for a shop.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(seed))))
    }

    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            // Without randomness there is no system to run on; zeros would only make ids collide, which tests would tell.
            Source::System => SystemRandom::new().fill(bytes).unwrap_or_default(),
            Source::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&next(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random UUID, version 4.
    pub(crate) fn uuid(&self) -> String {
        let mut bytes: [u8; 16] = self.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default()).join("-")
    }

    /// `length` random letters and digits.
    pub(crate) fn letters(&self, length: usize) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Ab";
        (0..length)
            .map(|_| {
                let [byte] = self.bytes::<1>();
                char::from(ALPHABET[usize::from(byte & 63)])
            })
            .collect()
    }
}

/// SplitMix64, by Steele, Lea and Flood: one addition and a mix, every seed as good as another.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_and_another_seed_does_not() {
        let draw = |seed| Random::seeded(seed).bytes::<20>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(Random::default().bytes::<20>(), Random::default().bytes::<20>());
    }
}

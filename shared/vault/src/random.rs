//! Where randomness comes from.

use ring::rand::SystemRandom;
use std::sync::Arc;

/// The source has none to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

/// Gives random bytes, fit for keys. The system's everywhere but in a simulation, which draws all of them from its seed.
pub trait SecureRandom: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoRandomness`]; then `bytes` must not be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

impl SecureRandom for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        ring::rand::SecureRandom::fill(self, bytes).map_err(|_| NoRandomness)
    }
}

/// A source that is shared.
pub type Random = Arc<dyn SecureRandom>;

/// The system's randomness.
#[must_use]
pub fn system_random() -> Random {
    Arc::new(SystemRandom::new())
}

//! The time by which the stand-ins wait: the system's, a runtime's, or one that a test moves by hand.

use kernel::Instant;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// A clock. Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<Manual>),
    Runtime { start: Instant, since: tokio::time::Instant },
}

/// A clock that stands still until it is moved, and wakes who waits for it.
struct Manual {
    now_millis: AtomicI64,
    moved: watch::Sender<()>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Clock({})", self.now())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Instant) -> Self {
        let manual = Manual { now_millis: AtomicI64::new(start.millis()), moved: watch::Sender::new(()) };
        Self(Source::Manual(Arc::new(manual)))
    }

    /// The time of the Tokio runtime it is made in, which shows `start` now: where that is paused, so is this, and it
    /// jumps to whatever is due next when nothing else is left to do. Must be made within a runtime.
    #[must_use]
    pub fn of_runtime(start: Instant) -> Self {
        Self(Source::Runtime { start, since: tokio::time::Instant::now() })
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Source::Manual(manual) => Instant::from_millis(manual.now_millis.load(Ordering::SeqCst)),
            Source::Runtime { start, since } => start.plus(since.elapsed()),
        }
    }

    /// Moves a manual clock forward and wakes everything that was due; nothing happens to the others.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(manual) = &self.0 {
            let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            manual.now_millis.fetch_add(millis, Ordering::SeqCst);
            manual.moved.send_replace(());
        }
    }

    /// Returns once this clock shows `due` or later.
    pub async fn sleep_until(&self, due: Instant) {
        match &self.0 {
            Source::System | Source::Runtime { .. } => tokio::time::sleep(due.since(self.now())).await,
            Source::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                while self.now() < due {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use kernel::Instant;
    use std::time::Duration;

    #[tokio::test]
    async fn who_waits_for_a_manual_clock_wakes_when_it_is_moved_far_enough() {
        let clock = Clock::manual(Instant::from_seconds(0));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Instant::from_seconds(10)).await }
        });
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
    }
}

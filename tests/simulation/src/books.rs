//! What clients asked with a key, and what they were told: a repeat is told the same, and what was told is true.

use crate::shop::{Answered, Ask, Shop};
use crate::watch::Watch;
use kernel::Instant;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many checkouts a guest may have in a minute.
const QUOTA: usize = 5;
/// A minute, less what the clocks of two environments may differ.
const WINDOW: Duration = Duration::from_secs(56);

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// An order of a guest.
    Place {
        /// Whose.
        guest: u64,
        /// Whether it is paid at once.
        paid: bool,
    },
    /// A payment of an order.
    Pay {
        /// Which.
        order: String,
    },
    /// The end of an order.
    Cancel {
        /// Which.
        order: String,
    },
    /// So many units of a SKU in, or out.
    Adjust {
        /// Of what.
        sku: String,
        /// How many in, or out.
        change: i64,
    },
}

/// One request under one key, however often it is sent.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// What it is about.
    pub matter: Matter,
    /// The request.
    pub ask: Ask,
    /// How often it was sent.
    pub sent: u32,
    /// The status of its last answer.
    pub last: Option<u16>,
    /// When the limiter let it by, where that is known: a first try that was answered.
    pub taken_at: Option<Instant>,
    /// The answer that stands, once there is one.
    pub told: Option<Answered>,
}

/// All of them by key. Clones share them.
#[derive(Clone, Default)]
pub struct Books {
    keyed: Arc<Mutex<BTreeMap<String, Keyed>>>,
}

impl Books {
    fn keyed(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Keyed>> {
        self.keyed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was asked, by key.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Keyed)> {
        self.keyed().iter().map(|(key, keyed)| (key.clone(), keyed.clone())).collect()
    }

    /// The keys of requests that have no answer that stands.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        self.keyed().iter().filter(|(_, keyed)| keyed.told.is_none()).map(|(key, _)| key.clone()).collect()
    }

    /// The orders that clients know of, with the guests they belong to.
    #[must_use]
    pub fn orders(&self) -> Vec<(u64, String)> {
        let keyed = self.keyed();
        let known = keyed.values().filter_map(|keyed| {
            let Matter::Place { guest, .. } = keyed.matter else { return None };
            let told = keyed.told.as_ref()?.json();
            let id = told["id"].as_str().or(told["order_id"].as_str())?;
            Some((guest, id.to_owned()))
        });
        known.collect()
    }

    /// The status that the request of `key` was answered last.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<u16> {
        self.keyed().get(key)?.last
    }

    /// Notes a request under a new key.
    pub fn begin(&self, key: &str, matter: Matter, ask: Ask) {
        let mut ask = ask;
        ask.headers.push(("idempotency-key", key.to_owned()));
        self.keyed().insert(key.to_owned(), Keyed { matter, ask, sent: 0, last: None, taken_at: None, told: None });
    }

    /// Sends the request of `key` until an answer stands, at most `tries` times, `wait` after each try.
    pub async fn send(&self, shop: &Shop, watch: &Watch, key: &str, tries: u32, wait: Duration) {
        let Some(ask) = self.keyed().get(key).map(|keyed| keyed.ask.clone()) else { return };
        for _ in 0..tries {
            let at = shop.now();
            let first = self.sent(key) == 1;
            let answered = shop.ask(&ask).await;
            if let Some(answered) = answered
                && self.note(watch, key, first.then_some(at), answered)
            {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Counts one more try.
    fn sent(&self, key: &str) -> u32 {
        let mut all = self.keyed();
        all.get_mut(key).map_or(0, |keyed| {
            keyed.sent += 1;
            keyed.sent
        })
    }

    /// Whether an answer stands. `at` is when a first try was sent.
    fn note(&self, watch: &Watch, key: &str, at: Option<Instant>, answered: Answered) -> bool {
        let mut all = self.keyed();
        let Some(keyed) = all.get_mut(key) else { return false };
        keyed.last = Some(answered.status);
        if matches!(keyed.matter, Matter::Place { .. }) && answered.status != 429 && answered.status < 500 {
            keyed.taken_at = keyed.taken_at.or(at);
        }
        if answered.status == 500 {
            watch.broken(format!(
                "nothing that a client does or a store refuses is our mistake: {key} was told {}",
                answered.body
            ));
        }
        if !stands(&answered) {
            return false;
        }
        match &keyed.told {
            None => keyed.told = Some(answered),
            Some(before) => {
                let same = before.status == answered.status
                    && (before.body == answered.body || !(answered.replayed || answered.status < 300));
                if !same {
                    let (before, now) = (
                        format!("{} {}", before.status, before.body),
                        format!("{} {}", answered.status, answered.body),
                    );
                    watch.broken(format!(
                        "a repeat is told what the first was told: {key} was told\n  {before}\nand then\n  {now}"
                    ));
                }
            }
        }
        drop(all);
        self.limited(watch);
        true
    }

    /// Nobody gets more than their share of checkouts in any minute.
    fn limited(&self, watch: &Watch) {
        let mut taken: BTreeMap<u64, Vec<Instant>> = BTreeMap::new();
        for keyed in self.keyed().values() {
            if let (Matter::Place { guest, .. }, Some(at)) = (&keyed.matter, keyed.taken_at) {
                taken.entry(*guest).or_default().push(at);
            }
        }
        for (guest, mut times) in taken {
            times.sort_unstable();
            if let Some(run) = times.windows(QUOTA + 1).find(|run| run[QUOTA].since(run[0]) < WINDOW) {
                let within = run[QUOTA].since(run[0]).as_millis();
                watch.broken(format!(
                    "nobody gets more than {QUOTA} checkouts in a minute: guest {guest} got {} within {within} ms",
                    QUOTA + 1
                ));
            }
        }
    }
}

/// Whether every repeat must be told the same from now on.
fn stands(answered: &Answered) -> bool {
    match answered.status {
        200 | 201 | 402 | 422 => true,
        409 => !answered.ask_again && answered.json()["code"] != "changed_meanwhile",
        404 => true,
        _ => false,
    }
}

//! What goes wrong, and when. Every call of a function's environment comes by here: to the stand-ins for AWS and to the
//! payment provider alike.

use crate::chance::Chance;
use crate::trace::Trace;
use cloud::{Call, Clock, Faults, Trouble};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// On which side of a call an environment dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Before anything is done.
    Before,
    /// When it is done, before the answer.
    After,
}

/// What is to be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sky {
    /// Nothing goes wrong and nothing takes time.
    Clear,
    /// Calls take time, and go wrong the oftener the stronger it is; 0 is time alone.
    Storm(u64),
    /// These environments die, each once; nothing else goes wrong and nothing takes time.
    Deaths(Vec<Death>),
}

/// The death of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// Of which function.
    pub operation: String,
    /// At which call of it from 1, counted over all its environments.
    pub at: usize,
    /// On which side.
    pub side: Side,
}

/// The weather of one run.
pub struct Weather {
    sky: Mutex<Sky>,
    chance: Chance,
    clock: Clock,
    trace: Trace,
    /// Who can be told to die, by the name under which an environment calls.
    living: Mutex<BTreeMap<String, oneshot::Sender<()>>>,
    /// Calls by function since the sky changed.
    calls: Mutex<BTreeMap<String, usize>>,
    /// Whether the payment provider is out of reach.
    outage: AtomicBool,
    /// The kinds of trouble that there have been.
    seen: Mutex<BTreeMap<String, u64>>,
}

impl std::fmt::Debug for Weather {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Weather")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Weather {
    /// A clear sky.
    #[must_use]
    pub fn new(chance: Chance, clock: Clock, trace: Trace) -> Self {
        Self {
            sky: Mutex::new(Sky::Clear),
            chance,
            clock,
            trace,
            living: Mutex::default(),
            calls: Mutex::default(),
            outage: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    /// Changes the sky, and counts calls anew.
    pub fn turn(&self, sky: Sky) {
        self.trace.tell(self.clock.now(), &format!("the sky: {sky:?}"));
        *locked(&self.sky) = sky;
        locked(&self.calls).clear();
    }

    /// Whether nobody reaches the payment provider from now on.
    pub fn outage(&self, outage: bool) {
        self.trace.tell(self.clock.now(), if outage { "the provider is out of reach" } else { "the provider is back" });
        self.outage.store(outage, Ordering::Relaxed);
    }

    /// How strong the storm is; `None` when there is none.
    #[must_use]
    pub fn storm(&self) -> Option<u64> {
        if let Sky::Storm(strength) = *locked(&self.sky) { Some(strength) } else { None }
    }

    /// The calls of a function since the sky changed.
    #[must_use]
    pub fn calls(&self, operation: &str) -> usize {
        locked(&self.calls).get(operation).copied().unwrap_or_default()
    }

    /// How often there was which trouble.
    #[must_use]
    pub fn seen(&self) -> BTreeMap<String, u64> {
        locked(&self.seen).clone()
    }

    /// An environment lives under that name from now on; what comes tells it to die.
    pub fn born(&self, caller: &str) -> oneshot::Receiver<()> {
        let (kill, killed) = oneshot::channel();
        locked(&self.living).insert(caller.to_owned(), kill);
        killed
    }

    /// The environments that were told to die and those that ended are forgotten.
    pub fn gone(&self, caller: &str) {
        locked(&self.living).remove(caller);
    }

    /// The names of those that live.
    #[must_use]
    pub fn living(&self) -> BTreeSet<String> {
        locked(&self.living).keys().cloned().collect()
    }

    fn decide(&self, operation: &str) -> Option<Trouble> {
        let number = {
            let mut calls = locked(&self.calls);
            let number = calls.entry(operation.to_owned()).or_default();
            *number += 1;
            *number
        };
        match &*locked(&self.sky) {
            Sky::Clear => None,
            Sky::Storm(strength) => Some(self.gust(*strength)),
            Sky::Deaths(deaths) => {
                let death = deaths.iter().find(|death| death.operation == operation && death.at == number)?;
                Some(match death.side {
                    Side::Before => Trouble::CrashBefore,
                    Side::After => Trouble::CrashAfter,
                })
            }
        }
    }

    /// One call in a storm: in 10,000 and for each degree of strength, so many of each kind.
    fn gust(&self, strength: u64) -> Trouble {
        const KINDS: [(u64, Trouble); 8] = [
            (25, Trouble::Before),
            (35, Trouble::After),
            (10, Trouble::Hang),
            (25, Trouble::Throttle),
            (20, Trouble::Conflict),
            (15, Trouble::ServerError),
            (25, Trouble::CrashBefore),
            (35, Trouble::CrashAfter),
        ];
        let mut drawn = self.chance.below(10_000);
        for (often, trouble) in KINDS {
            let often = often * strength;
            if drawn < often {
                return trouble;
            }
            drawn -= often;
        }
        // Later than a client waits for one attempt, sometimes.
        if drawn < 10 * strength {
            return Trouble::Late(self.chance.between(500, 2_500));
        }
        Trouble::Slow(self.chance.between(1, 25))
    }
}

impl Faults for Weather {
    fn trouble(&self, call: &Call<'_>) -> Option<Trouble> {
        let (operation, _) = call.caller.split_once('.')?;
        let unreachable = call.service == "provider" && self.outage.load(Ordering::Relaxed);
        let trouble = self.decide(operation);
        let trouble = if unreachable { Some(Trouble::Before) } else { trouble };
        let shown = trouble.map_or_else(String::new, |trouble| format!(" {trouble:?}"));
        let Call { caller, service, action, resource } = call;
        self.trace.tell(self.clock.now(), &format!("{caller} {service} {action} {resource}{shown}"));
        if let Some(trouble) = trouble.filter(|trouble| !matches!(trouble, Trouble::Slow(_))) {
            let kind = format!("{trouble:?}");
            let kind = kind.split('(').next().unwrap_or_default().to_owned();
            *locked(&self.seen).entry(kind).or_default() += 1;
        }
        trouble
    }

    fn crashed(&self, caller: &str) {
        if let Some(kill) = locked(&self.living).remove(caller) {
            // Whoever has ended meanwhile need not die.
            kill.send(()).unwrap_or_default();
        }
    }
}

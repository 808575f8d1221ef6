//! Functions from inside: as they ship, against the stand-ins, with a clock that a test moves and with what they say.

use cloud::{Call, Cloud, Faults, Trouble};
use kernel::Instant;
use lambda::{Function, Invocation, Platform, Settings};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// When the tests begin.
const START: Instant = Instant::from_seconds(1_800_000_000);

/// Ends the process of one caller at one of its calls.
#[derive(Debug, Default)]
pub struct Death {
    caller: String,
    at: usize,
    after: bool,
    steps: AtomicUsize,
    dead: Notify,
}

impl Death {
    /// Of that caller, before or after its call number `at`.
    #[must_use]
    pub fn of(caller: &str, at: usize, after: bool) -> Self {
        Self { caller: caller.to_owned(), at, after, ..Self::default() }
    }
}

impl Faults for Death {
    fn trouble(&self, call: &Call<'_>) -> Option<Trouble> {
        if call.caller != self.caller || self.steps.fetch_add(1, Ordering::SeqCst) + 1 != self.at {
            return None;
        }
        Some(if self.after { Trouble::CrashAfter } else { Trouble::CrashBefore })
    }

    fn crashed(&self, _caller: &str) {
        self.dead.notify_one();
    }
}

/// Whether that work comes to its end, where somebody is to die at it.
pub async fn outlives(cloud: &Cloud, death: Death, work: impl Future<Output = ()>) -> bool {
    let death = Arc::new(death);
    let faults: Arc<dyn Faults> = Arc::<Death>::clone(&death);
    cloud.set_faults(Some(faults));
    let lived = tokio::select! {
        () = work => true,
        () = death.dead.notified() => false,
    };
    cloud.set_faults(None);
    lived
}

/// A cloud in memory in which no function is called unless a test does.
pub struct Inside {
    /// The stand-ins.
    pub cloud: Cloud,
    now: Arc<AtomicI64>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Default for Inside {
    fn default() -> Self {
        Self::new()
    }
}

impl Inside {
    /// An empty one.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn new() -> Self {
        let cloud = cloud::testing::start().expect("the stand-ins start");
        Self { cloud, now: Arc::new(AtomicI64::new(START.millis())), said: Arc::default() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.now.store(self.now().plus(by).millis(), Ordering::SeqCst);
    }

    /// A new environment of a function, which calls under that name.
    ///
    /// # Panics
    /// When the template does not know the function, or a setting is missing.
    #[must_use]
    pub fn platform(&self, caller: &str, operation: &str) -> Platform {
        self.platform_with(caller, operation, &[])
    }

    /// The same with other values for some of its settings.
    ///
    /// # Panics
    /// As [`Inside::platform`].
    #[must_use]
    pub fn platform_with(&self, caller: &str, operation: &str, other: &[(&str, &str)]) -> Platform {
        let function = self.cloud.definition().function(operation).expect("a function of the template");
        let mut environment: HashMap<String, String> = function.environment.clone().into_iter().collect();
        environment.extend(self.cloud.environment(caller));
        environment.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let (now, said) = (Arc::clone(&self.now), Arc::clone(&self.said));
        let clock = Arc::new(move || Instant::from_millis(now.load(Ordering::SeqCst)));
        let output =
            Arc::new(move |line: &str| said.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned()));
        Platform::new(Settings { environment, clock, output }).expect("a platform")
    }

    /// The passing of time reaches a function.
    ///
    /// # Errors
    /// What the function failed with.
    pub async fn tick(&self, function: &Function) -> Result<(), String> {
        let event = br#"{"version":"0","id":"e","detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#;
        let deadline = self.now().plus(Duration::from_secs(60));
        let invocation = Invocation { request_id: "i-1".to_owned(), deadline };
        function.invoke(event.to_vec(), invocation).await.map(drop).map_err(|error| error.to_string())
    }

    /// The lines that were said since this was asked last.
    #[must_use]
    pub fn said(&self) -> Vec<Value> {
        let lines = std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner));
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

//! Lambda's environments in one thread: several of a function, each with its own memory, its own skewed clock and its own
//! clients, each serving one event at a time. One that crashes is gone with all it remembered.

use crate::chance::Chance;
use crate::provider::{Line, Provider};
use crate::trace::Trace;
use crate::weather::Weather;
use cloud::{Cloud, Invoke};
use futures::future::BoxFuture;
use kernel::Instant;
use lambda::{Clock, Function, Invocation, Platform, Reach, Settings};
use local::functions::{Mounted, Start};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Environments of one function that are kept at the most.
const KEPT: usize = 4;
/// How much the clock of an environment may be off, either way, in milliseconds.
const SKEW_MILLIS: u64 = 2_000;

/// All environments of one run. Clones share them.
#[derive(Clone)]
pub struct Environments {
    inner: Arc<Inner>,
}

struct Inner {
    cloud: Arc<Cloud>,
    provider: Arc<Provider>,
    weather: Arc<Weather>,
    trace: Trace,
    chance: Chance,
    starts: BTreeMap<String, Start>,
    planted: BTreeSet<String>,
    idle: Mutex<BTreeMap<String, Vec<Environment>>>,
    made: Mutex<BTreeMap<String, u64>>,
}

struct Environment {
    function: Function,
    platform: Platform,
    caller: String,
    served: u64,
    death: oneshot::Receiver<()>,
}

impl Environments {
    /// None yet, of all functions as they ship, but for those in `planted`, which stand in the place of the right ones.
    #[must_use]
    pub fn new(
        cloud: Arc<Cloud>,
        provider: Arc<Provider>,
        weather: Arc<Weather>,
        trace: Trace,
        chance: Chance,
        planted: &[Mounted],
    ) -> Self {
        let shipped = local::functions::ALL.iter().chain(planted);
        let starts = shipped.map(|mounted| (mounted.operation.to_owned(), mounted.start)).collect();
        let planted = planted.iter().map(|mounted| mounted.operation.to_owned()).collect();
        let (idle, made) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { cloud, provider, weather, trace, chance, starts, planted, idle, made }) }
    }

    /// Gives one event to an environment of `operation`. An error is what Lambda calls a failed invocation.
    ///
    /// # Errors
    /// In a sentence: the environment did not start, died, ran out of time, or the function failed.
    pub async fn invoke(&self, operation: &str, event: Vec<u8>) -> Result<Vec<u8>, String> {
        let inner = &self.inner;
        let mut environment = match inner.idle_one(operation) {
            Some(environment) => environment,
            None => inner.start(operation).await?,
        };
        environment.served += 1;
        let timeout =
            inner.cloud.definition().function(operation).map_or(Duration::from_secs(3), |known| known.timeout);
        let request_id = format!("{}-{}", environment.caller, environment.served);
        let deadline = environment.platform.now().plus(timeout);
        let work = environment.function.invoke(event, Invocation { request_id, deadline });
        let answered = tokio::select! {
            biased;
            _ = &mut environment.death => {
                inner.tell(&format!("{} is dead", environment.caller));
                return Err(format!("{} died", environment.caller));
            }
            answered = tokio::time::timeout(timeout, work) => answered,
        };
        let Ok(answered) = answered else {
            inner.weather.gone(&environment.caller);
            inner.tell(&format!("{} ran out of time", environment.caller));
            return Err(format!("{} ran out of time", environment.caller));
        };
        inner.put_back(operation, environment);
        answered.map_err(|error| error.to_string())
    }

    /// A platform of the shop's keeper, whose calls never go wrong: how laws look into the tables.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn keeper(&self) -> Result<Platform, String> {
        self.inner.platform("keeper", self.inner.everything(), 0)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    fn now(&self) -> Instant {
        self.cloud.clock().now()
    }

    fn tell(&self, line: &str) {
        self.trace.tell(self.now(), line);
    }

    /// An environment that waits for work. In a storm a cold one is made now and then all the same.
    fn idle_one(&self, operation: &str) -> Option<Environment> {
        let mut idle = locked(&self.idle);
        let waiting = idle.get_mut(operation).filter(|waiting| !waiting.is_empty())?;
        if self.weather.storm().is_some() && waiting.len() < KEPT && self.chance.one_in(8) {
            return None;
        }
        let at = usize::try_from(self.chance.below(waiting.len() as u64)).unwrap_or_default();
        Some(waiting.remove(at))
    }

    fn put_back(&self, operation: &str, environment: Environment) {
        let mut idle = locked(&self.idle);
        let waiting = idle.entry(operation.to_owned()).or_default();
        if waiting.len() < KEPT {
            waiting.push(environment);
        } else {
            self.weather.gone(&environment.caller);
        }
    }

    /// The settings of all functions together.
    fn everything(&self) -> HashMap<String, String> {
        self.cloud.definition().functions.iter().flat_map(|function| function.environment.clone()).collect()
    }

    async fn start(&self, operation: &str) -> Result<Environment, String> {
        let number = {
            let mut made = locked(&self.made);
            let number = made.entry(operation.to_owned()).or_default();
            *number += 1;
            *number
        };
        let caller = format!("{operation}.{number}");
        let function = self.cloud.definition().function(operation).ok_or("the template does not know it")?;
        let start = self.starts.get(operation).ok_or_else(|| format!("{operation} is not mounted"))?;
        // A bug may need what the right one does without.
        let mut environment = if self.planted.contains(operation) { self.everything() } else { HashMap::new() };
        environment.extend(function.environment.clone());
        environment.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), function.name.clone());
        let skew = if self.weather.storm().is_some() { self.chance.below(2 * SKEW_MILLIS + 1) } else { SKEW_MILLIS };
        let skew = i64::try_from(skew).unwrap_or_default() - i64::try_from(SKEW_MILLIS).unwrap_or_default();
        let platform = self.platform(&caller, environment, skew)?;
        let function = start(&platform).await.map_err(|error| format!("{operation} does not start: {error}"))?;
        let death = self.weather.born(&caller);
        self.tell(&format!("{caller} starts, its clock is off by {skew} ms"));
        Ok(Environment { function, platform, caller, served: 0, death })
    }

    fn platform(&self, caller: &str, mut environment: HashMap<String, String>, skew: i64) -> Result<Platform, String> {
        environment.extend(self.cloud.environment(caller));
        environment.insert("PAYMENT_PROVIDER_URL".to_owned(), "http://127.0.0.1:1".to_owned());
        let clock = self.cloud.clock().clone();
        let clock: Clock = Arc::new(move || Instant::from_millis(clock.now().millis() + skew));
        let line = Line { provider: Arc::clone(&self.provider), caller: caller.to_owned() };
        let reach = Reach {
            aws: Some(self.cloud.client()),
            others: outbound::Client::through(Arc::new(line)),
            random: Some(Arc::new(self.chance.clone())),
        };
        let settings = Settings { environment, clock, output: Arc::new(|_| {}) };
        Platform::reaching(settings, reach).map_err(|error| error.to_string())
    }
}

/// What a delivery goes through before and after it reaches its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Straight,
    /// Some milliseconds later than it should.
    Late(u64),
    /// Twice in a row.
    Twice,
    /// Once more that many milliseconds later, when others have come by.
    Echo(u64),
    /// The work is done, and nobody learns of it.
    Forgotten,
    /// The messages of the batch in another order.
    Shuffled,
}

impl Environments {
    fn way(&self, queue: bool) -> Way {
        let chance = &self.inner.chance;
        if self.inner.weather.storm().is_none_or(|strength| strength == 0) {
            return Way::Straight;
        }
        match chance.below(100) {
            0..6 => Way::Late(chance.between(50, 8_000)),
            6..11 => Way::Twice,
            11..17 if queue => Way::Echo(chance.between(100, 120_000)),
            17..21 => Way::Forgotten,
            21..28 if queue => Way::Shuffled,
            _ => Way::Straight,
        }
    }

    async fn deliver(self, operation: String, payload: Vec<u8>) -> Result<Vec<u8>, String> {
        let queue = payload.windows(7).any(|window| window == b"aws:sqs");
        let way = self.way(queue);
        self.inner.tell(&format!("deliver to {operation}: {way:?}"));
        let done = match way {
            Way::Straight => self.invoke(&operation, payload).await,
            Way::Late(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                self.invoke(&operation, payload).await
            }
            Way::Twice => {
                // Who failed the first time may not fail the second: the later word counts.
                drop(self.invoke(&operation, payload.clone()).await);
                self.invoke(&operation, payload).await
            }
            Way::Echo(millis) => {
                let (again, echoed, payload_again) = (self.clone(), operation.clone(), payload.clone());
                drop(tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    again.inner.tell(&format!("an echo reaches {echoed}"));
                    // Nobody waits for an echo.
                    drop(again.invoke(&echoed, payload_again).await);
                }));
                self.invoke(&operation, payload).await
            }
            Way::Forgotten => {
                drop(self.invoke(&operation, payload).await);
                Err("the answer was lost".to_owned())
            }
            Way::Shuffled => self.invoke(&operation, self.shuffled(payload)).await,
        };
        self.inner.tell(&format!("delivered to {operation}: {}", if done.is_ok() { "answered" } else { "failed" }));
        done
    }

    fn shuffled(&self, payload: Vec<u8>) -> Vec<u8> {
        let Ok(mut event) = serde_json::from_slice::<Value>(&payload) else { return payload };
        if let Some(records) = event["Records"].as_array_mut() {
            for at in (1..records.len()).rev() {
                let other = usize::try_from(self.inner.chance.below(at as u64 + 1)).unwrap_or_default();
                records.swap(at, other);
            }
        }
        event.to_string().into_bytes()
    }
}

impl Invoke for Environments {
    fn invoke(&self, operation: &str, payload: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        Box::pin(self.clone().deliver(operation.to_owned(), payload))
    }
}

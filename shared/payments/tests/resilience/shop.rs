//! Twenty environments that share one table, on the clock of the test. The table is the in-process one: it answers in real
//! time on threads of its own, and the clock of the test stands still meanwhile.

use crate::flaky::{Flaky, charge, nowhere};
use cloud::Cloud;
use kernel::{Fault, Instant, OrderId};
use lambda::{Platform, Settings};
use payments::{Admission, Breakers, Budget, Link, Outcome, Pass, Token, Verdict, pay};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use table::Table;
use tokio::runtime::Runtime;

/// Environments at once.
pub const ENVIRONMENTS: usize = 20;
/// Since when the clocks of these tests run, so that none shows a moment before 1970.
const EPOCH: Instant = Instant::from_seconds(1_000_000);

/// A table `control` and the runtime that its calls are made on.
pub struct Control {
    pub cloud: Cloud,
    pub runtime: Runtime,
    pub table: Table,
}

impl Control {
    pub fn new() -> Self {
        let definition = cloud::testing::definition().unwrap();
        let mut environment: std::collections::HashMap<String, String> = definition
            .functions
            .iter()
            .find(|function| function.operation == "place-order")
            .unwrap()
            .environment
            .clone()
            .into_iter()
            .collect();
        let cloud = Cloud::start(cloud::Options { definition, ..cloud::Options::default() }).unwrap();
        environment.extend(cloud.environment("shop"));
        let (clock, output): (lambda::Clock, _) = (Arc::new(|| EPOCH), Arc::new(|_: &str| {}));
        let platform = Platform::new(Settings { environment, clock, output }).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let table = platform.table("control").unwrap();
        Self { cloud, runtime, table }
    }

    pub fn breakers(&self) -> Breakers {
        Breakers::new(self.table.clone())
    }

    /// Calls of the table, by operation.
    pub fn calls(&self, action: &str) -> u64 {
        let counted = self.cloud.counters();
        counted.actions.iter().filter(|(known, _)| known.action == action).map(|(_, tally)| tally.calls).sum()
    }
}

/// What became of a payment that a shopper asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Became {
    /// Refused before anything was done, with how long to wait.
    Refused(Duration),
    /// The provider was called so often, in an operation that took so long.
    Tried { outcome: Outcome, calls: u32, took: Duration, probe: bool },
}

/// A shop of many environments before one provider.
pub struct Shop<'a> {
    control: &'a Control,
    environments: Vec<Breakers>,
    pub provider: Flaky,
    link: Link,
    began: tokio::time::Instant,
    skewed: bool,
    pub in_flight: AtomicU32,
}

impl<'a> Shop<'a> {
    /// With `skewed`, the clocks of the environments are up to two seconds off, either way.
    pub fn new(control: &'a Control, seed: u64, fails_of_100: u64, skewed: bool) -> Self {
        let environments = (0..ENVIRONMENTS).map(|_| control.breakers()).collect();
        let (provider, link, began) = (Flaky::new(seed, fails_of_100), nowhere(), tokio::time::Instant::now());
        Self { control, environments, provider, link, began, skewed, in_flight: AtomicU32::new(0) }
    }

    /// The true time.
    pub fn now(&self) -> Instant {
        EPOCH.plus(self.began.elapsed())
    }

    /// The time as an environment sees it.
    fn now_in(&self, environment: usize) -> Instant {
        let skew = Duration::from_millis(if self.skewed { environment as u64 * 4_000 / 19 } else { 2_000 });
        self.now().plus(skew).minus(Duration::from_secs(2))
    }

    /// Makes a call of the table, while the clock of the test stands still.
    async fn real<T: Send + 'static>(&self, call: impl Future<Output = Result<T, Fault>> + Send + 'static) -> T {
        let handle = self.control.runtime.handle().clone();
        tokio::task::spawn_blocking(move || handle.block_on(call)).await.unwrap().unwrap()
    }

    pub async fn admit(&self, environment: usize, order: &OrderId) -> Admission {
        let (breakers, order, now) = (self.environments[environment].clone(), order.clone(), self.now_in(environment));
        self.real(async move { breakers.admit("flaky", &order, now).await }).await
    }

    pub async fn report(&self, environment: usize, pass: &Pass, verdict: Verdict) {
        let (breakers, pass, now) = (self.environments[environment].clone(), pass.clone(), self.now_in(environment));
        self.real(async move { breakers.report(&pass, verdict, now).await }).await;
    }

    /// One request: asks for leave, pays within 4.5 s, tells the breaker.
    pub async fn pay(&self, environment: usize, order: &OrderId, calls_made: u32) -> Became {
        let began = self.now();
        let pass = match self.admit(environment, order).await {
            Admission::Wait(wait) => return Became::Refused(wait),
            Admission::Go(pass) => pass,
        };
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let token = Token::parse("tok").unwrap();
        let charge = charge(order, &token);
        let (clock, random) = (|| self.now(), || self.provider.random());
        let budget = Budget { deadline: began.plus(Duration::from_millis(4_500)), clock: &clock, random: &random };
        let calls = AtomicU32::new(calls_made);
        let before_call = |number| {
            assert_eq!(calls.fetch_add(1, Ordering::SeqCst) + 1, number, "calls are counted one by one");
            std::future::ready(Ok::<_, ()>(()))
        };
        let outcome = pay(&self.provider, &self.link, &charge, &budget, calls_made, before_call).await.unwrap();
        self.report(environment, &pass, outcome.verdict()).await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        let took = self.now().since(began);
        Became::Tried { outcome, calls: calls.into_inner(), took, probe: pass.is_probe() }
    }
}

/// An order's id from a number.
pub fn order(number: usize) -> OrderId {
    OrderId::parse(&kernel::id::derived(&["resilience", &number.to_string()])).unwrap()
}

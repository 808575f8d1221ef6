//! What Lambda does between a queue, a stream or a schedule and a function.

mod events;
mod filter;
mod queue;
mod schedule;
mod stream;
mod sweeper;

use crate::cloud::Services;
use crate::counters::{Action, Tally};
use crate::definition::{Function, Trigger};
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Calls functions. The future runs on the pollers' thread: it should hand the work to threads of its own.
pub trait Invoke: Send + Sync + 'static {
    /// Gives the function of `operation` one event and waits for its answer; an error when the invocation failed as a
    /// whole.
    fn invoke(&self, operation: &str, payload: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>>;
}

/// What all pollers share.
pub(crate) struct Shared {
    services: Arc<Services>,
    invoke: Arc<dyn Invoke>,
    ending: watch::Receiver<bool>,
    /// Invocations that run now.
    running: AtomicUsize,
    /// Invocations so far.
    invocations: AtomicU64,
    /// Stream records that were seen but not yet done, over all streams.
    behind: AtomicUsize,
    /// How far each stream was read.
    positions: Mutex<HashMap<String, i64>>,
}

impl Shared {
    fn new(services: Arc<Services>, invoke: Arc<dyn Invoke>) -> (Arc<Self>, watch::Sender<bool>) {
        let (ending, ended) = watch::channel(false);
        let shared = Self {
            services,
            invoke,
            ending: ended,
            running: AtomicUsize::new(0),
            invocations: AtomicU64::new(0),
            behind: AtomicUsize::new(0),
            positions: Mutex::default(),
        };
        (Arc::new(shared), ending)
    }

    /// Calls a function.
    async fn invoke(&self, operation: &str, payload: Vec<u8>) -> Result<Vec<u8>, String> {
        self.running.fetch_add(1, Ordering::SeqCst);
        self.invocations.fetch_add(1, Ordering::SeqCst);
        let result = self.invoke.invoke(operation, payload).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        result
    }

    fn positions(&self, stream: &str) -> i64 {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).get(stream).copied().unwrap_or_default()
    }

    fn set_position(&self, stream: String, position: i64) {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).insert(stream, position);
    }

    /// Returns when the pollers are told to stop.
    async fn ended(&self) {
        // The sender is gone only when the pollers are.
        drop(self.ending.clone().wait_for(|ending| *ending).await);
    }

    /// Counts what Lambda itself asks of a service.
    fn count(&self, service: &'static str, action: &str, resource: &str) {
        let action =
            Action { caller: "lambda".into(), service, action: action.to_owned(), resource: resource.to_owned() };
        self.services.counters.count(action, Tally { calls: 1, ..Tally::default() });
    }
}

/// Deliveries that go on until this is stopped or dropped.
pub struct Pollers {
    shared: Arc<Shared>,
    ending: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Pollers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Pollers")
    }
}

impl Pollers {
    pub(crate) fn start(services: Arc<Services>, invoke: Arc<dyn Invoke>) -> Result<Self, String> {
        let (shared, ending) = Shared::new(services, invoke);
        let polling = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("cloud-pollers".into())
            .spawn(move || run(&polling))
            .map_err(|error| format!("no thread for the pollers: {error}"))?;
        Ok(Self { shared, ending, thread: Some(thread) })
    }

    /// As [`Pollers::start`], as tasks of the runtime that this is called in.
    pub(crate) fn start_here(services: Arc<Services>, invoke: Arc<dyn Invoke>) -> Self {
        let (shared, ending) = Shared::new(services, invoke);
        let polling = Arc::clone(&shared);
        // It ends by itself once it is told to, or with its runtime.
        drop(tokio::spawn(async move { follow_all(&polling).await }));
        Self { shared, ending, thread: None }
    }

    /// Ends the deliveries and waits for the invocations that run, where they run on a thread of their own.
    pub fn stop(mut self) {
        self.end();
    }

    /// Waits until nothing is left to deliver now: no message can be received, none is in a function's hands, and every
    /// stream is read to its end. Delayed messages do not count. `false` when that does not come within `patience`.
    pub async fn settled(&self, patience: Duration) -> bool {
        let begun = tokio::time::Instant::now();
        let mut calm = None;
        while begun.elapsed() < patience {
            let invocations = self.shared.invocations.load(Ordering::SeqCst);
            if self.is_calm().await {
                // Calm twice with nothing in between: a record that became a message was not missed.
                if calm == Some(invocations) {
                    return true;
                }
                calm = Some(invocations);
            } else {
                calm = None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    async fn is_calm(&self) -> bool {
        let shared = &self.shared;
        if shared.running.load(Ordering::SeqCst) > 0 || shared.behind.load(Ordering::SeqCst) > 0 {
            return false;
        }
        for function in &shared.services.definition.functions {
            for trigger in &function.triggers {
                let calm = match trigger {
                    Trigger::Queue(trigger) => {
                        let depth = shared.services.queues.depth(&trigger.queue).unwrap_or_default();
                        depth.visible == 0 && depth.in_flight == 0
                    }
                    Trigger::Stream(trigger) => stream::is_read(shared, function, trigger).await,
                    Trigger::Schedule(_) => true,
                };
                if !calm {
                    return false;
                }
            }
        }
        true
    }

    fn end(&mut self) {
        self.ending.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so itself.
            drop(thread.join());
        }
    }
}

impl Drop for Pollers {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(shared: &Arc<Shared>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(follow_all(shared));
}

async fn follow_all(shared: &Arc<Shared>) {
    let mut tasks = tokio::task::JoinSet::new();
    for function in &shared.services.definition.functions {
        for trigger in &function.triggers {
            tasks.spawn(follow(Arc::clone(shared), function.clone(), trigger.clone()));
        }
    }
    tasks.spawn(sweeper::run(Arc::clone(shared)));
    // A poller that panicked has told so itself; the others go on.
    while tasks.join_next().await.is_some() {}
}

async fn follow(shared: Arc<Shared>, function: Function, trigger: Trigger) {
    match trigger {
        Trigger::Queue(trigger) => queue::run(shared, function, trigger).await,
        Trigger::Stream(trigger) => stream::run(shared, function, trigger).await,
        Trigger::Schedule(schedule) => schedule::run(shared, function, schedule).await,
    }
}

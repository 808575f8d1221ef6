//! Lambda's environments: made on demand up to a limit, each with its own memory, clients and credentials, each serving
//! one request at a time. What is correct only within one process shows here.

use crate::functions::Mounted;
use lambda::{Function, Invocation, Platform, Settings};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// How long a request waits for an environment before it is throttled.
const WAIT: Duration = Duration::from_secs(3);

/// Makes the settings of a function's n-th environment.
pub type MakeSettings = Arc<dyn Fn(usize) -> Settings + Send + Sync>;

/// Why an invocation has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Every environment is busy and no more may be made.
    Throttled,
    /// The function could not start, or its invocation failed as a whole.
    Failed(String),
    /// It took longer than the function may.
    TimedOut,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled => out.write_str("every environment is busy"),
            Self::Failed(why) => out.write_str(why),
            Self::TimedOut => out.write_str("the invocation took longer than the function may"),
        }
    }
}

impl std::error::Error for Failure {}

/// The environments of one function.
pub struct Pool {
    mounted: Mounted,
    settings: MakeSettings,
    timeout: Duration,
    runtime: Handle,
    slots: Semaphore,
    idle: Mutex<Vec<Environment>>,
    made: AtomicUsize,
}

/// One environment: the function, and the platform that tells its time.
struct Environment {
    function: Function,
    platform: Platform,
    served: usize,
    name: String,
}

impl Pool {
    /// No environment yet, and at most `most` of them.
    #[must_use]
    pub fn new(mounted: Mounted, settings: MakeSettings, timeout: Duration, most: usize, runtime: Handle) -> Self {
        let (slots, idle, made) = (Semaphore::new(most), Mutex::default(), AtomicUsize::new(0));
        Self { mounted, settings, timeout, runtime, slots, idle, made }
    }

    /// The function's operation.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.mounted.operation
    }

    /// How many environments were made so far.
    #[must_use]
    pub fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// Gives one event to an environment that is free, or to a new one, and waits for its answer. The work runs on the
    /// functions' own threads, and goes on when the caller goes away, as Lambda's does.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn invoke(self: &Arc<Self>, event: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let pool = Arc::clone(self);
        let work = self.runtime.spawn(async move { pool.serve(event).await });
        work.await.unwrap_or_else(|error| Err(Failure::Failed(format!("the environment died: {error}"))))
    }

    async fn serve(&self, event: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let slot = tokio::time::timeout(WAIT, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = slot else {
            return Err(Failure::Throttled);
        };
        let free = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut environment = match free {
            Some(environment) => environment,
            None => self.start().await?,
        };
        environment.served += 1;
        let request_id = format!("{}-{}", environment.name, environment.served);
        let invocation = Invocation { request_id, deadline: environment.platform.now().plus(self.timeout) };
        // An environment whose invocation ran out of time is ended: it does not go back.
        let answered = tokio::time::timeout(self.timeout, environment.function.invoke(event, invocation)).await;
        let answered = answered.map_err(|_| Failure::TimedOut)?;
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(environment);
        }
        answered.map_err(|error| Failure::Failed(error.to_string()))
    }

    async fn start(&self) -> Result<Environment, Failure> {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let failed =
            |error: lambda::Error| Failure::Failed(format!("{} does not start: {error}", self.mounted.operation));
        let platform = Platform::new((self.settings)(number)).map_err(failed)?;
        let function = (self.mounted.start)(&platform).await.map_err(failed)?;
        Ok(Environment { function, platform, served: 0, name: format!("{}-{number}", self.mounted.operation) })
    }
}

//! One cloud: its stand-ins, its listener, and what tests and the local run may ask it.

use crate::clock::Clock;
use crate::counters::{Counters, Snapshot};
use crate::definition::Definition;
use crate::dynamo::{Engine, MemoryCount};
use crate::faults::{Call, Faults, Trouble};
use crate::journal::{Entries, Journal, Kind};
use crate::pollers::{Invoke, Pollers};
use crate::random::Random;
use crate::services::keys::Keys;
use crate::services::mails::{self, Mail, Mails};
use crate::services::metrics::Metrics;
use crate::services::objects::Objects;
use crate::services::queues::{Message, Queues};
use crate::services::scaling::Scaling;
use crate::services::secrets::Secrets;
use crate::{direct, listener};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Where the state is kept.
#[derive(Debug, Clone, Default)]
pub enum Storage {
    /// In memory: gone with the process.
    #[default]
    Memory,
    /// In files in that folder: what was acknowledged survives the end of the process, however it ends.
    Directory(PathBuf),
}

/// How a cloud is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the state is kept.
    pub storage: Storage,
    /// The time by which the stand-ins wait.
    pub clock: Clock,
    /// What there is.
    pub definition: Definition,
    /// The port on loopback; 0 for any that is free.
    pub port: u16,
    /// Where ids and keys come from.
    pub random: Random,
}

/// Why a cloud does not start, in a sentence for whoever started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl From<String> for StartError {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

/// Everything behind the listener.
pub(crate) struct Services {
    pub(crate) engine: Engine,
    pub(crate) queues: Queues,
    pub(crate) keys: Keys,
    pub(crate) secrets: Secrets,
    pub(crate) mails: Mails,
    pub(crate) objects: Objects,
    pub(crate) metrics: Metrics,
    pub(crate) scaling: Scaling,
    pub(crate) journal: Arc<Journal>,
    /// Where each stream's consumer stood when the last process ended.
    pub(crate) positions: HashMap<String, i64>,
    pub(crate) counters: Counters,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) definition: Definition,
    pub(crate) twice: AtomicBool,
    faults: RwLock<Option<Arc<dyn Faults>>>,
    /// Held as long as this process uses the folder.
    _lock: Option<File>,
}

impl Services {
    pub(crate) fn trouble(&self, call: &Call<'_>, body: &[u8]) -> Option<Trouble> {
        let faults = self.faults.read().unwrap_or_else(PoisonError::into_inner);
        faults.as_ref().and_then(|faults| faults.trouble(call).or_else(|| faults.limit(call, body)))
    }

    pub(crate) fn cost(&self, call: &Call<'_>, body: &[u8], write_half_units: u64) {
        let faults = self.faults.read().unwrap_or_else(PoisonError::into_inner);
        faults.iter().for_each(|faults| faults.cost(call, body, write_half_units));
    }

    pub(crate) fn crashed(&self, caller: &str) {
        let faults = self.faults.read().unwrap_or_else(PoisonError::into_inner).clone();
        faults.iter().for_each(|faults| faults.crashed(caller));
    }
}

/// A running cloud. It ends when it is dropped.
pub struct Cloud {
    services: Arc<Services>,
    address: SocketAddr,
    ending: watch::Sender<bool>,
    listener: Option<JoinHandle<()>>,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Cloud({})", self.address)
    }
}

/// Where nobody listens.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// What the journal keeps, in the order in which it is taken over.
const KINDS: [Kind; 6] = [Kind::Message, Kind::Key, Kind::Secret, Kind::Mail, Kind::Object, Kind::Position];

impl Cloud {
    /// Starts the stand-ins and their listener on threads of their own, whose names begin with `cloud-`.
    ///
    /// # Errors
    /// One sentence: the folder cannot be used or another process uses it, the port is in use, a table is not made.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .map_err(|error| format!("port {} cannot be listened on: {error}", options.port))?;
        let address = socket.local_addr().map_err(|error| format!("the listener has no address: {error}"))?;
        let services = Arc::new(start_services(options, false)?);
        let (ending, ended) = watch::channel(false);
        let serving = Arc::clone(&services);
        let listener = std::thread::Builder::new()
            .name("cloud-listener".into())
            .spawn(move || serve(socket, serving, ended))
            .map_err(|error| format!("no thread for the listener: {error}"))?;
        Ok(Self { services, address, ending, listener: Some(listener) })
    }

    /// Starts the stand-ins in memory, without a socket and without a thread: each call is done where it is made, and
    /// clients reach them through [`Cloud::client`]. With a clock of the runtime's and a seeded source of randomness,
    /// everything that happens follows from what is asked. The options' storage and port do not count.
    ///
    /// # Errors
    /// One sentence: a table is not made.
    pub fn inline(options: Options) -> Result<Self, StartError> {
        let services = Arc::new(start_services(Options { storage: Storage::Memory, ..options }, true)?);
        let (ending, _) = watch::channel(false);
        Ok(Self { services, address: NOWHERE, ending, listener: None })
    }

    /// A client for the SDKs whose calls come here without a socket.
    #[must_use]
    pub fn client(&self) -> SharedHttpClient {
        direct::client(Arc::clone(&self.services))
    }

    /// What `AWS_ENDPOINT_URL` is to be. Without a socket it is an address where nobody listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The `AWS_…` variables of an environment whose calls are counted under `caller` (letters, digits, `-`, `.`).
    #[must_use]
    pub fn environment(&self, caller: &str) -> BTreeMap<String, String> {
        [
            ("AWS_ACCESS_KEY_ID", caller.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", self.services.definition.region.clone()),
            ("AWS_DEFAULT_REGION", self.services.definition.region.clone()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What there is.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.services.definition
    }

    /// The time by which the stand-ins wait.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.services.clock
    }

    /// Begins to deliver queue messages, stream records and schedules to the functions that the definition names, the
    /// way Lambda does: at least once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn poll(&self, invoke: Arc<dyn Invoke>) -> Result<Pollers, StartError> {
        Pollers::start(Arc::clone(&self.services), invoke).map_err(StartError)
    }

    /// As [`Cloud::poll`], as tasks of the runtime that this is called in: no thread is made.
    #[must_use]
    pub fn poll_here(&self, invoke: Arc<dyn Invoke>) -> Pollers {
        Pollers::start_here(Arc::clone(&self.services), invoke)
    }

    /// Who did what since the start or the last reset.
    #[must_use]
    pub fn counters(&self) -> Snapshot {
        self.services.counters.snapshot()
    }

    /// Begins to count anew.
    pub fn reset_counters(&self) {
        self.services.counters.reset();
    }

    /// Asks `faults` about every call from now on; `None` for no more trouble.
    pub fn set_faults(&self, faults: Option<Arc<dyn Faults>>) {
        *self.services.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Whether, from now on, every message and every stream record is delivered twice.
    pub fn duplicate_everything(&self, twice: bool) {
        self.services.twice.store(twice, Ordering::Relaxed);
        self.services.queues.send_twice(twice);
    }

    /// Takes a line of a function's log: one in the Embedded Metric Format becomes metrics of CloudWatch's.
    pub fn collect(&self, line: &str) {
        self.services.metrics.take(line);
    }

    /// The changes of a table after a position of its stream, oldest first, each with its position, as Lambda would send
    /// them but for the stream's ARN.
    ///
    /// # Errors
    /// A sentence saying why the stream does not read.
    pub async fn changes(&self, table: &str, after: i64) -> Result<Vec<(i64, Value)>, String> {
        const PAGE: usize = 1000;
        let records = self.services.engine.records(table, after, PAGE).await?;
        Ok(records.into_iter().map(|record| (record.position, record.json)).collect())
    }

    /// Tells each change of a table that has a stream; `None` for any other.
    #[must_use]
    pub fn changed(&self, table: &str) -> Option<watch::Receiver<()>> {
        self.services.engine.changes(table)
    }

    /// Puts what lies in the dead letters of `queue` back into it, as an operator does. Answers how many messages that
    /// were; `None` when there is no such queue, or it has no dead letters.
    #[must_use]
    pub fn redrive(&self, queue: &str) -> Option<usize> {
        let dead = self.services.queues.settings(queue).ok()?.redrive?.queue;
        let messages = self.services.queues.messages(&dead).ok()?;
        self.services.queues.purge(&dead).ok()?;
        let again = |message: &Message| {
            self.services.queues.send(queue, message.body.clone(), message.attributes.clone(), Some(Duration::ZERO))
        };
        Some(messages.iter().filter(|message| again(message).is_ok()).count())
    }

    /// How many environments are kept warm, at least and at most, of each function that was asked for.
    #[must_use]
    pub fn kept_warm(&self) -> BTreeMap<String, (u32, u32)> {
        self.services.scaling.targets()
    }

    /// Every mail that was sent, the newest last.
    #[must_use]
    pub fn mailbox(&self) -> Vec<Mail> {
        self.services.mails.all()
    }

    /// The mailbox as a page, the newest first.
    #[must_use]
    pub fn mailbox_html(&self) -> String {
        mails::html(&self.services.mails.all())
    }

    /// The current value of a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<String> {
        self.services.secrets.current(name)
    }

    /// The bodies of all messages in a queue, received or not, oldest first; `None` when there is no such queue.
    #[must_use]
    pub fn queue_bodies(&self, queue: &str) -> Option<Vec<String>> {
        let messages = self.services.queues.messages(queue).ok()?;
        Some(messages.into_iter().map(|message| message.body).collect())
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.ending.send_replace(true);
        if let Some(listener) = self.listener.take() {
            // A thread that panicked has told so itself.
            drop(listener.join());
        }
    }
}

fn serve(socket: TcpListener, services: Arc<Services>, ended: watch::Receiver<bool>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(runtime), Ok(())) = (runtime, socket.set_nonblocking(true)) else { return };
    runtime.block_on(async {
        if let Ok(listener) = tokio::net::TcpListener::from_std(socket) {
            listener::serve(listener, services, ended).await;
        }
    });
}

/// Databases in memory are told apart by number within a process.
static MEMORY_COUNT: MemoryCount = MemoryCount::new(0);

fn start_services(options: Options, inline: bool) -> Result<Services, String> {
    let Options { storage, clock, definition, random, .. } = options;
    let (journal, entries, database, lock) = match &storage {
        Storage::Memory => (Journal::in_memory(), Vec::new(), None, None),
        Storage::Directory(folder) => {
            let lock = lock_folder(folder)?;
            let (journal, entries) = Journal::open(&folder.join("cloud.sqlite"), &KINDS)?;
            (journal, entries, Some(folder.join("dynamodb.sqlite")), Some(lock))
        }
    };
    let journal = Arc::new(journal);
    let mut entries = entries.into_iter();
    let mut left = || -> Entries { entries.next().unwrap_or_default() };
    let queues = Queues::new(&definition.queues, Arc::clone(&journal), clock.clone(), random.clone(), left());
    let keys = Keys::new(&definition.keys, &definition.region, &journal, random.clone(), left());
    let (region, kept) = (&definition.region, Arc::clone(&journal));
    let secrets = Secrets::new(&definition.secrets, region, kept, clock.clone(), random.clone(), left());
    let mails = Mails::new(Arc::clone(&journal), clock.clone(), random.clone(), left());
    let objects = Objects::new(&definition.buckets, Arc::clone(&journal), clock.clone(), left());
    let positions = left()
        .into_iter()
        .filter_map(|(key, value)| Some((key, String::from_utf8(value).ok()?.parse().ok()?)))
        .collect();
    Ok(Services {
        engine: start_engine(database.as_deref(), &definition, inline.then_some(&clock))?,
        queues,
        keys,
        secrets,
        mails,
        objects,
        metrics: Metrics::new(clock.clone()),
        scaling: Scaling::default(),
        journal,
        positions,
        counters: Counters::default(),
        clock,
        random,
        definition,
        twice: AtomicBool::new(false),
        faults: RwLock::new(None),
        _lock: lock,
    })
}

/// `inline` is the clock of an engine that works where it is called.
fn start_engine(database: Option<&Path>, definition: &Definition, inline: Option<&Clock>) -> Result<Engine, String> {
    let tables = definition.tables.iter();
    let ttl = definition.tables.iter().filter_map(|table| {
        let attribute = table.ttl_attribute.as_ref()?;
        let specification = json!({"AttributeName": attribute, "Enabled": true});
        Some(("UpdateTimeToLive", json!({"TableName": table.name, "TimeToLiveSpecification": specification})))
    });
    let create: Vec<_> = tables.clone().map(|table| ("CreateTable", table.create.clone())).chain(ttl).collect();
    let watched: Vec<_> = tables.filter(|table| table.stream).map(|table| table.name.clone()).collect();
    match inline {
        Some(clock) => Engine::inline(clock.clone(), &create, &watched),
        None => Engine::start(database, &MEMORY_COUNT, &create, &watched),
    }
}

/// Makes the folder if need be and takes it for this process.
fn lock_folder(folder: &Path) -> Result<File, String> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).map_err(|error| format!("the folder {shown} cannot be made: {error}"))?;
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(|error| format!("the folder {shown} cannot be written: {error}"))?;
    lock.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => format!("the folder {shown} is in use by another process"),
        std::fs::TryLockError::Error(error) => format!("the folder {shown} cannot be locked: {error}"),
    })?;
    Ok(lock)
}

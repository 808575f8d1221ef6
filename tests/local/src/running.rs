//! Starts everything in its order, and ends it again.

use crate::command_line::Options;
use crate::contract::Contract;
use crate::environments::Pool;
use crate::functions::{self, Mounted};
use crate::gateway::Gateway;
use crate::log::Log;
use crate::pages::Pages;
use crate::sandbox_routes::Behind;
use crate::seed::{self, Seeded};
use crate::{sandbox_routes, secrets, web_build};
use cloud::{Cloud, Definition, Invoke, Pollers, Storage};
use futures::future::BoxFuture;
use kernel::Role;
use lambda::{Clock, Platform, Settings};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use telemetry::Output;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

/// How long requests that are being answered may still take when the run ends.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pools of all functions, by operation.
pub type Pools = HashMap<&'static str, Arc<Pool>>;

/// A shop that runs in this process. It ends when it is dropped.
pub struct Local {
    url: String,
    staff_tokens: HashMap<Role, String>,
    log: Log,
    platform: Platform,
    pools: Pools,
    pollers: Option<Pollers>,
    closing: Option<oneshot::Sender<()>>,
    runtimes: Vec<Runtime>,
    cloud: Arc<Cloud>,
}

impl Local {
    /// Where it answers: `http://127.0.0.1:3000`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The staff tokens that were made at this start: one of each role on fresh data, none otherwise.
    #[must_use]
    pub const fn staff_tokens(&self) -> &HashMap<Role, String> {
        &self.staff_tokens
    }

    /// The stand-ins for AWS.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What delivers messages, stream records and schedules.
    #[must_use]
    pub const fn pollers(&self) -> Option<&Pollers> {
        self.pollers.as_ref()
    }

    /// A platform that may use everything: how tests look into the tables.
    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// A runtime to look into the tables with.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        self.runtimes[0].handle()
    }

    /// The environments of one function.
    #[must_use]
    pub fn pool(&self, operation: &str) -> Option<&Arc<Pool>> {
        self.pools.get(operation)
    }

    /// The functions' latest log lines.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// The functions' latest documents of metrics, as they wrote them.
    #[must_use]
    pub fn documents(&self) -> Vec<String> {
        self.log.documents()
    }

    /// The `AWS_…` variables by which another process, such as `cargo lambda watch`, uses the same stand-ins.
    #[must_use]
    pub fn exports(&self) -> BTreeMap<String, String> {
        self.cloud.environment("LOCALwatch")
    }

    /// Ends it: no more deliveries, no more requests, then the stand-ins.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        drop(self.pollers.take());
        if let Some(closing) = self.closing.take() {
            // Nobody listens any more: then it is closed already.
            closing.send(()).unwrap_or_default();
        }
        for runtime in self.runtimes.drain(..) {
            runtime.shutdown_timeout(PATIENCE);
        }
    }
}

/// Starts the shop, telling `say` what takes a while. Not to be called from within an asynchronous runtime.
///
/// # Errors
/// In one sentence for the developer: the port is in use, the data folder cannot be used, Node is missing …
pub fn start(options: &Options, say: &dyn Fn(&str)) -> Result<Local, String> {
    let root = root();
    let listener = bind(options.port)?;
    let address = listener.local_addr().map_err(|error| format!("The port has no address: {error}."))?;
    if options.web {
        web_build::build(&root, say)?;
    }
    let contract = std::fs::read_to_string(root.join("infra/openapi.yaml"))
        .map_err(|error| format!("infra/openapi.yaml cannot be read: {error}."))
        .and_then(|text| Contract::parse(&text))?;
    let url = format!("http://127.0.0.1:{}", address.port());
    let cloud = Arc::new(start_cloud(&root, &url, options)?);
    let log = Log::default();
    let (gateway, functions) = (runtime("gateway")?, runtime("fn")?);
    let started = Started {
        clock: clock(&cloud),
        output: log.output(options.verbose, collector(&cloud)),
        environments: options.environments,
        functions: functions.handle().clone(),
        cloud: Arc::clone(&cloud),
    };
    let pools = started.pools()?;
    let answering = Gateway {
        contract,
        pools: pools.clone(),
        pages: Pages::new(root.join("web/dist"), &cloud.endpoint())?,
        clock: Arc::clone(&started.clock),
        random: Arc::new(random),
    };
    let behind = Behind {
        cloud: Arc::clone(&cloud),
        log: log.clone(),
        data: options.data.clone(),
        url: url.clone(),
        environment: started.everything().into_iter().chain(cloud.environment("LOCALwatch")).collect(),
    };
    let closing = serve(&gateway, listener, answering, &behind)?;
    let pollers = cloud.poll(Arc::new(Delivery { pools: pools.clone() })).map_err(|error| sentence(&error))?;
    let platform = started.platform("LOCALroot", started.everything())?;
    let mut local = Local {
        url,
        staff_tokens: HashMap::new(),
        log,
        platform,
        pools,
        pollers: Some(pollers),
        closing: Some(closing),
        runtimes: vec![gateway, functions],
        cloud,
    };
    let Seeded { staff_tokens } = seed::seed(&local, &root, options.seed, say)?;
    local.staff_tokens = staff_tokens;
    Ok(local)
}

/// The repository.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

fn bind(port: u16) -> Result<TcpListener, String> {
    let listener =
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("Port {port} is in use: end what uses it, or choose another with --port.")
            }
            _ => format!("Port {port} cannot be used: {error}."),
        })?;
    listener.set_nonblocking(true).map_err(|error| format!("Port {port} cannot be used: {error}."))?;
    Ok(listener)
}

fn start_cloud(root: &Path, url: &str, options: &Options) -> Result<Cloud, String> {
    let provider = format!("{url}{}", sandbox_routes::PATH);
    let version = format!("{}+{}", env!("CARGO_PKG_VERSION"), commit(root));
    let parameters = [("Stage", "dev"), ("Version", &version), ("PublicUrl", url), ("PaymentProviderUrl", &provider)];
    let definition = Definition::read(&root.join("template.yaml"), &parameters)?;
    let definition = secrets::drawn(definition)?;
    let storage = options.data.clone().map_or(Storage::Memory, Storage::Directory);
    let options = cloud::Options { storage, definition, clock: options.clock.clone(), ..cloud::Options::default() };
    Cloud::start(options).map_err(|error| sentence(&error))
}

/// The commit that is checked out, if this is a checkout.
fn commit(root: &Path) -> String {
    let read = |path: &Path| std::fs::read_to_string(root.join(".git").join(path)).ok();
    let head = read(Path::new("HEAD")).unwrap_or_default();
    let commit = match head.trim().strip_prefix("ref: ") {
        Some(name) => read(Path::new(name)).unwrap_or_default(),
        None => head,
    };
    let short: String = commit.trim().chars().take(8).collect();
    if short.is_empty() { "local".to_owned() } else { short }
}

fn clock(cloud: &Cloud) -> Clock {
    let clock = cloud.clock().clone();
    Arc::new(move || clock.now())
}

/// Gives metrics to CloudWatch, as Lambda's log does.
fn collector(cloud: &Arc<Cloud>) -> Arc<dyn Fn(&str) + Send + Sync> {
    let cloud = Arc::downgrade(cloud);
    Arc::new(move |line| {
        if let Some(cloud) = cloud.upgrade() {
            cloud.collect(line);
        }
    })
}

fn runtime(name: &'static str) -> Result<Runtime, String> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(workers).thread_name(name).enable_all().build();
    built.map_err(|error| format!("The system gives no threads: {error}."))
}

fn random() -> [u8; 24] {
    let mut bytes = [0; 24];
    // Without randomness there is no shop: the functions refuse by themselves.
    SystemRandom::new().fill(&mut bytes).map_or([0; 24], |()| bytes)
}

/// Somebody's words as a sentence.
fn sentence(words: &dyn std::fmt::Display) -> String {
    let words = words.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// What environments are made from.
struct Started {
    clock: Clock,
    output: Output,
    environments: usize,
    functions: Handle,
    cloud: Arc<Cloud>,
}

impl Started {
    fn pools(&self) -> Result<Pools, String> {
        functions::ALL.iter().map(|mounted| Ok((mounted.operation, Arc::new(self.pool(*mounted)?)))).collect()
    }

    fn pool(&self, mounted: Mounted) -> Result<Pool, String> {
        let operation = mounted.operation;
        let known = self.cloud.definition().function(operation);
        let function = known.ok_or_else(|| format!("The template does not know the function {operation}."))?.clone();
        let (cloud, clock, output) = (Arc::clone(&self.cloud), Arc::clone(&self.clock), Arc::clone(&self.output));
        let timeout = function.timeout;
        let settings = move |number: usize| {
            let mut environment: HashMap<String, String> = function.environment.clone().into_iter().collect();
            environment.extend(cloud.environment(&format!("LOCAL{operation}{number}")));
            environment.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), function.name.clone());
            // Partners who try the shop on this machine have their endpoints on it.
            environment.insert("OUTBOUND_LOOPBACK".to_owned(), "allowed".to_owned());
            Settings { environment, clock: Arc::clone(&clock), output: Arc::clone(&output) }
        };
        Ok(Pool::new(mounted, Arc::new(settings), timeout, self.environments, self.functions.clone()))
    }

    /// The settings of all functions together.
    fn everything(&self) -> HashMap<String, String> {
        let functions = self.cloud.definition().functions.iter();
        functions.flat_map(|function| function.environment.clone()).collect()
    }

    fn platform(&self, caller: &str, mut environment: HashMap<String, String>) -> Result<Platform, String> {
        environment.extend(self.cloud.environment(caller));
        let settings = Settings { environment, clock: Arc::clone(&self.clock), output: Arc::clone(&self.output) };
        Platform::new(settings).map_err(|error| sentence(&error))
    }
}

/// Gives messages, changes and schedules to the same environments that answer requests.
struct Delivery {
    pools: Pools,
}

impl Invoke for Delivery {
    fn invoke(&self, operation: &str, payload: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let pool = self.pools.get(operation).cloned();
        let operation = operation.to_owned();
        Box::pin(async move {
            let pool = pool.ok_or_else(|| format!("there is no function {operation}"))?;
            pool.invoke(payload).await.map_err(|failure| failure.to_string())
        })
    }
}

/// Opens the gateway; what it gives back closes it.
fn serve(
    runtime: &Runtime,
    listener: TcpListener,
    gateway: Gateway,
    behind: &Behind,
) -> Result<oneshot::Sender<()>, String> {
    let _within = runtime.enter();
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(|error| format!("The port cannot be used: {error}."))?;
    let router = sandbox_routes::router(behind)?;
    let gateway = Arc::new(gateway);
    let answer = move |axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<SocketAddr>,
                       request: axum::extract::Request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(request, peer).await }
    };
    let router = router.fallback(answer).into_make_service_with_connect_info::<SocketAddr>();
    let (closing, closed) = oneshot::channel::<()>();
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // Without it every answer waits for Nagle's algorithm; a socket that refuses is only slower.
        drop(stream.set_nodelay(true));
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        // Dropped without a word is the end as well.
        drop(closed.await);
    });
    runtime.spawn(serving.into_future());
    Ok(closing)
}

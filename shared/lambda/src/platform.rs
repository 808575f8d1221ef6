//! All that comes from outside: settings, credentials, clients, clock and randomness. A function gets one when its
//! environment starts and keeps it for the environment's life.

use crate::conflicts::Conflicts;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use kernel::{Fault, Instant};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use telemetry::Output;

/// Why a function cannot start: written to the log, never sent.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// What a platform is made of.
pub struct Settings {
    /// The environment: names, ARNs and URLs, never a secret.
    pub environment: HashMap<String, String>,
    /// Tells the time.
    pub clock: Clock,
    /// Where log lines and metrics go.
    pub output: Output,
}

/// How a platform reaches what is not in its process. The default is what ships: sockets, and the system's randomness. A
/// simulation, which has everything in one thread and draws all chance from one seed, gives its own.
#[derive(Clone, Default)]
pub struct Reach {
    /// What the SDKs' clients call through.
    pub aws: Option<SharedHttpClient>,
    /// What calls of others go through.
    pub others: outbound::Client,
    /// Where randomness comes from.
    pub random: Option<vault::Random>,
}

/// All that comes from outside. Cheap to clone: clones share clients and caches, as one environment does.
#[derive(Clone)]
pub struct Platform {
    inner: Arc<Inner>,
}

struct Inner {
    environment: HashMap<String, String>,
    clock: Clock,
    output: Output,
    random: vault::Random,
    sdk: SdkConfig,
    others: outbound::Client,
    secrets: OnceLock<vault::Secrets>,
    /// Percent of the memory that was ever used, where the process is the environment.
    memory: Option<Gauge>,
    /// Where the last panic was, until somebody tells.
    panicked_at: Mutex<Option<String>>,
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    /// When it began, by the platform's clock.
    pub began: Instant,
    real: std::time::Instant,
}

impl Stopwatch {
    /// How long it took so far: to the microsecond by the machine's own clock, or by the platform's where that is ahead,
    /// as it is where time is moved by hand.
    pub(crate) fn took(&self, platform: &Platform) -> Duration {
        let (real, told) = (self.real.elapsed(), platform.now().since(self.began));
        // The platform's clock tells whole milliseconds.
        if told > real + Duration::from_millis(1) { told } else { real }
    }
}

/// Tells a number of now.
pub(crate) type Gauge = Box<dyn Fn() -> Option<i64> + Send + Sync>;

impl Platform {
    /// The platform of a real Lambda environment (or an emulator's): settings from the process environment, the
    /// system's clock, standard output.
    ///
    /// # Errors
    /// When the region or the credentials that Lambda sets are not there.
    pub fn from_environment() -> Result<Self, Error> {
        let clock: Clock = Arc::new(system_time);
        let output: Output = Arc::new(|line| {
            use std::io::Write;
            // A closed standard output is no reason to fail a request.
            drop(writeln!(std::io::stdout().lock(), "{line}"));
        });
        let environment: HashMap<String, String> = std::env::vars().collect();
        let memory = crate::runtime::memory_gauge(&environment);
        Self::with(Settings { environment, clock, output }, Reach::default(), memory)
    }

    /// A platform from its settings. No client is built before it is used.
    ///
    /// # Errors
    /// When `AWS_REGION`, `AWS_ACCESS_KEY_ID` or `AWS_SECRET_ACCESS_KEY` is missing.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::with(settings, Reach::default(), None)
    }

    /// A platform that reaches the outside in its own way.
    ///
    /// # Errors
    /// As [`Platform::new`].
    pub fn reaching(settings: Settings, reach: Reach) -> Result<Self, Error> {
        Self::with(settings, reach, None)
    }

    fn with(settings: Settings, reach: Reach, memory: Option<Gauge>) -> Result<Self, Error> {
        let Reach { aws, others, random } = reach;
        let sdk = sdk_config(&settings.environment, aws)?;
        let random = random.unwrap_or_else(vault::system_random);
        let Settings { environment, clock, output } = settings;
        let (secrets, panicked_at) = (OnceLock::new(), Mutex::default());
        let inner = Inner { environment, clock, output, random, sdk, others, secrets, memory, panicked_at };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Percent of its memory that this environment ever used; `None` where it shares a process with others.
    pub(crate) fn memory_used_pct(&self) -> Option<i64> {
        self.inner.memory.as_ref().and_then(|gauge| gauge())
    }

    /// Remembers where the code panicked.
    pub(crate) fn note_panic(&self, place: String) {
        if let Ok(mut panicked_at) = self.inner.panicked_at.lock() {
            *panicked_at = Some(place);
        }
    }

    /// Where the code panicked last, told once.
    pub(crate) fn take_panic(&self) -> Option<String> {
        self.inner.panicked_at.lock().ok()?.take()
    }

    /// A setting that must be there.
    ///
    /// # Errors
    /// Naming the setting that is missing.
    pub fn setting(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| format!("the setting {name} is missing from the environment").into())
    }

    /// A setting that may be there.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.inner.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The region this environment runs in.
    #[must_use]
    pub fn region(&self) -> kernel::Region {
        let name = self.optional("AWS_REGION").unwrap_or_default();
        kernel::Region::parse(name).unwrap_or_else(|_| unreachable_region())
    }

    /// `<semver>+<commit>` of what runs.
    #[must_use]
    pub fn version(&self) -> &str {
        self.optional("VERSION").unwrap_or(env!("CARGO_PKG_VERSION"))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        (self.inner.clock)()
    }

    /// Begins to measure.
    pub(crate) fn stopwatch(&self) -> Stopwatch {
        Stopwatch { began: self.now(), real: std::time::Instant::now() }
    }

    /// The clock itself, for what outlives a call.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Arc::clone(&self.inner.clock)
    }

    /// Where log lines go.
    #[must_use]
    pub fn output(&self) -> Output {
        Arc::clone(&self.inner.output)
    }

    /// Random bytes, fit for keys.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.inner.random.fill(&mut bytes).map_err(|_| Fault::unavailable("no randomness"))?;
        Ok(bytes)
    }

    /// The source of randomness, for the vault.
    #[must_use]
    pub fn randomness(&self) -> vault::Random {
        Arc::clone(&self.inner.random)
    }

    /// The client that calls others, over HTTPS.
    #[must_use]
    pub fn outbound(&self) -> outbound::Client {
        self.inner.others.clone()
    }

    /// The table that the setting `TABLE_<NAME>` names: `table("order-views")` reads `TABLE_ORDER_VIEWS`.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn table(&self, name: &str) -> Result<table::Table, Error> {
        let name = self.setting(&setting_name("TABLE", name))?;
        let config = table::config::Builder::from(&self.inner.sdk).retry_classifier(Conflicts).build();
        Ok(table::Table::new(table::Client::from_conf(config), name))
    }

    /// The queue whose URL the setting `QUEUE_<NAME>` holds.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn queue(&self, name: &str) -> Result<queue::Queue, Error> {
        let url = self.setting(&setting_name("QUEUE", name))?;
        Ok(queue::Queue::new(queue::Client::new(&self.inner.sdk), url))
    }

    /// The bucket that the setting `BUCKET_<NAME>` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn bucket(&self, name: &str) -> Result<objects::Bucket, Error> {
        let name = self.setting(&setting_name("BUCKET", name))?;
        // Path style wherever an endpoint is given: an emulator has no name per bucket.
        let path_style = self.inner.sdk.endpoint_url().is_some();
        let config = objects::config::Builder::from(&self.inner.sdk).force_path_style(path_style);
        let config = config.retry_classifier(Conflicts).build();
        Ok(objects::Bucket::new(objects::Client::from_conf(config), name))
    }

    /// The environments of the function that the setting `FUNCTION_<NAME>` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn environments(&self, name: &str) -> Result<capacity::Environments, Error> {
        let function = self.setting(&setting_name("FUNCTION", name))?;
        Ok(capacity::Environments::new(capacity::Client::new(&self.inner.sdk), function))
    }

    /// The sender of mail, from the address in `MAIL_FROM`.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn mailer(&self) -> Result<mail::Mailer, Error> {
        Ok(mail::Mailer::new(mail::Client::new(&self.inner.sdk), self.setting("MAIL_FROM")?))
    }

    /// What CloudWatch has measured of this shop, asked at most every 15 seconds by this environment.
    #[must_use]
    pub fn measured(&self, questions: &[crate::Question]) -> crate::Measured {
        crate::Measured::new(&self.inner.sdk, questions)
    }

    /// The keys of the subjects whose data one purpose of one table seals, under the KMS key that the setting
    /// `KEY_<NAME>` names. Made once for an environment: it keeps the data key.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn subject_keys(&self, key: &str, table: &str, purpose: &str) -> Result<vault::SubjectKeys, Error> {
        let key_id = self.setting(&setting_name("KEY", key))?;
        let keys = vault::Keys::new(vault::sdk::kms::Client::new(&self.inner.sdk));
        Ok(vault::SubjectKeys::new(keys, key_id, table, purpose, self.randomness()))
    }

    /// The secrets, read at most every five minutes by this environment.
    #[must_use]
    pub fn secrets(&self) -> vault::Secrets {
        let client = || vault::Secrets::new(vault::sdk::secretsmanager::Client::new(&self.inner.sdk));
        self.inner.secrets.get_or_init(client).clone()
    }

    /// The secret that the setting `SECRET_<NAME>` names, asked for at most every five minutes by this environment.
    ///
    /// # Errors
    /// Unavailable when the vault does not answer; a bug when the setting is missing.
    pub async fn secret(&self, name: &str) -> Result<vault::Secret, Fault> {
        let id = self.setting(&setting_name("SECRET", name)).map_err(|error| Fault::bug(error.to_string()))?;
        self.secrets().recent(id, self.now()).await
    }

    /// The signer for one purpose (`guest`, `quote`, `cursor`), from the secret `signing`.
    ///
    /// # Errors
    /// As [`Platform::secret`]; a bug when the secret is not a signing secret.
    pub async fn signer(&self, purpose: &str) -> Result<vault::Signer, Fault> {
        vault::SigningKeys::from_secret(&self.secret("signing").await?)?.signer(purpose)
    }
}

/// Now, by the system's clock.
pub(crate) fn system_time() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn setting_name(kind: &str, name: &str) -> String {
    format!("{kind}_{}", name.replace('-', "_").to_uppercase())
}

/// Settings are checked when the platform is made, so a region always parses; this names the home of rows in the
/// one place where a type asks for a value.
fn unreachable_region() -> kernel::Region {
    kernel::Region::parse("us-east-1").unwrap_or_else(|_| unreachable_region())
}

fn sdk_config(environment: &HashMap<String, String>, http: Option<SharedHttpClient>) -> Result<SdkConfig, Error> {
    let setting = |name: &str| {
        environment.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Error::from(format!("{name} is not set")))
    };
    let region = setting("AWS_REGION")?;
    kernel::Region::parse(region)?;
    let token = environment.get("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()).cloned();
    let credentials =
        Credentials::new(setting("AWS_ACCESS_KEY_ID")?, setting("AWS_SECRET_ACCESS_KEY")?, token, None, "environment");
    let sockets = || {
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(4))
        .build();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http.unwrap_or_else(sockets))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    let endpoint = environment.get("AWS_ENDPOINT_URL").filter(|url| !url.is_empty());
    Ok(match endpoint {
        Some(url) => config.endpoint_url(url).build(),
        None => config.build(),
    })
}

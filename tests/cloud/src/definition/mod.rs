//! What the cloud is made of, read from the template: there is no second definition.

mod build;
mod functions;
mod resolve;
mod template;

use crate::services::queues::QueueSettings;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Everything that the stand-ins need to know about one deployment.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// The region that it pretends to be in.
    pub region: String,
    /// Tables.
    pub tables: Vec<Table>,
    /// Queues.
    pub queues: Vec<QueueSettings>,
    /// Secrets by name with their first value.
    pub secrets: Vec<(String, String)>,
    /// Aliases of KMS keys, without `alias/`.
    pub keys: Vec<String>,
    /// Buckets.
    pub buckets: Vec<Bucket>,
    /// Functions with what triggers them.
    pub functions: Vec<Function>,
}

/// One bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Which pages of other origins may call it from a browser.
    pub cors: Vec<CorsRule>,
}

/// What pages of some origins may do from a browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// The origins, whole: `https://russet.shop`.
    pub origins: Vec<String>,
    /// The methods.
    pub methods: Vec<String>,
    /// The headers that a request may have, in small letters.
    pub headers: Vec<String>,
    /// How long a browser remembers.
    pub max_age: Duration,
}

/// One table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What `CreateTable` takes.
    pub create: Value,
    /// The attribute that says when an item may go, in seconds since 1970.
    pub ttl_attribute: Option<String>,
    /// Whether its changes can be read.
    pub stream: bool,
}

/// One function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name: `russet-place-order`.
    pub name: String,
    /// Its operation, kebab-case: `place-order`.
    pub operation: String,
    /// Its environment variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its memory in MiB.
    pub memory_mib: u32,
    /// What triggers it besides HTTP.
    pub triggers: Vec<Trigger>,
}

/// What triggers a function besides HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// Messages of a queue.
    Queue(QueueTrigger),
    /// Changes of a table.
    Stream(StreamTrigger),
    /// The passing of time.
    Schedule(Schedule),
}

/// Messages of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueTrigger {
    /// The queue's name.
    pub queue: String,
    /// Messages of one invocation at the most.
    pub batch_max: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Whether the function says which messages failed.
    pub partial_failures: bool,
    /// Invocations at a time at the most.
    pub concurrency_max: Option<usize>,
}

/// Changes of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamTrigger {
    /// The table's name.
    pub table: String,
    /// A record is delivered when one of these patterns fits; all are when there is none.
    pub filters: Vec<Value>,
    /// Records of one invocation at the most.
    pub batch_max: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Whether the function says which record failed first.
    pub partial_failures: bool,
    /// Whether a failed batch is halved.
    pub bisect: bool,
    /// How often a batch is tried again; for ever when absent.
    pub retries_max: Option<u32>,
    /// The queue that is told of what was given up.
    pub on_failure: Option<String>,
    /// Whether it begins with the oldest record.
    pub from_start: bool,
}

/// The passing of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The rule's name.
    pub name: String,
    /// How much time passes between two events.
    pub every: Duration,
}

impl Definition {
    /// The definition in the template at `path` and the nested stacks that it names, with values for some of its
    /// parameters.
    ///
    /// # Errors
    /// A sentence naming the file, the resource and what is wrong with it.
    pub fn read(path: &Path, parameters: &[(&str, &str)]) -> Result<Self, String> {
        template::read(path, parameters)
    }

    /// An empty definition in `us-east-1`, to be filled with the methods below.
    #[must_use]
    pub fn empty() -> Self {
        Self { region: "us-east-1".to_owned(), ..Self::default() }
    }

    /// With a table whose partition key is `pk`, a string, and whose stream is on.
    #[must_use]
    pub fn with_table(mut self, name: &str) -> Self {
        self.tables.push(Table::plain(name, false));
        self
    }

    /// With a table whose keys are `pk` and `sk`, strings, and whose stream is on.
    #[must_use]
    pub fn with_sorted_table(mut self, name: &str) -> Self {
        self.tables.push(Table::plain(name, true));
        self
    }

    /// With a queue.
    #[must_use]
    pub fn with_queue(mut self, settings: QueueSettings) -> Self {
        self.queues.push(settings);
        self
    }

    /// With a secret, or another value for the one of that name.
    #[must_use]
    pub fn with_secret(mut self, name: &str, text: &str) -> Self {
        self.secrets.retain(|(known, _)| known != name);
        self.secrets.push((name.to_owned(), text.to_owned()));
        self
    }

    /// With a KMS key by its alias, without `alias/`.
    #[must_use]
    pub fn with_key(mut self, alias: &str) -> Self {
        self.keys.push(alias.to_owned());
        self
    }

    /// With a bucket.
    #[must_use]
    pub fn with_bucket(mut self, name: &str) -> Self {
        self.buckets.push(Bucket { name: name.to_owned(), ..Bucket::default() });
        self
    }

    /// With a function that is triggered so.
    #[must_use]
    pub fn with_function(mut self, operation: &str, trigger: Trigger) -> Self {
        self.functions.push(Function {
            name: format!("russet-{operation}"),
            operation: operation.to_owned(),
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(5),
            memory_mib: 256,
            triggers: vec![trigger],
        });
        self
    }

    /// The function with that operation.
    #[must_use]
    pub fn function(&self, operation: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.operation == operation)
    }
}

impl QueueTrigger {
    /// Up to ten messages at a time, with partial failures, as all our functions do.
    #[must_use]
    pub fn new(queue: &str) -> Self {
        Self {
            queue: queue.to_owned(),
            batch_max: 10,
            window: Duration::ZERO,
            partial_failures: true,
            concurrency_max: None,
        }
    }
}

impl StreamTrigger {
    /// Up to a hundred records at a time from the oldest on, with partial failures, halved on failure, ten retries.
    #[must_use]
    pub fn new(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            filters: Vec::new(),
            batch_max: 100,
            window: Duration::ZERO,
            partial_failures: true,
            bisect: true,
            retries_max: Some(10),
            on_failure: None,
            from_start: true,
        }
    }
}

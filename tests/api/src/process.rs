//! The real program in a process of its own, so that it can be killed.

use kernel::{Instant, Role};
use lambda::{Platform, Settings};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::{Handle, Runtime};

/// The tables, by the names in the settings.
pub(crate) const TABLES: [&str; 11] = [
    "catalog",
    "stock",
    "carts",
    "checkout",
    "flash",
    "orders",
    "order-views",
    "accounts",
    "control",
    "partners",
    "audit",
];

/// A run of the program. It is killed, and its data removed, when it is dropped.
pub struct Process {
    child: Mutex<Child>,
    data: PathBuf,
    url: String,
    staff_tokens: HashMap<Role, String>,
    exports: HashMap<String, String>,
    runtime: Runtime,
}

/// What a run says until it is ready.
#[derive(Default)]
struct Said {
    url: String,
    staff_tokens: HashMap<Role, String>,
    exports: HashMap<String, String>,
}

impl Process {
    /// Starts the program that `LOCAL_PROGRAM` names, or builds it first, on fresh data.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(name: &str) -> Self {
        if std::env::var_os("LOCAL_PROGRAM").is_none() {
            let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "local"]).status();
            assert!(built.is_ok_and(|status| status.success()), "the program builds");
        }
        let data = std::env::temp_dir().join(format!("russet-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&data));
        let (child, said) = spawn(&data, 0);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime to look into the stores with");
        Self {
            child: Mutex::new(child),
            data,
            url: said.url,
            staff_tokens: said.staff_tokens,
            exports: said.exports,
            runtime,
        }
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One staff token of each role.
    pub const fn staff_tokens(&self) -> &HashMap<Role, String> {
        &self.staff_tokens
    }

    /// Kills it with a signal that it cannot see coming.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("nobody panicked");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// Kills it, and starts it again on the same data and port.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        let port = self.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let (child, said) = spawn(&self.data, port);
        self.child = Mutex::new(child);
        self.exports = said.exports;
    }

    /// A platform that reads every table.
    ///
    /// # Panics
    /// When the program did not say how.
    pub fn platform(&self) -> Platform {
        let names =
            TABLES.map(|name| (format!("TABLE_{}", name.replace('-', "_").to_uppercase()), format!("russet-{name}")));
        let environment = self.exports.clone().into_iter().chain(names).collect();
        let clock = Arc::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        });
        Platform::new(Settings { environment, clock, output: Arc::new(|_| {}) })
            .expect("the program says how to reach its stores")
    }

    /// A runtime to look into the stores with.
    pub fn handle(&self) -> Handle {
        self.runtime.handle().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            drop(child.kill());
            drop(child.wait());
        }
        drop(std::fs::remove_dir_all(&self.data));
    }
}

fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("LOCAL_PROGRAM") {
        return named.into();
    }
    let test = std::env::current_exe().expect("a test is a program");
    let folder = test.parent().and_then(std::path::Path::parent).expect("a test lies in the target folder");
    folder.join("local")
}

fn spawn(data: &std::path::Path, port: u16) -> (Child, Said) {
    let mut child = Command::new(program())
        .args(["--no-web", "--port", &port.to_string(), "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = child.stdout.take().expect("it says something");
    let mut said = Said::default();
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        said.hear(&line);
        if !said.url.is_empty() {
            return (child, said);
        }
    }
    let ended = child.wait();
    panic!("the program ended before it was ready: {ended:?}");
}

impl Said {
    fn hear(&mut self, line: &str) {
        let roles = [Role::Support, Role::Warehouse, Role::Finance, Role::Admin];
        if let Some(url) = line.strip_prefix("ready ") {
            self.url = url.to_owned();
        } else if let Some((name, value)) =
            line.trim().strip_prefix("export ").and_then(|export| export.split_once('='))
        {
            self.exports.insert(name.to_owned(), value.to_owned());
        } else if let Some((name, token)) = line.trim().split_once(char::is_whitespace)
            && let Some(role) = roles.into_iter().find(|role| role.name() == name)
        {
            self.staff_tokens.insert(role, token.trim().to_owned());
        }
    }
}

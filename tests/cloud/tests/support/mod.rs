//! The official SDK clients, pointed at a cloud.
#![allow(dead_code, reason = "each test file uses some of it")]

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloud::{Cloud, Definition, Options, QueueSettings, Redrive, Storage};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A few of everything.
pub fn definition() -> Definition {
    let mut mail = QueueSettings::new("mail");
    mail.redrive = Some(Redrive { queue: "mail-dlq".into(), receives_max: 2 });
    Definition::empty()
        .with_table("orders")
        .with_sorted_table("views")
        .with_queue(mail)
        .with_queue(QueueSettings::new("mail-dlq"))
        .with_queue(QueueSettings::new("failures"))
        .with_secret("russet/payments", "{\"api_key\":\"k\"}")
        .with_key("personal")
        .with_key("payments")
        .with_bucket("segments")
}

pub fn start() -> Cloud {
    start_with(definition())
}

pub fn start_with(definition: Definition) -> Cloud {
    Cloud::start(Options { definition, ..Options::default() }).unwrap()
}

pub fn start_in(folder: &Folder, definition: Definition) -> Cloud {
    Cloud::start(Options { storage: Storage::Directory(folder.0.clone()), definition, ..Options::default() }).unwrap()
}

/// A folder that is gone when this is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("russet-cloud-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// How a function would set its clients up, as `caller`.
pub fn config(cloud: &Cloud, caller: &str) -> SdkConfig {
    let variables = cloud.environment(caller);
    let credentials =
        Credentials::new(&variables["AWS_ACCESS_KEY_ID"], &variables["AWS_SECRET_ACCESS_KEY"], None, None, "test");
    SdkConfig::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(Region::new(variables["AWS_REGION"].clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .endpoint_url(&variables["AWS_ENDPOINT_URL"])
        .build()
}

pub fn queue_url(name: &str) -> String {
    format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}")
}

pub async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came that {what}");
}

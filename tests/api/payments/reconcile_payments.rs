//! What `reconcile-payments` measures of the providers, each minute.

use ::payments::breaker::REST;
use ::payments::{Admission, Breakers, Verdict};
use kernel::{Instant, OrderId, id};
use lambda::{Invocation, Platform, Settings};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_left_alone_is_measured_until_it_is_tried_again() {
    let cloud = cloud::testing::start().unwrap();
    let now = Arc::new(AtomicI64::new(Instant::from_seconds(1_800_000_000).millis()));
    let said = Arc::new(Mutex::new(Vec::<String>::new()));
    let function = cloud.definition().function("reconcile-payments").unwrap();
    let mut environment: HashMap<String, String> = function.environment.clone().into_iter().collect();
    environment.extend(cloud.environment("reconcile"));
    let (time, lines) = (Arc::clone(&now), Arc::clone(&said));
    let platform = Platform::new(Settings {
        environment,
        clock: Arc::new(move || Instant::from_millis(time.load(Ordering::SeqCst))),
        output: Arc::new(move |line| lines.lock().unwrap().push(line.to_owned())),
    });
    let platform = platform.unwrap();
    let reconcile = ::reconcile_payments::function(&platform).await.unwrap();
    let measured = async || {
        said.lock().unwrap().clear();
        let invocation = Invocation { request_id: "i-1".to_owned(), deadline: Instant::from_seconds(1_900_000_000) };
        reconcile.invoke(br#"{"version":"0","detail":{}}"#.to_vec(), invocation).await.unwrap();
        let lines = said.lock().unwrap().clone();
        let documents = lines.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        documents.filter_map(|document| document["providers_resting"].as_i64()).collect::<Vec<_>>()
    };
    assert_eq!(measured().await, [0]);

    let breakers = Breakers::new(platform.table("control").unwrap());
    let at = Instant::from_millis(now.load(Ordering::SeqCst));
    for number in ["1", "2", "3"] {
        let order = OrderId::parse(&id::derived(&[number])).unwrap();
        let Admission::Go(pass) = breakers.admit("sandbox", &order, at).await.unwrap() else { panic!("it waits") };
        breakers.report(&pass, Verdict::Fails, at).await.unwrap();
    }
    now.fetch_add(1_000, Ordering::SeqCst);
    assert_eq!(measured().await, [1]);
    now.fetch_add(i64::try_from(REST.as_millis()).unwrap(), Ordering::SeqCst);
    assert_eq!(measured().await, [0], "the next payment tries it");
}

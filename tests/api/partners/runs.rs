//! Runs of process-feed from inside, with a clock that a test moves.

use super::deliveries::{Stage, invocation, message_of};
use cloud::Call;
use kernel::{JobId, id};
use partners::job::{Arrival, Source, State, Wishes};
use partners::{Arrived, Job, World};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_itself_after_ten_minutes_and_the_next_goes_on_from_where_it_was() {
    let stage = Arc::new(Stage::plain().await);
    let rows = (0..500).map(|n| format!("N{n},Tea {n},{}\n", if n % 10 == 0 { "" } else { "100" }));
    let feed = format!("sku,name,price_cents\n{}", rows.collect::<String>());
    let source = Source {
        object: "feeds/long".to_owned(),
        bytes: feed.len() as u64,
        sha256: id::sha256_hex(feed.as_bytes()),
        media_type: Some("text/csv".to_owned()),
        file_name: None,
    };
    let platform = stage.platform("keeper", "process-feed");
    platform.bucket("feeds").unwrap().put(&source.object, feed.into_bytes(), "text/csv").await.unwrap();
    let arrival = Arrival {
        id: JobId::parse(&id::derived(&["long"])).unwrap(),
        partner: stage.partner.clone(),
        fingerprint: "f".to_owned(),
        world: World::Sandbox,
        source,
        wishes: Wishes::default(),
        origin: None,
        trace: None,
    };
    let job = Job::receive(arrival, stage.now());
    assert!(matches!(stage.store().arrive(&job).await.unwrap(), Arrived::New));

    // The job is written when it begins and after every hundred rows: ten minutes go by before the second hundred is.
    let (writes, clock) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&stage));
    stage.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        let saves = call.caller == "first" && call.action == "PutItem" && call.resource == "russet-partners";
        if saves && writes.fetch_add(1, Ordering::SeqCst) == 2 {
            clock.advance_to(clock.now().plus(Duration::from_secs(601)));
        }
        None
    })));
    let asked = json!({"partner": stage.partner}).to_string();
    let run = async |caller: &str| {
        let function = process_feed::function(&stage.platform(caller, "process-feed")).await.unwrap();
        let answer = function.invoke(message_of(&asked), invocation()).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
        stage.store().find_job(&job.id).await.unwrap().unwrap()
    };
    let left = run("first").await;
    assert_eq!((left.state, left.position, left.counts.seen), (State::Reading, 200, 200));
    let sent = stage.cloud.queue_bodies("russet-feed-jobs").unwrap();
    assert!(sent.contains(&asked), "somebody comes for the rest: {sent:?}");

    let over = run("second").await;
    let counts = over.counts;
    assert_eq!((over.state, counts.seen, counts.accepted, counts.rejected), (State::Done, 500, 450, 50));
    assert_eq!(over.by_rule["price_required"], 50);
}

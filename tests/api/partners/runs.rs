//! Runs of process-feed from inside, with a clock that a test moves.

use super::deliveries::{Stage, invocation, message_of};
use cloud::Call;
use kernel::{Instant, JobId, id};
use partners::job::{Arrival, Counts, Source, State, Wishes};
use partners::{Arrived, Job, World};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How far a run is that nobody was heard of again: its lease, what is on its way, and the next minute.
const GIVEN_UP: Duration = Duration::from_secs(20 + 60);

impl Stage {
    /// A feed of that many rows, each tenth without a price, waits to be read.
    async fn feed(&self, name: &str, rows: usize) -> Job {
        let rows = (0..rows).map(|n| format!("N{n},Tea {n},{}\n", if n % 10 == 0 { "" } else { "100" }));
        let feed = format!("sku,name,price_cents\n{}", rows.collect::<String>());
        let source = Source {
            object: format!("feeds/{name}"),
            bytes: feed.len() as u64,
            sha256: id::sha256_hex(feed.as_bytes()),
            media_type: Some("text/csv".to_owned()),
            file_name: None,
        };
        let platform = self.platform("keeper", "process-feed");
        platform.bucket("feeds").unwrap().put(&source.object, feed.into_bytes(), "text/csv").await.unwrap();
        let arrival = Arrival {
            id: JobId::parse(&id::derived(&[name])).unwrap(),
            partner: self.partner.clone(),
            fingerprint: "f".to_owned(),
            world: World::Sandbox,
            source,
            wishes: Wishes::default(),
            origin: None,
            trace: None,
        };
        let job = Job::receive(arrival, self.now());
        assert!(matches!(self.store().arrive(&job).await.unwrap(), Arrived::New));
        job
    }

    fn look_after(&self) -> String {
        json!({"partner": self.partner}).to_string()
    }

    /// A new environment of process-feed is given that message.
    async fn process(&self, caller: &str, asked: &str) {
        let function = process_feed::function(&self.platform(caller, "process-feed")).await.unwrap();
        let answer = function.invoke(message_of(asked), invocation()).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
    }

    async fn job(&self, job: &Job) -> Job {
        self.store().find_job(&job.id).await.unwrap().unwrap()
    }

    fn advance(&self, by: Duration) -> Instant {
        self.advance_to(self.now().plus(by));
        self.now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_itself_after_ten_minutes_and_the_next_goes_on_from_where_it_was() {
    let stage = Arc::new(Stage::plain().await);
    let job = stage.feed("long", 500).await;

    // The job is written when it begins and after every hundred rows: ten minutes go by before the second hundred is.
    let (writes, clock) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&stage));
    stage.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        let saves = call.caller == "first" && call.action == "PutItem" && call.resource == "russet-partners";
        if saves && writes.fetch_add(1, Ordering::SeqCst) == 2 {
            clock.advance(Duration::from_secs(601));
        }
        None
    })));
    stage.process("first", &stage.look_after()).await;
    let left = stage.job(&job).await;
    assert_eq!((left.state, left.position, left.counts.seen), (State::Reading, 200, 200));
    let sent = stage.cloud.queue_bodies("russet-feed-jobs").unwrap();
    assert!(sent.contains(&stage.look_after()), "somebody comes for the rest: {sent:?}");

    stage.process("second", &stage.look_after()).await;
    let over = stage.job(&job).await;
    let counts = over.counts;
    assert_eq!((over.state, counts.seen, counts.accepted, counts.rejected), (State::Done, 500, 450, 50));
    assert_eq!(over.by_rule["price_required"], 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_that_nobody_comes_for_are_found_by_the_sweep() {
    let stage = Stage::plain().await;
    let job = stage.feed("lost", 20).await;
    let swept = async || stage.sweep("russet-feed-jobs").await;
    stage.advance(Duration::from_secs(59));
    assert_eq!(swept().await.len(), 0, "a message is on its way");
    stage.advance(Duration::from_secs(1));
    assert_eq!(swept().await, [stage.look_after()]);
    stage.process("heir", &stage.look_after()).await;
    assert_eq!(stage.job(&job).await.state, State::Done);
    stage.advance(GIVEN_UP);
    assert_eq!(swept().await.len(), 0, "what is over is not sent for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_a_run_dies_and_whatever_it_sent_the_sweep_finds_its_feeds_and_each_row_is_counted_once() {
    let mut points = 0;
    for after in [false, true] {
        for at in 1.. {
            let stage = Stage::plain().await;
            let jobs = [stage.feed("first", 250).await, stage.feed("second", 20).await];
            let asked = stage.look_after();
            let lived = stage.lives("mortal", at, after, stage.process("mortal", &asked)).await;
            stage.advance(GIVEN_UP);
            let swept = stage.sweep("russet-feed-jobs").await;
            for (n, asked) in swept.iter().enumerate() {
                stage.process(&format!("heir{n}"), asked).await;
            }
            for (job, rows) in jobs.iter().zip([250, 20]) {
                let ended = stage.job(job).await;
                let counted = Counts { seen: rows, accepted: rows / 10 * 9, rejected: rows / 10, ..ended.counts };
                assert_eq!((ended.state, ended.counts), (State::Done, counted), "{at} {after}: {swept:?}");
            }
            stage.advance(GIVEN_UP);
            assert_eq!(stage.sweep("russet-feed-jobs").await.len(), 0, "{at} {after}: nobody waits");
            if lived {
                break;
            }
            points += 1;
        }
    }
    println!("{points} points at which a run died");
    assert!(points >= 20, "{points}");
}

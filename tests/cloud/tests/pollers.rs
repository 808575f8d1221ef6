//! Messages, stream records and schedules reach functions as Lambda delivers them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::{Clock, Cloud, Definition, Invoke, Options, QueueTrigger, Schedule, StreamTrigger, Trigger};
use futures::future::BoxFuture;
use kernel::Instant;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Folder, config, definition, queue_url, start_in, start_with, wait_until};

/// Answers every event with what a closure says, and remembers the events.
struct Functions<F> {
    events: Arc<Mutex<Vec<Value>>>,
    answer: Arc<F>,
}

impl<F> Functions<F>
where
    F: Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
{
    fn new(answer: F) -> (Arc<Self>, Arc<Mutex<Vec<Value>>>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        (Arc::new(Self { events: Arc::clone(&events), answer: Arc::new(answer) }), events)
    }
}

impl<F> Invoke for Functions<F>
where
    F: Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
{
    fn invoke(&self, _: &str, payload: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        self.events.lock().unwrap().push(event.clone());
        let answer = Arc::clone(&self.answer);
        Box::pin(async move { answer(&event).map(|answer| answer.to_string().into_bytes()) })
    }
}

fn no_failures(_: &Value) -> Result<Value, String> {
    Ok(json!({"batchItemFailures": []}))
}

fn with_mail(trigger: QueueTrigger) -> Definition {
    definition().with_function("send-email", Trigger::Queue(trigger))
}

fn with_orders(trigger: StreamTrigger) -> Definition {
    definition().with_function("publish-order-events", Trigger::Stream(trigger))
}

async fn send(cloud: &Cloud, body: &str) {
    let client = aws_sdk_sqs::Client::new(&config(cloud, "test"));
    client.send_message().queue_url(queue_url("mail")).message_body(body).send().await.unwrap();
}

async fn put(cloud: &Cloud, key: &str) {
    let client = aws_sdk_dynamodb::Client::new(&config(cloud, "test"));
    client.put_item().table_name("orders").item("pk", AttributeValue::S(key.into())).send().await.unwrap();
}

fn keys(events: &Mutex<Vec<Value>>) -> Vec<Vec<String>> {
    let key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
    events.lock().unwrap().iter().map(|event| event["Records"].as_array().unwrap().iter().map(key).collect()).collect()
}

fn bodies(events: &Mutex<Vec<Value>>) -> Vec<String> {
    let events = events.lock().unwrap();
    let records = events.iter().flat_map(|event| event["Records"].as_array().unwrap());
    records.map(|record| record["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_message_reaches_its_function_at_once_and_is_deleted() {
    let cloud = start_with(with_mail(QueueTrigger::new("mail")));
    let (functions, events) = Functions::new(no_failures);
    let pollers = cloud.poll(functions).unwrap();
    let begun = std::time::Instant::now();
    send(&cloud, "hello").await;
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());

    let event = events.lock().unwrap()[0].clone();
    let record = &event["Records"][0];
    assert_eq!((record["body"].as_str(), record["eventSource"].as_str()), (Some("hello"), Some("aws:sqs")));
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["md5OfBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:000000000000:mail");
    assert!(cloud.queue_bodies("mail").unwrap().is_empty());
    assert_eq!(cloud.counters().sum(|action| action.caller == "lambda" && action.action == "DeleteMessage").calls, 1);
    pollers.stop();
}

#[tokio::test]
async fn only_the_failed_messages_of_a_batch_come_again_and_at_last_go_to_the_dead_letters() {
    let clock = Clock::manual(Instant::from_seconds(1_000_000));
    let definition = with_mail(QueueTrigger::new("mail"));
    let cloud = Cloud::start(Options { definition, clock: clock.clone(), ..Options::default() }).unwrap();
    let (functions, events) = Functions::new(|event| {
        let failed = event["Records"].as_array().unwrap().iter().filter(|record| record["body"] == "poison");
        Ok(
            json!({"batchItemFailures": failed.map(|record| json!({"itemIdentifier": record["messageId"]})).collect::<Vec<_>>()}),
        )
    });
    for body in ["a", "poison", "b"] {
        send(&cloud, body).await;
    }
    let pollers = cloud.poll(functions).unwrap();
    wait_until("the good ones are deleted", async || cloud.queue_bodies("mail").unwrap() == ["poison"]).await;
    for _ in 0..2 {
        clock.advance(Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    wait_until("it is dead", async || cloud.queue_bodies("mail-dlq").unwrap() == ["poison"]).await;
    let mut seen = bodies(&events);
    seen.sort();
    assert_eq!(seen, ["a", "b", "poison", "poison"]);
    pollers.stop();
}

#[tokio::test]
async fn a_failed_invocation_fails_the_whole_batch() {
    let clock = Clock::manual(Instant::from_seconds(1_000_000));
    let definition = with_mail(QueueTrigger::new("mail"));
    let cloud = Cloud::start(Options { definition, clock: clock.clone(), ..Options::default() }).unwrap();
    let calls = AtomicUsize::new(0);
    let (functions, events) = Functions::new(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Err("it crashed".into()),
        _ => Ok(Value::Null),
    });
    let pollers = cloud.poll(functions).unwrap();
    send(&cloud, "again").await;
    wait_until("it was tried", async || events.lock().unwrap().len() == 1).await;
    clock.advance(Duration::from_secs(30));
    wait_until("it was done", async || cloud.queue_bodies("mail").unwrap().is_empty()).await;
    assert_eq!(events.lock().unwrap()[1]["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
    pollers.stop();
}

#[tokio::test]
async fn no_more_invocations_run_at_a_time_than_the_mapping_allows() {
    struct Slow {
        running: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }
    impl Invoke for Slow {
        fn invoke(&self, _: &str, _: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
            let (running, most) = (Arc::clone(&self.running), Arc::clone(&self.most));
            Box::pin(async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(b"null".to_vec())
            })
        }
    }
    let cloud =
        start_with(with_mail(QueueTrigger { batch_max: 1, concurrency_max: Some(3), ..QueueTrigger::new("mail") }));
    for n in 0..12 {
        send(&cloud, &n.to_string()).await;
    }
    let most = Arc::new(AtomicUsize::new(0));
    let pollers = cloud.poll(Arc::new(Slow { running: Arc::default(), most: Arc::clone(&most) })).unwrap();
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn changes_reach_their_function_in_order_and_only_those_that_fit() {
    let filter = json!({"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ORDER#"}]}}}});
    let cloud = start_with(with_orders(StreamTrigger { filters: vec![filter], ..StreamTrigger::new("orders") }));
    let (functions, events) = Functions::new(no_failures);
    for key in ["ORDER#1", "ONCE#1", "ORDER#2"] {
        put(&cloud, key).await;
    }
    let pollers = cloud.poll(functions).unwrap();
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert_eq!(keys(&events), [["ORDER#1", "ORDER#2"]]);
    let begun = std::time::Instant::now();
    put(&cloud, "ORDER#3").await;
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(keys(&events)[1], ["ORDER#3"]);

    let event = events.lock().unwrap()[0].clone();
    let record = &event["Records"][0];
    assert_eq!((record["eventName"].as_str(), record["eventSource"].as_str()), (Some("INSERT"), Some("aws:dynamodb")));
    assert_eq!(record["dynamodb"]["NewImage"]["pk"]["S"], "ORDER#1");
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert!(
        record["eventSourceARN"]
            .as_str()
            .unwrap()
            .starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/")
    );
}

#[tokio::test]
async fn a_stream_goes_on_after_a_restart_where_it_was_and_loses_nothing() {
    let folder = Folder::new();
    let definition = || with_orders(StreamTrigger::new("orders"));
    {
        let cloud = start_in(&folder, definition());
        let (functions, events) = Functions::new(no_failures);
        let pollers = cloud.poll(functions).unwrap();
        put(&cloud, "ORDER#1").await;
        assert!(pollers.settled(Duration::from_secs(5)).await);
        pollers.stop();
        assert_eq!(keys(&events), [["ORDER#1"]]);
        put(&cloud, "ORDER#2").await;
    }
    let cloud = start_in(&folder, definition());
    let (functions, events) = Functions::new(no_failures);
    let pollers = cloud.poll(functions).unwrap();
    assert!(pollers.settled(Duration::from_secs(5)).await);
    put(&cloud, "ORDER#3").await;
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert_eq!(keys(&events).concat(), ["ORDER#2", "ORDER#3"]);
}

#[tokio::test]
async fn a_partial_failure_keeps_what_was_done_and_goes_on_from_the_failed_record() {
    let cloud = start_with(with_orders(StreamTrigger { bisect: false, ..StreamTrigger::new("orders") }));
    let calls = AtomicUsize::new(0);
    let (functions, events) = Functions::new(move |event| {
        let second = &event["Records"][1]["dynamodb"]["SequenceNumber"];
        match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(json!({"batchItemFailures": [{"itemIdentifier": second}]})),
            _ => Ok(Value::Null),
        }
    });
    for key in ["A", "B", "C"] {
        put(&cloud, key).await;
    }
    let pollers = cloud.poll(functions).unwrap();
    assert!(pollers.settled(Duration::from_secs(5)).await);
    assert_eq!(keys(&events), [vec!["A", "B", "C"], vec!["B", "C"]]);
}

#[tokio::test]
async fn a_record_that_always_fails_is_told_apart_given_up_and_reported() {
    let trigger =
        StreamTrigger { retries_max: Some(1), on_failure: Some("failures".into()), ..StreamTrigger::new("orders") };
    let cloud = start_with(with_orders(trigger));
    let (functions, events) = Functions::new(|event| {
        let poison =
            event["Records"].as_array().unwrap().iter().any(|record| record["dynamodb"]["Keys"]["pk"]["S"] == "POISON");
        if poison { Err("it crashed".into()) } else { Ok(Value::Null) }
    });
    for key in ["A", "POISON", "B", "C"] {
        put(&cloud, key).await;
    }
    let pollers = cloud.poll(functions).unwrap();
    assert!(pollers.settled(Duration::from_secs(10)).await);
    let delivered = keys(&events);
    assert_eq!(delivered[0].len(), 4);
    for alone in [vec!["A".to_owned()], vec!["B".to_owned(), "C".to_owned()]] {
        assert!(delivered.contains(&alone), "{delivered:?}");
    }
    assert_eq!(delivered.iter().filter(|batch| **batch == ["POISON"]).count(), 2, "one try and one retry");
    let told: Value = serde_json::from_str(&cloud.queue_bodies("failures").unwrap()[0]).unwrap();
    assert_eq!(told["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 1);
}

#[tokio::test]
async fn everything_can_be_delivered_twice() {
    let definition = with_orders(StreamTrigger::new("orders"))
        .with_function("send-email", Trigger::Queue(QueueTrigger::new("mail")));
    let cloud = start_with(definition);
    cloud.duplicate_everything(true);
    let (functions, events) = Functions::new(no_failures);
    let pollers = cloud.poll(functions).unwrap();
    send(&cloud, "twin").await;
    put(&cloud, "ORDER#1").await;
    assert!(pollers.settled(Duration::from_secs(5)).await);
    let records: Vec<Value> = {
        let events = events.lock().unwrap();
        events.iter().flat_map(|event| event["Records"].as_array().unwrap().clone()).collect()
    };
    let count = |source: &str| records.iter().filter(|record| record["eventSource"] == source).count();
    assert_eq!((count("aws:sqs"), count("aws:dynamodb")), (2, 2));
    let ids: Vec<_> = records.iter().filter_map(|record| record["messageId"].as_str()).collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_schedule_fires_when_its_time_has_come() {
    let clock = Clock::manual(Instant::from_seconds(1_800_000_000));
    let schedule = Schedule { name: "EveryMinute".into(), every: Duration::from_secs(60) };
    let definition = Definition::empty().with_function("sweep-holds", Trigger::Schedule(schedule));
    let cloud = Cloud::start(Options { definition, clock: clock.clone(), ..Options::default() }).unwrap();
    let (functions, events) = Functions::new(|_| Ok(Value::Null));
    let pollers = cloud.poll(functions).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    clock.advance(Duration::from_secs(59));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(events.lock().unwrap().is_empty());
    clock.advance(Duration::from_secs(1));
    wait_until("it fired", async || events.lock().unwrap().len() == 1).await;
    let event = events.lock().unwrap()[0].clone();
    assert_eq!(
        (event["detail-type"].as_str(), event["time"].as_str()),
        (Some("Scheduled Event"), Some("2027-01-15T08:01:00Z"))
    );
    pollers.stop();
}

#[tokio::test]
async fn items_whose_time_is_over_are_taken_away_late() {
    let clock = Clock::manual(Instant::from_seconds(1_000_000));
    let mut definition = definition();
    definition.tables[0].ttl_attribute = Some("expires_at".into());
    let cloud = Cloud::start(Options { definition, clock: clock.clone(), ..Options::default() }).unwrap();
    let client = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
    for (key, expires_at) in [("old", "1000100"), ("new", "2000000")] {
        let put = client.put_item().table_name("orders").item("pk", AttributeValue::S(key.into()));
        put.item("expires_at", AttributeValue::N(expires_at.into())).send().await.unwrap();
    }
    let (functions, _) = Functions::new(|_| Ok(Value::Null));
    let pollers = cloud.poll(functions).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    clock.advance(Duration::from_secs(300));
    wait_until("the old one is gone", async || {
        let left = client.scan().table_name("orders").send().await.unwrap();
        left.items().len() == 1 && left.items()[0]["pk"] == AttributeValue::S("new".into())
    })
    .await;
    pollers.stop();
}

//! The adapter crates against the services that they speak to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod support;

use cloud::{Call, Cloud, Trouble};
use kernel::{Email, Instant, Kind};
use mail::{Mail, Mailer};
use objects::Bucket;
use queue::{Message, Queue};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::{config, queue_url, start};
use vault::{Keys, Place, Secrets, SubjectKeys};

fn subjects(cloud: &Cloud, table: &str) -> SubjectKeys {
    let keys = Keys::new(vault::sdk::kms::Client::new(&config(cloud, "test")));
    SubjectKeys::new(keys, "alias/personal", table, "contact", Arc::new(ring::rand::SystemRandom::new()))
}

fn place(subject: &str) -> Place<'_> {
    Place { table: "orders", item: "ORDER#1", field: "contact", subject }
}

#[tokio::test]
async fn a_hundred_subjects_cost_one_call_to_kms_and_each_opens_their_own_data_only() {
    let cloud = start();
    let keys = subjects(&cloud, "orders");
    let now = Instant::from_seconds(1_000_000);
    let (ada, wrapped) = keys.create("guest:ada", now).await.unwrap();
    let sealed = ada.seal(&place("guest:ada"), b"ada@example.com").unwrap();
    for n in 0..100 {
        keys.create(&format!("guest:{n}"), now).await.unwrap();
    }
    let reopened = keys.open("guest:ada", &wrapped, now).await.unwrap();
    assert_eq!(reopened.open(&place("guest:ada"), &sealed).unwrap(), b"ada@example.com");
    assert_eq!(cloud.counters().total().calls, 1, "one data key, kept in memory");

    assert!(
        reopened.open(&Place { field: "address", ..place("guest:ada") }, &sealed).is_err(),
        "moved to another field"
    );
    assert!(keys.open("guest:bob", &wrapped, now).await.is_err(), "another subject's key");
    let stored = serde_json::to_string(&(&wrapped, &sealed)).unwrap();
    assert!(stored.len() < 500 && !stored.contains("ada"), "{stored}");
}

#[tokio::test]
async fn another_environment_asks_kms_once_and_again_after_five_minutes() {
    let cloud = start();
    let now = Instant::from_seconds(1_000_000);
    let (ada, wrapped) = subjects(&cloud, "orders").create("guest:ada", now).await.unwrap();
    let sealed = ada.seal(&place("guest:ada"), b"hello").unwrap();

    let elsewhere = subjects(&cloud, "orders");
    for at in [now, now.plus(Duration::from_secs(299)), now.plus(Duration::from_secs(300))] {
        let key = elsewhere.open("guest:ada", &wrapped, at).await.unwrap();
        assert_eq!(key.open(&place("guest:ada"), &sealed).unwrap(), b"hello");
    }
    assert_eq!(cloud.counters().calls("kms", "Decrypt"), 2);

    let for_another_table = subjects(&cloud, "carts").open("guest:ada", &wrapped, now).await.unwrap_err();
    assert_eq!(for_another_table.kind, Kind::Bug);
    assert!(for_another_table.cause.unwrap().contains("InvalidCiphertext"), "KMS refuses another context");
}

#[tokio::test]
async fn a_secret_is_asked_for_once_in_five_minutes() {
    let cloud = start();
    let secrets = Secrets::new(vault::sdk::secretsmanager::Client::new(&config(&cloud, "test")));
    let now = Instant::from_seconds(1_000_000);
    for seconds in [0, 299, 300] {
        let secret = secrets.recent("russet/payments", now.plus(Duration::from_secs(seconds))).await.unwrap();
        assert_eq!(secret.reveal(), "{\"api_key\":\"k\"}");
    }
    assert_eq!(cloud.counters().calls("secretsmanager", "GetSecretValue"), 2);
    assert!(secrets.previous("russet/payments").await.unwrap().is_none());
    assert_eq!(secrets.get("russet/unknown").await.unwrap_err().kind, Kind::Bug);
}

#[tokio::test]
async fn many_messages_are_sent_ten_at_a_time_with_their_trace() {
    let cloud = start();
    let sdk = config(&cloud, "test");
    let queue = Queue::new(queue::Client::new(&sdk), queue_url("mail"));
    let messages: Vec<_> = (0..25).map(|n| Message::text(n.to_string()).with("kind", "test")).collect();
    queue.send_all(&messages, Some("00-trace")).await.unwrap();
    queue.send(&Message::text("later").after(Duration::from_secs(60)), None).await.unwrap();

    assert_eq!(cloud.queue_bodies("mail").unwrap().len(), 26);
    assert_eq!(cloud.counters().calls("sqs", "SendMessageBatch"), 3);
    let received =
        queue::Client::new(&sdk).receive_message().queue_url(queue_url("mail")).message_attribute_names("All").send();
    let attributes = received.await.unwrap().messages.unwrap()[0].message_attributes.clone().unwrap();
    assert_eq!(attributes[queue::TRACE_ATTRIBUTE].string_value(), Some("00-trace"));
}

#[tokio::test]
async fn an_object_that_is_there_is_not_written_again() {
    let cloud = start();
    let bucket = Bucket::new(objects::Client::new(&config(&cloud, "test")), "segments");
    assert!(bucket.get("v1").await.unwrap().is_none());
    assert!(bucket.put_if_absent("v1", "one", "text/plain").await.unwrap());
    assert!(!bucket.put_if_absent("v1", "two", "text/plain").await.unwrap());
    assert_eq!(bucket.get("v1").await.unwrap().unwrap(), "one");
    bucket.put("v1", "three", "text/plain").await.unwrap();
    assert_eq!(bucket.get("v1").await.unwrap().unwrap(), "three");
    bucket.delete("v1").await.unwrap();
    bucket.delete("v1").await.unwrap();
    assert!(bucket.get("v1").await.unwrap().is_none());
}

#[tokio::test]
async fn an_object_that_met_another_request_is_not_taken_for_stored() {
    let cloud = start();
    let bucket = Bucket::new(objects::Client::new(&config(&cloud, "test")), "segments");
    cloud.set_faults(Some(Arc::new(|_: &Call<'_>| Some(Trouble::Conflict))));
    assert_eq!(bucket.put_if_absent("v1", "one", "text/plain").await.unwrap_err().kind, Kind::Unavailable);
    cloud.set_faults(None);
    assert!(bucket.get("v1").await.unwrap().is_none());
    assert!(bucket.put_if_absent("v1", "one", "text/plain").await.unwrap());
}

#[tokio::test]
async fn a_mail_goes_to_one_person() {
    let cloud = start();
    let mailer = Mailer::new(mail::Client::new(&config(&cloud, "test")), "Russet <orders@russet.shop>");
    let to = Email::parse("ada@example.com").unwrap();
    let id = mailer.send(&Mail { to, subject: "Hello".into(), text: "Hi Ada".into(), html: None }).await.unwrap();
    let mailbox = cloud.mailbox();
    assert_eq!(
        (mailbox[0].id.as_str(), mailbox[0].to[0].as_str(), mailbox[0].text.as_str()),
        (&*id, "ada@example.com", "Hi Ada")
    );
}

#[tokio::test]
async fn troubles_are_for_later_and_refusals_are_our_mistake() {
    let cloud = start();
    let sdk = config(&cloud, "test");
    let queue = Queue::new(queue::Client::new(&sdk), queue_url("mail"));
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    cloud.set_faults(Some(Arc::new(move |_: &Call<'_>| {
        seen.fetch_add(1, Ordering::SeqCst);
        Some(Trouble::Throttle)
    })));
    let throttled = queue.send(&Message::text("x"), None).await.unwrap_err();
    assert_eq!(throttled.kind, Kind::Unavailable, "{throttled}");
    assert!(!throttled.detail.contains("Throttling"), "the sender does not read the service's words");
    assert_eq!(calls.load(Ordering::SeqCst), 3, "the client tries three times");
    cloud.set_faults(None);

    let nowhere = Queue::new(queue::Client::new(&sdk), queue_url("nowhere"));
    assert_eq!(nowhere.send(&Message::text("x"), None).await.unwrap_err().kind, Kind::Bug);
}

//! The definition is read from the template and its nested stacks.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use cloud::{Definition, StreamTrigger, Trigger};
use std::path::Path;
use std::time::{Duration, Instant};

fn fixture() -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/template.yaml");
    Definition::read(&path, &[("Prefix", "shop")]).unwrap()
}

#[test]
fn names_follow_from_the_parameters_through_nested_stacks() {
    let definition = fixture();
    assert_eq!(definition.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["shop-orders"]);
    assert_eq!(definition.keys, ["shop-personal"]);
    let buckets: Vec<&str> = definition.buckets.iter().map(|bucket| bucket.name.as_str()).collect();
    assert_eq!(buckets, ["shop-catalog-000000000000-us-east-1"]);
    let function = definition.function("publish-order-events").unwrap();
    assert_eq!(function.name, "shop-publish-order-events");
    let variable = |name: &str| function.environment[name].as_str();
    assert_eq!(variable("STAGE"), "dev");
    assert_eq!(variable("QUEUE_MAIL"), "https://sqs.us-east-1.amazonaws.com/000000000000/shop-mail");
    assert_eq!(variable("JOINED"), "a/shop/b");
    assert_eq!(variable("CHOSEN"), "few");
    assert_eq!(variable("LITERAL"), "${Prefix} and shop");
    assert!(!function.environment.contains_key("ABSENT"));
    assert_eq!((function.timeout, function.memory_mib), (Duration::from_secs(20), 256));
}

#[test]
fn queues_have_their_redrive_and_tables_their_indexes_streams_and_ttl() {
    let definition = fixture();
    let mail = definition.queues.iter().find(|queue| queue.name == "shop-mail").unwrap();
    assert_eq!(mail.visibility, Duration::from_secs(60));
    assert_eq!(
        (mail.redrive.as_ref().unwrap().queue.as_str(), mail.redrive.as_ref().unwrap().receives_max),
        ("shop-mail-dlq", 4)
    );
    let orders = &definition.tables[0];
    assert_eq!(orders.create["GlobalSecondaryIndexes"][0]["IndexName"], "by_customer");
    assert_eq!(orders.create["StreamSpecification"]["StreamEnabled"], true);
    assert_eq!(orders.ttl_attribute.as_deref(), Some("expires_at"));
}

#[test]
fn mappings_come_with_their_settings() {
    let definition = fixture();
    let triggers = |operation: &str| definition.function(operation).unwrap().triggers.clone();
    let filter = serde_json::json!({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ORDER#"}]}}}});
    let expected = StreamTrigger {
        filters: vec![filter],
        retries_max: Some(5),
        on_failure: Some("shop-failures".into()),
        ..StreamTrigger::new("shop-orders")
    };
    assert_eq!(triggers("publish-order-events"), [Trigger::Stream(expected)]);
    let [Trigger::Queue(queue)] = &triggers("send-email")[..] else { panic!() };
    assert_eq!((queue.queue.as_str(), queue.batch_max, queue.concurrency_max), ("shop-mail", 5, Some(3)));
    assert!(queue.partial_failures);
    let [Trigger::Schedule(schedule)] = &triggers("sweep-holds")[..] else { panic!() };
    assert_eq!(schedule.every, Duration::from_secs(60));
}

#[test]
fn secrets_are_drawn_as_the_template_says() {
    let definition = fixture();
    let secret = |name: &str| {
        let (_, text) = definition.secrets.iter().find(|(known, _)| known == name).unwrap();
        serde_json::from_str::<serde_json::Value>(text).unwrap()
    };
    assert!(secret("shop/signing")["previous"].is_null());
    assert_eq!(secret("shop/signing")["current"].as_str().unwrap().len(), 64);
}

#[test]
fn what_is_wrong_is_said_with_the_file_and_the_resource() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken.yaml");
    let sentence = Definition::read(&broken, &[]).unwrap_err();
    assert!(sentence.contains("broken.yaml: Orphan: there is no Nobody"), "{sentence}");
    assert!(Definition::read(Path::new("/nowhere.yaml"), &[]).unwrap_err().contains("/nowhere.yaml cannot be read"));
}

#[test]
fn the_shops_own_template_is_understood() {
    let begun = Instant::now();
    let definition = cloud::testing::definition().unwrap();
    println!("read in {:?}", begun.elapsed());
    for table in ["catalog", "stock", "carts", "checkout", "orders", "order-views", "accounts", "control"] {
        assert!(definition.tables.iter().any(|known| known.name == format!("russet-{table}")), "{table}");
    }
    for function in &definition.functions {
        for (name, value) in &function.environment {
            if name.starts_with("TABLE_") {
                assert!(definition.tables.iter().any(|table| table.name == *value), "{}: {name}", function.operation);
            }
            if name.starts_with("QUEUE_") {
                let queue = value.rsplit('/').next().unwrap();
                assert!(definition.queues.iter().any(|known| known.name == queue), "{}: {name}", function.operation);
            }
        }
    }
    println!(
        "{} tables, {} queues, {} functions",
        definition.tables.len(),
        definition.queues.len(),
        definition.functions.len()
    );
    let begun = Instant::now();
    let cloud = cloud::testing::start().unwrap();
    println!("started in {:?} at {}", begun.elapsed(), cloud.endpoint());
}

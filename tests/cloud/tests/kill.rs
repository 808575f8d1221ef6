//! What was acknowledged survives the end of the process, however it ends.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Folder, config, definition, queue_url, start_in};

/// Where the child finds the folder.
const FOLDER: &str = "RUSSET_TEST_FOLDER";

#[tokio::test]
async fn every_acknowledged_write_and_message_is_there_after_kill_9() {
    for lived in [300, 500, 900] {
        let folder = Folder::new();
        let (items, messages) = acknowledged_until_killed(&folder, Duration::from_millis(lived));
        assert!(!items.is_empty() && !messages.is_empty(), "the writer got nowhere in {lived} ms");

        let cloud = start_in(&folder, definition());
        let client = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
        let mut found = BTreeSet::new();
        let mut pages = client.scan().table_name("orders").into_paginator().items().send();
        while let Some(item) = pages.next().await {
            found.insert(item.unwrap()["pk"].as_s().unwrap().clone());
        }
        assert!(items.is_subset(&found), "lost: {:?}", items.difference(&found).collect::<Vec<_>>());
        let kept: BTreeSet<String> = cloud.queue_bodies("mail").unwrap().into_iter().collect();
        assert!(messages.is_subset(&kept), "lost: {:?}", messages.difference(&kept).collect::<Vec<_>>());
    }
}

/// Runs the writer below in a process of its own and kills it after `lived`; what it said was acknowledged.
fn acknowledged_until_killed(folder: &Folder, lived: Duration) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_writer_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(lived);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let (mut items, mut messages) = (BTreeSet::new(), BTreeSet::new());
    for line in lines.map_while(Result::ok) {
        if let Some(item) = line.strip_prefix("item ") {
            items.insert(item.to_owned());
        }
        if let Some(message) = line.strip_prefix("message ") {
            messages.insert(message.to_owned());
        }
    }
    killer.join().unwrap();
    (items, messages)
}

#[tokio::test]
#[ignore = "runs as a child of the test above"]
async fn the_writer_that_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let options = cloud::Options {
        storage: cloud::Storage::Directory(folder.into()),
        definition: definition(),
        ..cloud::Options::default()
    };
    let cloud = cloud::Cloud::start(options).unwrap();
    let sdk = config(&cloud, "writer");
    let (items, queues) = (aws_sdk_dynamodb::Client::new(&sdk), aws_sdk_sqs::Client::new(&sdk));
    let write = async |writer: usize| {
        for n in 0.. {
            let name = format!("{writer}-{n}");
            items.put_item().table_name("orders").item("pk", AttributeValue::S(name.clone())).send().await.unwrap();
            println!("item {name}");
            queues.send_message().queue_url(queue_url("mail")).message_body(&name).send().await.unwrap();
            println!("message {name}");
        }
    };
    tokio::join!(write(0), write(1), write(2), write(3));
}

#[tokio::test]
#[ignore = "prints whether a long stream slows the writes down"]
async fn how_long_a_stream_may_get() {
    let folder = Folder::new();
    let cloud = start_in(&folder, definition());
    let items = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
    for thousand in 0..10 {
        let begun = Instant::now();
        let puts = (0..1000).map(|n| {
            let key = AttributeValue::S(format!("{thousand}-{n}"));
            let put = items.put_item().table_name("orders").item("pk", key);
            put.item("filler", AttributeValue::S("x".repeat(2000))).send()
        });
        for result in futures::future::join_all(puts).await {
            result.unwrap();
        }
        println!("{thousand},000 to the next: {:?}", begun.elapsed());
    }
}

#[tokio::test]
#[ignore = "prints how fast the stand-ins are on this machine"]
async fn how_fast_it_is() {
    for on_disk in [false, true] {
        let folder = Folder::new();
        let cloud = if on_disk { start_in(&folder, definition()) } else { support::start() };
        let items = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
        for writers in [1_usize, 20] {
            let begun = Instant::now();
            let each = 400 / writers;
            let tasks: Vec<_> = (0..writers)
                .map(|writer| {
                    let items = items.clone();
                    tokio::spawn(async move {
                        for n in 0..each {
                            let key = AttributeValue::S(format!("{writer}-{n}"));
                            items.put_item().table_name("orders").item("pk", key).send().await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            let place = if on_disk { "on disk" } else { "in memory" };
            println!("{place}, {writers} writers: {:?} for {} puts", begun.elapsed(), each * writers);
        }
    }
}

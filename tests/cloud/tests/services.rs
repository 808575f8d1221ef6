//! Each stand-in, driven by the official SDK client.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod support;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, MacAlgorithmSpec};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, SendMessageBatchRequestEntry};
use cloud::{Call, Clock, Cloud, Options, Trouble};
use kernel::Instant;
use std::sync::Arc;
use std::time::Duration;
use support::{Folder, config, definition, queue_url, start, start_in};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[tokio::test]
async fn a_refused_condition_shows_the_old_item_and_units_are_counted_for_the_caller() {
    let cloud = start();
    let client = aws_sdk_dynamodb::Client::new(&config(&cloud, "place-order.1"));
    let put = || {
        client
            .put_item()
            .table_name("orders")
            .item("pk", text("ORDER#1"))
            .item("state", text("paid"))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    let first = put().send().await.unwrap();
    assert!(first.consumed_capacity.is_none(), "nobody asked for it");
    let refused = put().send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.item().unwrap()["state"], text("paid"));

    let read = client.get_item().table_name("orders").key("pk", text("ORDER#1")).send().await.unwrap();
    assert_eq!(read.item.unwrap()["state"], text("paid"));
    let puts = cloud.counters().sum(|action| action.action == "PutItem" && action.caller == "place-order.1");
    assert_eq!((puts.calls, puts.refused, puts.write_half_units), (2, 1, 4));
    let gets = cloud.counters().sum(|action| action.action == "GetItem" && action.resource == "orders");
    assert_eq!((gets.calls, gets.read_half_units), (1, 1));
}

#[tokio::test]
async fn a_cancelled_transaction_says_which_item_refused() {
    let cloud = start();
    let client = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
    let put = |table: &str| {
        let put = Put::builder().table_name(table).item("pk", text("A")).item("sk", text("1"));
        let put = put
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let both = [put("orders"), put("views")].to_vec();
    client.transact_write_items().set_transact_items(Some(both)).send().await.unwrap();
    let refused =
        client.transact_write_items().transact_items(put("orders")).send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        refused,
    ) = refused
    else {
        panic!("{refused:?}");
    };
    let reason = &refused.cancellation_reasons()[0];
    assert_eq!(reason.code(), Some("ConditionalCheckFailed"));
    assert_eq!(reason.item().unwrap()["pk"], text("A"));
    assert!(cloud.counters().actions.iter().any(|(action, _)| action.resource == "orders,views"));
}

#[tokio::test]
async fn a_message_is_hidden_while_somebody_has_it_and_gone_when_it_is_deleted() {
    let cloud = start();
    let client = aws_sdk_sqs::Client::new(&config(&cloud, "test"));
    let url = queue_url("mail");
    let trace = MessageAttributeValue::builder().data_type("String").string_value("00-abc").build().unwrap();
    client
        .send_message()
        .queue_url(&url)
        .message_body("hello")
        .message_attributes("traceparent", trace)
        .send()
        .await
        .unwrap();

    let receive = || {
        client
            .receive_message()
            .queue_url(&url)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
    };
    let received = receive().send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(received.body(), Some("hello"));
    assert_eq!(received.message_attributes().unwrap()["traceparent"].string_value(), Some("00-abc"));
    assert_eq!(received.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert!(receive().send().await.unwrap().messages.is_none());

    let receipt = received.receipt_handle().unwrap();
    client
        .change_message_visibility()
        .queue_url(&url)
        .receipt_handle(receipt)
        .visibility_timeout(0)
        .send()
        .await
        .unwrap();
    let again = receive().send().await.unwrap().messages.unwrap().remove(0);
    client.delete_message().queue_url(&url).receipt_handle(again.receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(cloud.queue_bodies("mail").unwrap().len(), 0);
}

#[tokio::test]
async fn a_long_poll_wakes_when_a_message_comes() {
    let cloud = start();
    let client = aws_sdk_sqs::Client::new(&config(&cloud, "test"));
    let waiting = tokio::spawn(client.receive_message().queue_url(queue_url("mail")).wait_time_seconds(10).send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = std::time::Instant::now();
    client.send_message().queue_url(queue_url("mail")).message_body("wake").send().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().messages.unwrap()[0].body(), Some("wake"));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_message_that_was_received_too_often_goes_to_the_dead_letters() {
    let clock = Clock::manual(Instant::from_seconds(1_000_000));
    let options = Options { definition: definition(), clock: clock.clone(), ..Options::default() };
    let cloud = Cloud::start(options).unwrap();
    let client = aws_sdk_sqs::Client::new(&config(&cloud, "test"));
    client.send_message().queue_url(queue_url("mail")).message_body("poison").delay_seconds(10).send().await.unwrap();
    let receive = || client.receive_message().queue_url(queue_url("mail")).send();

    assert!(receive().await.unwrap().messages.is_none(), "it is delayed");
    clock.advance(Duration::from_secs(10));
    for _ in 0..2 {
        assert_eq!(receive().await.unwrap().messages.unwrap().len(), 1);
        assert!(receive().await.unwrap().messages.is_none(), "it is hidden");
        clock.advance(Duration::from_secs(30));
    }
    assert!(receive().await.unwrap().messages.is_none(), "it was received twice, that is enough");
    assert_eq!(cloud.queue_bodies("mail").unwrap().len(), 0);
    assert_eq!(cloud.queue_bodies("mail-dlq").unwrap(), ["poison"]);
}

#[tokio::test]
async fn a_batch_tells_for_each_entry_what_came_of_it() {
    let cloud = start();
    let client = aws_sdk_sqs::Client::new(&config(&cloud, "test"));
    let entry = |id: &str, delay| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(id).delay_seconds(delay).build().unwrap()
    };
    let sent = client
        .send_message_batch()
        .queue_url(queue_url("mail"))
        .entries(entry("a", 0))
        .entries(entry("b", 901))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.successful().iter().map(|entry| entry.id()).collect::<Vec<_>>(), ["a"]);
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].sender_fault()), ("b", true));

    let missing = client.send_message().queue_url(queue_url("nowhere")).message_body("x").send().await.unwrap_err();
    assert!(missing.as_service_error().unwrap().is_queue_does_not_exist(), "{missing:?}");
}

#[tokio::test]
async fn a_data_key_opens_for_its_context_only() {
    let cloud = start();
    let client = aws_sdk_kms::Client::new(&config(&cloud, "test"));
    let made = client
        .generate_data_key()
        .key_id("alias/personal")
        .key_spec(DataKeySpec::Aes256)
        .encryption_context("table", "orders")
        .send()
        .await
        .unwrap();
    let decrypt = |table: &str| {
        client
            .decrypt()
            .ciphertext_blob(made.ciphertext_blob().unwrap().clone())
            .encryption_context("table", table)
            .send()
    };
    assert_eq!(decrypt("orders").await.unwrap().plaintext(), made.plaintext());
    assert!(decrypt("carts").await.unwrap_err().as_service_error().unwrap().is_invalid_ciphertext_exception());
    let by_another = client
        .decrypt()
        .key_id("alias/payments")
        .ciphertext_blob(made.ciphertext_blob().unwrap().clone())
        .send()
        .await
        .unwrap_err();
    assert!(by_another.as_service_error().unwrap().is_incorrect_key_exception());
    let unknown = client.describe_key().key_id("alias/unknown").send().await.unwrap_err();
    assert!(unknown.as_service_error().unwrap().is_not_found_exception());
}

#[tokio::test]
async fn a_mac_is_verified() {
    let cloud = start();
    let client = aws_sdk_kms::Client::new(&config(&cloud, "test"));
    let algorithm = MacAlgorithmSpec::HmacSha256;
    let mac = client
        .generate_mac()
        .key_id("alias/payments")
        .mac_algorithm(algorithm.clone())
        .message(Blob::new("m"))
        .send()
        .await
        .unwrap()
        .mac
        .unwrap();
    let verify = |message: &str| {
        let call = client.verify_mac().key_id("alias/payments").mac_algorithm(algorithm.clone());
        call.message(Blob::new(message)).mac(mac.clone()).send()
    };
    assert!(verify("m").await.unwrap().mac_valid());
    assert!(verify("n").await.unwrap_err().as_service_error().unwrap().is_kms_invalid_mac_exception());
}

#[tokio::test]
async fn a_new_version_of_a_secret_leaves_the_previous_one_readable() {
    let cloud = start();
    let client = aws_sdk_secretsmanager::Client::new(&config(&cloud, "test"));
    let get = |stage: &str| client.get_secret_value().secret_id("russet/payments").version_stage(stage).send();
    assert_eq!(get("AWSCURRENT").await.unwrap().secret_string(), Some("{\"api_key\":\"k\"}"));
    assert!(get("AWSPREVIOUS").await.unwrap_err().as_service_error().unwrap().is_resource_not_found_exception());

    let put = client.put_secret_value().secret_id("russet/payments").secret_string("new").version_stages("AWSPENDING");
    let pending = put.send().await.unwrap().version_id.unwrap();
    assert_eq!(get("AWSCURRENT").await.unwrap().secret_string(), Some("{\"api_key\":\"k\"}"));
    let current = get("AWSCURRENT").await.unwrap().version_id.unwrap();
    client
        .update_secret_version_stage()
        .secret_id("russet/payments")
        .version_stage("AWSCURRENT")
        .move_to_version_id(pending)
        .remove_from_version_id(current)
        .send()
        .await
        .unwrap();
    assert_eq!(get("AWSCURRENT").await.unwrap().secret_string(), Some("new"));
    assert_eq!(get("AWSPREVIOUS").await.unwrap().secret_string(), Some("{\"api_key\":\"k\"}"));
}

#[tokio::test]
async fn mail_arrives_in_the_mailbox() {
    let cloud = start();
    let client = aws_sdk_sesv2::Client::new(&config(&cloud, "send-email.1"));
    let content = |text: &str| Content::builder().data(text).build().unwrap();
    let message = Message::builder()
        .subject(content("Your order"))
        .body(Body::builder().text(content("<Thanks>")).build())
        .build();
    let sent = client
        .send_email()
        .from_email_address("Russet <orders@russet.shop>")
        .destination(Destination::builder().to_addresses("ada@example.com").build())
        .content(EmailContent::builder().simple(message).build())
        .send()
        .await
        .unwrap();
    let mailbox = cloud.mailbox();
    assert_eq!((mailbox[0].id.as_str(), mailbox[0].subject.as_str()), (sent.message_id().unwrap(), "Your order"));
    assert!(cloud.mailbox_html().contains("&lt;Thanks&gt;"));
    assert_eq!(cloud.counters().calls("ses", "SendEmail"), 1);
}

#[tokio::test]
async fn objects_are_stored_whole_and_once_if_asked() {
    let cloud = start();
    let client = aws_sdk_s3::Client::new(&config(&cloud, "test"));
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let put = || {
        let put = client.put_object().bucket("segments").key("v1/a b.bin").content_type("application/x-segment");
        put.if_none_match("*").body(ByteStream::from(bytes.clone())).send()
    };
    put().await.unwrap();
    assert_eq!(put().await.unwrap_err().code(), Some("PreconditionFailed"));

    let get = client.get_object().bucket("segments").key("v1/a b.bin").send().await.unwrap();
    assert_eq!(get.content_type(), Some("application/x-segment"));
    assert_eq!(get.body.collect().await.unwrap().to_vec(), bytes);
    let head = client.head_object().bucket("segments").key("v1/a b.bin").send().await.unwrap();
    assert_eq!(head.content_length(), Some(200_000));

    client.delete_object().bucket("segments").key("v1/a b.bin").send().await.unwrap();
    let gone = client.get_object().bucket("segments").key("v1/a b.bin").send().await.unwrap_err();
    assert!(gone.as_service_error().unwrap().is_no_such_key());
    let nowhere = client.get_object().bucket("nowhere").key("x").send().await.unwrap_err();
    assert_eq!(nowhere.code(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = Folder::new();
    let data_key;
    {
        let cloud = start_in(&folder, definition());
        let sdk = config(&cloud, "test");
        let put = aws_sdk_dynamodb::Client::new(&sdk).put_item().table_name("orders").item("pk", text("ORDER#1"));
        put.send().await.unwrap();
        let queues = aws_sdk_sqs::Client::new(&sdk);
        for body in ["one", "two"] {
            queues.send_message().queue_url(queue_url("mail")).message_body(body).send().await.unwrap();
        }
        let received =
            queues.receive_message().queue_url(queue_url("mail")).send().await.unwrap().messages.unwrap().remove(0);
        assert_eq!(received.body(), Some("one"));
        let key = aws_sdk_kms::Client::new(&sdk)
            .generate_data_key()
            .key_id("alias/personal")
            .number_of_bytes(32)
            .send()
            .await;
        data_key = key.unwrap();
        let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
        secrets.put_secret_value().secret_id("russet/payments").secret_string("rotated").send().await.unwrap();
        let objects = aws_sdk_s3::Client::new(&sdk);
        objects.put_object().bucket("segments").key("a").body(ByteStream::from_static(b"bytes")).send().await.unwrap();
    }
    let cloud = start_in(&folder, definition());
    let sdk = config(&cloud, "test");
    let read = aws_sdk_dynamodb::Client::new(&sdk)
        .get_item()
        .table_name("orders")
        .key("pk", text("ORDER#1"))
        .send()
        .await
        .unwrap();
    assert!(read.item.is_some());
    let queues = aws_sdk_sqs::Client::new(&sdk);
    let received =
        queues.receive_message().queue_url(queue_url("mail")).max_number_of_messages(10).send().await.unwrap();
    assert_eq!(received.messages().len(), 2, "who had received the first one is gone");
    let keys = aws_sdk_kms::Client::new(&sdk);
    let opened = keys.decrypt().ciphertext_blob(data_key.ciphertext_blob.clone().unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext, data_key.plaintext);
    assert_eq!(cloud.secret("russet/payments").as_deref(), Some("rotated"));
    let get = aws_sdk_s3::Client::new(&sdk).get_object().bucket("segments").key("a").send().await.unwrap();
    assert_eq!(get.body.collect().await.unwrap().to_vec(), b"bytes");
}

#[tokio::test]
async fn two_processes_cannot_use_one_folder() {
    let folder = Folder::new();
    let _first = start_in(&folder, definition());
    let second = Cloud::start(Options {
        storage: cloud::Storage::Directory(folder.0.clone()),
        definition: definition(),
        ..Options::default()
    });
    assert!(second.unwrap_err().to_string().contains("in use by another process"));
}

#[tokio::test]
async fn troubles_come_as_the_services_would_make_them() {
    let cloud = start();
    let client = aws_sdk_dynamodb::Client::new(&config(&cloud, "test"));
    let put = |key: &str| {
        let once = aws_sdk_dynamodb::config::Config::builder()
            .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
            .timeout_config(
                aws_sdk_dynamodb::config::timeout::TimeoutConfig::builder()
                    .operation_timeout(Duration::from_millis(300))
                    .build(),
            );
        client.put_item().table_name("orders").item("pk", text(key)).customize().config_override(once).send()
    };
    let there = async |key: &str| {
        client.get_item().table_name("orders").key("pk", text(key)).send().await.unwrap().item.is_some()
    };
    let trouble = |trouble: Trouble| {
        cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| (call.action == "PutItem").then_some(trouble))));
    };

    trouble(Trouble::Before);
    assert!(put("before").await.is_err() && !there("before").await);
    trouble(Trouble::After);
    assert!(put("after").await.is_err() && there("after").await, "the work was done");
    trouble(Trouble::Hang);
    assert!(put("hang").await.is_err() && !there("hang").await);
    trouble(Trouble::Throttle);
    assert_eq!(put("throttle").await.unwrap_err().code(), Some("ProvisionedThroughputExceededException"));
    trouble(Trouble::Conflict);
    assert_eq!(put("conflict").await.unwrap_err().code(), Some("TransactionConflictException"));
    cloud.set_faults(None);
    assert!(put("fine").await.is_ok());
}

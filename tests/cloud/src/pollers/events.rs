//! The events as Lambda writes them.

use crate::definition::{Function, Schedule};
use crate::random::Random;
use crate::services::queues::{Received, md5_hex, system_attributes};
use kernel::Instant;
use serde_json::{Map, Value, json};

const ACCOUNT: &str = "000000000000";

/// One message as a record of an SQS event.
pub(super) fn queue_record(received: &Received, queue: &str, region: &str) -> Value {
    let message = &received.message;
    let attributes: Map<String, Value> =
        system_attributes(message).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let own: Map<String, Value> =
        message.attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
    json!({
        "messageId": message.id,
        "receiptHandle": received.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": own,
        "md5OfBody": md5_hex(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{region}:{ACCOUNT}:{queue}"),
        "awsRegion": region
    })
}

/// A message attribute in the spelling of events, which is not that of the API.
fn attribute(value: &Value) -> Value {
    json!({
        "stringValue": value["StringValue"],
        "binaryValue": value["BinaryValue"],
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"]
    })
}

/// A stream's ARN.
pub(super) fn stream_arn(table: &str, region: &str) -> String {
    format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{table}/stream/2026-01-01T00:00:00.000")
}

/// A stream record as the engine gives it, with what Lambda adds.
pub(super) fn stream_record(mut record: Value, table: &str, region: &str) -> Value {
    record["awsRegion"] = json!(region);
    record["eventSourceARN"] = json!(stream_arn(table, region));
    record
}

/// What an on-failure destination is told about records that were given up.
pub(super) fn given_up(
    function: &Function,
    arn: &str,
    records: &[(String, Value)],
    tries: u32,
    now: Instant,
    region: &str,
    random: &Random,
) -> Value {
    let sequence = |record: Option<&(String, Value)>| record.map(|(sequence, _)| sequence.clone()).unwrap_or_default();
    json!({
        "version": "1.0",
        "timestamp": now.to_string(),
        "requestContext": {
            "requestId": random.uuid(),
            "functionArn": format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{}:live", function.name),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": tries
        },
        "responseContext": {"statusCode": 200, "executedVersion": "1", "functionError": "Unhandled"},
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001",
            "startSequenceNumber": sequence(records.first()),
            "endSequenceNumber": sequence(records.last()),
            "batchSize": records.len(),
            "streamArn": arn
        }
    })
}

/// The event of a schedule.
pub(super) fn scheduled(schedule: &Schedule, at: Instant, region: &str, random: &Random) -> Value {
    json!({
        "version": "0",
        "id": random.uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.to_string().replace(&format!(".{:03}Z", at.millis().rem_euclid(1000)), "Z"),
        "region": region,
        "resources": [format!("arn:aws:events:{region}:{ACCOUNT}:rule/{}", schedule.name)],
        "detail": {}
    })
}

/// The ids in `batchItemFailures`. `None` when the answer cannot be understood, or names nothing: then all failed.
pub(super) fn failures(answer: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(answer).ok()?.trim();
    if text.is_empty() || text == "null" {
        return Some(Vec::new());
    }
    let answer: Value = serde_json::from_str(text).ok()?;
    match &answer["batchItemFailures"] {
        Value::Null => Some(Vec::new()),
        Value::Array(failures) => failures
            .iter()
            .map(|failure| failure["itemIdentifier"].as_str().filter(|id| !id.is_empty()).map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::failures;

    #[test]
    fn an_answer_names_what_failed_or_all_failed() {
        assert_eq!(failures(b"null"), Some(vec![]));
        assert_eq!(failures(b"{\"batchItemFailures\":[]}"), Some(vec![]));
        assert_eq!(failures(b"{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"}]}"), Some(vec!["a".to_owned()]));
        assert_eq!(failures(b"{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}"), None);
        assert_eq!(failures(b"{\"batchItemFailures\":[{}]}"), None);
        assert_eq!(failures(b"nonsense"), None);
    }
}

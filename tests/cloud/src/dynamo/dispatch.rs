//! From an operation's name and JSON to the engine's method and back.

use super::answer::{Answer, Bill};
use dynoxide::actions::{
    batch_get_item, batch_write_item, delete_item, get_item, put_item, query, scan, transact_get_items,
    transact_write_items, update_item,
};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether an operation changes the database.
pub(crate) fn writes(operation: &str) -> bool {
    !matches!(
        operation,
        "GetItem"
            | "BatchGetItem"
            | "TransactGetItems"
            | "Query"
            | "Scan"
            | "DescribeTable"
            | "ListTables"
            | "DescribeTimeToLive"
            | "ListStreams"
            | "DescribeStream"
            | "GetShardIterator"
            | "GetRecords"
    )
}

/// Does one operation.
pub(crate) fn call(database: &Database, operation: &str, body: &[u8]) -> Answer {
    answer(database, operation, body).unwrap_or_else(|error| Answer::from_error(&error))
}

fn answer(database: &Database, operation: &str, body: &[u8]) -> Result<Answer, DynoxideError> {
    let db = database;
    match operation {
        "PutItem" => billed(
            operation,
            body,
            |r: &mut put_item::PutItemRequest| &mut r.return_consumed_capacity,
            |r| db.put_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "GetItem" => billed(
            operation,
            body,
            |r: &mut get_item::GetItemRequest| &mut r.return_consumed_capacity,
            |r| db.get_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "DeleteItem" => billed(
            operation,
            body,
            |r: &mut delete_item::DeleteItemRequest| &mut r.return_consumed_capacity,
            |r| db.delete_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "UpdateItem" => billed(
            operation,
            body,
            |r: &mut update_item::UpdateItemRequest| &mut r.return_consumed_capacity,
            |r| db.update_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "Query" => billed(
            operation,
            body,
            |r: &mut query::QueryRequest| &mut r.return_consumed_capacity,
            |r| db.query(r),
            |a| &mut a.consumed_capacity,
        ),
        "Scan" => billed(
            operation,
            body,
            |r: &mut scan::ScanRequest| &mut r.return_consumed_capacity,
            |r| db.scan(r),
            |a| &mut a.consumed_capacity,
        ),
        "BatchGetItem" => billed(
            operation,
            body,
            |r: &mut batch_get_item::BatchGetItemRequest| &mut r.return_consumed_capacity,
            |r| db.batch_get_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "BatchWriteItem" => billed(
            operation,
            body,
            |r: &mut batch_write_item::BatchWriteItemRequest| &mut r.return_consumed_capacity,
            |r| db.batch_write_item(r),
            |a| &mut a.consumed_capacity,
        ),
        "TransactWriteItems" => billed(
            operation,
            body,
            |r: &mut transact_write_items::TransactWriteItemsRequest| &mut r.return_consumed_capacity,
            |r| db.transact_write_items(r),
            |a| &mut a.consumed_capacity,
        ),
        "TransactGetItems" => billed(
            operation,
            body,
            |r: &mut transact_get_items::TransactGetItemsRequest| &mut r.return_consumed_capacity,
            |r| db.transact_get_items(r),
            |a| &mut a.consumed_capacity,
        ),
        "CreateTable" => plain(body, |r| db.create_table(r)),
        "DeleteTable" => plain(body, |r| db.delete_table(r)),
        "DescribeTable" => plain(body, |r| db.describe_table(r)),
        "UpdateTable" => plain(body, |r| db.update_table(r)),
        "ListTables" => plain(body, |r| db.list_tables(r)),
        "UpdateTimeToLive" => plain(body, |r| db.update_time_to_live(r)),
        "DescribeTimeToLive" => plain(body, |r| db.describe_time_to_live(r)),
        "ListStreams" => plain(body, |r| db.list_streams(r)),
        "DescribeStream" => plain(body, |r| db.describe_stream(r)),
        "GetShardIterator" => plain(body, |r| db.get_shard_iterator(r)),
        "GetRecords" => plain(body, |r| db.get_records(r)),
        _ => Ok(Answer::refusal(400, "UnknownOperationException", "")),
    }
}

fn plain<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> Result<Answer, DynoxideError> {
    Ok(Answer::good(&run(read(body)?)?))
}

/// Always asks the engine what the call cost, and tells the caller what it asked for.
fn billed<Q, A, B>(
    operation: &str,
    body: &[u8],
    asked: fn(&mut Q) -> &mut Option<String>,
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
    bill: fn(&mut A) -> &mut B,
) -> Result<Answer, DynoxideError>
where
    Q: DeserializeOwned,
    A: Serialize,
    B: Bill,
{
    let mut request: Q = read(body)?;
    let wanted = asked(&mut request).replace("INDEXES".to_owned());
    let mut reply = run(request)?;
    let units = bill(&mut reply).half_units();
    bill(&mut reply).keep(wanted.as_deref());
    let answer = Answer::good(&reply);
    Ok(if writes(operation) {
        Answer { write_half_units: units, ..answer }
    } else {
        Answer { read_half_units: units, ..answer }
    })
}

/// The engine's request types say in a prefix how DynamoDB calls what is wrong with a body.
fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let cut = |prefix| text.strip_prefix(prefix).map(str::to_owned);
        if let Some(text) = cut("VALIDATION_REQUEST:") {
            DynoxideError::EnvelopedValidation(text)
        } else if let Some(text) = cut("VALIDATION:").or_else(|| cut("VALIDATION_AS_READ:")) {
            DynoxideError::ValidationException(text)
        } else if text.contains("missing field") || text.contains("unknown variant") || text.contains("AttributeValue")
        {
            DynoxideError::ValidationException(text.to_owned())
        } else {
            DynoxideError::SerializationException(cut("SERIALIZATION:").unwrap_or_else(|| text.to_owned()))
        }
    })
}

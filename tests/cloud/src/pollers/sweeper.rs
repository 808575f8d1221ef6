//! Takes away items whose time to live is over: late, as DynamoDB does.

use super::Shared;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The time between two sweeps.
const EVERY: Duration = Duration::from_secs(300);
/// Items that one page of a sweep looks at, so that nobody waits long for the engine.
const PAGE: usize = 100;

pub(super) async fn run(shared: Arc<Shared>) {
    let clock = shared.services.clock.clone();
    loop {
        tokio::select! {
            () = clock.sleep_until(clock.now().plus(EVERY)) => {}
            () = shared.ended() => return,
        }
        for table in &shared.services.definition.tables {
            if let Some(attribute) = &table.ttl_attribute {
                sweep(&shared, &table.name, &table.create, attribute).await;
            }
        }
    }
}

async fn sweep(shared: &Shared, table: &str, create: &Value, attribute: &str) {
    let keys: Vec<&str> =
        create["KeySchema"].as_array().into_iter().flatten().filter_map(|key| key["AttributeName"].as_str()).collect();
    let now = json!({"N": shared.services.clock.now().seconds().to_string()});
    let mut start = Value::Null;
    loop {
        let mut scan = json!({
            "TableName": table, "Limit": PAGE, "FilterExpression": "#ttl <= :now AND attribute_type(#ttl, :number)",
            "ExpressionAttributeNames": {"#ttl": attribute},
            "ExpressionAttributeValues": {":now": now, ":number": {"S": "N"}}
        });
        if !start.is_null() {
            scan["ExclusiveStartKey"] = start;
        }
        let Some(page) = call(shared, "Scan", &scan).await else { return };
        for item in page["Items"].as_array().into_iter().flatten() {
            let key: serde_json::Map<String, Value> =
                keys.iter().map(|name| ((*name).to_owned(), item[*name].clone())).collect();
            let delete = json!({
                "TableName": table, "Key": key, "ConditionExpression": "#ttl <= :now",
                "ExpressionAttributeNames": {"#ttl": attribute}, "ExpressionAttributeValues": {":now": now}
            });
            // An item that was written meanwhile stays.
            drop(call(shared, "DeleteItem", &delete).await);
        }
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return;
        }
    }
}

async fn call(shared: &Shared, operation: &str, request: &Value) -> Option<Value> {
    let answer = shared.services.engine.call(operation, Bytes::from(request.to_string())).await?;
    if answer.status == 200 { serde_json::from_slice(&answer.body).ok() } else { None }
}

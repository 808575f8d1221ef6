//! Streams: one consumer for each, which takes a bad batch apart, gives up at some time and says where.

use crate::stacks::{Stacks, many, text};
use std::collections::BTreeMap;

fn every_stream_has_one_consumer_that_gives_up_in_order(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut readers: BTreeMap<String, u32> = BTreeMap::new();
    for mapping in stacks.of("AWS::Lambda::EventSourceMapping") {
        let source = mapping.properties()["EventSourceArn"]["Ref"].as_str().unwrap_or_default().to_owned();
        if !source.ends_with("StreamArn") {
            continue;
        }
        *readers.entry(source).or_default() += 1;
        let mut wants = |holds: bool, what: &str| {
            if !holds {
                found.push(format!("{}: {what}", mapping.place()));
            }
        };
        let properties = mapping.properties();
        wants(properties["BisectBatchOnFunctionError"] == true, "does not take a bad batch apart");
        wants(properties["MaximumRetryAttempts"].as_i64().is_some_and(|tries| tries >= 3), "has no bound on its tries");
        wants(!properties["DestinationConfig"]["OnFailure"]["Destination"].is_null(), "forgets what failed for good");
        wants(
            many(&properties["FunctionResponseTypes"]).into_iter().any(|kind| kind == "ReportBatchItemFailures"),
            "does not say where a batch failed",
        );
        wants(properties["StartingPosition"] == "TRIM_HORIZON", "may miss what was written before it was made");
        let filter = text(&properties["FilterCriteria"]["Filters"][0]["Pattern"]);
        wants(filter.contains("\"prefix\""), "wakes for every row of the table");
    }
    for (source, count) in &readers {
        if *count != 1 {
            found.push(format!("{source}: has {count} readers"));
        }
    }
    for table in stacks.of("AWS::DynamoDB::GlobalTable") {
        let parameter = format!("{}StreamArn", table.id.trim_end_matches("Table"));
        if !table.properties()["StreamSpecification"].is_null() && !readers.contains_key(&parameter) {
            found.push(format!("{}: has a stream that nobody reads", table.place()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::every_stream_has_one_consumer_that_gives_up_in_order;
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};

    const MAPPING: &str = "PublishStockEventsStockChanges";

    #[test]
    fn every_stream_has_exactly_one_consumer_and_nothing_of_it_is_lost() {
        none(&every_stream_has_one_consumer_that_gives_up_in_order(&stacks()));
    }

    #[test]
    fn a_second_reader_an_unread_stream_and_a_consumer_that_forgets_are_caught() {
        let rule = every_stream_has_one_consumer_that_gives_up_in_order;
        for (pointer, value, said) in [
            ("/Properties/BisectBatchOnFunctionError", json!(false), "take a bad batch apart"),
            ("/Properties/MaximumRetryAttempts", json!(-1), "no bound"),
            ("/Properties/DestinationConfig", Value::Null, "forgets what failed"),
            ("/Properties/FunctionResponseTypes", Value::Null, "where a batch failed"),
            ("/Properties/FilterCriteria", Value::Null, "wakes for every row"),
            ("/Properties/EventSourceArn", json!({ "Ref": "OrdersStreamArn" }), "OrdersStreamArn: has 2 readers"),
            (
                "/Properties/EventSourceArn",
                json!({ "Ref": "OtherStreamArn" }),
                "StockTable: has a stream that nobody reads",
            ),
        ] {
            caught(&rule(&stacks().planted("infra/stock.yaml", MAPPING, pointer, value)), said);
        }
    }
}

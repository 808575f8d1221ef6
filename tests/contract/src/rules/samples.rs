//! Samples of events are real: each has the shape that its function gets, and fits the contract or the template.

use crate::openapi::operations;
use crate::schema::misfits;
use crate::stacks::{Stacks, target, text};
use crate::tree::Tree;
use serde_json::Value;

fn every_sample_is_what_its_function_gets(tree: &Tree, stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let document = crate::rules::contract_of(tree);
    for (path, text) in tree.under("events/samples/", ".json") {
        let name = path.trim_start_matches("events/samples/").trim_end_matches(".json");
        let event: Value = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(error) => {
                found.push(format!("{path}: {error}"));
                continue;
            }
        };
        let http = operations(&document).into_iter().filter(|operation| operation.function == name).collect::<Vec<_>>();
        let misfits =
            if http.is_empty() { of_an_event(stacks, name, &event) } else { of_a_request(&document, &http, &event) };
        found.extend(misfits.into_iter().map(|misfit| format!("{path}: {misfit}")));
    }
    found
}

fn of_a_request(document: &Value, operations: &[crate::openapi::Operation], event: &Value) -> Vec<String> {
    let Some(operation) = operations
        .iter()
        .find(|one| event["resource"] == one.path.as_str() && event["httpMethod"] == one.method.as_str())
    else {
        return vec![format!("{} {} is not its route", event["httpMethod"], event["resource"])];
    };
    let mut found = Vec::new();
    for member in [
        "path",
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "pathParameters",
        "requestContext",
        "body",
        "isBase64Encoded",
    ] {
        if event.get(member).is_none() {
            found.push(format!("has no {member}, as a request of a REST API has"));
        }
    }
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let there = match parameter["in"].as_str() {
            Some("path") => !event["pathParameters"][name].is_null(),
            Some("header") => {
                event["headers"].as_object().is_some_and(|all| all.keys().any(|known| known.eq_ignore_ascii_case(name)))
            }
            _ => true,
        };
        if parameter["required"] == true && !there {
            found.push(format!("has no {name}"));
        }
    }
    if let Some(request) = operation.value.get("requestBody") {
        match event["body"].as_str().map(serde_json::from_str::<Value>) {
            Some(Ok(body)) => found.extend(misfits(document, &request["content"]["application/json"]["schema"], &body)),
            _ => found.push("has a body that is not JSON".to_owned()),
        }
    }
    found
}

fn of_an_event(stacks: &Stacks, name: &str, event: &Value) -> Vec<String> {
    let alias = format!("{}Aliaslive", crate::openapi::pascal(name));
    let mapping = stacks
        .of("AWS::Lambda::EventSourceMapping")
        .find(|mapping| target(&mapping.properties()["FunctionName"]) == Some(&alias));
    let Some(mapping) = mapping else {
        let scheduled =
            event["source"] == "aws.events" && event["detail-type"] == "Scheduled Event" && event["time"].is_string();
        return if scheduled { Vec::new() } else { vec!["is no scheduled event".to_owned()] };
    };
    let source = target(&mapping.properties()["EventSourceArn"]).unwrap_or_default();
    let mut found = Vec::new();
    let records = event["Records"].as_array().cloned().unwrap_or_default();
    if records.is_empty() {
        found.push("has no records".to_owned());
    }
    for record in records {
        let from = text(&record["eventSourceARN"]);
        if source.ends_with("StreamArn") {
            let table = kebab(source.trim_end_matches("StreamArn"));
            if record["eventSource"] != "aws:dynamodb" || !from.contains(&format!(":table/russet-{table}/stream/")) {
                found.push(format!("{from} is not the stream of {table}"));
            }
            let change = &record["dynamodb"];
            if change["Keys"]["pk"]["S"].is_null()
                || change["NewImage"]["schema"]["N"].is_null()
                || change["SequenceNumber"].is_null()
            {
                found.push("has a change that is not one of ours".to_owned());
            }
        } else {
            let queue = kebab(source.trim_end_matches("Queue"));
            if record["eventSource"] != "aws:sqs" || !from.ends_with(&format!(":russet-{queue}")) {
                found.push(format!("{from} is not the queue {queue}"));
            }
            if record["body"].as_str().is_none_or(str::is_empty)
                || record["messageId"].is_null()
                || record["receiptHandle"].is_null()
            {
                found.push("has a message that is not one of ours".to_owned());
            }
        }
    }
    found
}

/// `StockSettlement` as `stock-settlement`.
fn kebab(pascal: &str) -> String {
    let mut name = String::new();
    for letter in pascal.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::every_sample_is_what_its_function_gets;
    use crate::rules::{caught, none, stacks, tree};

    // Proves: S2-19
    #[test]
    fn every_sample_is_an_event_that_its_function_would_get() {
        none(&every_sample_is_what_its_function_gets(&tree(), &stacks()));
    }

    #[test]
    fn a_sample_of_another_route_queue_or_shape_is_caught() {
        let rule = every_sample_is_what_its_function_gets;
        let planted = tree().replaced("events/samples/get-stock.json", "/admin/stock/{sku}", "/admin/stock");
        caught(&rule(&planted, &stacks()), "is not its route");
        let planted = tree().replaced("events/samples/settle-holds.json", ":russet-stock-settlement", ":russet-mail");
        caught(&rule(&planted, &stacks()), "is not the queue stock-settlement");
        let planted = tree().replaced("events/samples/sweep-holds.json", "aws.events", "me");
        caught(&rule(&planted, &stacks()), "is no scheduled event");
        let planted = tree().replaced("events/samples/add-cart-item.json", "quantity", "count");
        caught(&rule(&planted, &stacks()), "quantity is missing");
        caught(&rule(&tree().with("events/samples/get-cart.json", "{"), &stacks()), "get-cart.json");
    }
}

//! Published events have schemas: one for each queue, and the sample of its consumer fits it.

use crate::schema::misfits;
use crate::stacks::{Stacks, target, text};
use crate::tree::Tree;
use serde_json::Value;

fn every_queue_has_a_schema_that_its_sample_fits(tree: &Tree, stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for mapping in stacks.of("AWS::Lambda::EventSourceMapping") {
        let queue = target(&mapping.properties()["EventSourceArn"]).unwrap_or_default();
        let named = text(&stacks.beside(&mapping, queue)["Properties"]["QueueName"]);
        let Some(queue) = named.strip_prefix("${Prefix}-") else { continue };
        known.push(format!("events/schemas/{queue}.json"));
        let Some(schema) = tree.text(&format!("events/schemas/{queue}.json")) else {
            found.push(format!("{queue}: its messages have no schema"));
            continue;
        };
        let schema: Value = serde_json::from_str(schema).unwrap_or_default();
        if schema["title"] != queue || schema["description"].is_null() {
            found.push(format!("{queue}: its schema does not say what it is of"));
        }
        let alias = target(&mapping.properties()["FunctionName"]).unwrap_or_default();
        let function = stacks.beside(&mapping, alias.trim_end_matches("Aliaslive"));
        let function = text(&function["Properties"]["FunctionName"]);
        let sample = format!("events/samples/{}.json", function.trim_start_matches("${Prefix}-"));
        let event: Value = serde_json::from_str(tree.text(&sample).unwrap_or_default()).unwrap_or_default();
        for record in event["Records"].as_array().into_iter().flatten() {
            let body = text(&record["body"]);
            // What is an id alone is sent as it is, without quotes.
            let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
            found.extend(misfits(&schema, &schema, &body).into_iter().map(|misfit| format!("{sample}{misfit}")));
        }
    }
    for (path, _) in tree.under("events/schemas/", ".json") {
        if !known.iter().any(|one| one == path) {
            found.push(format!("{path}: is of no queue"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::every_queue_has_a_schema_that_its_sample_fits;
    use crate::rules::{caught, none, stacks, tree};

    // Proves: S2-17
    #[test]
    fn messages_have_schemas_and_samples_fit_them() {
        none(&every_queue_has_a_schema_that_its_sample_fits(&tree(), &stacks()));
    }

    #[test]
    fn a_queue_without_a_schema_and_a_message_that_does_not_fit_are_caught() {
        let rule = every_queue_has_a_schema_that_its_sample_fits;
        caught(&rule(&tree().without("events/schemas/mail.json"), &stacks()), "mail: its messages have no schema");
        caught(&rule(&tree().with("events/schemas/old.json", "{}"), &stacks()), "old.json: is of no queue");
        let planted = tree().replaced("events/samples/send-email.json", "confirmation", "greeting");
        caught(&rule(&planted, &stacks()), "/letter");
    }
}

//! Queues: each has its dead letters, waits long enough, is encrypted with a key of ours and takes nothing without TLS.

use crate::stacks::{Resource, Stacks, many, target, text};
use std::collections::BTreeSet;

/// Lambda's own retries need a message to stay invisible this many times the consumer's timeout.
const TIMES_THE_TIMEOUT: u64 = 6;

/// Whether a queue keeps what failed elsewhere, and so has no dead letters of its own.
fn keeps_failures(stacks: &Stacks, queue: &Resource<'_>) -> bool {
    let name = text(&queue.properties()["QueueName"]);
    let is_dead_letters = stacks
        .of("AWS::SQS::Queue")
        .filter(|other| other.stack == queue.stack)
        .any(|other| target(&other.properties()["RedrivePolicy"]["deadLetterTargetArn"]) == Some(queue.id));
    is_dead_letters || name.ends_with("-failures")
}

fn every_queue_is_guarded(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for queue in stacks.of("AWS::SQS::Queue") {
        let properties = queue.properties();
        if !text(&properties["KmsMasterKeyId"]).contains("alias/${Prefix}-") {
            found.push(format!("{}: is not encrypted with a key of ours", queue.place()));
        }
        if !keeps_failures(stacks, &queue) {
            if properties["RedrivePolicy"]["maxReceiveCount"] != 4 {
                found.push(format!("{}: does not park a message after four tries", queue.place()));
            }
            let dead = target(&properties["RedrivePolicy"]["deadLetterTargetArn"]).unwrap_or_default();
            if stacks.beside(&queue, dead)["Type"] != "AWS::SQS::Queue" {
                found.push(format!("{}: has no dead letters", queue.place()));
            }
        }
        let over_tls = stacks.of("AWS::SQS::QueuePolicy").filter(|policy| policy.stack == queue.stack).any(|policy| {
            let ours = many(&policy.properties()["Queues"]).into_iter().any(|known| target(known) == Some(queue.id));
            ours && many(&policy.properties()["PolicyDocument"]["Statement"]).into_iter().any(|statement| {
                statement["Effect"] == "Deny" && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
            })
        });
        if !over_tls {
            found.push(format!("{}: takes requests without TLS", queue.place()));
        }
    }
    for policy in stacks.of("AWS::SQS::QueuePolicy") {
        for statement in many(&policy.properties()["PolicyDocument"]["Statement"]) {
            let open = statement["Effect"] == "Allow"
                && (statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*");
            if open {
                found.push(format!("{}: lets anybody in", policy.place()));
            }
        }
    }
    found
}

fn every_queue_waits_for_its_consumer(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut consumed = BTreeSet::new();
    for mapping in stacks.of("AWS::Lambda::EventSourceMapping") {
        let Some(queue) = target(&mapping.properties()["EventSourceArn"]).filter(|id| id.ends_with("Queue")) else {
            continue;
        };
        consumed.insert((mapping.stack, queue));
        let alias = target(&mapping.properties()["FunctionName"]).unwrap_or_default();
        let function = stacks.beside(&mapping, alias.trim_end_matches("Aliaslive"));
        let timeout = function["Properties"]["Timeout"].as_u64().unwrap_or(u64::MAX / TIMES_THE_TIMEOUT);
        let visibility = stacks.beside(&mapping, queue)["Properties"]["VisibilityTimeout"].as_u64().unwrap_or(30);
        if visibility < timeout * TIMES_THE_TIMEOUT {
            found.push(format!(
                "{}: {queue} hides a message for {visibility} s, its consumer may take {timeout} s",
                mapping.place()
            ));
        }
        if !many(&mapping.properties()["FunctionResponseTypes"])
            .into_iter()
            .any(|kind| kind == "ReportBatchItemFailures")
        {
            found.push(format!("{}: one bad message fails its whole batch", mapping.place()));
        }
        if mapping.properties()["ScalingConfig"]["MaximumConcurrency"].as_u64().is_none() {
            found.push(format!("{}: has no bound on how many environments it takes", mapping.place()));
        }
    }
    for queue in stacks.of("AWS::SQS::Queue").filter(|queue| !keeps_failures(stacks, queue)) {
        if !consumed.contains(&(queue.stack, queue.id)) {
            found.push(format!("{}: nobody takes its messages", queue.place()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{every_queue_is_guarded, every_queue_waits_for_its_consumer};
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};

    // Proves: S0-02, S1-P17, S1-X06
    #[test]
    fn every_queue_has_dead_letters_a_key_of_ours_and_refuses_plain_text() {
        none(&every_queue_is_guarded(&stacks()));
    }

    #[test]
    fn a_queue_without_dead_letters_key_or_tls_is_caught() {
        let planted =
            stacks().planted("infra/stock.yaml", "StockSettlementQueue", "/Properties/RedrivePolicy", Value::Null);
        caught(&every_queue_is_guarded(&planted), "StockSettlementQueue: has no dead letters");
        let planted =
            stacks().planted("infra/stock.yaml", "StockSettlementQueue", "/Properties/KmsMasterKeyId", Value::Null);
        caught(&every_queue_is_guarded(&planted), "StockSettlementQueue: is not encrypted");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "StockSettlementOverTls",
            "/Properties/PolicyDocument/Statement/0/Effect",
            json!("Allow"),
        );
        caught(&every_queue_is_guarded(&planted), "StockSettlementQueue: takes requests without TLS");
        caught(&every_queue_is_guarded(&planted), "StockSettlementOverTls: lets anybody in");
    }

    // Proves: S0-15
    #[test]
    fn every_queue_waits_six_times_its_consumers_timeout_and_takes_batches_apart() {
        none(&every_queue_waits_for_its_consumer(&stacks()));
    }

    #[test]
    fn a_queue_that_waits_too_short_or_has_no_bound_or_no_consumer_is_caught() {
        let planted =
            stacks().planted("infra/stock.yaml", "StockSettlementQueue", "/Properties/VisibilityTimeout", json!(29));
        caught(&every_queue_waits_for_its_consumer(&planted), "hides a message for 29 s");
        let planted = stacks().planted("infra/stock.yaml", "SettleHolds", "/Properties/Timeout", json!(6));
        caught(&every_queue_waits_for_its_consumer(&planted), "may take 6 s");
        let mapping = "SettleHoldsStockSettlement";
        let planted = stacks().planted("infra/stock.yaml", mapping, "/Properties/FunctionResponseTypes", Value::Null);
        caught(&every_queue_waits_for_its_consumer(&planted), "fails its whole batch");
        let planted = stacks().planted("infra/stock.yaml", mapping, "/Properties/ScalingConfig", Value::Null);
        caught(&every_queue_waits_for_its_consumer(&planted), "no bound");
        let planted = stacks().planted("infra/stock.yaml", mapping, "/Properties/EventSourceArn", json!("elsewhere"));
        caught(&every_queue_waits_for_its_consumer(&planted), "nobody takes its messages");
    }
}

//! Alarms and dashboards: each alarm tells somebody and says what to do; what exists is watched, and what is added is
//! watched without being listed.

use crate::rules::policies::name;
use crate::stacks::{Stacks, many, target, text};
use crate::tree::Tree;
use serde_json::Value;

fn every_alarm_tells_somebody_what_to_do(stacks: &Stacks, tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let parts: Vec<String> =
        stacks.of("AWS::CloudWatch::CompositeAlarm").map(|alarm| text(&alarm.properties()["AlarmRule"])).collect();
    for alarm in stacks.of("AWS::CloudWatch::Alarm").chain(stacks.of("AWS::CloudWatch::CompositeAlarm")) {
        let properties = alarm.properties();
        let part = parts.iter().any(|rule| rule.contains(&format!("${{{}}}", alarm.id)));
        let told = many(&properties["AlarmActions"]).into_iter().any(|to| text(to).ends_with(":${Prefix}-alarms"));
        if !told && !part {
            found.push(format!("{}: tells nobody", alarm.place()));
        }
        if !text(&properties["AlarmName"]).starts_with("${Prefix}-") {
            found.push(format!("{}: has a name that does not follow from the prefix", alarm.place()));
        }
        let said = text(&properties["AlarmDescription"]);
        match said.split_once("Runbook: ").map(|(_, page)| page.trim()) {
            Some(page) if tree.exists(page) => {}
            Some(page) => found.push(format!("{}: its runbook {page} does not exist", alarm.place())),
            None => found.push(format!("{}: has no runbook", alarm.place())),
        }
    }
    found
}

/// Whether an alarm's metrics include this one, for this value of a dimension.
fn watches(alarm: &Value, namespace: &str, metric: &str, value: &str) -> bool {
    let metrics = many(&alarm["Metrics"]).into_iter().map(|part| &part["MetricStat"]["Metric"]);
    std::iter::once(alarm).chain(metrics).any(|part| {
        part["Namespace"] == namespace
            && part["MetricName"] == metric
            && many(&part["Dimensions"]).into_iter().any(|dimension| {
                let is = &dimension["Value"];
                target(is).map_or_else(|| text(is) == value, |id| id == value)
            })
    })
}

fn what_exists_is_watched(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let alarms: Vec<(&str, &Value)> =
        stacks.of("AWS::CloudWatch::Alarm").map(|alarm| (alarm.stack, alarm.properties())).collect();
    let any = |stack: Option<&str>, namespace: &str, metric: &str, value: &str| {
        alarms
            .iter()
            .any(|(place, alarm)| stack.is_none_or(|stack| stack == *place) && watches(alarm, namespace, metric, value))
    };
    for function in stacks.of("AWS::Lambda::Function") {
        let operation = name(&function);
        if !any(None, "Russet", "errors", &operation) || !any(Some(function.stack), "AWS/Lambda", "Errors", function.id)
        {
            found.push(format!("{}: nobody notices that it fails", function.place()));
        }
        if !any(Some(function.stack), "AWS/Lambda", "Duration", function.id) {
            found.push(format!("{}: nobody notices that it is slow", function.place()));
        }
        let crashes =
            stacks.of("AWS::Logs::MetricFilter").filter(|filter| filter.stack == function.stack).any(|filter| {
                target(&filter.properties()["LogGroupName"])
                    == target(&function.properties()["LoggingConfig"]["LogGroup"])
            });
        if !crashes {
            found.push(format!("{}: nobody counts its crashes", function.place()));
        }
    }
    for queue in stacks.of("AWS::SQS::Queue") {
        let named = text(&queue.properties()["QueueName"]);
        let keeps = named.ends_with("-dlq") || named.ends_with("-failures");
        let metric = if keeps { "ApproximateNumberOfMessagesVisible" } else { "ApproximateAgeOfOldestMessage" };
        if !any(Some(queue.stack), "AWS/SQS", metric, queue.id) {
            found.push(format!("{}: nobody notices what waits in it", queue.place()));
        }
    }
    for table in stacks.of("AWS::DynamoDB::GlobalTable") {
        if !any(None, "AWS/DynamoDB", "ThrottledRequests", &text(&table.properties()["TableName"])) {
            found.push(format!("{}: nobody notices that it throttles", table.place()));
        }
    }
    found
}

/// The figures that the requirements state, each as the alarm that has them.
fn the_stated_figures_alarm(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let alarm = |id: &str| {
        stacks
            .of("AWS::CloudWatch::Alarm")
            .find(|alarm| alarm.id == id)
            .map(|alarm| alarm.properties().clone())
            .unwrap_or_default()
    };
    let mut wants = |id: &str, threshold: i64, seconds: i64| {
        let alarm = alarm(id);
        let period = alarm["Period"].as_i64().or_else(|| {
            many(&alarm["Metrics"])
                .into_iter()
                .find_map(|part| part["MetricStat"]["Period"].as_i64().or(part["Period"].as_i64()))
        });
        let lasts = period.unwrap_or_default() * alarm["EvaluationPeriods"].as_i64().unwrap_or_default();
        if alarm["Threshold"].as_i64() != Some(threshold)
            || lasts != seconds
            || alarm["ComparisonOperator"] != "GreaterThanThreshold"
        {
            found.push(format!("{id}: is not more than {threshold} for {seconds} s"));
        }
    };
    wants("Crashing", 3, 300);
    wants("MemoryFull", 85, 300);
    wants("ConcurrencyFull", 80, 300);
    wants("ApiFailing", 5, 120);
    wants("PaymentsResting", 0, 300);
    for function in stacks.of("AWS::Lambda::Function") {
        let timeout = function.properties()["Timeout"].as_i64().unwrap_or_default();
        wants(&format!("{}Slow", function.id), timeout * 800, 300);
        wants(&format!("{}Failing", function.id), 5, 120);
    }
    found
}

/// Dashboards find resources by searching for the prefix; so each search must be there, and each name must begin with it.
fn dashboards_find_everything(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let bodies: Vec<String> =
        stacks.of("AWS::CloudWatch::Dashboard").map(|board| text(&board.properties()["DashboardBody"])).collect();
    if bodies.len() < 3 {
        found.push("there are fewer than three dashboards".to_owned());
    }
    for body in &bodies {
        if let Err(error) = serde_json::from_str::<Value>(body) {
            found.push(format!("a dashboard is not JSON: {error}"));
        }
    }
    let all = bodies.join("\n");
    let searches = [
        ("AWS/Lambda", "Invocations"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/Lambda", "ConcurrentExecutions"),
        ("AWS/Lambda", "Duration"),
        ("Russet", "count"),
        ("Russet", "errors"),
        ("Russet", "http_request_duration_seconds"),
        ("Russet", "memory_used_pct"),
        ("AWS/DynamoDB", "ConsumedReadCapacityUnits"),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
        ("AWS/DynamoDB", "SuccessfulRequestLatency"),
        ("AWS/DynamoDB", "ThrottledRequests"),
        ("AWS/DynamoDB", "TransactionConflict"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ];
    for (namespace, metric) in searches {
        let there = all.lines().any(|line| {
            line.contains(&format!("SEARCH('{{{namespace},"))
                && line.contains(&format!("MetricName=\\\"{metric}\\\""))
                && (namespace == "Russet" || line.contains("${Prefix}"))
        });
        if !there {
            found.push(format!("no dashboard searches for {namespace} {metric}"));
        }
    }
    for (resource, member) in [
        ("AWS::Lambda::Function", "FunctionName"),
        ("AWS::DynamoDB::GlobalTable", "TableName"),
        ("AWS::SQS::Queue", "QueueName"),
    ] {
        for one in stacks.of(resource) {
            if !text(&one.properties()[member]).starts_with("${Prefix}-") {
                found.push(format!("{}: no dashboard finds it under its name", one.place()));
            }
        }
    }
    found
}

fn the_promise_of_checkouts_burns_in_two_windows(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (id, threshold, period) in [
        ("CheckoutBurnsFastShort", 1.44, 300),
        ("CheckoutBurnsFastLong", 1.44, 3600),
        ("CheckoutBurnsSlowShort", 0.6, 1800),
        ("CheckoutBurnsSlowLong", 0.6, 21600),
    ] {
        let alarm = stacks.of("AWS::CloudWatch::Alarm").find(|alarm| alarm.id == id);
        let holds = alarm.is_some_and(|alarm| {
            let properties = alarm.properties();
            properties["Threshold"] == threshold
                && many(&properties["Metrics"])
                    .into_iter()
                    .filter(|part| !part["MetricStat"].is_null())
                    .all(|part| part["MetricStat"]["Period"] == period)
                && watches(properties, "Russet", "errors", "place-order")
        });
        let joined = stacks
            .of("AWS::CloudWatch::CompositeAlarm")
            .any(|alarm| text(&alarm.properties()["AlarmRule"]).contains(id));
        if !holds || !joined {
            found.push(format!("{id}: does not watch the promise"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        dashboards_find_everything, every_alarm_tells_somebody_what_to_do,
        the_promise_of_checkouts_burns_in_two_windows, the_stated_figures_alarm, what_exists_is_watched,
    };
    use crate::rules::{caught, none, stacks, tree};
    use serde_json::{Value, json};

    // Proves: S1-X12
    #[test]
    fn every_alarm_tells_somebody_and_names_a_runbook_that_exists() {
        none(&every_alarm_tells_somebody_what_to_do(&stacks(), &tree()));
    }

    #[test]
    fn an_alarm_that_tells_nobody_or_names_no_page_is_caught() {
        let planted = stacks().planted("infra/stock.yaml", "GetStockSlow", "/Properties/AlarmActions", Value::Null);
        caught(&every_alarm_tells_somebody_what_to_do(&planted, &tree()), "GetStockSlow: tells nobody");
        let planted =
            stacks().planted("infra/stock.yaml", "GetStockSlow", "/Properties/AlarmDescription", json!("Hm."));
        caught(&every_alarm_tells_somebody_what_to_do(&planted, &tree()), "GetStockSlow: has no runbook");
        let torn = tree().without("docs/runbooks/function-slow.md");
        caught(&every_alarm_tells_somebody_what_to_do(&stacks(), &torn), "function-slow.md does not exist");
    }

    // Proves: S0-22, S1-T09, S1-P14
    #[test]
    fn every_function_queue_and_table_is_watched() {
        none(&what_exists_is_watched(&stacks()));
    }

    #[test]
    fn a_function_a_queue_and_a_table_that_nobody_watches_are_caught() {
        let function = json!({ "Type": "AWS::Lambda::Function", "Properties": { "FunctionName": { "Fn::Sub": "${Prefix}-new-one" } } });
        let found = what_exists_is_watched(&stacks().with("infra/stock.yaml", "NewOne", function));
        for said in [
            "NewOne: nobody notices that it fails",
            "NewOne: nobody notices that it is slow",
            "NewOne: nobody counts its crashes",
        ] {
            caught(&found, said);
        }
        let queue = json!({ "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Fn::Sub": "${Prefix}-new" } } });
        caught(
            &what_exists_is_watched(&stacks().with("infra/stock.yaml", "NewQueue", queue)),
            "NewQueue: nobody notices",
        );
        let table = json!({ "Type": "AWS::DynamoDB::GlobalTable", "Properties": { "TableName": { "Fn::Sub": "${Prefix}-new" } } });
        caught(
            &what_exists_is_watched(&stacks().with("infra/data.yaml", "NewTable", table)),
            "NewTable: nobody notices",
        );
    }

    // Proves: S1-P14
    // Feature: aws-devops-three-tier, Property 14: New service auto-discovered by monitoring
    #[test]
    fn whichever_functions_alarm_is_taken_away_it_is_missed() {
        let whole = stacks();
        let mut tried = 0;
        for function in whole.of("AWS::Lambda::Function") {
            for part in ["Failing", "Slow", "Crashes"] {
                let torn = stacks().planted(function.stack, &format!("{}{part}", function.id), "/Type", json!("gone"));
                caught(&what_exists_is_watched(&torn), &format!("{}: nobody", function.id));
                tried += 1;
            }
        }
        assert!(tried >= 100, "only {tried} were taken away");
    }

    // Proves: S1-M03, S1-M04, S1-M05, S1-M06, S1-M07
    #[test]
    fn crashes_slowness_memory_failures_and_throttles_alarm_at_the_stated_figures() {
        none(&the_stated_figures_alarm(&stacks()));
    }

    #[test]
    fn another_figure_is_caught() {
        let planted = stacks().planted("infra/observability.yaml", "ApiFailing", "/Properties/Threshold", json!(10));
        caught(&the_stated_figures_alarm(&planted), "ApiFailing: is not more than 5");
        let planted = stacks().planted("infra/stock.yaml", "GetStockSlow", "/Properties/EvaluationPeriods", json!(1));
        caught(&the_stated_figures_alarm(&planted), "GetStockSlow: is not");
    }

    // Proves: S1-M02, S1-M08
    #[test]
    fn three_dashboards_find_every_function_table_and_queue_by_the_prefix() {
        none(&dashboards_find_everything(&stacks()));
    }

    #[test]
    fn a_dashboard_that_misses_something_is_caught() {
        let planted =
            stacks().planted("infra/observability.yaml", "DataDashboard", "/Properties/DashboardBody", json!("{}"));
        caught(&dashboards_find_everything(&planted), "AWS/SQS ApproximateAgeOfOldestMessage");
        let planted =
            stacks().planted("infra/observability.yaml", "DataDashboard", "/Properties/DashboardBody", json!("{"));
        caught(&dashboards_find_everything(&planted), "is not JSON");
        let planted = stacks().planted("infra/data.yaml", "OrdersTable", "/Properties/TableName", json!("orders"));
        caught(&dashboards_find_everything(&planted), "OrdersTable: no dashboard finds it");
    }

    // Proves: S3-14
    #[test]
    fn the_promise_of_checkouts_alarms_by_burn_rate_in_two_windows() {
        none(&the_promise_of_checkouts_burns_in_two_windows(&stacks()));
    }

    #[test]
    fn a_missing_window_is_caught() {
        let planted = stacks().planted(
            "infra/observability.yaml",
            "CheckoutBurnsFast",
            "/Properties/AlarmRule",
            json!("ALARM(x)"),
        );
        caught(&the_promise_of_checkouts_burns_in_two_windows(&planted), "CheckoutBurnsFastShort");
    }
}

//! A function of the template, with what triggers it.

use super::build::{name_in_arn, required, seconds};
use super::resolve::{Scope, text_of};
use super::{Function, QueueTrigger, Schedule, StreamTrigger, Trigger};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) fn function(scope: &Scope<'_>, logical_id: &str, resource: &Value) -> Result<Function, String> {
    let own = scope.resolve(&resource["Properties"])?;
    let globals = scope.resolve(scope.function_globals())?;
    let setting = |name: &str| if own[name].is_null() { &globals[name] } else { &own[name] };
    let environment = [&globals, &own]
        .into_iter()
        .flat_map(|from| from["Environment"]["Variables"].as_object().into_iter().flatten())
        .map(|(name, value)| (name.clone(), text_of(value)))
        .collect::<BTreeMap<_, _>>();
    let triggers = own["Events"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, event)| trigger(logical_id, name, event).transpose())
        .collect::<Result<_, _>>()?;
    Ok(Function {
        name: required(&own, "FunctionName")?,
        operation: kebab_case(logical_id),
        environment,
        timeout: seconds(setting("Timeout")).unwrap_or(Duration::from_secs(3)),
        memory_mib: text_of(setting("MemorySize")).parse().unwrap_or(128),
        triggers,
    })
}

/// `PlaceOrder` → `place-order`.
fn kebab_case(logical_id: &str) -> String {
    let mut name = String::with_capacity(logical_id.len() + 4);
    for letter in logical_id.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// `None` for events that come over HTTP.
fn trigger(function: &str, name: &str, event: &Value) -> Result<Option<Trigger>, String> {
    let properties = &event["Properties"];
    let number = |member: &str| text_of(&properties[member]).parse::<usize>().ok();
    let flag = |member: &str| properties[member].as_bool().unwrap_or_default();
    let partial_failures = properties["FunctionResponseTypes"]
        .as_array()
        .is_some_and(|types| types.iter().any(|kind| kind == "ReportBatchItemFailures"));
    let window = seconds(&properties["MaximumBatchingWindowInSeconds"]).unwrap_or_default();
    Ok(match event["Type"].as_str().unwrap_or_default() {
        "SQS" => Some(Trigger::Queue(QueueTrigger {
            queue: name_in_arn(&required(properties, "Queue")?),
            batch_max: number("BatchSize").unwrap_or(10),
            window,
            partial_failures,
            concurrency_max: text_of(&properties["ScalingConfig"]["MaximumConcurrency"]).parse().ok(),
        })),
        "DynamoDB" => Some(Trigger::Stream(StreamTrigger {
            table: table_in_arn(&required(properties, "Stream")?)?,
            filters: filters(&properties["FilterCriteria"])?,
            batch_max: number("BatchSize").unwrap_or(100),
            window,
            partial_failures,
            bisect: flag("BisectBatchOnFunctionError"),
            retries_max: text_of(&properties["MaximumRetryAttempts"]).parse().ok(),
            on_failure: properties["DestinationConfig"]["OnFailure"]["Destination"].as_str().map(name_in_arn),
            from_start: properties["StartingPosition"] != "LATEST",
        })),
        "Schedule" | "ScheduleV2" => {
            let expression = properties["Schedule"].as_str().or_else(|| properties["ScheduleExpression"].as_str());
            let every =
                rate(expression.unwrap_or_default()).ok_or_else(|| format!("{name}: only rate(…) is understood"))?;
            Some(Trigger::Schedule(Schedule { name: format!("{function}{name}"), every }))
        }
        _ => None,
    })
}

fn table_in_arn(arn: &str) -> Result<String, String> {
    let table = arn.split_once(":table/").and_then(|(_, rest)| rest.split('/').next());
    table.map(str::to_owned).ok_or_else(|| format!("{arn} is no stream of a table"))
}

fn filters(criteria: &Value) -> Result<Vec<Value>, String> {
    let filters = criteria["Filters"].as_array().into_iter().flatten();
    filters
        .map(|filter| {
            let pattern = filter["Pattern"].as_str().unwrap_or_default();
            serde_json::from_str(pattern).map_err(|error| format!("a filter pattern does not read: {error}"))
        })
        .collect()
}

/// `rate(5 minutes)` → five minutes.
fn rate(expression: &str) -> Option<Duration> {
    let inner = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = inner.trim().split_once(' ')?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok().map(|count| Duration::from_secs(count * seconds))
}

#[cfg(test)]
mod tests {
    use super::{kebab_case, rate};
    use std::time::Duration;

    #[test]
    fn an_operation_has_one_name_casing_aside() {
        assert_eq!(kebab_case("PlaceOrder"), "place-order");
        assert_eq!(kebab_case("ListAllOrders"), "list-all-orders");
    }

    #[test]
    fn rates_are_read_and_cron_is_refused() {
        assert_eq!(rate("rate(5 minutes)"), Some(Duration::from_secs(300)));
        assert_eq!(rate("rate(1 hour)"), Some(Duration::from_secs(3600)));
        assert_eq!(rate("cron(0 12 * * ? *)"), None);
    }
}

//! CloudWatch: takes the metrics that functions write into their log, and tells statistics of the day.
//!
//! Values are counted by minute, in classes one per cent wide, so that load needs hardly more memory than quiet.

use super::cbor;
use crate::clock::Clock;
use crate::wire::{Reply, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How much wider a class's upper bound is than its lower one.
const CLASS: f64 = 1.01;
/// The class of zero and less.
const NOTHING: i32 = i32::MIN;
/// How long minutes are kept, in minutes: a day and the one before it.
const KEPT_MINUTES: i64 = 2 * 24 * 60;

/// One metric of one operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    namespace: String,
    metric: String,
    operation: String,
}

/// The values of one span of time.
#[derive(Debug, Clone, Default)]
struct Values {
    count: u64,
    sum: f64,
    classes: BTreeMap<i32, u64>,
}

/// The CloudWatch of one cloud.
pub(crate) struct Metrics {
    /// By name and minute, as CloudWatch keeps them.
    minutes: Mutex<BTreeMap<Name, BTreeMap<i64, Values>>>,
    clock: Clock,
}

impl Metrics {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { minutes: Mutex::default(), clock }
    }

    fn minute(&self) -> i64 {
        self.clock.now().seconds().div_euclid(60)
    }

    /// Takes one document in the Embedded Metric Format; anything else is no metric.
    pub(crate) fn take(&self, line: &str) {
        let Ok(document) = serde_json::from_str::<Value>(line) else { return };
        let operation = document["operation"].as_str().unwrap_or_default();
        let minute = self.minute();
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        for directive in document["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            let namespace = directive["Namespace"].as_str().unwrap_or_default();
            for metric in directive["Metrics"].as_array().into_iter().flatten().filter_map(|one| one["Name"].as_str()) {
                let name = Name { namespace: namespace.into(), metric: metric.into(), operation: operation.to_owned() };
                let of_metric = minutes.entry(name).or_default();
                while of_metric.first_key_value().is_some_and(|(oldest, _)| *oldest <= minute - KEPT_MINUTES) {
                    of_metric.pop_first();
                }
                let known = of_metric.entry(minute).or_default();
                match &document[metric] {
                    Value::Array(several) => several.iter().filter_map(Value::as_f64).for_each(|one| known.add(one)),
                    one => one.as_f64().into_iter().for_each(|one| known.add(one)),
                }
            }
        }
    }

    fn list(&self, asked: &Value) -> Value {
        let minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |member: &str, value: &str| asked[member].as_str().is_none_or(|wanted| wanted == value);
        let metrics =
            minutes.keys().filter(|name| fits("Namespace", &name.namespace) && fits("MetricName", &name.metric));
        let metrics = metrics.map(|name| {
            let dimensions = json!([{"Name": "operation", "Value": name.operation}]);
            json!({"Namespace": name.namespace, "MetricName": name.metric, "Dimensions": dimensions})
        });
        json!({ "Metrics": metrics.collect::<Vec<_>>() })
    }

    fn data(&self, asked: &Value) -> Value {
        let span = (millis(&asked["StartTime"]).div_euclid(60_000), millis(&asked["EndTime"]).div_euclid(60_000));
        let queries = asked["MetricDataQueries"].as_array().into_iter().flatten();
        let results: Vec<Value> = queries.flat_map(|query| self.results(query, span)).collect();
        json!({ "MetricDataResults": results })
    }

    /// The series that one query asks for: one metric, or all that a search finds.
    fn results(&self, query: &Value, span: (i64, i64)) -> Vec<Value> {
        let (namespace, metric, operation, statistic) =
            match Search::read(query["Expression"].as_str().unwrap_or_default()) {
                Some(search) => (search.namespace, search.metric, None, search.statistic),
                None => {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let (asked, statistic) = (&query["MetricStat"]["Metric"], text(&query["MetricStat"]["Stat"]));
                    let operation = text(&asked["Dimensions"][0]["Value"]);
                    (text(&asked["Namespace"]), text(&asked["MetricName"]), Some(operation), statistic)
                }
            };
        let minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let found = minutes.iter().filter(|(name, _)| {
            name.namespace == namespace
                && name.metric == metric
                && operation.as_ref().is_none_or(|wanted| *wanted == name.operation)
        });
        let series = found.filter_map(|(name, minutes)| {
            let value = Values::of(minutes.range(span.0..span.1).map(|(_, values)| values)).statistic(&statistic)?;
            let label = query["Label"].as_str().unwrap_or("${PROP('Dim.operation')}");
            let label = label.replace("${PROP('Dim.operation')}", &name.operation);
            Some(json!({"Id": query["Id"], "Label": label, "Values": [double(value)], "StatusCode": "Complete"}))
        });
        series.collect()
    }
}

/// `SEARCH('{Russet,operation} MetricName="took"', 'p99', 3600)`: the one kind of expression that is understood.
struct Search {
    namespace: String,
    metric: String,
    statistic: String,
}

impl Search {
    fn read(expression: &str) -> Option<Self> {
        let (what, rest) = expression.strip_prefix("SEARCH('{")?.split_once("', '")?;
        let (schema, condition) = what.split_once('}')?;
        let (namespace, dimension) = schema.split_once(',')?;
        let metric = condition.trim().strip_prefix("MetricName=\"")?.strip_suffix('"')?;
        let (statistic, _) = rest.split_once('\'')?;
        let text = |part: &str| part.trim().to_owned();
        (dimension.trim() == "operation").then(|| Self {
            namespace: text(namespace),
            metric: text(metric),
            statistic: text(statistic),
        })
    }
}

/// A moment as the protocol writes it: seconds since 1970.
#[allow(clippy::float_arithmetic, clippy::cast_possible_truncation, reason = "moments come as doubles")]
fn millis(moment: &Value) -> i64 {
    (moment.as_f64().unwrap_or_default() * 1000.0) as i64
}

/// A number that is never written as a whole one: the protocol wants a double.
fn double(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[allow(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "measured times are not money")]
impl Values {
    /// All of them together.
    fn of<'a>(several: impl Iterator<Item = &'a Self>) -> Self {
        several.fold(Self::default(), |mut whole, one| {
            whole.count += one.count;
            whole.sum += one.sum;
            one.classes.iter().for_each(|(class, count)| *whole.classes.entry(*class).or_default() += count);
            whole
        })
    }

    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        *self.classes.entry(class(value)).or_default() += 1;
    }

    /// `None` where nothing was measured, or for a statistic that is not understood.
    fn statistic(&self, name: &str) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if let Some(bound) = name.strip_prefix("TC(:").and_then(|rest| rest.strip_suffix(')')) {
            let bound = class(bound.parse().ok()?);
            return Some(self.classes.range(..=bound).map(|(_, count)| *count).sum::<u64>() as f64);
        }
        match name {
            "Sum" => Some(self.sum),
            "SampleCount" => Some(self.count as f64),
            "Average" => Some(self.sum / self.count as f64),
            "Minimum" => self.percentile(0.0),
            "Maximum" => self.percentile(100.0),
            _ => self.percentile(name.strip_prefix('p')?.parse().ok()?),
        }
    }

    fn percentile(&self, share: f64) -> Option<f64> {
        let wanted = self.count as f64 * share / 100.0;
        let mut seen = 0.0;
        let reaches = |(_, count): &(&i32, &u64)| {
            seen += **count as f64;
            seen >= wanted
        };
        let (class, _) = self.classes.iter().find(reaches)?;
        Some(if *class == NOTHING { 0.0 } else { CLASS.powi(*class) })
    }
}

/// The class of a value: that of a bound holds the bound itself.
#[allow(clippy::float_arithmetic, clippy::cast_possible_truncation, reason = "measured times are not money")]
fn class(value: f64) -> i32 {
    if value > 0.0 { (value.ln() / CLASS.ln() - 1e-9).ceil() as i32 } else { NOTHING }
}

/// The operation that a call asks for.
pub(crate) fn action(request: &Request) -> String {
    request.path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Answers one call of Smithy's RPC v2 protocol.
pub(crate) fn answer(metrics: &Metrics, action: &str, request: &Request) -> Reply {
    let refused = |kind: &str| {
        let body = json!({"__type": format!("com.amazonaws.cloudwatch#{kind}"), "message": kind});
        Reply::new(400, "application/cbor", cbor::write(&body)).with("smithy-protocol", "rpc-v2-cbor")
    };
    let Some(asked) = cbor::read(&request.body) else {
        return refused("InvalidParameterCombinationException");
    };
    let body = match action {
        "ListMetrics" => metrics.list(&asked),
        "GetMetricData" => metrics.data(&asked),
        _ => return refused("InvalidParameterValueException"),
    };
    Reply::new(200, "application/cbor", cbor::write(&body)).with("smithy-protocol", "rpc-v2-cbor")
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use crate::clock::Clock;
    use serde_json::json;

    fn measured(values: &[f64]) -> Metrics {
        let metrics = Metrics::new(Clock::system());
        let document = json!({
            "_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "Russet", "Dimensions": [["operation"]], "Metrics": [{"Name": "took", "Unit": "Seconds"}]}]},
            "operation": "place-order",
            "took": values,
        });
        metrics.take(&document.to_string());
        metrics.take("not a metric");
        metrics
    }

    fn statistic(metrics: &Metrics, name: &str) -> Option<f64> {
        let now = metrics.clock.now().seconds();
        let metric = json!({"Namespace": "Russet", "MetricName": "took", "Dimensions": [{"Name": "operation", "Value": "place-order"}]});
        let one = json!({"Id": "q0", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": name}});
        let search = format!("SEARCH('{{Russet,operation}} MetricName=\"took\"', '{name}', 3600)");
        let all = json!({"Id": "q1", "Expression": search, "Label": "${PROP('Dim.operation')}"});
        let asked = json!({"MetricDataQueries": [one, all], "StartTime": now - 3600, "EndTime": now + 60});
        let answered = metrics.data(&asked);
        let results = answered["MetricDataResults"].as_array().unwrap();
        assert!(results.iter().all(|result| result["Label"] == "place-order"));
        let values: Vec<_> = results.iter().map(|result| result["Values"][0].as_f64()).collect();
        assert!(values.iter().all(|value| *value == values[0]));
        values.first().copied().flatten()
    }

    #[test]
    fn statistics_are_those_of_the_values() {
        let metrics = measured(&[0.0, 0.01, 0.02, 0.25, 2.0]);
        assert_eq!(statistic(&metrics, "SampleCount"), Some(5.0));
        assert!(statistic(&metrics, "Sum").is_some_and(|sum| (2.279..2.281).contains(&sum)));
        assert_eq!(statistic(&metrics, "TC(:0.01)"), Some(2.0));
        assert_eq!(statistic(&metrics, "TC(:0.25)"), Some(4.0));
        assert_eq!(statistic(&metrics, "TC(:10)"), Some(5.0));
        let median = statistic(&metrics, "p50").unwrap();
        assert!((0.0199..0.0204).contains(&median), "{median}");
        assert_eq!(statistic(&metrics, "Minimum"), Some(0.0));
        assert_eq!(statistic(&metrics, "unknown"), None);
    }

    #[test]
    fn what_was_measured_is_listed() {
        let listed = measured(&[1.0]).list(&json!({"Namespace": "Russet", "MetricName": "took"}));
        assert_eq!(listed["Metrics"][0]["Dimensions"][0]["Value"], "place-order");
        assert_eq!(measured(&[1.0]).list(&json!({"Namespace": "Other"})), json!({"Metrics": []}));
    }
}

//! CloudWatch's Embedded Metric Format, version 0: one JSON document an invocation, which CloudWatch turns into
//! metrics with no call of ours.

use kernel::Instant;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::Duration;

/// Values of one metric in one document at the most: CloudWatch drops a document that has more.
const VALUES_MAX: usize = 100;

/// The namespace of every metric of ours.
pub const NAMESPACE: &str = "Russet";

/// CloudWatch's names for what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Seconds,
    /// How much of a whole.
    Percent,
    /// No unit: money in minor units.
    None,
}

/// The metrics of one invocation. Values of one name gather in a list, as EMF allows up to a hundred; beyond that, whole
/// numbers are added to the last one, so that sums stay right, and durations are left out.
#[derive(Debug, Default)]
pub struct Metrics {
    values: BTreeMap<&'static str, (Unit, Vec<Value>)>,
}

/// A number that is written as it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Whole(i64),
    Micros(u128),
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Micros(micros) => {
                let digits = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
                RawValue::from_string(digits).map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
        }
    }
}

impl Metrics {
    /// Adds a whole number.
    pub fn count(&mut self, name: &'static str, value: i64) {
        self.push(name, Unit::Count, Value::Whole(value));
    }

    /// Adds money in minor units.
    pub fn minor(&mut self, name: &'static str, units: i64) {
        self.push(name, Unit::None, Value::Whole(units));
    }

    /// Adds a whole percentage.
    pub fn percent(&mut self, name: &'static str, value: i64) {
        self.push(name, Unit::Percent, Value::Whole(value));
    }

    /// Adds a duration in seconds, exact to the microsecond.
    pub fn seconds(&mut self, name: &'static str, value: Duration) {
        self.push(name, Unit::Seconds, Value::Micros(value.as_micros()));
    }

    fn push(&mut self, name: &'static str, unit: Unit, value: Value) {
        let (_, values) = self.values.entry(name).or_insert_with(|| (unit, Vec::new()));
        if values.len() < VALUES_MAX {
            values.push(value);
        } else if let (Some(Value::Whole(last)), Value::Whole(more)) = (values.last_mut(), value) {
            *last = last.saturating_add(more);
        }
    }

    /// The document for one operation, or `None` when nothing was measured.
    #[must_use]
    pub fn document(&self, operation: &str, at: Instant) -> Option<String> {
        if self.values.is_empty() {
            return None;
        }
        let metrics = self.values.iter().map(|(name, (unit, _))| Definition { name, unit: *unit }).collect();
        let directive = Directive { namespace: NAMESPACE, dimensions: [["operation"]], metrics };
        let document = Document {
            aws: Meta { timestamp: at.millis(), cloud_watch_metrics: [directive] },
            operation,
            values: self.values.iter().map(|(name, (_, values))| (*name, one_or_many(values))).collect(),
        };
        serde_json::to_string(&document).ok()
    }
}

fn one_or_many(values: &[Value]) -> Values<'_> {
    match values {
        [one] => Values::One(one),
        many => Values::Many(many),
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    One(&'a Value),
    Many(&'a [Value]),
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "_aws")]
    aws: Meta<'a>,
    operation: &'a str,
    #[serde(flatten)]
    values: BTreeMap<&'static str, Values<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Meta<'a> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition<'a> {
    name: &'a str,
    unit: Unit,
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use kernel::Instant;
    use std::time::Duration;

    // Proves: S0-21
    #[test]
    fn a_document_names_each_metric_with_its_unit_and_gives_its_values() {
        let mut metrics = Metrics::default();
        metrics.count("count", 1);
        metrics.seconds("http_request_duration_seconds", Duration::from_micros(12_345));
        metrics.seconds("http_request_duration_seconds", Duration::from_millis(2));
        let text = metrics.document("place-order", Instant::from_millis(7)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["_aws"]["Timestamp"], 7);
        let directive = &json["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Russet");
        assert_eq!(directive["Dimensions"], serde_json::json!([["operation"]]));
        assert_eq!(
            directive["Metrics"][1],
            serde_json::json!({"Name": "http_request_duration_seconds", "Unit": "Seconds"})
        );
        assert_eq!(json["count"], 1);
        assert_eq!(json["http_request_duration_seconds"], serde_json::json!([0.012_345, 0.002]));
        assert_eq!(json["operation"], "place-order");
    }

    #[test]
    fn more_values_than_a_document_may_have_keep_their_sum() {
        let mut metrics = Metrics::default();
        for _ in 0..250 {
            metrics.count("orders", 2);
            metrics.seconds("duration_seconds", Duration::from_secs(1));
        }
        let text = metrics.document("x", Instant::from_millis(0)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let orders: Vec<i64> =
            json["orders"].as_array().unwrap().iter().filter_map(serde_json::Value::as_i64).collect();
        assert_eq!((orders.len(), orders.iter().sum::<i64>()), (100, 500));
        assert_eq!(json["duration_seconds"].as_array().unwrap().len(), 100);
    }

    #[test]
    fn nothing_measured_is_no_document() {
        assert!(Metrics::default().document("x", Instant::from_millis(0)).is_none());
    }
}

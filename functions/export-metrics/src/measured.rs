//! What was measured of requests: since midnight in UTC, when the counters begin anew, which Prometheus takes for what
//! it is; percentiles over the last hour.

use crate::exposition::Exposition;
use lambda::{Figure, Question, Window};
use std::collections::BTreeSet;

/// The metric that every request adds to.
const DURATION: &str = "http_request_duration_seconds";
/// The metric of answers with a 5xx.
const ERRORS: &str = "errors";
/// Upper bounds of the histogram's buckets, in seconds, each with the statistic that counts the values up to it.
const BUCKETS: [(&str, &str); 11] = [
    ("0.005", "TC(:0.005)"),
    ("0.01", "TC(:0.01)"),
    ("0.025", "TC(:0.025)"),
    ("0.05", "TC(:0.05)"),
    ("0.1", "TC(:0.1)"),
    ("0.25", "TC(:0.25)"),
    ("0.5", "TC(:0.5)"),
    ("1", "TC(:1)"),
    ("2.5", "TC(:2.5)"),
    ("5", "TC(:5)"),
    ("10", "TC(:10)"),
];
/// The percentiles, each with the label that Prometheus has for it.
const PERCENTILES: [(&str, &str); 3] = [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")];

const fn today(metric: &'static str, statistic: &'static str) -> Question {
    Question { metric, statistic, window: Window::Today }
}

/// What is asked of CloudWatch.
pub fn questions() -> Vec<Question> {
    let buckets = BUCKETS.iter().map(|(_, statistic)| today(DURATION, statistic));
    let percentiles =
        PERCENTILES.map(|(_, statistic)| Question { window: Window::LastHour, ..today(DURATION, statistic) });
    let whole = [today(DURATION, "Sum"), today(DURATION, "SampleCount"), today(ERRORS, "Sum")];
    buckets.chain(percentiles).chain(whole).collect()
}

/// Writes the counts, the histogram and the percentiles of every operation that answers requests.
pub fn write(text: &mut Exposition, figures: &[Figure]) {
    let answering = figures.iter().filter(|figure| figure.question == today(DURATION, "SampleCount"));
    let operations: BTreeSet<&str> = answering.map(|figure| figure.operation.as_str()).collect();
    let value = |metric, statistic, operation: &str| {
        let asked = today(metric, statistic);
        let known = figures.iter().find(|figure| figure.question == asked && figure.operation == operation);
        known.map(|figure| figure.value).unwrap_or_default()
    };
    text.head("http_requests_total", "counter", "Requests, since midnight in UTC.");
    for operation in &operations {
        text.line("http_requests_total", &[("operation", operation)], value(DURATION, "SampleCount", operation));
    }
    text.head("http_request_errors_total", "counter", "Requests answered with a 5xx, since midnight in UTC.");
    for operation in &operations {
        text.line("http_request_errors_total", &[("operation", operation)], value(ERRORS, "Sum", operation));
    }
    text.head(DURATION, "histogram", "How long requests took, since midnight in UTC.");
    let (bucket, sum, count) = (format!("{DURATION}_bucket"), format!("{DURATION}_sum"), format!("{DURATION}_count"));
    for operation in &operations {
        for (bound, statistic) in BUCKETS {
            text.line(&bucket, &[("operation", operation), ("le", bound)], value(DURATION, statistic, operation));
        }
        let all = value(DURATION, "SampleCount", operation);
        text.line(&bucket, &[("operation", operation), ("le", "+Inf")], all);
        text.line(&sum, &[("operation", operation)], value(DURATION, "Sum", operation));
        text.line(&count, &[("operation", operation)], all);
    }
    percentiles(text, figures);
}

/// A histogram cannot carry its percentiles, so they have a name of their own. An hour without requests has none.
fn percentiles(text: &mut Exposition, figures: &[Figure]) {
    const NAME: &str = "http_request_duration_quantile_seconds";
    text.head(NAME, "gauge", "How long requests of the last hour took at the most, by share of them.");
    for figure in figures.iter().filter(|figure| figure.question.window == Window::LastHour) {
        let known = PERCENTILES.iter().find(|(_, statistic)| *statistic == figure.question.statistic);
        if let Some((label, _)) = known {
            text.line(NAME, &[("operation", &figure.operation), ("quantile", label)], figure.value);
        }
    }
}

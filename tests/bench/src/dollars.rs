//! What a million checkouts cost on AWS: counted units times list prices, in us-east-1 on arm64, with no free tier.

use crate::counts::{Counts, sum};
use crate::report::{Bar, Report, number};
use std::collections::BTreeMap;

/// One list price.
pub struct Price {
    /// What it is the price of.
    pub what: &'static str,
    /// Dollars for a million of them.
    pub dollars_per_million: f64,
    /// Where AWS publishes it.
    pub source: &'static str,
}

/// A call of a REST API.
pub const REST_CALL: Price = price("REST API call", 3.50, "https://aws.amazon.com/api-gateway/pricing/");
/// An invocation.
pub const INVOCATION: Price = price("Lambda invocation", 0.20, "https://aws.amazon.com/lambda/pricing/");
/// A gibibyte of memory for a second.
pub const GIB_SECOND: Price = price("Lambda GB-second, arm64", 13.3334, "https://aws.amazon.com/lambda/pricing/");
/// A write unit.
pub const WRITE_UNIT: Price =
    price("DynamoDB write unit, on demand", 0.625, "https://aws.amazon.com/dynamodb/pricing/on-demand/");
/// A read unit.
pub const READ_UNIT: Price =
    price("DynamoDB read unit, on demand", 0.125, "https://aws.amazon.com/dynamodb/pricing/on-demand/");
/// A call of a queue.
pub const QUEUE_CALL: Price = price("SQS call, standard queue", 0.40, "https://aws.amazon.com/sqs/pricing/");
/// A call of KMS.
pub const KEY_CALL: Price = price("KMS call", 3.00, "https://aws.amazon.com/kms/pricing/");
/// A call of Secrets Manager.
pub const SECRET_CALL: Price = price("Secrets Manager call", 5.00, "https://aws.amazon.com/secrets-manager/pricing/");
/// A kilobyte of log.
pub const LOG_KILOBYTE: Price =
    price("CloudWatch Logs, a kilobyte", 0.50, "https://aws.amazon.com/cloudwatch/pricing/");
/// A trace.
pub const TRACE: Price = price("X-Ray trace", 5.00, "https://aws.amazon.com/xray/pricing/");
/// A mail.
pub const MAIL: Price = price("SES mail", 100.0, "https://aws.amazon.com/ses/pricing/");
/// A request through CloudFront.
pub const EDGE_REQUEST: Price = price("CloudFront request, HTTPS", 1.00, "https://aws.amazon.com/cloudfront/pricing/");

const fn price(what: &'static str, dollars_per_million: f64, source: &'static str) -> Price {
    Price { what, dollars_per_million, source }
}

/// What a call of DynamoDB is taken to wait, in seconds: the stand-ins' own speed says nothing about AWS.
const STORE_SECONDS: f64 = 0.005;
/// What the payment provider is taken to need, in seconds.
const PROVIDER_SECONDS: f64 = 0.300;
/// Calls of AWS that place-order waits for one after the other: the limiter, then the order, then the hold, then the outcome.
const PLACE_IN_SEQUENCE: f64 = 4.0;
/// A vCPU is what a function with so much memory gets.
const MIB_OF_ONE_VCPU: f64 = 1769.0;
/// The share of requests that X-Ray's rule for everything takes.
const TRACED: f64 = 0.05;

/// What is known of the functions beside what was counted.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    /// Memory of each function, in MiB, by operation.
    pub memory_mib: BTreeMap<String, f64>,
    /// Milliseconds on this machine's processor for one answer, by operation.
    pub processor_ms: BTreeMap<String, f64>,
    /// Bytes of log and metrics of one of the three answers, on the average.
    pub log_bytes_of_answer: f64,
    /// Bytes of one document of metrics.
    pub metric_bytes: f64,
}

/// One line of the bill.
struct Line {
    what: String,
    dollars: f64,
}

/// Tells the bill for a million checkouts.
pub fn tell(counts: &Counts, functions: &Functions, report: &mut Report) {
    report.title("Dollars for a million checkouts (us-east-1, arm64, list prices, no free tier; one of many)");
    let lines = lines(counts, functions);
    for line in &lines {
        report.note(format!("{:<72} {:>8}", line.what, number(line.dollars)));
    }
    let total = lines.iter().map(|line| line.dollars).sum();
    report.time("whole flow", total, "$", Bar::Most(20.0));
    report.time("of which the REST API", rest(), "$", Bar::Most(10.5));
    let beside = [
        (&MAIL, sum(&counts.among_many, |used| used.service == "ses", |used| used.calls), "mails"),
        (&EDGE_REQUEST, 3.0, "requests through CloudFront"),
        (&TRACE, TRACED * 3.0, "traces, 5 % of the requests"),
    ];
    for (price, count, what) in beside {
        let dollars = price.dollars_per_million * count;
        report.note(format!(
            "not in it: {} {what} at {}: {}",
            number(count),
            number(price.dollars_per_million),
            number(dollars)
        ));
    }
    report.note(format!(
        "assumed: {} ms a call of DynamoDB, {} ms the provider; memory as the template gives it, processor time as here, stretched by the share of a vCPU",
        number(STORE_SECONDS * 1e3),
        number(PROVIDER_SECONDS * 1e3)
    ));
}

fn rest() -> f64 {
    3.0 * REST_CALL.dollars_per_million
}

fn lines(counts: &Counts, functions: &Functions) -> Vec<Line> {
    let used = &counts.among_many;
    let line = |price: &Price, count: f64| Line {
        what: format!("{} × {} at {}", number(count), price.what, number(price.dollars_per_million)),
        dollars: price.dollars_per_million * count,
    };
    let calls = |service: &str| sum(used, |used| used.service == service, |used| used.calls);
    let invocations: f64 = counts.invocations.values().sum();
    let behind: f64 = invocations - 3.0;
    let log = counts.log_bytes.max(0.0) + behind.max(0.0) * functions.metric_bytes + 3.0 * functions.metric_bytes;
    vec![
        line(&REST_CALL, 3.0),
        line(&INVOCATION, invocations),
        line(&GIB_SECOND, gib_seconds(counts, functions)),
        line(&WRITE_UNIT, sum(used, |_| true, |used| used.write_units)),
        line(&READ_UNIT, sum(used, |_| true, |used| used.read_units)),
        line(&QUEUE_CALL, calls("sqs")),
        line(&KEY_CALL, calls("kms")),
        line(&SECRET_CALL, calls("secretsmanager")),
        line(&LOG_KILOBYTE, log / 1000.0),
    ]
}

/// Memory times the time that an invocation is taken to last on AWS.
fn gib_seconds(counts: &Counts, functions: &Functions) -> f64 {
    let usual_ms = functions.processor_ms.values().sum::<f64>() / 3.0;
    let each = |(operation, runs): (&String, &f64)| {
        let memory = functions.memory_mib.get(operation).copied().unwrap_or(256.0);
        let processor = functions.processor_ms.get(operation).copied().unwrap_or(usual_ms) / 1e3;
        let calls =
            sum(&counts.among_many, |used| used.operation == *operation, |used| used.calls) / runs.max(f64::EPSILON);
        let waits = match operation.as_str() {
            "place-order" => PLACE_IN_SEQUENCE * STORE_SECONDS + PROVIDER_SECONDS,
            _ => calls * STORE_SECONDS,
        };
        let share = (memory / MIB_OF_ONE_VCPU).min(1.0);
        runs * memory / 1024.0 * (processor / share + waits)
    };
    counts.invocations.iter().map(each).sum()
}

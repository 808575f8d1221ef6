//! What one checkout asks of AWS, counted where it arrives: calls, units, bytes, and which functions run for it.

use crate::Why;
use crate::report::{Bar, Report, number};
use crate::shopper::{self, Shop};
use cloud::{Action, Clock, Snapshot, Tally, Trigger};
use local::{Local, Options};
use std::collections::BTreeMap;
use std::time::Duration;

/// The functions whose answers the shopper waits for, in their order.
pub const STEPS: [&str; 3] = ["quote-order", "place-order", "get-order"];
/// Checkouts whose settling may go together.
const MANY: u32 = 100;
/// After this, what was delayed is due: an order waits ten minutes for its money.
const LATER: Duration = Duration::from_secs(11 * 60);

/// What was counted for one checkout.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// One checkout alone, its three answers.
    pub answers: Vec<Used>,
    /// The same checkout with everything that its streams and queues set off at once.
    pub flow: Vec<Used>,
    /// What was delayed for it: the looks at an order that was paid long ago.
    pub delayed: Vec<Used>,
    /// One of many checkouts, which settle together: the mean, with what was delayed.
    pub among_many: Vec<Used>,
    /// How often each function ran for one of many, by operation.
    pub invocations: BTreeMap<String, f64>,
    /// Bytes of log lines for one of many, metrics not counted.
    pub log_bytes: f64,
}

/// What one function asked of one thing.
#[derive(Debug, Clone)]
pub struct Used {
    /// The function's operation, or `lambda` for what Lambda itself asks.
    pub operation: String,
    /// The service as IAM names it.
    pub service: &'static str,
    /// The operation of the service.
    pub action: String,
    /// The table, queue, key or secret.
    pub resource: String,
    /// Calls.
    pub calls: f64,
    /// Read units.
    pub read_units: f64,
    /// Write units.
    pub write_units: f64,
    /// Bytes of requests.
    pub bytes_in: f64,
    /// Bytes of answers.
    pub bytes_out: f64,
}

/// The sum of one thing over what `choose` takes.
pub fn sum(used: &[Used], choose: impl Fn(&Used) -> bool, of: impl Fn(&Used) -> f64) -> f64 {
    used.iter().filter(|used| choose(used)).map(of).sum()
}

/// Runs a shop in memory on a clock of its own and counts.
///
/// # Errors
/// When the shop does not start or does not sell.
pub fn count() -> Result<Counts, Why> {
    let clock = Clock::manual(Clock::system().now());
    let options = Options { port: 0, data: None, web: false, clock: clock.clone(), ..Options::default() };
    let local = local::start(&options, &|_| {})?;
    let shop = Shop::of(&local)?;
    let sku = shopper::stocked(&local, &shop, "counted")?;

    // What an environment asks once is no part of a checkout: secrets and keys are there after the first.
    shop.checkout(&sku)?;
    shopper::settle(&local)?;
    local.cloud().reset_counters();
    shop.checkout(&sku)?;
    shopper::settle(&local)?;
    let flow = used(&local, 1.0);
    let answers = flow.iter().filter(|used| STEPS.contains(&used.operation.as_str())).cloned().collect();

    // The first checkout's delayed messages come due with the second's.
    let delayed = delayed(&local, &clock, 2.0)?;

    shop.checkout(&sku)?;
    shopper::settle(&local)?;
    local.cloud().reset_counters();
    let before = log(&local);
    many(&shop, &sku)?;
    shopper::settle(&local)?;
    let after = log(&local);
    let mut among_many = used(&local, f64::from(MANY));
    among_many.extend(delayed.iter().cloned());
    let run = |operation: &String| after.lines_of(operation) - before.lines_of(operation);
    let mut invocations: BTreeMap<String, f64> =
        after.runs.keys().map(|operation| (operation.clone(), run(operation) / f64::from(MANY))).collect();
    for waited in delayed.iter().filter(|used| used.operation != "lambda") {
        invocations.entry(waited.operation.clone()).and_modify(|runs| *runs = runs.max(1.0)).or_insert(1.0);
    }
    invocations.retain(|_, runs| *runs > 0.0);
    let log_bytes = (after.bytes - before.bytes) / f64::from(MANY);
    Ok(Counts { answers, flow, delayed, among_many, invocations, log_bytes })
}

fn delayed(local: &Local, clock: &Clock, checkouts: f64) -> Result<Vec<Used>, Why> {
    local.cloud().reset_counters();
    clock.advance(LATER);
    // The pollers wake by themselves: give them a moment before asking whether they are done.
    std::thread::sleep(Duration::from_millis(500));
    shopper::settle(local)?;
    Ok(used(local, checkouts))
}

fn many(shop: &Shop, sku: &str) -> Result<(), Why> {
    std::thread::scope(|scope| {
        let shoppers = [0; 4].map(|_| scope.spawn(|| (0..MANY / 4).try_for_each(|_| shop.checkout(sku))));
        shoppers.into_iter().try_for_each(|shopper| shopper.join().unwrap_or_else(|_| Err("a shopper died".to_owned())))
    })
}

/// What was counted since the last reset by functions that work for orders, for one of so many checkouts.
fn used(local: &Local, checkouts: f64) -> Vec<Used> {
    let scheduled: Vec<&str> = local
        .cloud()
        .definition()
        .functions
        .iter()
        .filter(|function| function.triggers.iter().any(|trigger| matches!(trigger, Trigger::Schedule(_))))
        .map(|function| function.operation.as_str())
        .collect();
    let Snapshot { actions } = local.cloud().counters();
    let mut sums: BTreeMap<(String, &'static str, String, String), Tally> = BTreeMap::new();
    for (Action { caller, service, action, resource }, tally) in actions {
        let operation = operation(&caller);
        // What runs by the clock runs whether somebody shops or not; and a stream is polled whether it has news or not.
        if operation == "root" || scheduled.contains(&operation) || action == "GetRecords" {
            continue;
        }
        let sum = sums.entry((operation.to_owned(), service, action, resource)).or_default();
        sum.calls += tally.calls;
        sum.read_half_units += tally.read_half_units;
        sum.write_half_units += tally.write_half_units;
        sum.bytes_in += tally.bytes_in;
        sum.bytes_out += tally.bytes_out;
    }
    let each = |count: u64| precise(count) / checkouts;
    let line =
        |((operation, service, action, resource), tally): ((String, &'static str, String, String), Tally)| Used {
            operation,
            service,
            action,
            resource,
            calls: each(tally.calls),
            read_units: each(tally.read_half_units) / 2.0,
            write_units: each(tally.write_half_units) / 2.0,
            bytes_in: each(tally.bytes_in),
            bytes_out: each(tally.bytes_out),
        };
    sums.into_iter().map(line).collect()
}

/// The operation whose environment signs as `LOCAL<operation><number>`.
fn operation(caller: &str) -> &str {
    caller.strip_prefix("LOCAL").unwrap_or(caller).trim_end_matches(|letter: char| letter.is_ascii_digit())
}

/// A count as a float: counts of a benchmark are far below what a float holds exactly.
#[allow(clippy::cast_precision_loss)]
#[must_use]
pub const fn precise(count: u64) -> f64 {
    count as f64
}

/// What the functions wrote so far.
struct Log {
    runs: BTreeMap<String, f64>,
    bytes: f64,
}

impl Log {
    fn lines_of(&self, operation: &str) -> f64 {
        self.runs.get(operation).copied().unwrap_or(0.0)
    }
}

/// One line of the log ends each invocation.
fn log(local: &Local) -> Log {
    let (mut runs, mut bytes) = (BTreeMap::new(), 0);
    for line in local.log() {
        bytes += line.len() + 1;
        let line: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let ("request" | "invocation", Some(operation)) =
            (line["message"].as_str().unwrap_or_default(), line["operation"].as_str())
        {
            *runs.entry(operation.to_owned()).or_insert(0.0) += 1.0;
        }
    }
    Log { runs, bytes: precise(bytes as u64) }
}

/// Tells what was counted, next to the bars.
pub fn tell(counts: &Counts, report: &mut Report) {
    let of_place = |used: &Used| used.operation == "place-order";
    let calls = |used: &Used| used.calls;
    report.title("What one checkout asks of AWS (a guest, one line, no coupon; environments are warm)");
    let name = "place_order.aws_calls";
    report.count(
        name,
        "AWS calls of place-order before the answer",
        sum(&counts.answers, of_place, calls),
        "",
        Bar::Exactly(4.0),
    );
    let all = |_: &Used| true;
    report.count(
        "checkout.aws_calls",
        "AWS calls of quote, place and read back",
        sum(&counts.answers, all, calls),
        "",
        Bar::None,
    );
    for used in &counts.answers {
        report.note(line(used));
    }
    let in_flow = sum(&counts.flow, |used| used.operation != "lambda", calls);
    report.count("flow.aws_calls", "AWS calls of all functions, with every projection", in_flow, "", Bar::None);
    units(counts, report);
    let bytes = |of: fn(&Used) -> f64| sum(&counts.answers, of_place, of);
    report.count(
        "place_order.bytes_sent",
        "bytes that place-order sends to AWS, heads not counted",
        bytes(|used| used.bytes_in),
        "",
        Bar::None,
    );
    report.count("place_order.bytes_received", "bytes that it gets back", bytes(|used| used.bytes_out), "", Bar::None);
}

fn units(counts: &Counts, report: &mut Report) {
    let all = |_: &Used| true;
    let (reads, writes) = (|used: &Used| used.read_units, |used: &Used| used.write_units);
    report.title("Units of DynamoDB");
    let before = sum(&counts.answers, all, writes);
    report.count(
        "checkout.write_units.before_answer",
        "write units before the shopper's answer, with the customer index",
        before,
        "",
        Bar::Most(7.0),
    );
    let with = sum(&counts.flow, all, writes) + sum(&counts.delayed, all, writes);
    report.count(
        "checkout.write_units.alone",
        "write units with every projection, one checkout alone",
        with,
        "",
        Bar::Most(14.0),
    );
    let many = sum(&counts.among_many, all, writes);
    report.time("write units with every projection, one of 100", many, "", Bar::Most(14.0));
    report.count(
        "checkout.read_units.before_answer",
        "read units before the answer",
        sum(&counts.answers, all, reads),
        "",
        Bar::None,
    );
    let with = sum(&counts.flow, all, reads) + sum(&counts.delayed, all, reads);
    report.count("checkout.read_units.alone", "read units with every projection", with, "", Bar::None);
    let stock = sum(&counts.among_many, |used| used.resource.ends_with("-stock"), writes);
    report.time("write units of stock per sale, hold and commit, one of 100", stock, "", Bar::Most(1.45));
    report.note(
        "by table, read + write: the three answers | with every projection, alone | one of 100, with what was delayed",
    );
    let mut tables: Vec<&str> =
        tables(&counts.flow).chain(tables(&counts.delayed)).chain(tables(&counts.among_many)).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        let at = |used: &[Used]| {
            let here = |used: &Used| used.resource == table && used.service == "dynamodb";
            format!("{} + {}", number(sum(used, here, reads)), number(sum(used, here, writes)))
        };
        let (answers, flow, many) = (at(&counts.answers), at(&counts.flow), at(&counts.among_many));
        report.note(format!("{table:<20} {answers:>14} | {flow:>14} | {many:>14}"));
    }
}

fn tables(used: &[Used]) -> impl Iterator<Item = &str> {
    used.iter().filter(|used| used.service == "dynamodb").map(|used| used.resource.as_str())
}

fn line(used: &Used) -> String {
    let Used { operation, service, action, resource, calls, read_units, write_units, .. } = used;
    let (calls, read, write) = (number(*calls), number(*read_units), number(*write_units));
    format!("{operation:<12} {calls} × {service} {action} {resource}  ({read} R, {write} W)")
}

#[cfg(test)]
mod tests {
    #[test]
    fn callers_are_known_by_the_operation_of_their_environment() {
        assert_eq!(super::operation("LOCALplace-order12"), "place-order");
        assert_eq!(super::operation("lambda"), "lambda");
    }
}

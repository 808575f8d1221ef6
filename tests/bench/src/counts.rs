//! What one checkout asks of AWS, counted where it arrives: calls, units, bytes, and which functions run for it.

use crate::Why;
use crate::report::{Bar, Report, number};
use crate::requests::{self, Measured};
use crate::shopper::{self, Shop};
use crate::stage::Stage;
use cloud::{Action, Clock, Snapshot, Tally, Trigger};
use local::Local;
use std::collections::BTreeMap;
use std::time::Duration;

/// The functions whose answers the shopper waits for, in their order.
pub const STEPS: [&str; 3] = ["quote-order", "place-order", "get-order"];
/// Checkouts whose settling may go together.
const MANY: u32 = 100;
/// Of how many different goods.
const GOODS: u32 = 10;
/// Checkouts that are counted alone.
const TRIALS: u32 = 5;
/// After this, what was delayed is due: an order waits ten minutes for its money.
const LATER: Duration = Duration::from_secs(11 * 60);

/// What was counted: for one answer of each function, and for one checkout.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// One answer of each function of [`requests::ALL`], in their order.
    pub each: Vec<Vec<Used>>,
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
    // The sum of nothing is told as 0, and not as the -0 that floats begin with.
    used.iter().filter(|used| choose(used)).map(of).sum::<f64>() + 0.0
}

/// Runs a shop in memory on a clock of its own and counts.
///
/// # Errors
/// When the shop does not start or does not sell.
pub fn count() -> Result<Counts, Why> {
    let clock = Clock::manual(Clock::system().now());
    let stage = Stage::new(clock.clone())?;
    let each = requests::ALL.iter().map(|measured| one(&stage, measured)).collect::<Result<_, _>>()?;
    let Stage { local, shop, .. } = &stage;
    let sku = stage.sku()?;

    // What was delayed for the requests so far is not a checkout's.
    delayed(local, &clock, 1.0)?;
    // What an environment asks once is no part of it either: secrets and keys are there after the first.
    shop.checkout(&sku)?;
    shopper::settle(local)?;
    let flow = alone(&stage, &sku)?;
    let answers = flow.iter().filter(|used| STEPS.contains(&used.operation.as_str())).cloned().collect();
    // The first checkout's delayed messages come due with those of the counted ones.
    let delayed = delayed(local, &clock, 1.0 + f64::from(TRIALS))?;

    let skus = (0..GOODS).map(|_| stage.sku()).collect::<Result<Vec<_>, _>>()?;
    shop.checkout(&sku)?;
    shopper::settle(local)?;
    local.cloud().reset_counters();
    let before = log(local);
    many(shop, &skus)?;
    shopper::settle(local)?;
    let after = log(local);
    let mut among_many = used(local, f64::from(MANY));
    among_many.extend(delayed.iter().cloned());
    let run = |operation: &String| after.lines_of(operation) - before.lines_of(operation);
    let mut invocations: BTreeMap<String, f64> =
        after.runs.keys().map(|operation| (operation.clone(), run(operation) / f64::from(MANY))).collect();
    for waited in delayed.iter().filter(|used| used.operation != "lambda") {
        invocations.entry(waited.operation.clone()).and_modify(|runs| *runs = runs.max(1.0)).or_insert(1.0);
    }
    invocations.retain(|_, runs| *runs > 0.0);
    let log_bytes = (after.bytes - before.bytes) / f64::from(MANY);
    Ok(Counts { each, answers, flow, delayed, among_many, invocations, log_bytes })
}

/// One checkout with all that it sets off, nobody in its way: the cheapest of a few. On a busy machine the queue may hand
/// two versions of one order to two environments at once; one of their transactions is then refused, and costs as much.
fn alone(stage: &Stage, sku: &str) -> Result<Vec<Used>, Why> {
    let units = |used: &Vec<Used>| sum(used, |_| true, |used| used.write_units);
    let trials = (0..TRIALS).map(|_| {
        stage.local.cloud().reset_counters();
        stage.shop.checkout(sku)?;
        shopper::settle(&stage.local)?;
        Ok(used(&stage.local, 1.0))
    });
    let trials = trials.collect::<Result<Vec<_>, Why>>()?;
    trials.into_iter().min_by(|a, b| units(a).total_cmp(&units(b))).ok_or_else(|| "nothing was counted".into())
}

/// What one answer of that function asks, in an environment that has answered before.
fn one(stage: &Stage, measured: &Measured) -> Result<Vec<Used>, Why> {
    // The first request of all finds an environment that knows nothing.
    for _ in 0..2 {
        let requests::Prepared { ask, address, .. } = measured.request(stage)?;
        shopper::settle(&stage.local)?;
        stage.local.cloud().reset_counters();
        let answer = stage.shop.send(&ask, &address)?;
        if !answer.status.is_success() {
            return Err(format!("{} answered {}", measured.operation, answer.status));
        }
    }
    Ok(used(&stage.local, 1.0).into_iter().filter(|used| used.operation == measured.operation).collect())
}

fn delayed(local: &Local, clock: &Clock, checkouts: f64) -> Result<Vec<Used>, Why> {
    local.cloud().reset_counters();
    clock.advance(LATER);
    // The pollers wake by themselves: give them a moment before asking whether they are done.
    std::thread::sleep(Duration::from_millis(500));
    shopper::settle(local)?;
    Ok(used(local, checkouts))
}

/// Each shopper buys something else, so that each of the goods sells one after the other, as in a shop with customers.
fn many(shop: &Shop, skus: &[String]) -> Result<(), Why> {
    let each = MANY / GOODS;
    std::thread::scope(|scope| {
        let buy = |sku| move || (0..each).try_for_each(|_| shop.checkout(sku));
        let shoppers: Vec<_> = skus.iter().map(|sku| scope.spawn(buy(sku))).collect();
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
#[must_use]
pub fn operation(caller: &str) -> &str {
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

/// One figure of what was used.
type Of = fn(&Used) -> f64;

/// Tells what was counted, next to the bars.
pub fn tell(counts: &Counts, report: &mut Report) {
    let all = |_: &Used| true;
    let calls = |used: &Used| used.calls;
    report.title("What one answer asks of AWS (guests, one line, no coupon; environments are warm)");
    for (measured, used) in requests::ALL.iter().zip(&counts.each) {
        let figures: [(&str, &str, Of, Bar); 5] = [
            ("aws_calls", "AWS calls", |used| used.calls, measured.calls),
            ("read_units", "read units", |used| used.read_units, Bar::None),
            ("write_units", "write units", |used| used.write_units, Bar::None),
            ("bytes_sent", "bytes sent to AWS, heads not counted", |used| used.bytes_in, Bar::None),
            ("bytes_received", "bytes received", |used| used.bytes_out, Bar::None),
        ];
        for (name, what, of, bar) in figures {
            let what = format!("{}: {what}", measured.operation);
            report.count(&measured.figure(name), &what, sum(used, all, of), "", bar);
        }
        used.iter().for_each(|used| report.note(line(used)));
    }
    report.title("What one checkout asks of AWS: quote, place, read back");
    report.count("checkout.aws_calls", "AWS calls", sum(&counts.answers, all, calls), "", Bar::None);
    // How many deliveries the stream makes of one order's changes depends on the moment: the flow's calls are no fixed count.
    let in_flow = sum(&counts.flow, |used| used.operation != "lambda", calls);
    report.time("AWS calls of all functions, with every projection", in_flow, "", Bar::None);
    units(counts, report);
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

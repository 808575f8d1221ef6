//! `cargo run -p bench`: what a checkout costs, next to the bars.

// A program for a terminal: printing is what it does, and its figures are for people.
#![allow(clippy::print_stdout, clippy::float_arithmetic)]

use bench::command_line::{Asked, USAGE, parse};
use bench::counts::{self, Counts};
use bench::dollars::{self, Functions};
use bench::handler::{self, Logged};
use bench::report::{Bar, Report};
use bench::stage::Stage;
use bench::{
    Why, allocations, baseline, bootstrap, events, instructions, load, machine, package, release_binary, requests, root,
};
use cloud::Clock;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// How long the listing of a flash sale stands before it is read anew.
const FLASH_WINDOW_SECONDS: f64 = 30.0;

/// Measures one section and writes it into the report.
type Measure = fn(&Setting, &mut Report) -> Result<(), Why>;

fn main() -> ExitCode {
    let asked = match parse(std::env::args_os().skip(1)) {
        Ok(asked) => asked,
        Err(why) => return refuse(&why),
    };
    if asked.help {
        print(&format!("{USAGE}\n"));
        return ExitCode::SUCCESS;
    }
    let ended = match &asked.load {
        Some(folder) => only_load(folder, &asked),
        // Figures of a debug build are nobody's: the release build of the same program takes them.
        None if cfg!(debug_assertions) => return again_in_release(),
        None => run(&asked),
    };
    ended.map_or_else(|why| refuse(&why), |()| ExitCode::SUCCESS)
}

/// Somebody who looks at the first lines only is no reason to fail.
fn print(text: &str) {
    drop(std::io::stdout().lock().write_all(text.as_bytes()));
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).current_dir(root());
    cargo
}

fn again_in_release() -> ExitCode {
    let mut command = cargo(&["run", "--quiet", "--release", "-p", "bench", "--"]);
    match command.args(std::env::args_os().skip(1)).status() {
        Ok(status) => ExitCode::from(u8::from(!status.success())),
        Err(error) => refuse(&format!("cargo does not start: {error}")),
    }
}

/// The throughput on a folder, for a run of this program that watches this one's disk.
fn only_load(folder: &std::path::Path, asked: &Asked) -> Result<(), Why> {
    let done = load::checkouts(Some(folder.to_owned()), load_time(asked))?;
    print(&serde_json::to_string(&done).map_err(|error| error.to_string())?);
    Ok(())
}

fn load_time(asked: &Asked) -> Duration {
    Duration::from_secs(if asked.quick { 4 } else { 15 })
}

/// Where a section is measured, and how thoroughly.
struct Setting {
    stage: Stage,
    quick: bool,
}

impl Setting {
    fn many(&self, many: usize, few: usize) -> usize {
        if self.quick { few } else { many }
    }
}

fn run(asked: &Asked) -> Result<(), Why> {
    if !asked.no_build {
        build()?;
    }
    let mut report = Report::default();
    let mut told = 0;
    let mut tell = |report: &Report| {
        let (text, now) = report.text(told);
        print(&text);
        told = now;
    };
    report.note(format!("machine: {}; load: {}", machine::words(), machine::load()));
    let counts = if asked.wants("counts") || asked.wants("dollars") { counts::count()? } else { Counts::default() };
    if asked.wants("counts") {
        report.section("counts");
        counts::tell(&counts, &mut report);
    }
    tell(&report);
    let setting = Setting { stage: Stage::new(Clock::system())?, quick: asked.quick };
    let mut functions = Functions::default();
    if asked.wants("processor") || asked.wants("dollars") {
        processor(&setting, &mut report, &mut functions)?;
        tell(&report);
    }
    let sections: [(&str, Measure); 4] = [
        ("instructions", count_instructions),
        ("allocations", count_allocations),
        ("start", start),
        ("package", sizes),
    ];
    for (section, measure) in sections {
        if asked.wants(section) {
            report.section(section);
            measure(&setting, &mut report).unwrap_or_else(|why| report.without(section, &why));
            tell(&report);
        }
    }
    if asked.wants("dollars") {
        dollars::tell(&counts, &functions, &mut report);
        tell(&report);
    }
    drop(setting);
    if asked.wants("load") {
        throughput(asked, &mut report)?;
    }
    conclude(&mut report);
    tell(&report);
    if asked.renew {
        baseline::renew(&report.figures())?;
    }
    if let Some(file) = &asked.figures {
        let figures = serde_json::to_string_pretty(&report.figures()).map_err(|error| error.to_string())?;
        std::fs::write(file, figures + "\n")
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(())
}

fn conclude(report: &mut Report) {
    let missed = report.missed().to_vec();
    report.title(if missed.is_empty() {
        "Every bar is kept.".to_owned()
    } else {
        format!("{} bars are missed:", missed.len())
    });
    missed.into_iter().for_each(|words| report.note(words));
    report.note(format!("load of the machine at the end: {}", machine::load()));
}

/// The binaries that are measured, as they ship.
fn build() -> Result<(), Why> {
    let words = ["build", "--quiet", "--release", "-p", "bench", "-p", "place-order", "-p", "list-products", "--bins"];
    let status = cargo(&words).status().map_err(|error| format!("cargo does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err("the release build failed".to_owned()) }
}

fn processor(setting: &Setting, report: &mut Report, functions: &mut Functions) -> Result<(), Why> {
    let (stage, program) = (&setting.stage, handler::program("handler"));
    report.title(format!("Processor time of our functions (release build; load {})", machine::load()));
    pages(setting, report)?;
    let (mut sum, mut logged) = (0.0, Logged::default());
    for operation in counts::STEPS {
        let events = requests::of(operation)?.events(stage, setting.many(1000, 200))?;
        let environment = events::environment(&stage.local, operation)?;
        let (used, log, _) = handler::measure(&[&program], operation, &environment, &events, 20)?;
        report.time(&format!("{operation}, one answer"), used.milliseconds(), "ms", Bar::None);
        sum += used.milliseconds();
        logged.line_bytes += log.line_bytes / 3.0;
        logged.metric_bytes += log.metric_bytes / 3.0;
        functions.processor_ms.insert(operation.to_owned(), used.milliseconds());
    }
    report.time("full checkout: quote, place, read back", sum, "ms", Bar::Most(1.0));
    functions.log_bytes_of_answer = logged.line_bytes + logged.metric_bytes;
    functions.metric_bytes = logged.metric_bytes;
    let known = &stage.local.cloud().definition().functions;
    functions.memory_mib = known.iter().map(|one| (one.operation.clone(), f64::from(one.memory_mib))).collect();
    Ok(())
}

fn pages(setting: &Setting, report: &mut Report) -> Result<(), Why> {
    let (operation, count) = ("list-products", setting.many(4000, 1000));
    let environment = events::environment(&setting.stage.local, operation)?;
    let same = vec![requests::of(operation)?.request(&setting.stage)?.event()?; count];
    for (what, events, most) in [("cached", same, 0.05), ("rebuilt", events::new_pages(count)?, 0.3)] {
        let program = handler::program("handler");
        let (used, ..) = handler::measure(&[&program], operation, &environment, &events, 50)?;
        report.time(&format!("page of 24 products, {what}"), used.milliseconds(), "ms", Bar::Most(most));
    }
    Ok(())
}

fn count_instructions(Setting { stage, .. }: &Setting, report: &mut Report) -> Result<(), Why> {
    report.title("Instructions of one answer, outside of the kernel");
    if !instructions::available() {
        return Err("valgrind is not installed: `apt-get install valgrind`, or your system's like".to_owned());
    }
    for measured in &requests::ALL {
        let environment = events::environment(&stage.local, measured.operation)?;
        let [short, long] = instructions::RUNS.map(|count| measured.events(stage, count));
        let count = instructions::per_invocation(measured.operation, &environment, [&short?, &long?])?;
        report.count(&measured.figure("instructions"), measured.operation, count, "", measured.instructions);
    }
    Ok(())
}

fn count_allocations(Setting { stage, .. }: &Setting, report: &mut Report) -> Result<(), Why> {
    report.title("Allocations of one answer: our own, those of rows between our types and the SDK's, those of the SDK and its HTTP");
    for measured in &requests::ALL {
        let operation = measured.operation;
        let environment = events::environment(&stage.local, operation)?;
        let events = measured.events(stage, allocations::WARM + allocations::EVENTS)?;
        let counted = allocations::per_invocation(operation, &environment, &events)?;
        let figures = [
            ("ours", "our own", counted.ours, measured.allocations),
            ("rows", "rows", counted.rows, Bar::None),
            ("sdk", "the SDK's", counted.sdk, Bar::None),
            ("bytes", "bytes of all", counted.bytes, Bar::None),
        ];
        for (name, what, count, bar) in figures {
            let name = measured.figure(&format!("allocations.{name}"));
            report.count(&name, &format!("{operation}: {what}"), count, "", bar);
        }
        if operation == "place-order" {
            report.note("our own, by who asks the most:");
            for (function, count) in counted.by_function.iter().take(12) {
                report.note(format!("{count:>6.1}  {function}"));
            }
        }
    }
    Ok(())
}

fn start(setting: &Setting, report: &mut Report) -> Result<(), Why> {
    report.title(format!("The binaries that ship (release build; load {})", machine::load()));
    for (operation, most) in [("list-products", 96.0), ("place-order", 24.0)] {
        let environment = events::environment(&setting.stage.local, operation)?;
        let events = requests::of(operation)?.events(&setting.stage, setting.many(1000, 300) + 20)?;
        let binary = release_binary(operation);
        let (firsts, rest) = events.split_at(20);
        let (poll, answer) = bootstrap::start(&binary, &environment, firsts)?;
        report.time(&format!("{operation}: spawn to first poll, median of 20"), poll, "ms", Bar::Most(10.0));
        report.time(&format!("{operation}: spawn to first answer, median of 20"), answer, "ms", Bar::None);
        let peak = bootstrap::peak_bytes(&binary, &environment, rest)?;
        let what = format!("{operation}: most memory over {} invocations", rest.len());
        report.time(&what, peak / 1_048_576.0, "MiB", Bar::Most(most));
    }
    Ok(())
}

fn sizes(_: &Setting, report: &mut Report) -> Result<(), Why> {
    report.title("Size of a function");
    for operation in ["place-order", "list-products"] {
        let (raw, zip) = package::bytes(&release_binary(operation))?;
        report.time(&format!("{operation}: binary"), counts::precise(raw) / 1e6, "MB", Bar::None);
        let name = format!("{}.zip_bytes", operation.replace('-', "_"));
        report.count(&name, &format!("{operation}: zip"), counts::precise(zip), "bytes", Bar::Most(2_500_000.0));
    }
    Ok(())
}

fn throughput(asked: &Asked, report: &mut Report) -> Result<(), Why> {
    report.title(format!("Everything in one process, 16 shoppers that never pause (load {})", machine::load()));
    let done = load::checkouts(None, load_time(asked))?;
    report.time("checkouts a second, in memory", done.rate(), "", Bar::Least(100.0));
    report.time("  quote, place and read back together, p99", done.p99_ms, "ms", Bar::Most(2000.0));
    report.time("  of the functions, with every consumer, each", done.functions_ms, "ms", Bar::None);
    report.time("  of the stand-ins, each", done.stand_ins_ms, "ms", Bar::None);
    report.time("  of the whole process with its shoppers, each", done.process_ms, "ms", Bar::None);
    let (done, waits) = on_disk(asked)?;
    report.time("checkouts a second, on disk", done.rate(), "", Bar::Least(50.0));
    report.time("  p99", done.p99_ms, "ms", Bar::None);
    match waits {
        Some(waits) => report.time(
            "  waits for the disk, each",
            counts::precise(waits) / counts::precise(done.times.max(1)),
            "",
            Bar::None,
        ),
        None => report.without("  waits for the disk", "strace is not installed"),
    }
    let done = load::listings(load_time(asked) / 3)?;
    report.time("pages of 24 products a second", done.rate(), "", Bar::Least(1000.0));
    report.time("  p99", done.p99_ms, "ms", Bar::Most(200.0));
    report.time(
        "  looks at the table by all environments, a second",
        counts::precise(done.reads) / done.seconds,
        "",
        Bar::None,
    );
    let done = load::sales(load_time(asked) / 3)?;
    report.time("looks at the flash sale a second", done.rate(), "", Bar::Least(1000.0));
    report.time("  p99", done.p99_ms, "ms", Bar::Most(200.0));
    let windows = 1.0 + (done.seconds / FLASH_WINDOW_SECONDS).ceil();
    report.time("  queries by all environments", counts::precise(done.queries), "", Bar::Most(windows));
    let refused = load::refusals()?;
    report.time("flash checkouts refused on 1,000 connections", counts::precise(refused.refusals), "", Bar::None);
    report.time("  served between them", counts::precise(refused.served), "", Bar::None);
    report.time("  p99 of a refusal", refused.p99_ms, "ms", Bar::Most(100.0));
    Ok(())
}

/// The throughput on disk in a process whose waits for the disk are counted, where strace is installed.
fn on_disk(asked: &Asked) -> Result<(load::Done, Option<u64>), Why> {
    let folder = handler::folder()?.join("data");
    let _gone = std::fs::remove_dir_all(&folder);
    let waits = handler::folder()?.join("waits.txt");
    let traced = Command::new("strace").arg("--version").output().is_ok_and(|ended| ended.status.success());
    let mut command = Command::new(if traced { "strace".into() } else { release_binary("bench") });
    if traced {
        command.args([
            "--follow-forks",
            "--seccomp-bpf",
            "--summary-only",
            "--trace=fsync,fdatasync,sync_file_range",
            "--output",
        ]);
        command.arg(&waits).arg(release_binary("bench"));
    }
    command.arg("--load").arg(&folder).args(asked.quick.then_some("--quick"));
    let ended = command.output().map_err(|error| format!("the run on disk does not start: {error}"))?;
    if !ended.status.success() {
        return Err(format!("the run on disk failed: {}", String::from_utf8_lossy(&ended.stderr)));
    }
    let done = serde_json::from_slice(&ended.stdout).map_err(|error| error.to_string())?;
    let waits = std::fs::read_to_string(&waits).ok().filter(|_| traced).map(|text| disk_waits(&text));
    Ok((done, waits))
}

/// The calls in strace's summary: `% time, seconds, usecs/call, calls, [errors,] syscall`.
fn disk_waits(summary: &str) -> u64 {
    let calls = summary
        .lines()
        .filter(|line| line.ends_with("sync") || line.ends_with("sync_file_range"))
        .filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    calls.sum()
}

//! Allocations of one invocation, told apart by who asked for them: our crates (with what they ask serde and the standard
//! library for), rows on their way into and out of the SDK's types, and the SDK with the HTTP beneath it.

use crate::Why;
use crate::counts::precise;
use crate::handler;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Invocations that are measured, after some that warm up.
pub const EVENTS: usize = 50;
/// Invocations that warm up.
pub const WARM: usize = 10;

/// Allocations of one invocation.
#[derive(Debug, Clone, Default)]
pub struct Allocations {
    /// By our crates, or by libraries on their behalf.
    pub ours: f64,
    /// By serde_dynamo, between our types and the SDK's.
    pub rows: f64,
    /// By the SDK, its HTTP client and the runtime.
    pub sdk: f64,
    /// Bytes of all together.
    pub bytes: f64,
    /// Our own, by the function that asked, the most first.
    pub by_function: Vec<(String, f64)>,
}

/// What dhat writes, as far as it matters here.
#[derive(Deserialize)]
struct Notes {
    pps: Vec<Point>,
    ftbl: Vec<String>,
}

#[derive(Deserialize)]
struct Point {
    tb: u64,
    tbk: u64,
    fs: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Ours,
    Rows,
    Sdk,
    /// Whoever called it.
    Caller,
    /// The benchmark itself.
    Bench,
}

/// Counts over [`WARM`] + [`EVENTS`] events.
///
/// # Errors
/// When the function fails.
pub fn per_invocation(
    operation: &str,
    environment: &BTreeMap<String, String>,
    events: &[Vec<u8>],
) -> Result<Allocations, Why> {
    let file = handler::folder()?.join("allocations.json");
    let (program, name) = (handler::program("allocations"), file.display().to_string());
    let (used, ..) = handler::measure(&[&program, &name], operation, environment, events, WARM)?;
    let text = std::fs::read(&file).map_err(|error| format!("dhat wrote nothing: {error}"))?;
    let notes: Notes =
        serde_json::from_slice(&text).map_err(|error| format!("dhat wrote what is not known: {error}"))?;
    Ok(notes.sum(precise(used.events.max(1))))
}

impl Notes {
    fn sum(&self, invocations: f64) -> Allocations {
        let mut sum = Allocations::default();
        let mut by_function: BTreeMap<String, f64> = BTreeMap::new();
        for point in &self.pps {
            let frames = || point.fs.iter().filter_map(|frame| self.ftbl.get(*frame)).map(|frame| function(frame));
            let (owner, name) = owner(frames());
            let each = precise(point.tbk) / invocations;
            match owner {
                Owner::Ours | Owner::Caller => {
                    sum.ours += each;
                    *by_function.entry(name).or_default() += each;
                }
                Owner::Rows => sum.rows += each,
                Owner::Sdk => sum.sdk += each,
                Owner::Bench => continue,
            }
            sum.bytes += precise(point.tb) / invocations;
        }
        sum.by_function = by_function.into_iter().collect();
        sum.by_function.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        sum
    }
}

/// The function's name in `0x55d: crate::module::function (file:1:2)`.
fn function(frame: &str) -> &str {
    let name = frame.split_once(": ").map_or(frame, |(_, name)| name);
    name.rsplit_once(" (").map_or(name, |(name, _)| name)
}

/// From the innermost frame outwards, the first that says whose allocation it is; rows are ours that went through serde_dynamo.
fn owner<'a>(frames: impl Iterator<Item = &'a str>) -> (Owner, String) {
    let mut through_rows = false;
    for frame in frames {
        match owner_of(frame) {
            Owner::Caller => {}
            Owner::Rows => through_rows = true,
            Owner::Ours if through_rows => return (Owner::Rows, frame.to_owned()),
            owner => return (owner, frame.to_owned()),
        }
    }
    (Owner::Caller, "(nobody that is known)".to_owned())
}

fn owner_of(frame: &str) -> Owner {
    const SDK: [&str; 14] = [
        "aws_sdk",
        "aws_smithy",
        "aws_runtime",
        "aws_sigv4",
        "aws_types",
        "aws_credential",
        "hyper",
        "http_body",
        "h2",
        "tower",
        "tokio",
        "rustls",
        "tracing",
        "futures_channel",
    ];
    const NEUTRAL: [&str; 18] = [
        "backtrace",
        "dhat",
        "alloc",
        "core",
        "std",
        "hashbrown",
        "indexmap",
        "serde",
        "serde_json",
        "serde_core",
        "serde_path_to_error",
        "bytes",
        "http",
        "ring",
        "base64",
        "futures_util",
        "futures_core",
        "aws_lambda_events",
    ];
    let name = krate(frame);
    if name == "serde_dynamo" {
        Owner::Rows
    } else if name == "bench" {
        Owner::Bench
    } else if NEUTRAL.contains(&name) || name.starts_with("__") || name.is_empty() || name.starts_with('[') {
        Owner::Caller
    } else if SDK.iter().any(|sdk| name.starts_with(sdk)) {
        Owner::Sdk
    } else {
        Owner::Ours
    }
}

/// The crate that a function is of: the type's in `<type as trait>::function`.
fn krate(frame: &str) -> &str {
    let inner = frame.trim_start_matches(['<', '&', '(', '*']);
    let inner = inner.strip_prefix("mut ").or_else(|| inner.strip_prefix("dyn ")).unwrap_or(inner);
    inner.split("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_belongs_to_the_innermost_who_is_not_a_library() {
        let of = |frames: &[&str]| owner(frames.iter().copied()).0;
        assert_eq!(
            of(&["<dhat::Alloc as core::alloc::global::GlobalAlloc>::alloc", "bench::client::send"]),
            Owner::Bench
        );
        assert_eq!(of(&["<dhat::Alloc as core::alloc::global::GlobalAlloc>::alloc", "orders::place"]), Owner::Ours);
        assert_eq!(of(&["alloc::raw_vec::finish_grow", "checkout::place::{{closure}}", "tokio::runtime"]), Owner::Ours);
        assert_eq!(of(&["alloc::fmt::format", "aws_sigv4::sign", "table::Table::write"]), Owner::Sdk);
        assert_eq!(of(&["serde_dynamo::ser::to_item", "table::Write::put"]), Owner::Rows);
        assert_eq!(of(&["<alloc::string::String as core::clone::Clone>::clone", "orders::place"]), Owner::Ours);
    }

    #[test]
    fn frames_are_read_as_dhat_writes_them() {
        assert_eq!(function("0x5581: orders::store::place (orders/src/store.rs:10:5)"), "orders::store::place");
        assert_eq!(krate("<&mut serde_json::ser::Serializer<W> as serde::ser::Serializer>::serialize"), "serde_json");
    }
}

//! What the run has used so far, told apart by who used it: CPU by kind of thread, from the kernel's own books.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;

/// What the process has used since it started.
#[derive(Debug, Clone, Serialize)]
pub struct Used {
    /// Microseconds on a processor, by the first part of the threads' names: `fn`, `cloud`, `gateway` …
    pub cpu_micros: BTreeMap<String, u64>,
    /// Memory that is resident now, in bytes.
    pub resident_bytes: u64,
    /// The most memory that was ever resident, in bytes.
    pub peak_resident_bytes: u64,
}

/// Reads the kernel's books. What cannot be read is not in the answer: they are there on Linux only.
#[must_use]
pub fn used() -> Used {
    let mut cpu_micros = BTreeMap::new();
    for thread in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |file: &str| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
        let nanos = read("schedstat").split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0);
        *cpu_micros.entry(kind(read("comm").trim())).or_insert(0) += nanos / 1000;
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    Used { cpu_micros, resident_bytes: bytes("VmRSS:"), peak_resident_bytes: bytes("VmHWM:") }
}

fn kind(name: &str) -> String {
    name.split(['-', ':']).next().unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn threads_are_told_apart_by_the_first_part_of_their_name() {
        assert_eq!(super::kind("fn-3"), "fn");
        assert_eq!(super::kind("gateway"), "gateway");
    }
}

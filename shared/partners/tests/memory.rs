//! How much memory a feed takes, measured: the most that the process ever held while it read 100 MB.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod support;

use partners::feeds::Limits;
use partners::validation::validate_whole;
use std::time::Instant;
use support::{Endless, open};

/// Kilobytes that a feed may add, whatever is in it: a few buffers, one record in several forms, and what the
/// allocator keeps.
const MOST_KB: u64 = 6 * 1024;
const HUNDRED_MB: u64 = 100 * 1024 * 1024;

/// The most that the process held since the last reset, in kilobytes, as Linux counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn reset() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn row(length: usize) -> String {
    format!("A,Mug,100,{}\n", "word ".repeat(length / 5))
}

// Proves: S4-T2
#[test]
fn a_hundred_megabytes_are_read_in_a_few() {
    if std::fs::write("/proc/self/clear_refs", "5").is_err() {
        println!("skipped: this system does not tell how much memory a process held");
        return;
    }
    let object = format!("{{\"sku\":\"A\",\"name\":\"Mug\",\"price_cents\":1,\"d\":\"{}\"}},\n", "x".repeat(60_000));
    let item = format!(
        "<item><id>A</id><title>M</title><price>1 EUR</price><condition>{}</condition></item>\n",
        "x".repeat(60_000)
    );
    let feeds: Vec<(&str, Endless, Option<&str>)> = vec![
        ("rows of a table", Endless::new("sku,name,price_cents,description\n", &row(7_000), "", HUNDRED_MB), None),
        (
            "one line",
            Endless::new("sku,name,price_cents\nA,", "xxxxxxxxxxxxxxxx", "", HUNDRED_MB),
            Some("field_too_large"),
        ),
        ("one line of cells", Endless::new("sku,name,price_cents\nA,", "x,", "", HUNDRED_MB), Some("too_many_fields")),
        ("one header", Endless::new("sku,name,", "x,", "", HUNDRED_MB), Some("too_many_fields")),
        (
            "a quote that never closes",
            Endless::new("sku,name,price_cents\nA,\"", "Mug\n", "", HUNDRED_MB),
            Some("unclosed_quote"),
        ),
        ("blank lines", Endless::new("sku,name,price_cents\n", &"\n".repeat(4_096), "A,Mug,1\n", HUNDRED_MB / 8), None),
        (
            "objects of an array",
            Endless::new("[", &object, "{\"sku\":\"B\",\"name\":\"M\",\"price_cents\":1}]", HUNDRED_MB),
            None,
        ),
        (
            "one text of an object",
            Endless::new("[{\"sku\":\"", "xxxxxxxxxxxxxxxx", "", HUNDRED_MB),
            Some("record_too_large"),
        ),
        ("open brackets", Endless::new("[{\"sku\":", "[", "", HUNDRED_MB), Some("too_deep")),
        ("one number", Endless::new("[{\"sku\":", "9999999999999999", "", HUNDRED_MB), Some("record_too_large")),
        ("items of a channel", Endless::new("<channel>", &item, "</channel>", HUNDRED_MB), None),
        (
            "one text of an item",
            Endless::new("<channel><item><id>", "xxxxxxxxxxxxxxxx", "", HUNDRED_MB),
            Some("record_too_large"),
        ),
        ("one tag", Endless::new("<channel><item ", "xxxxxxxxxxxxxxxx", "", HUNDRED_MB), Some("record_too_large")),
        ("open elements", Endless::new("<channel><item>", "<a>", "", HUNDRED_MB), Some("too_deep")),
        (
            "categories",
            Endless::new("<channel>", "<category id=\"1\">Tea</category>", "<item/></channel>", HUNDRED_MB / 16),
            Some("no_known_columns"),
        ),
    ];
    // All against the one beginning: the allocator keeps what one feed gave back for the next.
    let before = peak_after_reset();
    for (what, source, refused) in feeds {
        reset();
        let started = Instant::now();
        let verdict = validate_whole(open(source, Limits::default()), 10);
        let (taken, held) = (started.elapsed(), peak().saturating_sub(before));
        println!("{what}: {held} KB, {taken:?}, {} rows", verdict.rows);
        assert_eq!(verdict.refusal.map(|refusal| refusal.rule.name), refused, "{what}");
        assert!(held <= MOST_KB, "{what} took {held} KB");
    }
    let rows = 100_000;
    reset();
    let feed = Numbered { next: 0, rows, ready: Vec::new() };
    let detected = partners::feeds::detect(b"sku,name,price,item_group_id\nA,Mug,1,a\n", None, None).unwrap();
    let verdict = validate_whole(partners::feeds::open(detected, Box::new(feed), None, 0), 10);
    let held = peak().saturating_sub(before);
    println!("{rows} rows, each of a product of its own: {held} KB");
    assert_eq!(verdict.accepted, rows);
    assert!(held <= MOST_KB + rows * 72 / 1024, "{held} KB");
}

fn peak_after_reset() -> u64 {
    reset();
    peak()
}

/// A table whose rows are all different.
struct Numbered {
    next: u64,
    rows: u64,
    ready: Vec<u8>,
}

impl std::io::Read for Numbered {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.ready.is_empty() && self.next <= self.rows {
            let number = self.next;
            let row = format!("A{number},Mug,1,g{number}\n");
            self.ready = if number == 0 { b"sku,name,price,item_group_id\n".to_vec() } else { row.into_bytes() };
            self.next += 1;
        }
        let count = self.ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

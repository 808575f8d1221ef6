//! The counts that need no release build, held to their baseline and their bars in every run of the tests.

#![allow(clippy::expect_used, clippy::float_arithmetic, clippy::print_stdout)]

use bench::counts::{self, Counts};
use bench::report::Report;
use bench::{baseline, requests};
use serde_json::Value;
use verify::regression::{how_to_renew, in_section};

/// What was counted, as a file of figures keeps it, and the bars that it misses.
fn figures(counts: &Counts) -> (Value, Vec<String>) {
    let mut report = Report::default();
    report.section("counts");
    counts::tell(counts, &mut report);
    println!("{}", report.text(0).0);
    (report.figures(), report.missed().to_vec())
}

#[test]
fn what_an_answer_and_a_checkout_ask_of_aws_is_what_the_baseline_and_the_bars_say() {
    let kept = baseline::kept().expect("a baseline");
    let counted = counts::count().expect("a shop that sells");
    let (now, missed) = figures(&counted);
    // What the shopper waits for keeps its bars. The flow behind the answer does not keep its own: docs/benchmarks.md says why.
    let waited_for =
        |sentence: &&String| sentence.starts_with("place-order") || sentence.starts_with("write units before");
    assert_eq!(missed.iter().filter(waited_for).collect::<Vec<_>>(), Vec::<&String>::new());
    let found = in_section("counts", &kept["counts"], &now["counts"]).expect("figures");
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), how_to_renew(&now));

    // One read more, planted into place-order's answer, is found: in its calls, its units and its bytes.
    let mut worse = counted;
    let place = requests::ALL.iter().position(|measured| measured.operation == "place-order").expect("a place");
    let read = worse.each[place][0].clone();
    worse.each[place].push(counts::Used {
        action: "GetItem".to_owned(),
        calls: 1.0,
        read_units: 1.0,
        write_units: 0.0,
        ..read
    });
    let (now, missed) = figures(&worse);
    let found = in_section("counts", &kept["counts"], &now["counts"]).expect("figures");
    for name in ["place_order.aws_calls", "place_order.read_units", "place_order.bytes_sent"] {
        assert!(found.iter().any(|sentence| sentence.starts_with(name)), "{name}: {found:?}");
    }
    assert!(missed.iter().any(|sentence| sentence.starts_with("place-order: AWS calls: 5")), "{missed:?}");
}

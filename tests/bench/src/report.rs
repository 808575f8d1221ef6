//! Figures next to their bars, as lines for people and as a file for the nightly comparison.

use serde_json::{Map, Value, json};
use std::fmt::Write;

/// What a figure is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// Not more than this.
    Most(f64),
    /// Not less than this.
    Least(f64),
    /// Exactly this.
    Exactly(f64),
    /// Nothing: it is there to be known.
    None,
}

impl Bar {
    /// Whether `value` keeps it; `None` when there is nothing to keep.
    #[must_use]
    pub fn kept_by(self, value: f64) -> Option<bool> {
        match self {
            Self::Most(most) => Some(value <= most),
            Self::Least(least) => Some(value >= least),
            // Counts are whole numbers, or sums of halves: both are exact in a float.
            Self::Exactly(wanted) => Some((value - wanted).abs() < f64::EPSILON),
            Self::None => None,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Most(most) => format!("≤ {}", number(most)),
            Self::Least(least) => format!("≥ {}", number(least)),
            Self::Exactly(wanted) => format!("= {}", number(wanted)),
            Self::None => String::new(),
        }
    }
}

/// Whether a figure is the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same everywhere: kept in the baseline.
    Count,
    /// This machine's, now: printed only.
    Time,
}

/// All that was measured, in the order in which it is told.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
    section: &'static str,
    figures: Map<String, Value>,
    missed: Vec<String>,
}

#[derive(Debug)]
enum Line {
    Title(String),
    Figure { what: String, value: String, bar: String, verdict: &'static str },
    Note(String),
}

impl Report {
    /// Begins the counts of a section, under whose name they are kept.
    pub fn section(&mut self, name: &'static str) {
        self.section = name;
    }

    /// Begins a paragraph.
    pub fn title(&mut self, words: impl Into<String>) {
        self.lines.push(Line::Title(words.into()));
    }

    /// A figure under the name by which it is compared, with its unit.
    pub fn figure(&mut self, kind: Kind, name: &str, what: &str, value: f64, unit: &str, bar: Bar) {
        let verdict = match bar.kept_by(value) {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "",
        };
        if verdict == "MISS" {
            self.missed.push(format!("{what}: {} {unit}, {}", number(value), bar.words()));
        }
        if kind == Kind::Count {
            self.figures.entry(self.section).or_insert_with(|| json!({}))[name] = json!(rounded(value));
        }
        let shown = format!("{} {unit}", number(value)).trim_end().to_owned();
        self.lines.push(Line::Figure { what: what.to_owned(), value: shown, bar: bar.words(), verdict });
    }

    /// A figure that is the same everywhere.
    pub fn count(&mut self, name: &str, what: &str, value: f64, unit: &str, bar: Bar) {
        self.figure(Kind::Count, name, what, value, unit, bar);
    }

    /// A figure of this machine.
    pub fn time(&mut self, what: &str, value: f64, unit: &str, bar: Bar) {
        self.figure(Kind::Time, "", what, value, unit, bar);
    }

    /// A line that explains.
    pub fn note(&mut self, words: impl Into<String>) {
        self.lines.push(Line::Note(words.into()));
    }

    /// Notes why a section has no figures.
    pub fn without(&mut self, section: &str, why: &str) {
        self.note(format!("{section}: not measured: {why}"));
    }

    /// The figures that are the same everywhere, by section, for the comparison with the baseline.
    #[must_use]
    pub fn figures(&self) -> Value {
        Value::Object(self.figures.clone())
    }

    /// The bars that were missed, one sentence each.
    #[must_use]
    pub fn missed(&self) -> &[String] {
        &self.missed
    }

    /// The lines since `from`, and how many there are now.
    #[must_use]
    pub fn text(&self, from: usize) -> (String, usize) {
        let mut text = String::new();
        for line in self.lines.get(from..).unwrap_or_default() {
            let written = match line {
                Line::Title(words) => writeln!(text, "\n{words}"),
                Line::Note(words) => writeln!(text, "    {words}"),
                Line::Figure { what, value, bar, verdict } => {
                    writeln!(text, "  {what:<64} {value:>16}  {bar:<12} {verdict}")
                }
            };
            // A string takes whatever is written to it.
            written.unwrap_or_default();
        }
        (text.lines().map(|line| line.trim_end().to_owned() + "\n").collect(), self.lines.len())
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// A number with as many digits as tell something.
#[must_use]
pub fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    thousands(text)
}

fn thousands(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut shown = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) && !shown.ends_with('-') {
            shown.push(',');
        }
        shown.push(digit);
    }
    rest.map_or(shown.clone(), |rest| format!("{shown}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_readable() {
        let shown: Vec<String> = [0.5, 7.0, 12.34, 1234.6, 399_999.9, 1_234_567.0].map(number).into();
        assert_eq!(shown, ["0.5", "7", "12.3", "1,235", "400,000", "1,234,567"]);
    }

    #[test]
    fn a_bar_that_is_missed_is_told_and_counts_are_kept() {
        let mut report = Report::default();
        report.section("counts");
        report.count("units", "write units", 7.0, "", Bar::Most(7.0));
        report.count("calls", "calls", 5.0, "", Bar::Exactly(4.0));
        report.time("start", 3.0, "ms", Bar::Most(10.0));
        assert_eq!(report.figures(), json!({"counts": {"units": 7.0, "calls": 5.0}}));
        assert_eq!(report.missed().len(), 1);
        assert_eq!(report.text(0).0.matches("pass").count(), 2);
    }
}

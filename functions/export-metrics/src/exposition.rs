//! Prometheus' text format, version 0.0.4.

use std::fmt::Display;

/// Its media type.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A text that grows metric by metric.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// A number that only grows.
    pub fn counter(&mut self, name: &str, help: &str, value: i64) {
        self.head(name, "counter", help);
        self.line(name, &[], value);
    }

    /// Numbers that only grow, one for each value of a label.
    pub fn counters<'a>(&mut self, name: &str, help: &str, label: &str, values: impl Iterator<Item = (&'a str, i64)>) {
        self.head(name, "counter", help);
        values.for_each(|(of, value)| self.line(name, &[(label, of)], value));
    }

    /// Numbers that go up and down, one for each value of a label.
    pub fn gauges<'a>(&mut self, name: &str, help: &str, label: &str, values: impl Iterator<Item = (&'a str, i64)>) {
        self.head(name, "gauge", help);
        values.for_each(|(of, value)| self.line(name, &[(label, of)], value));
    }

    /// What a metric is, before its lines.
    pub fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// One line.
    pub fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(name);
        for (index, (label, of)) in labels.iter().enumerate() {
            let of = of.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            self.text.push_str(if index == 0 { "{" } else { "," });
            self.text.push_str(&format!("{label}=\"{of}\""));
        }
        self.text.push_str(if labels.is_empty() { " " } else { "} " });
        self.text.push_str(&format!("{value}\n"));
    }

    /// The whole text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

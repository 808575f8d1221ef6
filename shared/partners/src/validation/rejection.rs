//! What is said about a row that breaks a rule.

use super::Rule;
use crate::feeds::Record;
use crate::mapping::Said;

/// One broken rule of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Where the row begins, counted from 1.
    pub line: u64,
    /// Which row, counted from 1 without the header.
    pub row: u64,
    /// The column, counted from 1, in formats that have columns.
    pub column: Option<u32>,
    /// The field by the feed's own name.
    pub field: String,
    /// The rule, with its message and its hint.
    pub rule: Rule,
    /// What exactly is wrong.
    pub detail: String,
    /// How the value begins: at most 64 characters, those that cannot be seen made visible.
    pub value_start: String,
}

/// Gathers everything that is wrong with a row.
#[derive(Debug)]
pub(crate) struct Findings {
    line: u64,
    row: u64,
    pub rejections: Vec<Rejection>,
}

impl Findings {
    pub const fn of(record: &Record) -> Self {
        Self { line: record.line, row: record.row, rejections: Vec::new() }
    }

    pub fn refuse(&mut self, rule: Rule, said: &Said<'_>, detail: impl Into<String>) {
        self.rejections.push(Rejection {
            line: self.line,
            row: self.row,
            column: said.column,
            field: said.field.chars().take(64).collect(),
            rule,
            detail: detail.into(),
            value_start: start(&said.text),
        });
    }

    /// `checked`, or what it was refused for.
    pub fn keep<T>(&mut self, said: &Said<'_>, checked: Result<T, Wrong>) -> Option<T> {
        checked.map_err(|wrong| self.refuse(wrong.rule, said, wrong.detail)).ok()
    }
}

/// A value breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub rule: Rule,
    pub detail: String,
}

impl Wrong {
    pub fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}

/// How a value begins, as people may see it.
pub(crate) fn start(value: &str) -> String {
    const MOST: usize = 64;
    let mut shown = String::new();
    let mut count = 0;
    for c in value.chars() {
        let visible = visible(c);
        count += visible.chars().count();
        if count > MOST {
            break;
        }
        shown.push_str(&visible);
    }
    shown
}

/// Characters that cannot be seen, or that turn around what follows them, by their number.
fn visible(c: char) -> String {
    if c.is_control() || super::suspicious::hides(c) { c.escape_default().to_string() } else { c.to_string() }
}

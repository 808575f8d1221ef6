//! What a partner gets to read: rejections as a table for spreadsheets and as JSON for programs.

use super::{Rejection, Rule};
use crate::feeds::Refusal;
use serde_json::{Value, json};

const COLUMNS: [&str; 9] = ["line", "row", "column", "field", "rule", "message", "detail", "hint", "value_start"];

/// The header of the table, with its line end.
#[must_use]
pub fn csv_header() -> String {
    line(COLUMNS.iter().map(|name| (*name).to_owned()))
}

/// One rejection, with its line end.
#[must_use]
pub fn csv_line(rejection: &Rejection) -> String {
    let Rejection { line: at, row, column, field, rule, detail, value_start } = rejection;
    let column = column.map(|column| column.to_string()).unwrap_or_default();
    let texts = [field, rule.name, rule.message, detail, rule.hint, value_start].map(csv_cell);
    line([at.to_string(), row.to_string(), column].into_iter().chain(texts))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A text as a cell that no spreadsheet takes for a formula: what begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return gets an apostrophe before it. For every export of what partners wrote.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', ';', '\n', '\r', '\t']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// One rejection.
#[must_use]
pub fn rejection_json(rejection: &Rejection) -> Value {
    let Rejection { line, row, column, field, rule, detail, value_start } = rejection;
    let Rule { name, message, hint } = rule;
    json!({
        "line": line, "row": row, "column": column, "field": field, "rule": name, "message": message,
        "detail": detail, "hint": hint, "value_start": value_start,
    })
}

/// Why the feed, or the rest of it, was refused as a whole.
#[must_use]
pub fn refusal_json(refusal: &Refusal) -> Value {
    let Rule { name, message, hint } = refusal.rule;
    json!({"line": refusal.line, "rule": name, "message": message, "detail": refusal.detail, "hint": hint})
}

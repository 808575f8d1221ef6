//! What is wrong with a feed, as it is kept in the bucket and sent to its partner: a line for each rule that a row breaks.

use crate::validation::{Item, Rejection, csv_cell};
use kernel::Fault;
use serde::{Deserialize, Serialize};

/// One broken rule of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where the row begins, counted from 1.
    pub line: u64,
    /// Which row, counted from 1 without the header.
    pub row: u64,
    /// The column, counted from 1, in formats that have columns.
    pub column: Option<u32>,
    /// The field by the feed's own name.
    pub field: String,
    /// The rule's name.
    pub rule: String,
    /// What exactly is wrong.
    pub detail: String,
    /// How to mend it.
    pub hint: String,
    /// How the value begins.
    pub value_start: String,
}

/// What can be done about a row that is right by itself and that the shop cannot take.
const ASK_THE_SHOP: &str =
    "The row keeps the rules of feeds, and the shop cannot take it like this. Change the field that is named.";

impl Line {
    /// What the reader found.
    #[must_use]
    pub fn of(rejection: Rejection) -> Self {
        let Rejection { line, row, column, field, rule, detail, value_start } = rejection;
        let (rule, hint) = (rule.name.to_owned(), rule.hint.to_owned());
        Self { line, row, column, field, rule, detail, hint, value_start }
    }

    /// What the shop found, about a row that the reader let pass.
    #[must_use]
    pub fn of_shop(item: &Item, field: &str, rule: &str, detail: &str) -> Self {
        Self {
            line: item.line,
            row: item.row,
            column: None,
            field: field.to_owned(),
            rule: rule.to_owned(),
            detail: detail.to_owned(),
            hint: ASK_THE_SHOP.to_owned(),
            value_start: item.sku.to_string(),
        }
    }
}

/// Lines as they are kept: one JSON document each.
///
/// # Errors
/// A bug when a line does not write.
pub fn kept(lines: &[Line]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line)
            .map_err(|error| Fault::bug(format!("a report does not write: {error}")))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Lines as they were kept.
///
/// # Errors
/// A bug when they are not.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Fault> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read =
        |line| serde_json::from_slice(line).map_err(|error| Fault::bug(format!("a report does not read: {error}")));
    lines.map(read).collect()
}

/// Lines as a table for spreadsheets, with its head or as what follows one. No cell of it is taken for a formula.
#[must_use]
pub fn table(lines: &[Line], with_head: bool) -> String {
    const HEAD: &str = "line,row,column,field,rule,detail,hint,value\r\n";
    let mut table = if with_head { HEAD.to_owned() } else { String::new() };
    for line in lines {
        let column = line.column.map(|column| column.to_string()).unwrap_or_default();
        let texts = [&line.field, &line.rule, &line.detail, &line.hint, &line.value_start].map(|text| csv_cell(text));
        let cells: Vec<String> =
            [line.line.to_string(), line.row.to_string(), column].into_iter().chain(texts).collect();
        table.push_str(&cells.join(","));
        table.push_str("\r\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Line, kept, read, table};

    fn line(field: &str, value: &str) -> Line {
        Line {
            line: 3,
            row: 2,
            column: Some(4),
            field: field.to_owned(),
            rule: "price_format".to_owned(),
            detail: "This is no price.".to_owned(),
            hint: "Write it as 19.99, please.".to_owned(),
            value_start: value.to_owned(),
        }
    }

    #[test]
    fn lines_come_back_as_they_were_kept() {
        let lines = vec![line("price", "a\nb"), line("price", "ü\"")];
        assert_eq!(read(&kept(&lines).unwrap()).unwrap(), lines);
        assert!(read(b"{}").is_err());
    }

    // Proves: S4-U2b
    #[test]
    fn a_table_names_line_column_field_rule_and_hint_and_holds_no_formula() {
        let text = table(&[line("=cmd()", "=1+1")], true);
        assert_eq!(
            text,
            "line,row,column,field,rule,detail,hint,value\r\n\
             3,2,4,\"'=cmd()\",price_format,This is no price.,\"Write it as 19.99, please.\",\"'=1+1\"\r\n"
        );
        assert_eq!(table(&[], false), "");
    }
}

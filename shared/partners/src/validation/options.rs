//! In what a variant differs from its product's others, wherever its vocabulary says it.

use super::rejection::Findings;
use super::text::line;
use super::{OPTION_TOO_LONG, TOO_MANY_OPTIONS, limits};
use crate::feeds::{Field, Options, Record};
use crate::mapping::{Plan, Said};

/// The options of a row, checked.
pub(crate) fn options(plan: &Plan, record: &Record, in_group: bool, findings: &mut Findings) -> Vec<(String, String)> {
    let mut found = columns(record, plan.options.iter().map(String::as_str));
    found.extend(match plan.vocabulary.options {
        Options::None => Vec::new(),
        Options::Columns(names) => columns(record, names.iter().copied()),
        Options::Pairs(patterns) => patterns.iter().flat_map(|pattern| pairs(record, *pattern)).collect(),
        Options::Listed(names, value) => listed(record, names, value),
        Options::Split(names, values) => split(record, names, values),
        Options::Params if in_group => params(record),
        Options::Params => Vec::new(),
    });
    let mut kept: Vec<(String, String)> = Vec::new();
    for (name, value, field) in found {
        check(&name, &value, field, findings);
        if !kept.iter().any(|(known, _)| *known == name) {
            kept.push((name, value));
        }
    }
    if kept.len() > limits::OPTIONS {
        let said = Said { text: "".into(), field: "options", column: None };
        findings.refuse(TOO_MANY_OPTIONS, &said, format!("There are {}.", kept.len()));
    }
    kept
}

/// An option: its name, its value, and the field that the value stands in.
type Found<'a> = (String, String, &'a Field);

fn check(name: &str, value: &str, field: &Field, findings: &mut Findings) {
    let longest = name.chars().count().max(value.chars().count());
    if longest > limits::PAIR {
        let said = Said { text: value.into(), field: field.name.written(), column: field.column };
        findings.refuse(OPTION_TOO_LONG, &said, format!("This has {longest} characters."));
    }
}

fn found<'a>(name: &str, value: &str, field: &'a Field) -> Found<'a> {
    (line(name), line(value), field)
}

fn columns<'a>(record: &'a Record, names: impl Iterator<Item = &'a str>) -> Vec<Found<'a>> {
    names.filter_map(|name| record.get(name)).map(|field| found(field.name.written(), &field.value, field)).collect()
}

fn numbered(pattern: &str) -> impl Iterator<Item = String> {
    // One more than may be, so that too many are noticed.
    (1..=limits::OPTIONS + 1).map(|number| pattern.replace('#', &number.to_string()))
}

fn pairs<'a>(record: &'a Record, (names, values): (&str, &str)) -> Vec<Found<'a>> {
    let both = numbered(names).zip(numbered(values));
    let both = both.filter_map(|(name, value)| Some((record.get(&name)?, record.get(&value)?)));
    // What Shopify writes for a product without options.
    let real = both.filter(|(_, value)| &*value.value != "Default Title");
    real.map(|(name, value)| found(&name.value, &value.value, value)).collect()
}

fn listed<'a>(record: &'a Record, names: &'a str, value: &str) -> Vec<Found<'a>> {
    let both = record.all(names).zip(numbered(value));
    let both = both.filter_map(|(name, value)| Some((name, record.get(&value)?)));
    let real = both.filter(|(_, value)| &*value.value != "Default Title");
    real.map(|(name, value)| found(&name.value, &value.value, value)).collect()
}

fn split<'a>(record: &'a Record, names: &str, values: &str) -> Vec<Found<'a>> {
    let (Some(names), Some(field)) = (record.get(names), record.get(values)) else {
        return Vec::new();
    };
    let both = names.value.split('|').zip(field.value.split('|'));
    both.map(|(name, value)| found(name, value, field))
        .filter(|(name, value, _)| !(name.is_empty() || value.is_empty()))
        .collect()
}

fn params(record: &Record) -> Vec<Found<'_>> {
    let named = |field: &&Field| field.name.key().starts_with("param:") && !field.value.trim().is_empty();
    let params = record.fields.iter().filter(named).filter(|field| !field.name.key().contains('@'));
    let name = |field: &Field| field.name.written().split_once(':').map_or("", |(_, name)| name).to_owned();
    params.take(limits::OPTIONS).map(|field| found(&name(field), &field.value, field)).collect()
}

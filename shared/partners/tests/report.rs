//! What partners read about their feeds.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use partners::feeds::{REFUSALS, VOCABULARIES};
use partners::job::Refusal;
use partners::mapping::Target;
use partners::report::{Line, table};
use partners::validation::{Flag, RULES, Rejection, csv_cell};
use std::collections::BTreeSet;

fn rejection() -> Rejection {
    let verdict = support::verdict(b"sku,name,price_cents,stock\nA,Mug,1,=1+1\n", "a.csv", None).unwrap();
    verdict.rejections[0].clone()
}

// Proves: S4-U2b
#[test]
fn a_rejection_is_a_line_of_a_table_that_no_spreadsheet_computes() {
    assert_eq!(
        table(&[Line::of(rejection())], true),
        "line,row,column,field,rule,detail,hint,value\r\n\
         2,1,4,stock,stock_format,This is not a whole number.,\
         \"Write how many you have, such as 12; at most 1,000,000,000.\",\"'=1+1\"\r\n"
    );
}

// Proves: S4-S2a
#[test]
fn cells_that_begin_like_formulas_are_guarded_and_others_are_not() {
    for text in ["=1", "+1", "-1", "@a", "\ta", "\ra"] {
        assert_eq!(csv_cell(text), format!("\"'{text}\""));
    }
    assert_eq!(["a=1", "", "a,b", "a\"b", "a\nb"].map(csv_cell), ["a=1", "", "\"a,b\"", "\"a\"\"b\"", "\"a\nb\""]);
}

// Proves: S4-U2b
#[test]
fn a_rejection_and_a_refusal_are_objects_for_programs() {
    let shown = serde_json::to_value(Line::of(rejection())).unwrap();
    assert_eq!((shown["line"].as_u64(), shown["rule"].as_str()), (Some(2), Some("stock_format")));
    assert_eq!((shown["field"].as_str(), shown["value_start"].as_str()), (Some("stock"), Some("=1+1")));
    let refusal = support::refusal(b"sku,name\n", "a.csv").unwrap();
    let shown = serde_json::to_value(Refusal::of(&refusal)).unwrap();
    assert_eq!((shown["line"].as_u64(), shown["rule"].as_str()), (Some(2), Some("no_rows")));
    assert_eq!(refusal.to_string(), shown["detail"].as_str().unwrap());
}

#[test]
fn a_value_is_shown_by_its_first_64_characters() {
    let csv = format!("sku,name,price_cents,stock\nA,Mug,1,{}\u{202e}\n", "x".repeat(60));
    let verdict = support::verdict(csv.as_bytes(), "a.csv", None).unwrap();
    assert_eq!(verdict.rejections[0].value_start, "x".repeat(60), "a character is shown whole or not at all");
}

#[test]
fn a_verdict_keeps_no_more_than_it_was_asked_for_and_counts_all() {
    let csv = "sku,name,price,sku\n,,,\n A B,,x,\nA,Mug,1,\n";
    let detected = partners::feeds::detect(csv.as_bytes(), None, None).unwrap();
    let feed = partners::feeds::open(detected, Box::new(std::io::Cursor::new(csv.as_bytes().to_vec())), None, 0);
    let verdict = partners::validation::validate_whole(feed, 0);
    assert_eq!((verdict.rows, verdict.accepted, verdict.rejected), (2, 1, 1));
    assert_eq!((verdict.rejections.len(), verdict.notes.len(), verdict.by_rule.len()), (0, 0, 3));
    assert_eq!(verdict.vocabulary, Some("plain"));
}

#[test]
fn names_are_stable_words_and_each_means_one_thing() {
    let rules: Vec<&str> = RULES.iter().chain(REFUSALS).map(|rule| rule.name).collect();
    let snake =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    assert!(rules.iter().all(snake));
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len());
    let vocabularies: BTreeSet<&str> = VOCABULARIES.iter().map(|vocabulary| vocabulary.name).collect();
    assert_eq!(vocabularies.len(), VOCABULARIES.len());
    let flags = [
        Flag::LooksLikeSql,
        Flag::LooksLikeScript,
        Flag::LooksLikeFormula,
        Flag::LooksLikeTemplate,
        Flag::HiddenCharacters,
        Flag::PicturesLeftOut,
        Flag::SalePeriodLeftOut,
        Flag::BarcodeLeftOut,
    ];
    assert_eq!(flags.iter().map(|flag| flag.name()).filter(|name| snake(name)).collect::<BTreeSet<_>>().len(), 8);
}

#[test]
fn a_target_is_called_the_same_in_mappings_and_in_reports() {
    let names = [
        "sku",
        "group",
        "name",
        "description",
        "brand",
        "category",
        "price",
        "price_cents",
        "sale_price",
        "sale_period",
        "old_price",
        "currency",
        "stock",
        "availability",
        "image",
        "gtin",
        "barcode",
        "weight",
        "weight_kilograms",
        "active",
        "kind",
    ];
    for name in names {
        let target: Target = serde_json::from_str(&format!("\"{name}\"")).unwrap();
        assert_eq!(target.name(), name);
    }
}

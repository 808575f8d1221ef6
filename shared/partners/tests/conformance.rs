//! What every format must do, whichever it is: a loop over the list.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use partners::feeds::{self, Charset, Confidence, Event, Format, Found, Limits, open, open_within};
use partners::mapping::Mapping;
use partners::validation::Item;
use std::io::Cursor;
use support::{events, gzip, items, spreadsheet};

const NAMES: [&str; 5] = ["sku", "name", "price_cents", "stock", "description"];
const ROWS: [[&str; 5]; 3] = [
    ["MUG-1", "Mug, \"large\"", "1999", "5", "For tea & coffee"],
    ["MUG-2", "Кружка ☕", "2999", "0", "1 < 2"],
    ["MUG-1", "Another mug", "1", "1", ""],
];

/// The same three rows in every format; a new format writes them here.
fn written(format: &str) -> Vec<u8> {
    let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let csv = |cells: &[&str]| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
    match format {
        "csv" => (csv(&NAMES) + &ROWS.iter().map(|row| csv(row)).collect::<String>()).into_bytes(),
        "json" => {
            let object = |row: &[&str; 5]| {
                let members = NAMES.iter().zip(row).map(|(name, value)| ((*name).to_owned(), (*value).into()));
                serde_json::Value::Object(members.collect())
            };
            serde_json::to_vec(&ROWS.iter().map(object).collect::<Vec<_>>()).unwrap()
        }
        "xml" => {
            let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
            let element = |(name, value): (&&str, &&str)| format!("<{name}>{}</{name}>", escape(value));
            let row = |row: &[&str; 5]| {
                format!("<product>{}</product>\n", NAMES.iter().zip(row).map(element).collect::<String>())
            };
            format!("<?xml version=\"1.0\"?>\n<products>{}</products>", ROWS.iter().map(row).collect::<String>())
                .into_bytes()
        }
        "xlsx" => {
            let rows: Vec<&[&str]> = std::iter::once(&NAMES[..]).chain(ROWS.iter().map(|row| &row[..])).collect();
            spreadsheet(&rows)
        }
        other => panic!("{other}: write the three rows in this format"),
    }
}

/// What of an item does not depend on the format.
fn said(item: &Item) -> (u64, &str, &str, i64, Option<u32>, &str) {
    (item.row, item.sku.as_str(), &item.name, item.price.amount.units(), item.stock, &item.description)
}

// Proves: S4-M1
#[test]
fn the_same_rows_in_any_format_are_the_same_products() {
    for format in feeds::ALL {
        let events = events(&written(format.name()), "feed", None).unwrap();
        let items: Vec<_> = items(&events).into_iter().map(said).collect();
        let expected = [
            (1, "MUG-1", "Mug, \"large\"", 1999, Some(5), "For tea & coffee"),
            (2, "MUG-2", "Кружка ☕", 2999, Some(0), "1 < 2"),
        ];
        assert_eq!(items, expected, "{}", format.name());
        assert_eq!(support::rejections(&events)[0].rule.name, "duplicate_in_feed", "{}", format.name());
    }
}

#[test]
fn formats_are_told_by_their_content_and_by_nothing_else() {
    for format in feeds::ALL {
        let bytes = written(format.name());
        for other in feeds::ALL {
            let (media_type, ending) = (other.media_types()[0], format!("feed.{}", other.endings()[0]));
            let detected = feeds::detect(&bytes, Some(media_type), Some(&ending)).unwrap();
            assert_eq!(detected.format.name(), format.name(), "sent as {media_type} {ending}");
            let sure = other.recognise(&bytes) == Confidence::Sure;
            assert_eq!(sure, other.name() == format.name(), "{} for {}", other.name(), format.name());
        }
    }
}

#[test]
fn every_format_is_read_out_of_gzip_too() {
    for format in feeds::ALL {
        let events = events(&gzip(&written(format.name())), "feed.gz", None).unwrap();
        assert_eq!(items(&events).len(), 2, "{}", format.name());
    }
}

#[test]
fn a_run_goes_on_where_another_stopped_and_still_knows_the_duplicates() {
    for format in feeds::ALL {
        let bytes = written(format.name());
        let all = events(&bytes, "feed", None).unwrap();
        for skip in 0..=3 {
            let detected = feeds::detect(&bytes, None, None).unwrap();
            let rest: Vec<Event> = open(detected, Box::new(Cursor::new(bytes.clone())), None, skip).collect();
            let rest: Vec<Event> = rest.into_iter().filter(|event| !matches!(event, Event::Note(_))).collect();
            let after = |event: &&Event| match event {
                Event::Item(item) => item.row > skip,
                Event::Rejected(list) => list[0].row > skip,
                _ => false,
            };
            assert_eq!(rest.iter().collect::<Vec<_>>(), all.iter().filter(after).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_feed_in_pieces_of_one_byte_reads_the_same() {
    struct Slow(Cursor<Vec<u8>>);
    impl std::io::Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let end = buffer.len().min(1);
            self.0.read(&mut buffer[..end])
        }
    }
    for format in feeds::ALL {
        let bytes = written(format.name());
        let detected = feeds::detect(&bytes, None, None).unwrap();
        let slow: Vec<Event> = open(detected, Box::new(Slow(Cursor::new(bytes.clone()))), None, 0).collect();
        assert_eq!(slow, events(&bytes, "feed", None).unwrap(), "{}", format.name());
    }
}

#[test]
fn a_source_that_breaks_off_anywhere_is_not_the_feeds_fault() {
    struct Broken(Cursor<Vec<u8>>);
    impl std::io::Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::Error::other("the connection is gone")),
                read => Ok(read),
            }
        }
    }
    let ends = |bytes: &[u8], part: &[u8]| {
        let detected = feeds::detect(bytes, None, None).unwrap();
        let last = open(detected, Box::new(Broken(Cursor::new(part.to_vec()))), None, 0).last();
        let Some(Event::Broken(refusal)) = last else { panic!("{detected:?} after {} bytes: {last:?}", part.len()) };
        assert_eq!(refusal.rule.name, "read_failed", "{detected:?} after {} bytes", part.len());
    };
    for format in feeds::ALL {
        let plain = written(format.name());
        for bytes in [plain.clone(), gzip(&plain)] {
            (0..=bytes.len()).for_each(|read| ends(&bytes, &bytes[..read]));
        }
    }
    // Text is read by 16 KB: behind blanks, its beginning is there before the source breaks off.
    for text in [
        r#"{"page": 1, "products": [{"sku": "A", "name": "Mug", "price": 1}], "next": {"page": 2}}"#,
        r#"[{"sku": "A", "name": "Mug", "price": 1}, {"sku": "B", "name": "Cup", "price": 2}]"#,
        "{\"sku\": \"A\", \"name\": \"Mug\", \"price\": 1}\n {\"sku\": \"B\", \"name\": \"Cup\", \"price\": 2}\n",
        "sku,name,price\nA,\"Mug\n\"\"\",1\nB,Cup,2",
        "<items><item id=\"A\"><title>Mug &amp; <![CDATA[more]]></title></item><!-- end --></items>",
    ] {
        for read in 0..=text.len() {
            let blanks = "\n".repeat(16 * 1024 - read);
            ends(text.as_bytes(), (blanks + &text[..read]).as_bytes());
        }
    }
}

#[test]
fn a_feed_has_a_most_of_rows_and_a_record_a_most_of_fields_and_bytes() {
    for format in feeds::ALL {
        let bytes = written(format.name());
        let detected = feeds::detect(&bytes, None, None).unwrap();
        let refused = |limits: Limits| {
            let last = open_within(limits, detected, Box::new(Cursor::new(bytes.clone())), None, 0).last();
            let Some(Event::Broken(refusal)) = last else { panic!("{}: {last:?}", format.name()) };
            refusal.rule.name
        };
        let usual = Limits::default();
        let whole = open_within(Limits { rows: 3, ..usual }, detected, Box::new(Cursor::new(bytes.clone())), None, 0);
        assert!(!whole.into_iter().any(|event| matches!(event, Event::Broken(_))), "{}", format.name());
        assert_eq!(refused(Limits { rows: 2, ..usual }), "too_many_rows", "{}", format.name());
        assert_eq!(refused(Limits { fields: 3, ..usual }), "too_many_fields", "{}", format.name());
        assert_eq!(refused(Limits { field_bytes: 12, ..usual }), "field_too_large", "{}", format.name());
        assert_eq!(refused(Limits { record_bytes: 30, ..usual }), "record_too_large", "{}", format.name());
    }
}

#[test]
fn every_format_gives_nothing_after_its_end() {
    for format in feeds::ALL {
        let bytes = written(format.name());
        let charset = Charset::of(&bytes, None).unwrap();
        let mut records = format.read(Box::new(Cursor::new(bytes)), charset, Limits::default());
        let count = records.by_ref().filter(|found| matches!(found, Ok(Found::Record(_)))).count();
        assert_eq!((count, records.next()), (3, None), "{}", format.name());
        assert!(!format.media_types().is_empty() && !format.endings().is_empty());
    }
}

#[test]
fn a_mapping_goes_before_the_names_that_a_feed_uses() {
    let mapping: Mapping = support::mapping(
        r#"{"fields": {"sku": {"hash_of": ["name", "stock"]}, "name": ["nickname", "name"],
            "brand": {"constant": "Russet"}, "price": "stock"}, "currency": "JPY", "options": ["stock"]}"#,
    );
    for format in feeds::ALL {
        let events = events(&written(format.name()), "feed", Some(&mapping)).unwrap();
        let items = items(&events);
        let first = items[0];
        assert_eq!((items.len(), first.brand.as_str(), first.sku.as_str().len()), (3, "Russet", 26));
        assert_eq!((first.price.amount.units(), first.price.currency.code()), (5, "JPY"));
        assert_eq!(first.options, [("stock".to_owned(), "5".to_owned())]);
    }
}

#[test]
fn a_mapping_with_a_member_that_nobody_knows_is_refused() {
    for bad in [r#"{"filds": {}}"#, r#"{"fields": {"sku": {"hash": ["a"]}}}"#, r#"{"fields": {"skew": "a"}}"#] {
        assert!(serde_json::from_str::<Mapping>(bad).is_err(), "{bad}");
    }
    let unknown = serde_json::from_str::<Mapping>(r#"{"vocabulary": "nobody's"}"#).unwrap_err();
    assert!(unknown.to_string().starts_with("a vocabulary is one of contract, shopify,"), "{unknown}");
    let text =
        r#"{"vocabulary":"plain","fields":{"sku":{"hash_of":["a"]},"name":"b"},"currency":"EUR","decimal":"comma"}"#;
    let mapping = support::mapping(text);
    assert_eq!(serde_json::to_string(&mapping).unwrap(), text);
}

#[test]
fn a_mapping_is_read_from_json_and_what_is_wrong_with_one_is_said_in_words() {
    let text = r#"{"fields": {"name": "title"}, "image_base": "https://example.com/"}"#;
    assert_eq!(Mapping::from_json(text), Ok(support::mapping(text)));
    for (bad, why) in [
        (r#"{"filds": {}}"#, "unknown field `filds`, expected one of `vocabulary`, `fields`"),
        (r#"{"currency": "EURO"}"#, "a currency is a three-letter ISO 4217 code"),
        ("{", "EOF while parsing an object"),
    ] {
        let told = Mapping::from_json(bad).unwrap_err();
        assert!(told.starts_with(why), "{bad}: {told}");
    }
}

#[test]
fn debug_output_of_a_feed_says_what_it_speaks_and_nothing_of_its_content() {
    let bytes = written("csv");
    let detected = feeds::detect(&bytes, None, None).unwrap();
    let mut feed = open(detected, Box::new(Cursor::new(bytes)), None, 0);
    assert_eq!(format!("{feed:?}"), "Feed { vocabulary: None, .. }");
    feed.next();
    assert_eq!(format!("{feed:?}"), "Feed { vocabulary: Some(\"contract\"), .. }");
}

/// A format that remembers something only after its first record.
#[derive(Debug)]
struct Forgetful;

impl feeds::Format for Forgetful {
    fn name(&self) -> &'static str {
        "forgetful"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &[]
    }
    fn example(&self) -> &'static str {
        ""
    }
    fn endings(&self) -> &'static [&'static str] {
        &[]
    }
    fn recognise(&self, _: &[u8]) -> Confidence {
        Confidence::No
    }
    fn read(&self, source: feeds::Source, charset: Charset, limits: Limits) -> feeds::Records {
        let note = feeds::Note { name: "late", detail: "By the way.".to_owned(), column: None };
        let rows = feeds::Csv.read(source, charset, limits);
        Box::new(rows.flat_map(move |row| [row, Ok(Found::Note(note.clone()))]))
    }
}

#[test]
fn a_format_may_tell_something_at_any_time() {
    let csv = format!("sku,name,price_cents\n{}", (0..20).map(|n| format!("A{n},Mug,1\n")).collect::<String>());
    assert_eq!(
        (Forgetful.name(), Forgetful.recognise(b""), Forgetful.endings().len()),
        ("forgetful", Confidence::No, 0)
    );
    assert!(Forgetful.media_types().is_empty());
    let detected = feeds::Detected { format: &Forgetful, gzip: false, charset: Charset::Unstated };
    let events: Vec<Event> = open(detected, Box::new(Cursor::new(csv.into_bytes())), None, 0).collect();
    let late = events.iter().filter(|event| matches!(event, Event::Note(note) if note.name == "late")).count();
    assert_eq!((items(&events).len(), late), (20, 20));
}

#[test]
fn the_example_of_each_format_keeps_every_rule() {
    for format in feeds::ALL.iter().filter(|format| !format.example().is_empty()) {
        let verdict = support::verdict(format.example().as_bytes(), "example", None).unwrap();
        assert_eq!((verdict.accepted, verdict.rejected), (1, 0), "{}", format.name());
    }
}

#[test]
fn every_format_and_packed_ones_may_be_sent_under_their_names() {
    let all = feeds::media_types();
    for format in feeds::ALL {
        assert!(format.media_types().iter().all(|media_type| all.contains(media_type)), "{}", format.name());
    }
    assert!(all.contains(&"application/gzip") && !all.contains(&"text/html"));
}

//! Feeds with random damage, the same every time: whatever comes, it ends, with events that make sense.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod support;

use fastrand::Rng;
use partners::feeds::{self, Event, REFUSALS};
use partners::validation::RULES;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CSV: &str = "sku,name,price,stock,gtin,image\nA,\"Mug, large\",19.99 EUR,5,5026555438292,https://e.com/a\n\
    B,Кружка,\"2,50 EUR\",,,\nC,\"Two\nlines\",3.00 EUR,1,,\n";
const TSV: &str = "id\ttitle\tprice\tavailability\nA\t24\" screen\t19,99 EUR\tin stock\nB\tCup\t1 EUR\tout of stock\n";
const SHOPIFY: &str = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Image Src\n\
    mug,Mug,M1,5.00,Size,L,https://e.com/1\nmug,,M2,6.00,,S,\nmug,,,,,,https://e.com/2\ncup,Cup,C1,1.00,,,\n";
const JSON: &str = r#"[{"sku":"A","name":"Mug","price":19.99,"images":["https://e.com/a"]},
    {"sku":"B","title":"Cup é \u00e9","variants":[{"sku":"V","price":"1.00"}],"price":{"amount":5}}]"#;
const LINES: &str =
    "{\"sku\":\"A\",\"name\":\"Mug\",\"price_cents\":1}\n{\"sku\":\"B\",\"name\":\"Cup\",\"price_cents\":2}\n";
const RSS: &str = "<?xml version=\"1.0\"?><rss xmlns:g=\"x\"><channel><item><g:id>A</g:id><g:title>Mug &amp; co</g:title>\
    <g:price>5 EUR</g:price><g:image_link><![CDATA[https://e.com/a]]></g:image_link></item></channel></rss>";
const YML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><!DOCTYPE yml_catalog SYSTEM \"shops.dtd\"><yml_catalog><shop>\
    <categories><category id=\"1\">Чай</category></categories><offers><offer id=\"A\" available=\"true\"><name>Mug</name>\
    <price>5</price><currencyId>RUB</currencyId><categoryId>1</categoryId><param name=\"Цвет\">red</param></offer>\
    </offers></shop></yml_catalog>";

/// Bytes that mean something to one format or another.
const SPICE: &[&[u8]] = &[
    b"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\0",
    b"<",
    b">",
    b"&",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"&#0;",
    b"\\ud800",
    b"1e400",
    b"null",
    b"'",
    b"=",
    b"PK\x03\x04",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"\x1f\x8b",
    b"</item>",
    b"-",
    b"99999999999999999999",
];

fn originals() -> Vec<Vec<u8>> {
    let mut originals: Vec<Vec<u8>> =
        [CSV, TSV, SHOPIFY, JSON, LINES, RSS, YML].iter().map(|text| text.as_bytes().to_vec()).collect();
    originals.push(support::spreadsheet(&[
        &["sku", "name", "price_cents"],
        &["A", "Mug", "100"],
        &["B", "Cup", "200"],
    ]));
    originals.push(support::gzip(CSV.as_bytes()));
    originals.push(CSV.encode_utf16().flat_map(u16::to_le_bytes).collect());
    originals
}

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.usize(1..=6) {
        let at = rng.usize(0..=bytes.len());
        let end = rng.usize(at..=bytes.len().min(at + 40));
        match rng.u8(0..6) {
            0 if at < bytes.len() => bytes[at] = rng.u8(..),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            3 => bytes.truncate(at),
            4 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
            _ => drop(bytes.splice(at..at, SPICE[rng.usize(0..SPICE.len())].to_vec())),
        }
    }
}

// Proves: S4-T2, S4-S2a
#[test]
fn ten_thousand_damaged_feeds_end_in_events_that_make_sense() {
    let originals = originals();
    let mut rng = Rng::with_seed(20_261_127);
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..10_000 {
        let mut bytes = originals[round % originals.len()].clone();
        damage(&mut bytes, &mut rng);
        let events = match support::events(&bytes, "feed", None) {
            Ok(events) => events,
            Err(refusal) => vec![Event::Broken(refusal)],
        };
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Rejected(list) => {
                    assert!(!list.is_empty() && list.iter().all(|found| RULES.contains(&found.rule)));
                }
                Event::Broken(refusal) => {
                    assert!(REFUSALS.contains(&refusal.rule) && at == events.len() - 1);
                    *ends.entry(refusal.rule.name).or_default() += 1;
                }
                Event::Item(item) => assert!(item.price.amount.units() >= 0 && !item.name.is_empty()),
                Event::Merged { .. } | Event::Note(_) => {}
            }
        }
    }
    println!("{ends:?}");
    assert!(ends.len() > 10, "the damage is too mild: {ends:?}");
}

/// What was read of a feed so far: how many bytes, and when its fault was among them.
#[derive(Default)]
struct Progress {
    bytes: usize,
    fault_read: Option<Instant>,
}

/// A feed that comes in small pieces, and notes when its fault did.
struct Watched {
    feed: Cursor<Vec<u8>>,
    fault: usize,
    progress: Arc<Mutex<Progress>>,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(4096);
        let read = self.feed.read(&mut into[..most])?;
        let mut progress = self.progress.lock().unwrap();
        progress.bytes += read;
        if progress.bytes > self.fault {
            progress.fault_read.get_or_insert_with(Instant::now);
        }
        Ok(read)
    }
}

/// How many bytes beyond the fault were read before it was told, and how long that took.
fn told_after(feed: &[u8]) -> (usize, Duration) {
    let fault = feed.windows(6).position(|found| found == b"FAULTY").unwrap();
    let detected = feeds::detect(&feed[..feed.len().min(feeds::HEAD_BYTES)], None, None).unwrap();
    let progress = Arc::new(Mutex::new(Progress::default()));
    let source = Watched { feed: Cursor::new(feed.to_vec()), fault, progress: Arc::clone(&progress) };
    let told = feeds::open(detected, Box::new(source), None, 0)
        .any(|event| matches!(&event, Event::Rejected(list) if list[0].value_start.starts_with("FAULTY")));
    assert!(told, "the fault is told");
    let progress = progress.lock().unwrap();
    (progress.bytes - fault, progress.fault_read.unwrap().elapsed())
}

// Proves: S4-S2a
#[test]
fn a_fault_is_told_once_it_is_read_and_not_when_the_feed_is_over() {
    const ROWS: usize = 20_000;
    let price = |n: usize| if n == ROWS / 2 { "FAULTY" } else { "5 EUR" };
    let rows = |row: &dyn Fn(usize) -> String| (0..ROWS).map(row).collect::<Vec<_>>();
    let lines = rows(&|n| format!(r#"{{"sku":"N{n}","name":"Tea","price":"{}"}}"#, price(n)));
    let items =
        rows(&|n| format!("<item><g:id>N{n}</g:id><g:title>Tea</g:title><g:price>{}</g:price></item>", price(n)));
    let table = rows(&|n| format!("N{n},Tea,{}\n", price(n))).concat();
    let all = [
        ("csv", format!("sku,name,price\n{table}")),
        ("lines", lines.join("\n")),
        ("json", format!("[{}]", lines.join(","))),
        ("rss", format!("<?xml version=\"1.0\"?><rss xmlns:g=\"x\"><channel>{}</channel></rss>", items.concat())),
    ];
    for (name, feed) in all {
        let mut took = Vec::new();
        for _ in 0..9 {
            let (beyond, time) = told_after(feed.as_bytes());
            assert!(beyond <= 128 * 1024, "{name}: {beyond} bytes beyond the fault");
            took.push(time);
        }
        took.sort();
        println!("{name}: told {:?} after it was read, {:?} at the latest", took[4], took[8]);
        assert!(took[4] < Duration::from_millis(100), "{name}: {took:?}");
    }
}

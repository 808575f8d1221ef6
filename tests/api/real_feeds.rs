//! Real feeds, through the door that partners use. They lie in the folder that `SAMPLE_DATA` names.

use api::{Shop, Supplier};
use http::Method;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

fn samples() -> PathBuf {
    std::env::var_os("SAMPLE_DATA").map(PathBuf::from).expect("SAMPLE_DATA names the folder of sample data")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("gz") => "application/gzip",
        Some("xml" | "yml") => "application/xml",
        Some("json") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        _ => "text/csv",
    }
}

#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn every_real_feed_is_read_to_its_end_and_comes_to_what_the_reader_alone_makes_of_it() {
    let samples = samples();
    let shop = Shop::shared();
    let mut sent = 0;
    for path in files(&samples.join("feeds")).into_iter().chain(files(&samples.join("catalog"))) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let supplier = Supplier::new(shop);
        let ask = supplier.ask(Method::POST, &format!("/partner/ingest?file_name={name}")).key("real");
        let job = ask.bytes(media_type(&name), bytes.clone()).send().expect(202).json();
        let done = supplier.wait_for(job["id"].as_str().unwrap());
        let count = |of: &str| done["counts"][of].as_u64().unwrap();
        match partners::feeds::detect(&bytes, Some(media_type(&name)), Some(&name)) {
            Err(refusal) => assert_eq!(done["refusal"]["rule"], refusal.rule.name, "{name}: {done}"),
            Ok(detected) => {
                let feed = partners::feeds::open(detected, Box::new(std::io::Cursor::new(bytes)), None, 0);
                let verdict = partners::validation::validate_whole(feed, 0);
                let refused = verdict.refusal.map(|refusal| refusal.rule.name);
                assert_eq!(done["refusal"]["rule"].as_str(), refused, "{name}: {done}");
                assert_eq!(count("seen"), verdict.rows, "{name}: {done}");
                assert_eq!(count("accepted") + count("rejected") + count("merged"), verdict.rows, "{name}: {done}");
                // The shop has rules of its own beside the reader's, such as one currency for a product.
                assert!(count("rejected") >= verdict.rejected, "{name}: {done}");
                println!(
                    "{name}: {} of {} accepted, {} by the reader alone",
                    count("accepted"),
                    verdict.rows,
                    verdict.accepted
                );
            }
        }
        assert!(["done", "refused"].iter().any(|state| done["state"] == *state), "{name}: {done}");
        sent += 1;
    }
    assert!(sent > 40, "{sent} feeds were sent");
}

/// What a write unit costs, on demand, in dollars: <https://aws.amazon.com/dynamodb/pricing/on-demand/>, us-east-1.
const WRITE_UNIT: f64 = 0.625e-6;

#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn a_catalog_without_skus_or_stock_and_mostly_without_prices_imports_once_and_writes_nothing_the_second_time() {
    let samples = samples();
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let supplier = Supplier::live(&shop);
    let feed = std::fs::read(samples.join("catalog/pc-parts__memory.csv")).unwrap();
    let mapping = r#"{"fields":{"sku":{"hash_of":["name","speed","modules","color","first_word_latency","cas_latency"]},"name":"name","price":"price","stock":{"constant":"0"}},"currency":"USD","decimal":"point"}"#;
    let mapping: String = mapping.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let import = |key: &str| {
        let (began, before) = (std::time::Instant::now(), shop.written_by_feeds());
        let ask = supplier.ask(Method::POST, &format!("/partner/ingest?mapping={mapping}")).key(key);
        let job = ask.bytes("text/csv", feed.clone()).send().expect(202).json();
        let done = supplier.wait_for(job["id"].as_str().unwrap());
        let (units, seconds) = ((shop.written_by_feeds() - before) as f64 / 2.0, began.elapsed().as_secs_f64());
        println!(
            "{key}: {:.0} rows a second, {units} write units, {:.2} dollars a million rows; {} {}",
            13_553.0 / seconds,
            units / 13_553.0 * 1e6 * WRITE_UNIT,
            done["counts"],
            done["by_rule"]
        );
        (done, units)
    };
    let (first, units) = import("crop-1");
    let count = |job: &serde_json::Value, of: &str| job["counts"][of].as_u64().unwrap();
    assert_eq!((count(&first, "seen"), &first["by_rule"]["price_required"]), (13_553, &10_646.into()), "{first}");
    assert_eq!(
        ["accepted", "rejected", "merged"].map(|of| count(&first, of)),
        [2_659, 10_871, 23],
        "a row that says the same twice is one, one that says something else is named: {first}"
    );
    assert_eq!(first["by_rule"]["duplicate_in_feed"], 225, "{first}");
    assert!(units > 0.0 && count(&first, "changed") == count(&first, "accepted"), "{first}");
    let (second, units) = import("crop-2");
    assert_eq!((count(&second, "changed"), units), (0, 0.0), "{second}");
    assert_eq!(count(&second, "accepted"), count(&first, "accepted"), "{second}");
}

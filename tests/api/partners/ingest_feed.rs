//! `POST /partner/ingest`, and what becomes of it in the shop.

use api::{Shop, Supplier, eventually};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const TWO_TEAS: &str =
    "sku,name,price_cents,stock,description\nTEA-1,Green tea,499,20,Leaves\nTEA-2,Black tea,599,0,Leaves\n";

fn counts(job: &Value) -> [u64; 5] {
    ["seen", "accepted", "changed", "rejected", "merged"].map(|name| job["counts"][name].as_u64().unwrap())
}

// Proves: S4-U2a
#[test]
fn a_feed_of_the_sandbox_is_checked_and_nothing_of_it_is_stored() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let taken = supplier.ingest("one", "text/csv", TWO_TEAS).expect(202);
    let job = taken.json();
    assert_eq!(taken.header("location"), Some(format!("/partner/jobs/{}", job["id"].as_str().unwrap()).as_str()));
    let done = supplier.wait_for(job["id"].as_str().unwrap());
    assert_eq!((&done["state"], &done["format"]), (&json!("done"), &json!("csv")), "{done}");
    assert_eq!(counts(&done), [2, 2, 2, 0, 0], "{done}");
    let sku = supplier.shop_sku("TEA-1");
    let cart = shop.shopper().post("/api/cart", &json!({"sku": sku, "quantity": 1}));
    assert!((400..500).contains(&cart.status), "{cart}");
}

// Proves: S4-U2b
#[test]
fn a_live_feed_becomes_products_that_can_be_bought_and_the_same_again_changes_nothing() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    let teas = TWO_TEAS.replace("tea,", &format!("tea of {},", supplier.handle));
    let done = supplier.feed("one", "text/csv", teas.clone());
    assert_eq!((&done["state"], counts(&done)), (&json!("done"), [2, 2, 2, 0, 0]), "{done}");
    let sku = supplier.shop_sku("TEA-1");
    assert_eq!(shop.stock(&sku)["available"], 20);
    let shopper = shop.shopper();
    shopper.buy(&sku, 3, "tok_approve").expect(201);
    let listed = || {
        let page = shop.get(&format!("/api/products?q={}", supplier.handle)).send().json();
        let mut names: Vec<Value> = page["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
        names.sort_by_key(Value::to_string);
        names
    };
    let both = ["Black", "Green"].map(|tea| json!(format!("{tea} tea of {}", supplier.handle)));
    eventually(Duration::from_secs(30), listed, |names| *names == both);
    let again = supplier.feed("two", "text/csv", teas.clone());
    assert_eq!(counts(&again), [2, 2, 1, 0, 0], "three were sold, and the partner still counts twenty: {again}");
    assert_eq!(shop.stock(&sku)["available"], 20, "on hand is what the partner counted");
    let third = supplier.feed("three", "text/csv", teas);
    assert_eq!(counts(&third), [2, 2, 0, 0, 0], "{third}");
}

// Proves: S4-S1a S4-U2a
#[test]
fn keys_are_checked_and_feeds_acknowledged_in_little_time() {
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let timed = |ask: api::Ask<'_>, status: u16| {
        let began = std::time::Instant::now();
        ask.send().expect(status);
        began.elapsed()
    };
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let supplier = Supplier::new(&shop);
        for n in 0..5 {
            let feed = supplier.ask(Method::POST, "/partner/ingest").key(&format!("feed-{n}"));
            acknowledged.push(timed(feed.bytes("text/csv", TWO_TEAS), 202));
            // As long as a real one, and one character away from it.
            let mut key = supplier.key.clone();
            let last = if key.pop() == Some('a') { 'b' } else { 'a' };
            key.push(last);
            let forged = supplier.ask(Method::POST, "/partner/ingest").header("x-api-key", &key).key("feed");
            refused.push(timed(forged.bytes("text/csv", TWO_TEAS), 401));
        }
    }
    // The middle one is asked for: the last one says as much of the machine as of the shop, and is printed.
    for (what, mut took, most) in [("feeds acknowledged", acknowledged, 100), ("keys refused", refused, 50)] {
        took.sort();
        let (median, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
        println!("{} {what}, half of them within {median:?}, 99 of 100 within {p99:?}", took.len());
        assert!(median < Duration::from_millis(most), "{what}: {took:?}");
    }
}

#[test]
fn a_feed_that_says_nothing_new_writes_nothing_into_catalog_or_stock() {
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let supplier = Supplier::live(&shop);
    let row = |n: u32| json!({"sku": format!("N{n}"), "name": format!("Tea {n}"), "price_cents": 100 + n, "stock": 5});
    let rows = Value::Array((0..120).map(row).collect()).to_string();
    let before = shop.written_by_feeds();
    let first = supplier.feed("one", "application/json", rows.clone());
    assert_eq!(counts(&first), [120, 120, 120, 0, 0], "{first}");
    let after = shop.written_by_feeds();
    assert!(after - before >= 240, "a product and a cell for each row: {before} to {after}");
    let second = supplier.feed("two", "application/json", rows);
    assert_eq!(counts(&second), [120, 120, 0, 0, 0], "{second}");
    assert_eq!(shop.written_by_feeds(), after, "halves of write units");
}

#[test]
fn good_rows_of_a_bad_feed_are_taken_unless_all_or_nothing_is_wished() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    let feed = "sku,name,price_cents,stock\nGOOD,Good tea,499,5\nBAD,Bad tea,,5\n";
    let ask = supplier.ask(Method::POST, "/partner/ingest?all_or_nothing=true").key("all").bytes("text/csv", feed);
    let job = ask.send().expect(202).json();
    let refused = supplier.wait_for(job["id"].as_str().unwrap());
    assert_eq!(
        (&refused["state"], &refused["refusal"]["rule"]),
        (&json!("refused"), &json!("all_or_nothing")),
        "{refused}"
    );
    let sku = supplier.shop_sku("GOOD");
    shop.shopper().post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(422);
    let done = supplier.feed("some", "text/csv", feed);
    assert_eq!((&done["state"], counts(&done)), (&json!("done"), [2, 1, 1, 1, 0]), "{done}");
    assert_eq!(shop.stock(&sku)["available"], 5);
}

#[test]
fn partners_with_the_same_sku_do_not_touch_each_other() {
    let shop = Shop::shared();
    let (one, other) = (Supplier::live(shop), Supplier::live(shop));
    one.feed("a", "text/csv", TWO_TEAS);
    other.feed("a", "text/csv", TWO_TEAS.replace("20", "7"));
    assert_eq!(shop.stock(&one.shop_sku("TEA-1"))["available"], 20);
    assert_eq!(shop.stock(&other.shop_sku("TEA-1"))["available"], 7);
}

#[test]
fn what_a_later_feed_says_stands() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    let jobs: Vec<Value> = (1..=4)
        .map(|n| {
            let feed = format!("sku,name,price_cents,stock\nTEA,Tea {n},{n}00,{n}\n");
            supplier.ingest(&format!("feed-{n}"), "text/csv", feed).expect(202).json()
        })
        .collect();
    for job in &jobs {
        assert_eq!(supplier.wait_for(job["id"].as_str().unwrap())["state"], "done");
    }
    assert_eq!(shop.stock(&supplier.shop_sku("TEA"))["available"], 4);
}

#[test]
fn an_empty_feed_changes_nothing_and_says_so() {
    let shop = Shop::shared();
    let supplier = Supplier::live(shop);
    supplier.feed("full", "text/csv", TWO_TEAS);
    for (key, feed) in [("head", "sku,name,price_cents,stock\n"), ("json", "[]")] {
        let media_type = if key == "json" { "application/json" } else { "text/csv" };
        let done = supplier.feed(key, media_type, feed);
        assert_eq!(done["state"], "refused", "{done}");
        assert!(done["refusal"]["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{done}");
    }
    assert_eq!(shop.stock(&supplier.shop_sku("TEA-1"))["available"], 20);
    supplier.ask(Method::POST, "/partner/ingest").key("none").bytes("text/csv", "").send().expect(400);
}

#[test]
fn what_no_feed_is_is_refused() {
    let supplier = Supplier::new(Shop::shared());
    for media_type in ["application/x-www-form-urlencoded", "text/html", "image/png", ""] {
        let ask = supplier.ask(Method::POST, "/partner/ingest").key("x").bytes(media_type, TWO_TEAS);
        ask.send().problem(415, "unsupported_media_type");
    }
    let ask = supplier.ask(Method::POST, "/partner/ingest?mapping=%7B").key("x").bytes("text/csv", TWO_TEAS);
    ask.send().problem(400, "invalid_request");
}

/// Bytes that mean something to one format or another.
const SPICE: [&[u8]; 16] = [
    b"\"",
    b",",
    b"\r",
    b"\0",
    b"<",
    b"&",
    b"{",
    b"]",
    b"\\",
    b"\xff",
    b"\xef\xbb\xbf",
    b"<![CDATA[",
    b"1e400",
    b"PK\x03\x04",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"\x1f\x8b",
];

fn damaged(random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let whole = [
        ("text/csv", TWO_TEAS.as_bytes()),
        ("application/json", br#"[{"sku":"A","name":"Mug","price":19.99},{"sku":"B","title":"Cup","price_cents":5}]"#),
        (
            "application/xml",
            b"<?xml version=\"1.0\"?><rss xmlns:g=\"x\"><channel><item><g:id>A</g:id></item></channel></rss>",
        ),
    ];
    let (media_type, feed) = whole[random.usize(..whole.len())];
    let mut feed = feed.to_vec();
    for _ in 0..random.usize(1..8) {
        let at = random.usize(..=feed.len());
        match random.u8(..3) {
            0 => drop(feed.splice(at..at, SPICE[random.usize(..SPICE.len())].iter().copied())),
            1 => feed.truncate(at.max(1)),
            _ => drop(feed.drain(at..(at + random.usize(..9)).min(feed.len()))),
        }
    }
    if feed.is_empty() { (media_type, b"x".to_vec()) } else { (media_type, feed) }
}

// Proves: S4-S2a
#[test]
fn two_hundred_damaged_feeds_end_in_a_report_that_names_line_and_field_or_in_a_named_refusal() {
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let mut random = fastrand::Rng::with_seed(20);
    let (mut ends, mut lines) = (std::collections::BTreeMap::<String, usize>::new(), 0);
    for _ in 0..10 {
        let supplier = Supplier::new(&shop);
        let mut jobs = Vec::new();
        for n in 0..20 {
            let (media_type, feed) = damaged(&mut random);
            // JSON is text: bytes that are none do not come in.
            let comes_in = media_type != "application/json" || std::str::from_utf8(&feed).is_ok();
            let reply =
                supplier.ingest(&format!("{n}"), media_type, feed).expect(if comes_in { 202 } else { 400 }).json();
            if comes_in {
                jobs.push(reply["id"].clone());
            } else {
                *ends.entry(reply["code"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        // They are read in the order in which they came.
        supplier.wait_for(jobs.last().unwrap().as_str().unwrap());
        for job in &jobs {
            let job = supplier.get(&format!("/partner/jobs/{}", job.as_str().unwrap())).expect(200).json();
            let end = job["refusal"]["rule"].as_str().or(job["state"].as_str()).unwrap().to_owned();
            assert!(["done", "refused"].iter().any(|state| job["state"] == *state), "{job}");
            *ends.entry(end).or_default() += 1;
            if job["counts"]["rejected"].as_u64().unwrap() > 0 && lines < 10 {
                let report = supplier.get(&format!("/partner/jobs/{}/report", job["id"].as_str().unwrap())).json();
                for line in report["items"].as_array().unwrap() {
                    assert!(line["line"].is_u64() && line["field"].is_string() && line["rule"].is_string(), "{line}");
                    lines += 1;
                }
            }
        }
    }
    println!("{ends:?}, {lines} lines of reports read");
    assert!(lines > 0 && ends.len() > 2, "{ends:?}");
    let log = shop.local().unwrap().log().join("\n");
    assert!(!log.contains("panic"), "{log}");
}

//! The process is killed while feeds are read.

use crate::{insist, times};
use api::{Process, Shop, Supplier};
use http::Method;
use kernel::JobId;
use partners::{Job, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Partners whose feeds are read side by side: a kill breaks them all off.
const PARTNERS: usize = 5;
const ROWS: usize = 500;
const WRONG: usize = 50;
/// A run that died is taken over when its lease has run out; then the rest is read.
const RECOVERY: Duration = Duration::from_secs(60);

/// A partner that outlives the process.
struct Known {
    handle: String,
    key: String,
}

// Proves: S1-P22
#[test]
fn a_feed_whose_reader_is_killed_midway_ends_once_with_the_right_counts() {
    let mut shop = Shop::spawn(Process::start("imports"));
    let suppliers: Vec<Known> = std::thread::scope(|scope| {
        let comes = || {
            let supplier = Supplier::live(&shop);
            Known { handle: supplier.handle, key: supplier.key }
        };
        let threads: Vec<_> = (0..PARTNERS).map(|_| scope.spawn(comes)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (wanted, mut broken_off, mut round) = (times("KILLS", 5, 50), 0, 0);
    while broken_off < wanted {
        round += 1;
        assert!(round <= wanted, "only {broken_off} feeds were broken off in {round} rounds");
        let jobs: Vec<JobId> = suppliers.iter().map(|supplier| ingest(&shop, supplier, round)).collect();
        // Every one of them has been begun and is looked after.
        until(&shop, &jobs, RECOVERY, |jobs| jobs.iter().all(|job| job.position > 0));
        shop.kill();
        shop.kill_and_restart();
        insist(&shop.get("/ping"), Duration::from_secs(10));
        broken_off += read(&shop, &jobs).iter().filter(|job| !job.state.is_over()).count();
        let ended = until(&shop, &jobs, RECOVERY, |jobs| jobs.iter().all(|job| job.state.is_over()));
        for (job, supplier) in ended.iter().zip(&suppliers) {
            is_as_if_nothing_had_happened(&shop, job, supplier, round);
        }
    }
    println!("{broken_off} feeds broken off by {round} kills");
}

/// Sends the feed of that round.
fn ingest(shop: &Shop, supplier: &Known, round: usize) -> JobId {
    let row = |n: usize| {
        let price: Value = if n % (ROWS / WRONG) == 7 { json!("$ten") } else { json!(100 + n) };
        json!({"sku": format!("S{n}"), "name": format!("Tea {n}, crop {round}"), "price_cents": price, "stock": round})
    };
    let feed = Value::Array((0..ROWS).map(row).collect()).to_string();
    let ask = shop.ask(Method::POST, "/partner/ingest").header("x-api-key", &supplier.key);
    let reply = ask.key(&format!("crop-{round}")).bytes("application/json", feed).send().expect(202).json();
    JobId::parse(reply["id"].as_str().unwrap()).unwrap()
}

/// The jobs as they are stored.
fn read(shop: &Shop, jobs: &[JobId]) -> Vec<Job> {
    let store = Store::new(shop.platform().table("partners").unwrap());
    let read = |job| shop.block_on(store.find_job(job)).unwrap().unwrap();
    jobs.iter().map(read).collect()
}

fn until(shop: &Shop, jobs: &[JobId], within: Duration, so: impl Fn(&[Job]) -> bool) -> Vec<Job> {
    let end = Instant::now() + within;
    loop {
        let now = read(shop, jobs);
        if so(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:#?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_as_if_nothing_had_happened(shop: &Shop, job: &Job, supplier: &Known, round: usize) {
    let counts = &job.counts;
    let (seen, right, wrong) = (ROWS as u64, (ROWS - WRONG) as u64, WRONG as u64);
    assert_eq!((counts.seen, counts.accepted, counts.rejected, counts.merged), (seen, right, wrong, 0), "{job:#?}");
    let ends = job.events.iter().filter(|event| event.to.is_over()).count();
    assert_eq!((job.state, ends), (partners::job::State::Done, 1), "{job:#?}");
    let report = shop.get(&format!("/partner/jobs/{}/report?format=csv", job.id)).header("x-api-key", &supplier.key);
    let lines = report.send().expect(200).text().lines().count();
    assert_eq!(lines, WRONG + 1, "a header, and each wrong row once");
    for own in [0, ROWS - 1] {
        let stock = shop.stock(&format!("{}:S{own}", supplier.handle));
        assert_eq!(stock["available"], round, "{stock}");
    }
}

//! A table whose partitions take so many write units a second each, on the runtime's paused clock.

use cloud::{Call, Faults, Trouble};
use md5::{Digest, Md5};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Write units that DynamoDB gives one partition in a second.
pub const UNITS_A_SECOND: f64 = 1000.0;
/// Units that a partition may have saved up: a hundredth of a second's. DynamoDB saves up minutes; a sale outlasts them.
const SAVED_MOST: f64 = 10.0;
/// How long a call takes.
const CALL: u64 = 5;

/// The limits of one table.
pub struct Partitions {
    table: String,
    buckets: Mutex<Vec<Bucket>>,
    written_halves: Mutex<u64>,
}

/// What a partition may still write.
#[derive(Clone, Copy)]
struct Bucket {
    units: f64,
    at: Instant,
}

impl Partitions {
    /// So many partitions, each with nothing saved up yet.
    pub fn new(table: &str, count: usize) -> Arc<Self> {
        let bucket = Bucket { units: 0.0, at: Instant::now() };
        let (buckets, written_halves) = (Mutex::new(vec![bucket; count]), Mutex::new(0));
        Arc::new(Self { table: table.to_owned(), buckets, written_halves })
    }

    /// Write units so far, those of refused conditions among them.
    pub fn written(&self) -> f64 {
        precise(*self.written_halves.lock().unwrap()) / 2.0
    }

    /// Where an item lies: by the hash of its partition key, never by hand.
    fn place(&self, key: &str, count: usize) -> usize {
        let digest = Md5::digest(key.as_bytes());
        let hash = u64::from_be_bytes(digest[..8].try_into().unwrap());
        usize::try_from((u128::from(hash) * count as u128) >> 64).unwrap()
    }

    /// Takes `units` from each partition that a call touches, if each has them.
    fn take(&self, keys: &[String], units: f64) -> bool {
        let (mut buckets, now) = (self.buckets.lock().unwrap(), Instant::now());
        let count = buckets.len();
        for bucket in buckets.iter_mut() {
            let earned = now.duration_since(bucket.at).as_secs_f64() * UNITS_A_SECOND;
            *bucket = Bucket { units: (bucket.units + earned).min(SAVED_MOST), at: now };
        }
        let places: Vec<usize> = keys.iter().map(|key| self.place(key, count)).collect();
        let enough = places.iter().all(|place| buckets[*place].units >= units);
        if enough {
            places.iter().for_each(|place| buckets[*place].units -= units);
        }
        enough
    }

    /// What a call cost beyond what was taken when it began.
    fn owe(&self, keys: &[String], units: f64) {
        let mut buckets = self.buckets.lock().unwrap();
        let count = buckets.len();
        for key in keys {
            let place = self.place(key, count);
            buckets[place].units -= units;
        }
    }
}

impl Faults for Partitions {
    fn trouble(&self, _: &Call<'_>) -> Option<Trouble> {
        None
    }

    fn limit(&self, call: &Call<'_>, body: &[u8]) -> Option<Trouble> {
        let keys = self.keys(call, body);
        if !keys.is_empty() && !self.take(&keys, 1.0) {
            return Some(Trouble::Throttle);
        }
        Some(Trouble::Slow(CALL))
    }

    fn cost(&self, call: &Call<'_>, body: &[u8], write_half_units: u64) {
        let keys = self.keys(call, body);
        if keys.is_empty() {
            return;
        }
        *self.written_halves.lock().unwrap() += write_half_units;
        let each = precise(write_half_units) / 2.0 / precise(keys.len() as u64);
        self.owe(&keys, each - 1.0);
    }
}

impl Partitions {
    /// The partition keys that a call writes in this table.
    fn keys(&self, call: &Call<'_>, body: &[u8]) -> Vec<String> {
        let writes = ["UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems"].contains(&call.action);
        if !writes || call.resource != self.table {
            return Vec::new();
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let key = |part: &Value| {
            let named = [&part["Key"]["pk"]["S"], &part["Item"]["pk"]["S"]];
            named.into_iter().find_map(|key| key.as_str().map(str::to_owned))
        };
        match body["TransactItems"].as_array() {
            Some(items) => items.iter().filter_map(|item| key(item.as_object()?.values().next()?)).collect(),
            None => key(&body).into_iter().collect(),
        }
    }
}

/// How long the calls of one hold take at the least.
pub const fn call_time() -> Duration {
    Duration::from_millis(CALL)
}

/// A count as a float.
#[allow(clippy::cast_precision_loss)]
pub const fn precise(count: u64) -> f64 {
    count as f64
}

//! How much one process with everything in it does in a second: each shopper asks again as soon as they are answered.

use crate::Why;
use crate::counts::precise;
use crate::shopper::{self, Ask, Shop};
use local::counters::{Used, used};
use local::{Local, Options};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Shoppers at once.
const SHOPPERS: usize = 16;

/// What was done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Done {
    /// How often.
    pub times: u64,
    /// In how many seconds.
    pub seconds: f64,
    /// Milliseconds on a processor of the functions' threads for each.
    pub functions_ms: f64,
    /// Milliseconds of the stand-ins' threads for each.
    pub stand_ins_ms: f64,
    /// Milliseconds of all threads for each, the shoppers' own among them.
    pub process_ms: f64,
}

impl Done {
    /// Times a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        precise(self.times) / self.seconds
    }
}

/// Full checkouts for so long, in memory or in that folder.
///
/// # Errors
/// When the shop does not start or does not sell.
pub fn checkouts(data: Option<PathBuf>, time: Duration) -> Result<Done, Why> {
    let (local, shop) = start(data)?;
    let names = (0..SHOPPERS).map(|number| format!("loaded {number}"));
    let skus: Vec<String> = names.map(|name| shopper::stocked(&local, &shop, &name)).collect::<Result<_, _>>()?;
    shop.checkout(&skus[0])?;
    shopper::settle(&local)?;
    closed_loop(&local, time, |number| shop.checkout(&skus[number % skus.len()]))
}

/// Pages of 24 products for so long, in memory.
///
/// # Errors
/// When the shop does not start or does not list.
pub fn listings(time: Duration) -> Result<Done, Why> {
    let (local, shop) = start(None)?;
    let ask = Ask::get("/api/products?limit=24");
    closed_loop(&local, time, |_| match shop.send(&ask, "198.51.100.7")? {
        answer if answer.status.is_success() => Ok(()),
        answer => Err(format!("a listing is {}", answer.status)),
    })
}

fn start(data: Option<PathBuf>) -> Result<(Local, Shop), Why> {
    let local = local::start(&Options { port: 0, data, web: false, ..Options::default() }, &|_| {})?;
    let shop = Shop::of(&local)?;
    Ok((local, shop))
}

fn closed_loop(local: &Local, time: Duration, ask: impl Fn(usize) -> Result<(), Why> + Sync) -> Result<Done, Why> {
    let (times, begun, before) = (AtomicU64::new(0), Instant::now(), used());
    let shopper = |number: usize| {
        while begun.elapsed() < time {
            ask(number)?;
            times.fetch_add(1, Ordering::Relaxed);
        }
        Ok::<(), Why>(())
    };
    let shopper = &shopper;
    std::thread::scope(|scope| {
        let shoppers: Vec<_> = (0..SHOPPERS).map(|number| scope.spawn(move || shopper(number))).collect();
        shoppers.into_iter().try_for_each(|shopper| shopper.join().unwrap_or_else(|_| Err("a shopper died".to_owned())))
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    // What the answers set off belongs to them.
    shopper::settle(local)?;
    let after = used();
    let times = times.load(Ordering::Relaxed);
    let milliseconds = |chosen: &dyn Fn(&str) -> bool| {
        let sum = |used: &Used| {
            used.cpu_micros.iter().filter(|(kind, _)| chosen(kind)).map(|(_, micros)| *micros).sum::<u64>()
        };
        precise(sum(&after).saturating_sub(sum(&before))) / 1e3 / precise(times.max(1))
    };
    Ok(Done {
        times,
        seconds,
        functions_ms: milliseconds(&|kind| kind == "fn"),
        stand_ins_ms: milliseconds(&|kind| kind == "cloud"),
        process_ms: milliseconds(&|_| true),
    })
}

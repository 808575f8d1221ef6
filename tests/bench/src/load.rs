//! How much one process with everything in it does in a second: each shopper asks again as soon as they are answered.

use crate::Why;
use crate::counts::{operation as caller, precise};
use crate::shopper::{self, Ask, Shop};
use local::counters::{Used, used};
use local::{Local, Options};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Shoppers at once.
const SHOPPERS: usize = 16;
/// Connections of those who have had what a minute allows, and how many each of them holds open.
const GREEDY: (usize, usize) = (950, 50);
/// Connections of those who have had nothing yet.
const COMPLIANT: usize = 50;
/// How many flash checkouts a shopper has in a minute.
const ALLOWANCE: usize = 5;
/// How often each greedy connection asks.
const PAUSE: Duration = Duration::from_secs(2);

/// What was done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Done {
    /// How often.
    pub times: u64,
    /// In how many seconds.
    pub seconds: f64,
    /// Milliseconds that the slowest of a hundred took, or more.
    pub p99_ms: f64,
    /// Calls of DynamoDB by the function that was asked, all environments together.
    pub reads: u64,
    /// Queries among them.
    pub queries: u64,
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
    let names = (0..SHOPPERS).map(|number| format!("loaded-{number}"));
    let skus: Vec<String> = names.map(|name| shopper::stocked(&local, &shop, &name)).collect::<Result<_, _>>()?;
    shop.checkout(&skus[0])?;
    shopper::settle(&local)?;
    closed_loop(&local, time, "place-order", |number| shop.checkout(&skus[number % skus.len()]))
}

/// Pages of 24 products for so long, in memory.
///
/// # Errors
/// When the shop does not start or does not list.
pub fn listings(time: Duration) -> Result<Done, Why> {
    let (local, shop) = start(None)?;
    let ask = Ask::get("/api/products?limit=24");
    closed_loop(&local, time, "list-products", |_| match shop.send(&ask, "198.51.100.7")? {
        answer if answer.status.is_success() => Ok(()),
        answer => Err(format!("a listing is {}", answer.status)),
    })
}

/// Looks at the flash sale's listing for so long, in memory, with shops' usual number of environments.
///
/// # Errors
/// When the shop does not start or does not list.
pub fn sales(time: Duration) -> Result<Done, Why> {
    let (local, shop) = start(None)?;
    shopper::on_sale(&local, &shop)?;
    let ask = Ask::get("/flash/products");
    closed_loop(&local, time, "list-flash-products", |_| match shop.send(&ask, "198.51.100.7")? {
        answer if answer.status.is_success() => Ok(()),
        answer => Err(format!("the listing of the sale is {}", answer.status)),
    })
}

/// What became of a thousand connections on the flash checkout.
#[derive(Debug, Clone, Copy)]
pub struct Refused {
    /// Requests of those who had had their allowance: each was refused.
    pub refusals: u64,
    /// Milliseconds that the slowest of a hundred refusals took, or more.
    pub p99_ms: f64,
    /// Requests of those who had not: each was served.
    pub served: u64,
    /// In how many seconds.
    pub seconds: f64,
}

/// A thousand connections on the flash checkout at once, all kept open: most belong to shoppers who have had what a minute
/// allows and ask all the same, each connection every two seconds, evenly spread; the others buy once each.
///
/// # Errors
/// When the shop does not start, serves who is to be refused, or refuses who is to be served.
pub fn refusals() -> Result<Refused, Why> {
    let (local, shop) = start(None)?;
    let sale = shopper::on_sale(&local, &shop)?;
    let who = |_| Ok::<_, Why>((shop.cookie()?, shop.address()));
    let greedy: Vec<_> = (0..GREEDY.0 / GREEDY.1).map(who).collect::<Result<_, _>>()?;
    let compliant: Vec<_> = (0..COMPLIANT).map(who).collect::<Result<_, _>>()?;
    let begun = Instant::now();
    for (number, (cookie, address)) in greedy.iter().enumerate() {
        for n in 0..ALLOWANCE {
            // Nobody gets more than the sale's own limit: what is refused for that counts as well.
            let answer = shop.send(&shopper::flash(&sale, cookie, &format!("first-{number}-{n}")), address)?;
            if answer.status.as_u16() == 429 {
                return Err(format!("request {n} of shopper {number} is too many"));
            }
        }
    }
    shopper::settle(&local)?;
    let (connections, asks) = (GREEDY.0, 10_u32);
    let together = std::sync::Barrier::new(connections + COMPLIANT);
    let ask_on = |connection: usize| {
        let (cookie, address) = &greedy[connection / GREEDY.1];
        let own = Shop::of(&local)?;
        together.wait();
        let first = Instant::now() + PAUSE.mul_f64(precise(connection as u64) / precise(connections as u64));
        let mut took = Vec::new();
        for n in 0..asks {
            std::thread::sleep((first + PAUSE * n).saturating_duration_since(Instant::now()));
            let ask = shopper::flash(&sale, cookie, &format!("again-{connection}-{n}"));
            let one = Instant::now();
            let answer = own.send(&ask, address)?;
            took.push(one.elapsed().as_secs_f64() * 1e3);
            if answer.status.as_u16() != 429 {
                return Err(format!("one who has had enough is answered {}", answer.status));
            }
        }
        Ok::<_, Why>(took)
    };
    let buy_on = |number: usize| {
        let (cookie, address) = &compliant[number];
        let own = Shop::of(&local)?;
        together.wait();
        let at = (PAUSE * asks).mul_f64(precise(number as u64) / precise(COMPLIANT as u64));
        std::thread::sleep(at);
        let answer = own.send(&shopper::flash(&sale, cookie, &format!("buys-{number}")), address)?;
        answer.expect(201).map(drop)
    };
    let (ask_on, buy_on) = (&ask_on, &buy_on);
    let (mut took, served) = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..connections).map(|number| scope.spawn(move || ask_on(number))).collect();
        let buying: Vec<_> = (0..COMPLIANT).map(|number| scope.spawn(move || buy_on(number))).collect();
        let died = || "a shopper died".to_owned();
        let took = asking.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(died())));
        let took = took.collect::<Result<Vec<_>, _>>()?.concat();
        let bought = buying.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(died())));
        Ok::<_, Why>((took, bought.collect::<Result<Vec<()>, _>>()?.len()))
    })?;
    took.sort_by(f64::total_cmp);
    Ok(Refused {
        refusals: took.len() as u64,
        p99_ms: took.get(took.len() * 99 / 100).copied().unwrap_or(f64::NAN),
        served: served as u64,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

fn start(data: Option<PathBuf>) -> Result<(Local, Shop), Why> {
    let local = local::start(&Options { port: 0, data, web: false, ..Options::default() }, &|_| {})?;
    let shop = Shop::of(&local)?;
    Ok((local, shop))
}

fn closed_loop(
    local: &Local,
    time: Duration,
    asked: &str,
    ask: impl Fn(usize) -> Result<(), Why> + Sync,
) -> Result<Done, Why> {
    local.cloud().reset_counters();
    let (begun, before) = (Instant::now(), used());
    let shopper = |number: usize| {
        let mut took = Vec::new();
        while begun.elapsed() < time {
            let one = Instant::now();
            ask(number)?;
            took.push(one.elapsed().as_secs_f64() * 1e3);
        }
        Ok::<_, Why>(took)
    };
    let shopper = &shopper;
    let mut took = std::thread::scope(|scope| {
        let shoppers: Vec<_> = (0..SHOPPERS).map(|number| scope.spawn(move || shopper(number))).collect();
        let all =
            shoppers.into_iter().map(|shopper| shopper.join().unwrap_or_else(|_| Err("a shopper died".to_owned())));
        all.collect::<Result<Vec<Vec<f64>>, Why>>()
    })?
    .concat();
    let seconds = begun.elapsed().as_secs_f64();
    // What the answers set off belongs to them.
    shopper::settle(local)?;
    let after = used();
    let times = took.len() as u64;
    took.sort_by(f64::total_cmp);
    let milliseconds = |chosen: &dyn Fn(&str) -> bool| {
        let sum = |used: &Used| {
            used.cpu_micros.iter().filter(|(kind, _)| chosen(kind)).map(|(_, micros)| *micros).sum::<u64>()
        };
        precise(sum(&after).saturating_sub(sum(&before))) / 1e3 / precise(times.max(1))
    };
    Ok(Done {
        times,
        seconds,
        p99_ms: took.get(took.len() * 99 / 100).copied().unwrap_or(f64::NAN),
        reads: calls(local, asked, |_| true),
        queries: calls(local, asked, |action| action == "Query"),
        functions_ms: milliseconds(&|kind| kind == "fn"),
        stand_ins_ms: milliseconds(&|kind| kind == "cloud"),
        process_ms: milliseconds(&|_| true),
    })
}

/// Calls of DynamoDB by all environments of a function since the counters began.
fn calls(local: &Local, operation: &str, choose: impl Fn(&str) -> bool) -> u64 {
    let actions = local.cloud().counters().actions.into_iter();
    let of_it = actions.filter(|(action, _)| {
        action.service == "dynamodb" && caller(&action.caller) == operation && choose(&action.action)
    });
    of_it.map(|(_, tally)| tally.calls).sum()
}

//! The process is killed at random moments while people shop.

use crate::{insist, times};
use api::{Books, Process, Shop, order};
use http::Method;
use orders::State;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SHOPPERS: usize = 20;
/// After the last restart, everything has converged by then.
const CONVERGENCE: Duration = Duration::from_secs(60);

// Feature: aws-devops-three-tier, Property 22: Data survives DB restart
// Proves: S1-P22
#[test]
fn every_acknowledged_order_survives_kills_and_is_charged_once() {
    let shop = RwLock::new(Shop::spawn(Process::start("kills")));
    let sku = shop.read().unwrap().new_sku(1_000_000);
    let (ended, acknowledged) = (AtomicBool::new(false), Mutex::new(HashMap::<String, u16>::new()));
    std::thread::scope(|scope| {
        for number in 0..SHOPPERS {
            let (shop, sku, ended, acknowledged) = (&shop, &sku, &ended, &acknowledged);
            scope.spawn(move || {
                let mut round = 0;
                while !ended.load(Ordering::Relaxed) {
                    round += 1;
                    if let Some((id, status)) = buy(shop, sku, number, round, ended) {
                        acknowledged.lock().unwrap().insert(id, status);
                    }
                }
            });
        }
        for _ in 0..times("KILLS", 3, 50) {
            std::thread::sleep(Duration::from_millis(300 + moment() % 1500));
            kill(&shop);
        }
        std::thread::sleep(Duration::from_millis(500));
        ended.store(true, Ordering::Relaxed);
    });
    let shop = shop.into_inner().unwrap();
    let books = Books::settled(&shop, CONVERGENCE);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(!acknowledged.is_empty());
    for (id, status) in &acknowledged {
        let order = books.orders.iter().find(|(known, _)| known.as_str() == id);
        let state = order.map(|(_, order)| order.state);
        assert_eq!(state, Some(State::Paid), "{id} was answered with {status}");
    }
    println!("{} orders acknowledged, {} in the books", acknowledged.len(), books.orders.len());
}

/// One order of one shopper, asked for until it is answered; nothing when the storm ended first.
fn buy(shop: &RwLock<Shop>, sku: &str, number: usize, round: usize, ended: &AtomicBool) -> Option<(String, u16)> {
    let key = format!("kills-{number}-{round}-{}", moment());
    let mut body = order(sku, 1, Some("tok_approve"));
    body["email"] = format!("shopper{number}.{round}@example.com").into();
    loop {
        let attempt = {
            let shop = shop.read().unwrap();
            let ask = shop.shopper().ask(Method::POST, "/api/orders").key(&key).json(&body);
            ask.attempt()
        };
        match attempt {
            Ok(reply) if [201, 202].contains(&reply.status) => {
                return Some((reply.json()["id"].as_str()?.to_owned(), reply.status));
            }
            Ok(reply) if reply.status < 500 && reply.status != 409 => panic!("an order was refused: {reply}"),
            _ if ended.load(Ordering::Relaxed) => return None,
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Kills and restarts. Requests are on their way meanwhile: they hold the shop only to read it.
fn kill(shop: &RwLock<Shop>) {
    shop.read().unwrap().kill();
    shop.write().unwrap().kill_and_restart();
    let shop = shop.read().unwrap();
    insist(&shop.get("/ping"), Duration::from_secs(10));
}

fn moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) / 1000
}

//! Payments of a whole shop while its provider fails by chance, is dead, and comes back.

use crate::flaky::virtual_time;
use crate::shop::{Became, Control, ENVIRONMENTS, Shop, order};
use futures::future::join_all;
use payments::breaker::REST;
use payments::{CALLS_MOST, Outcome};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Payments of one run.
const PAYMENTS: usize = 2_000;
/// When the queue looks after a payment that is not decided.
const QUEUE: Duration = Duration::from_secs(8);

/// What became of one payment in the end.
enum End {
    Refused,
    Paid,
    Lost,
}

/// A shopper pays; the queue goes on with what is not decided and, when all calls are made, asks the provider's books.
async fn to_the_end(shop: &Shop<'_>, number: usize) -> End {
    let order = order(number);
    let mut calls_made = 0;
    for visit in 0..12 {
        match shop.pay(number % ENVIRONMENTS, &order, calls_made).await {
            Became::Refused(_) if visit == 0 => return End::Refused,
            Became::Refused(_) => {}
            Became::Tried { outcome, calls, took, .. } => {
                assert!(took <= Duration::from_secs(5) && calls <= CALLS_MOST, "{calls} calls, {took:?}");
                calls_made = calls;
                if matches!(outcome, Outcome::Captured { .. }) {
                    return End::Paid;
                }
            }
        }
        if calls_made == CALLS_MOST {
            break;
        }
        tokio::time::sleep(QUEUE).await;
    }
    if shop.provider.has_taken(&format!("{order}-1")) { End::Paid } else { End::Lost }
}

// Proves: C3, C4, S4-A2d
#[test]
fn at_a_failure_rate_of_three_in_ten_96_of_100_payments_succeed_however_many_come() {
    for (per_second, skewed) in [(1, false), (5, true), (50, false), (50, true)] {
        let control = Control::new();
        let (paid, refused, calls) = virtual_time(async {
            let shop = Shop::new(&control, per_second, 30, skewed);
            let payments = (0..PAYMENTS).map(async |number| {
                let gap = Duration::from_millis(1_000 / per_second);
                tokio::time::sleep(gap * u32::try_from(number).unwrap()).await;
                to_the_end(&shop, number).await
            });
            let ends = join_all(payments).await;
            let paid = ends.iter().filter(|end| matches!(end, End::Paid)).count();
            let refused = ends.iter().filter(|end| matches!(end, End::Refused)).count();
            assert!(shop.provider.took() <= PAYMENTS, "nobody is charged twice");
            (paid, refused, shop.provider.calls())
        });
        println!("{per_second} a second: {paid} of {PAYMENTS} paid, {refused} refused, {calls} calls");
        assert!(paid * 100 >= PAYMENTS * 96, "{per_second} a second: {paid} paid, {refused} refused");
    }
}

/// What a shop saw of an outage: when each operation began, what became of it, and how many were at work when the third
/// failure was known.
struct Seen {
    requests: Vec<(Duration, Became)>,
    calls_when_dead: u32,
    in_flight_when_open: u32,
}

/// Shoppers come five times a second for four minutes; after two and a half the provider is well again.
fn outage(hangs: bool, skewed: bool) -> Seen {
    const OUTAGE: Duration = Duration::from_secs(150);
    let control = Control::new();
    virtual_time(async {
        let shop = Shop::new(&control, 7, if hangs { 0 } else { 100 }, skewed);
        shop.provider.hang(hangs);
        let (failed, in_flight_when_open) = (Mutex::new(0), Mutex::new(None));
        let requests = (0..1_200usize).map(async |number| {
            let at = Duration::from_millis(200) * u32::try_from(number).unwrap();
            tokio::time::sleep(at).await;
            let became = shop.pay(number % ENVIRONMENTS, &order(number), 0).await;
            if let Became::Tried { .. } = &became {
                let mut failed = failed.lock().unwrap();
                *failed += 1;
                if *failed == 3 {
                    *in_flight_when_open.lock().unwrap() = Some(shop.in_flight.load(Ordering::SeqCst));
                }
            }
            (at, became)
        });
        let healing = async {
            tokio::time::sleep(OUTAGE).await;
            shop.provider.hang(false);
            shop.provider.fail(0);
            shop.provider.calls()
        };
        let (requests, calls_when_dead) = futures::future::join(join_all(requests), healing).await;
        let in_flight_when_open = in_flight_when_open.lock().unwrap().unwrap_or(0);
        Seen { requests, calls_when_dead, in_flight_when_open }
    })
}

// Proves: C3, S4-A2a, S4-A2b, S4-A2e
#[test]
fn a_dead_provider_is_left_alone_but_for_one_probe_in_thirty_seconds_until_it_is_well() {
    for (hangs, skewed) in [(false, false), (true, false), (false, true), (true, true)] {
        let Seen { requests, calls_when_dead, in_flight_when_open } = outage(hangs, skewed);
        let context = format!("hangs {hangs}, skewed {skewed}");
        let tried: Vec<(Duration, bool)> = requests
            .iter()
            .filter_map(|(at, became)| match became {
                Became::Tried { took, probe, .. } => {
                    assert!(*took <= Duration::from_secs(5), "{context}: an answer after {took:?}");
                    Some((*at, *probe))
                }
                Became::Refused(wait) => {
                    assert!(*wait <= REST + Duration::from_secs(4), "{context}: told to wait {wait:?}");
                    None
                }
            })
            .collect();
        let at_first = tried.iter().filter(|(at, probe)| !probe && *at < Duration::from_secs(150)).count();
        let most = 3 + usize::try_from(in_flight_when_open).unwrap();
        assert!(at_first <= most, "{context}: {at_first} operations, {in_flight_when_open} in flight when it opened");

        let probes: Vec<Duration> =
            tried.iter().filter(|(at, probe)| *probe && *at < Duration::from_secs(150)).map(|(at, _)| *at).collect();
        let apart = REST.saturating_sub(Duration::from_secs(if skewed { 4 } else { 0 }));
        assert!(probes.len() >= 3 && probes.windows(2).all(|two| two[1] - two[0] >= apart), "{context}: {probes:?}");
        assert!(calls_when_dead as usize <= CALLS_MOST as usize * (at_first + probes.len()), "{context}");

        // Half a minute after the provider is well, and two that tried it, everybody is served again.
        let late = requests.iter().filter(|(at, _)| *at > Duration::from_secs(150 + 30 + 5 + 10));
        let (mut served, mut turned_away) = (0, 0);
        for (_, became) in late {
            match became {
                Became::Tried { outcome: Outcome::Captured { .. }, .. } => served += 1,
                _ => turned_away += 1,
            }
        }
        assert!(served > 200 && turned_away == 0, "{context}: {served} served, {turned_away} turned away");
        println!(
            "{context}: {at_first} operations before it opened ({in_flight_when_open} in flight then), {} probes, {calls_when_dead} calls",
            probes.len()
        );
    }
}

//! The line in front of a sale, over many environments.

use crate::support::{START, Shop, after, order, sale};
use cloud::{Call, Trouble};
use flash::{Line, Sale, Spent, Ticket};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use table::{Key, Write};

async fn joined(line: &Line, sale: &Sale, who: &str, seconds: u64) -> Ticket {
    line.join(sale, who, after(seconds)).await.unwrap().0
}

// Proves: S3-08
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_guest_in_many_tabs_and_environments_has_one_place() {
    let shop = Shop::start();
    let sale = sale(1, "TEA");
    let joining = (0..40).map(|n| {
        let (line, sale) = (shop.line(&format!("e{}", n % 20)), sale.clone());
        tokio::spawn(async move { line.join(&sale, "guest:ada", START).await.unwrap() })
    });
    let joining: Vec<_> = joining.collect();
    let (mut numbers, mut new) = (BTreeSet::new(), 0);
    for one in joining {
        let (ticket, place, is_new) = one.await.unwrap();
        assert_eq!(ticket.number, place.number);
        numbers.insert(ticket.number);
        new += usize::from(is_new);
    }
    assert_eq!((numbers.len(), new), (1, 1), "{numbers:?}");
    let again = joined(&shop.line("later"), &sale, "guest:ada", 9).await;
    assert_eq!(Some(&again.number), numbers.first(), "joining again is no advantage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_are_drawn_once_also_where_many_counters_count() {
    let shop = Shop::start();
    let mut sale = sale(1, "TEA");
    sale.expected_per_second = 4_500;
    let joining: Vec<_> = (0..100)
        .map(|n| {
            let (line, sale) = (shop.line(&format!("e{}", n % 20)), sale.clone());
            tokio::spawn(async move { joined(&line, &sale, &format!("guest:{n}"), 0).await.number })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for one in joining {
        numbers.insert(one.await.unwrap());
    }
    assert_eq!(numbers.len(), 100);
    let counters = (0..5).filter(|shard| numbers.iter().any(|number| (number - 1) % 5 == *shard)).count();
    assert_eq!(counters, 5, "every counter gave some");
}

// Proves: S3-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_environments_let_in_no_more_than_the_rule_says() {
    let shop = Shop::start();
    let sale = sale(1, "TEA");
    let environments: Vec<Line> = (0..20).map(|n| shop.line(&format!("e{n}"))).collect();
    let mut tickets = Vec::new();
    for n in 0..100 {
        tickets.push(joined(&environments[n % 20], &sale, &format!("guest:{n}"), 0).await);
    }
    let mut before = 0;
    for second in 1..=30 {
        let now = after(second);
        let mut admitted = 0;
        for (n, ticket) in tickets.iter().enumerate() {
            admitted += usize::from(environments[n % 20].place(&sale, ticket, now).await.unwrap().admitted);
        }
        assert!(
            admitted <= before + 11 + 10,
            "{admitted} at second {second} after {before}: ten a second are expected"
        );
        before = admitted;
    }
    assert_eq!(before, 100, "and in the end everybody is in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_are_answered_from_memory() {
    let shop = Shop::start();
    let (sale, line) = (sale(1, "TEA"), shop.line("e"));
    let ticket = joined(&line, &sale, "guest:ada", 0).await;
    let before = shop.cloud.counters().total().calls;
    for _ in 0..200 {
        line.place(&sale, &ticket, START.plus(Duration::from_millis(500))).await.unwrap();
    }
    assert_eq!(shop.cloud.counters().total().calls, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_turn_it_is_may_pass_and_others_are_told_when_to_come_back() {
    let shop = Shop::start();
    let (mut sale, line) = (sale(1, "TEA"), shop.line("e"));
    sale.expected_per_second = 1;
    let mut tickets = Vec::new();
    for n in 0..10 {
        tickets.push(joined(&line, &sale, &format!("guest:{n}"), 0).await);
    }
    let now = after(2);
    line.admit(&sale, &tickets[0], now).await.unwrap();
    let early = line.admit(&sale, &tickets[9], now).await.unwrap_err();
    assert_eq!(early.code, "ticket_not_admitted");
    assert!(early.retry_after.is_some_and(|wait| wait >= Duration::from_secs(1)));
    // Three minutes after it was let in, the first has let the turn pass.
    let late = after(200);
    line.place(&sale, &tickets[9], late).await.unwrap();
    assert_eq!(line.admit(&sale, &tickets[0], late).await.unwrap_err().code, "ticket_refused");
    assert_eq!(line.place(&sale, &tickets[0], late).await.unwrap_err().code, "not_found");
    let (again, place, new) = line.join(&sale, "guest:0", late).await.unwrap();
    assert!(new && again.number > 10 && place.number == again.number, "a new place is at the end: {place:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_before_the_sale_and_nobody_joins_after_it() {
    let shop = Shop::start();
    let (mut sale, line) = (sale(1, "TEA"), shop.line("e"));
    sale.starts_at = after(60);
    let (ticket, place, _) = line.join(&sale, "guest:ada", after(10)).await.unwrap();
    assert!(!place.admitted && place.eta_seconds >= 50, "{place:?}");
    assert_eq!(line.admit(&sale, &ticket, after(59)).await.unwrap_err().code, "ticket_not_admitted");
    assert!(line.place(&sale, &ticket, after(61)).await.unwrap().admitted);
    assert_eq!(line.join(&sale, "guest:eve", sale.ends_at).await.unwrap_err().code, "sale_over");
    assert_eq!(line.place(&sale, &ticket, sale.ends_at).await.unwrap_err().code, "not_found");
    sale.waiting_room = false;
    assert_eq!(line.join(&sale, "guest:eve", after(61)).await.unwrap_err().code, "no_waiting_room");
}

// Proves: S3-06
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ticket_is_spent_on_one_of_many_orders_that_want_it_at_once() {
    let shop = Shop::start();
    let sale = sale(1, "TEA");
    let ticket = joined(&shop.line("e"), &sale, "guest:ada", 0).await;
    let spending: Vec<_> = (0..20)
        .map(|n| {
            let (line, ticket) = (shop.line(&format!("e{n}")), ticket.clone());
            tokio::spawn(async move { line.spend(&ticket, &order(n), START).await.unwrap() })
        })
        .collect();
    let mut spent = Vec::new();
    for one in spending {
        spent.push(one.await.unwrap());
    }
    assert_eq!(spent.iter().filter(|spent| **spent == Spent::Ours).count(), 1, "{spent:?}");
    let winner = spent.iter().find_map(|spent| match spent {
        Spent::On(order, at) => Some((order.clone(), *at)),
        Spent::Ours => None,
    });
    let (winner, at) = winner.unwrap();
    assert_eq!(at, START);
    let line = shop.line("again");
    assert_eq!(line.spend(&ticket, &winner, after(1)).await.unwrap(), Spent::Ours, "its own order may ask again");
    line.spend_again(&ticket, &winner, &order(77), after(2)).await.unwrap();
    line.spend_again(&ticket, &winner, &order(77), after(2)).await.unwrap();
    assert_eq!(line.spend_again(&ticket, &winner, &order(78), after(2)).await.unwrap_err().code, "ticket_refused");
    assert!(
        matches!(line.spend(&ticket, &winner, after(3)).await.unwrap(), Spent::On(order_now, _) if order_now == order(77))
    );
    // After it was spent, joining gives a new place, and the old ticket is good for nothing.
    let (next, _, new) = line.join(&sale, "guest:ada", after(4)).await.unwrap();
    assert!(new && next.number > ticket.number);
    assert_eq!(line.spend(&ticket, &order(79), after(5)).await.unwrap_err().code, "ticket_refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finishes_makes_room() {
    let shop = Shop::start();
    let (mut sale, line) = (sale(1, "TEA"), shop.line("e"));
    sale.expected_per_second = 1;
    let mut tickets = Vec::new();
    for n in 0..40 {
        tickets.push(joined(&line, &sale, &format!("guest:{n}"), 0).await);
    }
    let admitted = async |now| {
        let mut admitted = 0;
        for ticket in &tickets {
            admitted += usize::from(line.place(&sale, ticket, now).await.unwrap().admitted);
        }
        admitted
    };
    for second in 1..60 {
        admitted(after(second)).await;
    }
    assert_eq!(admitted(after(60)).await, 30, "thirty may be at the till");
    for ticket in &tickets[..5] {
        line.finish(&sale, ticket).await.unwrap();
    }
    for second in 61..70 {
        admitted(after(second)).await;
    }
    assert_eq!(admitted(after(70)).await, 35, "five finished, five came in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_give_nobody_two_places_and_a_table_that_is_gone_is_said_to_be() {
    let shop = Shop::start();
    let (sale, line) = (sale(1, "TEA"), shop.line("e"));
    let calls = AtomicU32::new(0);
    shop.cloud.set_faults(Some(Arc::new(move |_: &Call<'_>| {
        calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(2).then_some(Trouble::After)
    })));
    let first = joined(&line, &sale, "guest:ada", 0).await;
    let again = joined(&shop.line("other"), &sale, "guest:ada", 2).await;
    assert_eq!(first.number, again.number);
    assert_eq!(line.spend(&first, &order(1), START).await.unwrap(), Spent::Ours);

    shop.cloud.set_faults(Some(Arc::new(|_: &Call<'_>| Some(Trouble::ServerError))));
    let code = |fault: kernel::Fault| fault.code;
    assert_eq!(line.join(&sale, "guest:eve", after(5)).await.map(|_| ()).map_err(code), Err("unavailable"));
    assert_eq!(line.spend(&first, &order(2), after(5)).await.map(|_| ()).map_err(code), Err("unavailable"));
    assert_eq!(line.spend_again(&first, &order(1), &order(2), after(5)).await.map_err(code), Err("unavailable"));
    assert_eq!(line.finish(&sale, &first).await.map_err(code), Err("unavailable"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_cannot_be_kept_is_not_given() {
    let shop = Shop::start();
    let sale = sale(1, "TEA");
    // The place is not written; then the line does not move on; then it does, and the place is not written.
    for (kept, seconds) in [(0, 0), (0, 5), (1, 10)] {
        let puts = AtomicU32::new(0);
        shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
            let late = call.action == "PutItem" && puts.fetch_add(1, Ordering::SeqCst) >= kept;
            late.then_some(Trouble::ServerError)
        })));
        let refused = shop.line("e").join(&sale, "guest:eve", after(seconds)).await.unwrap_err();
        assert_eq!(refused.code, "unavailable", "after {kept} writes");
    }
    shop.cloud.set_faults(None);
    let (_, _, is_new) = shop.line("e").join(&sale, "guest:eve", after(20)).await.unwrap();
    assert!(is_new, "none of the tries kept a place");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_others_change_each_time_is_given_up_after_four_tries() {
    let shop = Shop::start();
    let sale = sale(1, "TEA");
    let ticket = joined(&shop.line("e"), &sale, "guest:ada", 0).await;
    assert_eq!(shop.line("e").spend(&ticket, &order(1), START).await.unwrap(), Spent::Ours);

    let (beside, puts) = (shop.table_beside("other"), Arc::new(AtomicU32::new(0)));
    let (key, tries) =
        (Key::new(format!("PLACE#{}#{}", sale.id, Ticket::owner(&sale.id, "guest:ada"))), Arc::clone(&puts));
    shop.cloud.set_faults(Some(Arc::new(move |call: &Call<'_>| {
        if call.caller == "e" && call.action == "PutItem" && tries.fetch_add(1, Ordering::SeqCst) < 100 {
            let change = Write::update(key.clone(), "ADD #number :far").name("#number", "number").number(":far", 1_000);
            let changed = std::thread::scope(|scope| scope.spawn(|| at_once(beside.write(change))).join());
            changed.unwrap().unwrap();
        }
        None
    })));
    let refused = shop.line("e").join(&sale, "guest:ada", START).await.unwrap_err();
    assert_eq!((refused.code, puts.load(Ordering::SeqCst)), ("unavailable", 4));
    shop.cloud.set_faults(None);
    let (_, _, is_new) = shop.line("e").join(&sale, "guest:ada", START).await.unwrap();
    assert!(is_new, "as soon as nobody changes it any more");
}

fn at_once<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_remembers_a_hundred_lines() {
    let shop = Shop::start();
    let line = shop.line("e");
    for n in 0..=101 {
        joined(&line, &sale(n, "TEA"), "guest:ada", 0).await;
    }
    assert_eq!(joined(&line, &sale(0, "TEA"), "guest:ada", 0).await.number, 1);
}

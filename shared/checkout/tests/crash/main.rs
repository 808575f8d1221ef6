//! Whatever step the process dies at while an order is placed, on either side of it: whoever comes next ends it in the same
//! state, with one order, one charge at most, and every unit where it belongs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::large_futures,
    reason = "a test that cannot go on says why by panicking"
)]

mod flash;
mod functions;
mod returns;
mod stage;

use kernel::OrderId;
use orders::State;
use orders::{Order, PaymentState};
use stage::{Death, SKUS, STOCK, Stage, TAKEN, pay, place};
use std::time::Duration;

/// Longer than any request is at work on an order.
pub const LATER: Duration = Duration::from_secs(7);

/// Who finds the order after the crash.
#[derive(Debug, Clone, Copy)]
pub enum Finder {
    /// The shopper, who repeats the request.
    Shopper,
    /// The queue that looks after open payments.
    Queue,
    /// The end of the time to pay.
    Expiry,
}

async fn order_id(stage: &Stage, token: &str) -> OrderId {
    place(&stage.environment("keeper"), token).id
}

/// Places an order, dies on the way, and lets somebody find it. Answers how many steps the first process made.
async fn crash_and_recover(token: &str, death: Option<Death>, finder: Finder, expected: &[State]) -> usize {
    let stage = Stage::start().await;
    stage.fate.set(death);
    let lived = stage.live(async |checkout| checkout.place(place(&checkout, token)).await).await;
    assert_eq!(lived.is_none(), death.is_some(), "the process dies when it should: {death:?}");
    let steps = stage.fate.steps();
    stage.fate.set(None);
    let id = order_id(&stage, token).await;
    if lived.is_none() {
        stage.pass(LATER);
        recover(&stage, token, &id, finder).await;
    }
    let order = stage.environment("keeper").orders.find(&id).await.unwrap();
    let captures = stage.captures(&id).await;
    let context = format!("{token}, {death:?}, {finder:?}");
    let Some(order) = order else {
        assert_eq!(captures, 0, "{context}: money without an order");
        return steps;
    };
    assert!(expected.contains(&order.state), "{context}: {:?}", order.state);
    assert_eq!(captures, usize::from(order.state == State::Paid), "{context}: captures");
    stage.settle(&order).await;
    for sku in SKUS {
        let sold = if order.state == State::Paid { TAKEN } else { 0 };
        assert_eq!(stage.stock(sku).await, (STOCK - sold, 0, sold), "{context}: stock of {sku}");
    }
    steps
}

async fn recover(stage: &Stage, token: &str, id: &OrderId, finder: Finder) {
    let checkout = stage.environment("shop");
    match finder {
        Finder::Shopper => {
            let first = checkout.place(place(&checkout, token)).await.unwrap();
            let again = checkout.place(place(&checkout, token)).await.unwrap();
            assert_eq!((first.status, first.order), (again.status, again.order), "a repeat is told the same");
        }
        Finder::Queue => drop(checkout.resume(id, "").await.unwrap()),
        Finder::Expiry => {
            stage.pass(orders::PAYMENT_TIME);
            checkout.expire(id, "").await.unwrap();
        }
    }
}

/// Every death of every step, on both sides.
async fn every_death(token: &str, finder: Finder, expected: &[State]) -> usize {
    let steps = crash_and_recover(token, None, finder, expected).await;
    assert!(steps >= 5, "limits aside, an order is written, held, charged and settled: {steps}");
    for at in 1..=steps {
        for death in [Death::Before(at), Death::After(at)] {
            crash_and_recover(token, Some(death), finder, expected).await;
        }
    }
    2 * steps
}

// Proves: S3-06, S3-07, S1-P20
#[tokio::test(flavor = "multi_thread")]
async fn a_shopper_who_repeats_after_a_crash_has_one_paid_order_and_one_charge() {
    let points = every_death("tok_approve", Finder::Shopper, &[State::Paid]).await;
    println!("{points} deaths of place-order, found by the shopper");
}

// Proves: S3-07, S4-A2c
#[tokio::test(flavor = "multi_thread")]
async fn the_queue_pays_or_leaves_what_a_dead_process_began() {
    let points = every_death("tok_approve", Finder::Queue, &[State::Paid]).await;
    println!("{points} deaths of place-order, found by the queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_charged_once_wherever_the_process_dies() {
    let points = every_death("tok_lost_answer", Finder::Shopper, &[State::Paid]).await;
    println!("{points} deaths of place-order with a lost answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_stays_a_decline_wherever_the_process_dies() {
    let points = every_death("tok_decline", Finder::Shopper, &[State::Declined]).await;
    println!("{points} deaths of place-order with a decline");
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_goes_on_with_is_paid_or_expires_and_frees_its_stock() {
    let points = every_death("tok_approve", Finder::Expiry, &[State::Paid, State::Expired]).await;
    println!("{points} deaths of place-order, found when its time was over");
}

/// An order that is placed and held, and waits for its payment.
async fn waiting(stage: &Stage) -> Order {
    let checkout = stage.environment("keeper");
    let mut request = place(&checkout, "tok_approve");
    request.tender = None;
    let placement = checkout.place(request).await.unwrap();
    assert_eq!(placement.status, 201);
    checkout.orders.find(placement.order.id()).await.unwrap().unwrap()
}

async fn pay_and_die(token: &str, death: Option<Death>, expected: &[State]) -> usize {
    let stage = Stage::start().await;
    let order = waiting(&stage).await;
    stage.fate.set(death);
    let lived = stage.live(async |checkout| checkout.pay(pay(&checkout, order.clone(), token)).await).await;
    assert_eq!(lived.is_none(), death.is_some(), "the process dies when it should: {death:?}");
    let steps = stage.fate.steps();
    stage.fate.set(None);
    let checkout = stage.environment("shop");
    if lived.is_none() {
        stage.pass(LATER);
        let found = checkout.orders.find(order.id()).await.unwrap().unwrap();
        let first = checkout.pay(pay(&checkout, found.clone(), token)).await.unwrap();
        let again = checkout.pay(pay(&checkout, found, token)).await.unwrap();
        assert_eq!((first.status, first.order), (again.status, again.order), "a repeat is told the same");
    }
    let order = checkout.orders.find(order.id()).await.unwrap().unwrap();
    assert!(expected.contains(&order.state), "{token}, {death:?}: {:?}", order.state);
    assert_eq!(stage.captures(order.id()).await, usize::from(order.state == State::Paid), "{token}, {death:?}");
    stage.settle(&order).await;
    for sku in SKUS {
        let paid = order.state == State::Paid;
        let (held, sold) = if paid { (0, TAKEN) } else { (TAKEN, 0) };
        assert_eq!(stage.stock(sku).await, (STOCK - TAKEN, held, sold), "{token}, {death:?}: stock of {sku}");
    }
    steps
}

// Proves: S3-07
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_a_waiting_order_is_charged_once_wherever_the_process_dies() {
    for (token, expected) in
        [("tok_approve", State::Paid), ("tok_lost_answer", State::Paid), ("tok_decline", State::PendingPayment)]
    {
        let steps = pay_and_die(token, None, &[expected]).await;
        for at in 1..=steps {
            for death in [Death::Before(at), Death::After(at)] {
                pay_and_die(token, Some(death), &[expected]).await;
            }
        }
        println!("{} deaths of pay-order with {token}", 2 * steps);
    }
}

// Proves: S3-06
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_settlement_or_between_settlement_and_its_redelivery_sells_nothing_twice() {
    let stage = Stage::start().await;
    let checkout = stage.environment("shop");
    let first = checkout.place(place(&checkout, "tok_approve")).await.unwrap();
    for pause in [Duration::ZERO, Duration::from_secs(90), Duration::from_secs(3_600)] {
        stage.settle(&first.order).await;
        stage.pass(pause);
        let again = checkout.place(place(&checkout, "tok_approve")).await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.order, first.order);
        stage.settle(&again.order).await;
    }
    for sku in SKUS {
        assert_eq!(stage.stock(sku).await, (STOCK - TAKEN, 0, TAKEN));
    }
    assert_eq!(stage.captures(first.order.id()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_used_for_another_order_is_refused_and_a_young_attempt_is_waited_for() {
    let stage = Stage::start().await;
    stage.fate.set(Some(Death::After(4)));
    assert!(stage.live(async |checkout| checkout.place(place(&checkout, "tok_approve")).await).await.is_none());
    stage.fate.set(None);
    let checkout = stage.environment("shop");
    let early = checkout.place(place(&checkout, "tok_approve")).await.unwrap_err();
    assert_eq!((early.code, early.retry_after), ("request_in_flight", Some(Duration::from_secs(1))));
    let mut other = place(&checkout, "tok_approve");
    other.fingerprint = "e".repeat(64);
    assert_eq!(checkout.place(other).await.unwrap_err().code, "idempotency_key_reused");
}

// Proves: S3-07
#[tokio::test(flavor = "multi_thread")]
async fn money_that_arrives_for_an_expired_order_goes_back() {
    let stage = Stage::start().await;
    let checkout = stage.environment("shop");
    let undecided = checkout.place(place(&checkout, "tok_slow_6000")).await.unwrap();
    assert_eq!(undecided.status, 202, "the provider has not said");
    let mut order = checkout.orders.find(undecided.order.id()).await.unwrap().unwrap();
    let learned = checkout::settle::Learned {
        by: "system".to_owned(),
        at: checkout.till.now(),
        told: orders::Told { request: String::new(), trace: String::new() },
    };
    let seen = order.version;
    assert!(checkout::settle::expire(&mut order, &learned));
    checkout.orders.save(&order, seen).await.unwrap();

    let link = checkout.till.link().await.unwrap();
    let method = checkout.till.method("card").unwrap();
    let call = checkout.till.call("look", "");
    let reports = payments::find(method, &link, call, order.id().as_str()).await.unwrap();
    for report in &reports {
        checkout::settle_payment_event(&checkout.orders, report, checkout.till.now(), "").await.unwrap();
    }
    let order = checkout.orders.find(order.id()).await.unwrap().unwrap();
    assert_eq!(order.state, State::Expired);
    let refund = order.payment.as_ref().unwrap().refunds.first().expect("a refund is asked for").refund;
    for _ in 0..2 {
        checkout.refund(order.id(), refund, "").await.unwrap();
    }
    let order = checkout.orders.find(order.id()).await.unwrap().unwrap();
    assert_eq!(order.payment.as_ref().unwrap().state, PaymentState::Refunded);
    stage.settle(&order).await;
    for sku in SKUS {
        assert_eq!(stage.stock(sku).await, (STOCK, 0, 0));
    }
}

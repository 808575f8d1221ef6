//! Whatever step the process dies at while an order is placed, on either side of it: whoever comes next ends it in the same
//! state, with one order, one charge at most, and every unit where it belongs.

mod stage;

use kernel::OrderId;
use orders::State;
use stage::{Death, SKUS, STOCK, Stage, TAKEN, place};
use std::time::Duration;

/// Longer than any request is at work on an order.
const LATER: Duration = Duration::from_secs(7);

/// Who finds the order after the crash.
#[derive(Debug, Clone, Copy)]
enum Finder {
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

//! Shoppers who are sent to do something first: those who come back, those who never do, and money that comes late.

use crate::stage::{Death, SKUS, STOCK, Stage, TAKEN, pay, place};
use crate::{LATER, order_id};
use orders::{Errand, Order, PaymentState, State};

/// An order whose payment waits for the shopper, and what they have to do.
async fn sent_away(stage: &Stage, method: &str) -> (Order, Errand) {
    let checkout = stage.environment("keeper");
    let placed = checkout.place(place(&checkout, method)).await.unwrap();
    let payment = placed.order.payment.clone().unwrap();
    assert_eq!((placed.status, payment.state), (202, PaymentState::RequiresAction));
    let again = checkout.place(place(&checkout, method)).await.unwrap();
    assert_eq!((again.status, again.replayed), (202, true), "a repeat is told the same");
    (placed.order, payment.given.unwrap().errand)
}

async fn do_it(stage: &Stage, errand: &Errand) {
    match errand {
        Errand::Redirect { url } => stage.submit(url, "decision=tok_approve").await,
        Errand::Transfer { address, .. } => stage.submit(&format!("/crypto/address/{address}"), "how=exact").await,
    }
}

async fn statuses(stage: &Stage, order: &Order) -> Vec<String> {
    stage.books(order.id()).await.iter().map(|payment| payment["status"].as_str().unwrap().to_owned()).collect()
}

async fn find(stage: &Stage, order: &Order) -> Order {
    stage.environment("keeper").orders.find(order.id()).await.unwrap().unwrap()
}

// Proves: S3-07
#[tokio::test(flavor = "multi_thread")]
async fn a_shopper_who_comes_back_pays_once_wherever_the_process_dies() {
    let run = async |death: Option<Death>| {
        let stage = Stage::start().await;
        let (order, errand) = sent_away(&stage, "paypal").await;
        do_it(&stage, &errand).await;
        stage.fate.set(death);
        let lived = stage.live(async |checkout| checkout.pay(pay(&checkout, order.clone(), "paypal")).await).await;
        assert_eq!(lived.is_none(), death.is_some(), "the process dies when it should: {death:?}");
        let steps = stage.fate.steps();
        stage.fate.set(None);
        let checkout = stage.environment("shop");
        if lived.is_none() {
            stage.pass(LATER);
            let found = find(&stage, &order).await;
            let first = checkout.pay(pay(&checkout, found.clone(), "paypal")).await.unwrap();
            let again = checkout.pay(pay(&checkout, found, "paypal")).await.unwrap();
            assert_eq!((first.status, first.order), (again.status, again.order), "a repeat is told the same");
        }
        let order = find(&stage, &order).await;
        assert_eq!(order.state, State::Paid, "{death:?}");
        assert!(order.answers.iter().all(|answer| answer.status == Some(201)), "{death:?}: both requests are answered");
        assert_eq!(statuses(&stage, &order).await, ["captured"], "{death:?}");
        stage.settle(&order).await;
        for sku in SKUS {
            assert_eq!(stage.stock(sku).await, (STOCK - TAKEN, 0, TAKEN), "{death:?}: stock of {sku}");
        }
        steps
    };
    let steps = run(None).await;
    for at in 1..=steps {
        for death in [Death::Before(at), Death::After(at)] {
            run(Some(death)).await;
        }
    }
    println!("{} deaths of pay-order on the return from PayPal", 2 * steps);
}

// Proves: S4-P2b
#[tokio::test(flavor = "multi_thread")]
async fn who_never_comes_back_keeps_no_stock_and_leaves_nothing_approved_wherever_the_process_dies() {
    for method in ["paypal", "crypto"] {
        let run = async |death: Option<Death>| {
            let stage = Stage::start().await;
            let (order, errand) = sent_away(&stage, method).await;
            if method == "paypal" {
                do_it(&stage, &errand).await;
            }
            let early = stage.environment("keeper").expire(order.id(), "").await.unwrap();
            assert!(matches!(early, checkout::Next::Later(_)), "it is not due yet");
            stage.pass(orders::PAYMENT_TIME);
            stage.fate.set(death);
            let lived = stage.live(async |checkout| checkout.expire(order.id(), "").await).await;
            assert_eq!(lived.is_none(), death.is_some(), "the process dies when it should: {death:?}");
            let steps = stage.fate.steps();
            stage.fate.set(None);
            stage.environment("shop").expire(order.id(), "").await.unwrap();
            let order = find(&stage, &order).await;
            assert_eq!((order.state, statuses(&stage, &order).await), (State::Expired, vec!["voided".to_owned()]));
            stage.settle(&order).await;
            for sku in SKUS {
                assert_eq!(stage.stock(sku).await, (STOCK, 0, 0), "{death:?}: stock of {sku}");
            }
            steps
        };
        let steps = run(None).await;
        for at in 1..=steps {
            for death in [Death::Before(at), Death::After(at)] {
                run(Some(death)).await;
            }
        }
        println!("{} deaths of expire-order of a payment by {method}", 2 * steps);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_after_the_order_ended_goes_back_whoever_finds_it() {
    let stage = Stage::start().await;
    let (order, errand) = sent_away(&stage, "crypto").await;
    let checkout = stage.environment("keeper");
    stage.pass(orders::PAYMENT_TIME);
    checkout.expire(order.id(), "").await.unwrap();
    do_it(&stage, &errand).await;
    let (method, link) = (checkout.till.method("crypto").unwrap(), checkout.till.link().await.unwrap());
    let reports = payments::find(method, &link, checkout.till.call("look", ""), order.id().as_str()).await.unwrap();
    for _ in 0..2 {
        checkout::settle_payment_event(&checkout.orders, &reports[0], checkout.till.now(), "").await.unwrap();
    }
    checkout.refund(order.id(), 1, "").await.unwrap();
    let order = find(&stage, &order).await;
    assert_eq!((order.state, order.payment.as_ref().unwrap().state), (State::Expired, PaymentState::Refunded));
    assert_eq!(statuses(&stage, &order).await, ["refunded"]);
}

/// The queue and the schedule look after what waits for a shopper without hurrying them, and find what has arrived.
#[tokio::test(flavor = "multi_thread")]
async fn reconciliation_finds_money_that_arrived_and_whose_event_was_lost() {
    let stage = Stage::start().await;
    let (order, errand) = sent_away(&stage, "crypto").await;
    let checkout = stage.environment("keeper");
    stage.pass(LATER);
    assert_eq!(checkout.resume(order.id(), "").await.unwrap(), checkout::Next::Done);
    assert!(find(&stage, &order).await.payment.unwrap().is_on_errand(), "nothing has arrived");
    do_it(&stage, &errand).await;
    assert_eq!(checkout.resume(order.id(), "").await.unwrap(), checkout::Next::Done);
    assert_eq!(find(&stage, &order).await.state, State::Paid);
    assert_eq!(order.id(), &order_id(&stage, "crypto").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_queue_of_payments_is_behind_checkouts_wait_and_payments_that_began_go_on() {
    let stage = Stage::start().await;
    let checkout = stage.environment("shop");
    let (order, errand) = sent_away(&stage, "crypto").await;
    do_it(&stage, &errand).await;
    stage.pass(LATER);
    let waited = Some(payments::breakers::BACKLOG * 2);
    assert_eq!(checkout.resume_waited(order.id(), waited, "").await.unwrap(), checkout::Next::Done);
    assert_eq!(find(&stage, &order).await.state, State::Paid);
    let shed = checkout.place(place(&checkout, "tok_approve")).await;
    assert!(shed.is_ok(), "another provider's queue is not behind");
    let mut request = place(&checkout, "crypto");
    request.id = kernel::OrderId::parse(&kernel::id::derived(&["another order"])).unwrap();
    let id = request.id.clone();
    let fault = checkout.place(request).await.unwrap_err();
    assert_eq!((fault.code, fault.detail.as_str()), ("payments_unavailable", kernel::fault::texts::UNAVAILABLE));
    assert!(fault.retry_after.is_some() && checkout.orders.find(&id).await.unwrap().is_none(), "nothing was written");
}

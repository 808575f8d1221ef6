//! The functions that give money back or hear of it, as they ship: whatever step they die at, the repeat ends in the same
//! state.

use crate::stage::{Death, SKUS, STOCK, Stage, TAKEN, pay, place};
use crate::{LATER, waiting};
use kernel::{Principal, Role};
use lambda::{Function, Invocation, Platform, StaffToken};
use orders::{Order, PaymentState, State};
use serde_json::{Value, json};
use std::time::Duration;
use table::Write;

const STAFF: &str = "rst_support_of_the_test";

/// An order that is placed, paid and settled.
async fn sold(stage: &Stage) -> Order {
    let checkout = stage.environment("keeper");
    let placed = checkout.place(place(&checkout, "tok_approve")).await.unwrap();
    stage.settle(&placed.order).await;
    checkout.orders.find(placed.order.id()).await.unwrap().unwrap()
}

async fn now_of(stage: &Stage, order: &Order) -> Order {
    stage.environment("keeper").orders.find(order.id()).await.unwrap().unwrap()
}

/// A request of the gateway's, from the sample of that function.
fn request(sample: &str, path: &[(&str, &str)], headers: &[(&str, String)], body: String) -> Vec<u8> {
    let mut event: Value = serde_json::from_str(sample).unwrap();
    for (name, value) in path {
        event["pathParameters"][*name] = json!(value);
    }
    for name in ["headers", "multiValueHeaders"] {
        event[name].as_object_mut().unwrap().remove("Cookie");
    }
    for (name, value) in headers {
        event["headers"][*name] = json!(value);
        event["multiValueHeaders"][*name] = json!([value]);
    }
    event["body"] = json!(body);
    event.to_string().into_bytes()
}

async fn invoke(function: &Function, platform: &Platform, event: Vec<u8>) -> Value {
    let deadline = platform.now().plus(Duration::from_secs(6));
    let answer = function.invoke(event, Invocation { request_id: "request".to_owned(), deadline }).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

/// Runs one whole function, dies on the way, and runs it again as whoever repeats it does. Answers how many steps the first
/// process made, and the last answer.
async fn twice(
    stage: &Stage,
    death: Option<Death>,
    function: impl AsyncFn(&Platform) -> Function,
    event: impl Fn() -> Vec<u8>,
) -> (usize, Value) {
    stage.fate.set(death);
    let run = async |platform: Platform| invoke(&function(&platform).await, &platform, event()).await;
    let lived = stage.live_on(run).await;
    assert_eq!(lived.is_none(), death.is_some(), "the process dies when it should: {death:?}");
    let steps = stage.fate.steps();
    stage.fate.set(None);
    if lived.is_none() {
        stage.pass(LATER);
    }
    let platform = stage.platform("shop");
    (steps, invoke(&function(&platform).await, &platform, event()).await)
}

/// Every death of every step, on both sides. Answers how many.
async fn every_death(run: impl AsyncFn(Option<Death>) -> usize) -> usize {
    let steps = run(None).await;
    assert!(steps >= 2, "it reads and writes: {steps}");
    for at in 1..=steps {
        for death in [Death::Before(at), Death::After(at)] {
            assert!(run(Some(death)).await >= at);
        }
    }
    2 * steps
}

// Proves: S3-06
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_dies_anywhere_ends_the_order_once_and_asks_for_one_refund() {
    let deaths = every_death(async |death| {
        let stage = Stage::start().await;
        let order = sold(&stage).await;
        let token = StaffToken {
            hash: kernel::id::sha256_hex(STAFF.as_bytes()),
            id: "support".to_owned(),
            role: Role::Support,
            expires_at: None,
        };
        let accounts = stage.platform("keeper").table("accounts").unwrap();
        accounts.write(Write::put(&token).unwrap()).await.unwrap();
        let headers = [("Authorization", format!("Bearer {STAFF}"))];
        let event = || {
            let sample = include_str!("../../../../events/samples/cancel-order.json");
            request(sample, &[("orderId", order.id().as_str())], &headers, json!({"reason": "twice"}).to_string())
        };
        let function = async |platform: &Platform| cancel_order::function(platform).await.unwrap();
        let (steps, answer) = twice(&stage, death, function, event).await;
        assert_eq!(answer["statusCode"], 200, "{death:?}: {answer}");
        let order = now_of(&stage, &order).await;
        let payment = order.payment.as_ref().unwrap();
        assert_eq!((order.state, payment.refunds.len()), (State::Cancelled, 1), "{death:?}");
        assert_eq!(payment.refunds[0].amount, order.placed.totals.total);
        let cancelled = order.events.iter().filter(|event| event.what.name() == "cancelled").count();
        assert_eq!(cancelled, 1, "{death:?}");
        steps
    })
    .await;
    println!("{deaths} deaths of cancel-order");
}

// Proves: S3-07
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_dies_anywhere_goes_back_once() {
    let deaths = every_death(async |death| {
        let stage = Stage::start().await;
        let mut order = sold(&stage).await;
        let (seen, checkout) = (order.version, stage.environment("keeper"));
        let support = Principal::Staff { id: "support".to_owned(), role: Role::Support };
        orders::cancel::cancel(&mut order, "twice", &support, checkout.till.now()).unwrap();
        checkout.orders.save(&order, seen).await.unwrap();
        let event = || {
            let sample = include_str!("../../../../events/samples/refund-payment.json");
            let mut event: Value = serde_json::from_str(sample).unwrap();
            event["Records"][0]["body"] = json!(json!({"order": order.id(), "refund": 1}).to_string());
            event.to_string().into_bytes()
        };
        let function = async |platform: &Platform| refund_payment::function(platform).await.unwrap();
        let (steps, answer) = twice(&stage, death, function, event).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{death:?}: {answer}");
        let order = now_of(&stage, &order).await;
        assert_eq!(order.payment.as_ref().unwrap().state, PaymentState::Refunded, "{death:?}");
        let back = order.events.iter().filter(|event| event.what.name() == "refunded").count();
        let books = stage.books(order.id()).await;
        let total = order.placed.totals.total.units();
        assert_eq!((back, books.len(), books[0]["refunded"].as_i64()), (1, 1, Some(total)), "{death:?}");
        steps
    })
    .await;
    println!("{deaths} deaths of refund-payment");
}

// Proves: S3-06, S3-07
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_event_that_dies_anywhere_and_is_sent_again_pays_the_order_once() {
    // The step before which a placing has charged and not yet said so.
    let stage = Stage::start().await;
    stage.fate.set(None);
    stage.live(async |checkout| checkout.place(place(&checkout, "tok_approve")).await).await;
    let last = stage.fate.steps();
    let deaths = every_death(async |death| {
        let stage = Stage::start().await;
        stage.fate.set(Some(Death::Before(last)));
        let died = stage.live(async |checkout| checkout.place(place(&checkout, "tok_approve")).await).await;
        assert!(died.is_none(), "the placing died before it said what became of it");
        stage.fate.set(None);
        let id = place(&stage.environment("keeper"), "tok_approve").id;
        let order = stage.environment("keeper").orders.find(&id).await.unwrap().unwrap();
        let books = stage.books(&id).await;
        assert_eq!((order.state, books[0]["status"].as_str()), (State::PendingPayment, Some("captured")));
        let event = || {
            let (headers, body) = stage.event(&books[0]);
            let sample = include_str!("../../../../events/samples/receive-payment-event.json");
            request(sample, &[("provider", "sandbox")], &headers, body)
        };
        let function = async |platform: &Platform| receive_payment_event::function(platform).await.unwrap();
        let (steps, answer) = twice(&stage, death, function, event).await;
        assert_eq!(answer["statusCode"], 202, "{death:?}: {answer}");
        let order = now_of(&stage, &order).await;
        let paid = order.events.iter().filter(|event| event.what.name() == "paid").count();
        assert_eq!((order.state, paid, stage.captures(&id).await), (State::Paid, 1, 1), "{death:?}");
        stage.settle(&order).await;
        for sku in SKUS {
            assert_eq!(stage.stock(sku).await, (STOCK - TAKEN, 0, TAKEN), "{death:?}: stock of {sku}");
        }
        steps
    })
    .await;
    println!("{deaths} deaths of receive-payment-event");
}

/// Out of order, late and for nobody: what a provider tells changes only what it decides.
#[tokio::test(flavor = "multi_thread")]
async fn events_out_of_order_for_other_attempts_and_for_unknown_payments_change_nothing() {
    let stage = Stage::start().await;
    let checkout = stage.environment("keeper");
    let order = waiting(&stage).await;
    checkout.pay(pay(&checkout, order.clone(), "tok_decline")).await.unwrap();
    let declined = stage.books(order.id()).await.remove(0);
    let mut second = pay(&checkout, now_of(&stage, &order).await, "tok_approve");
    second.key = "s".repeat(26);
    checkout.pay(second).await.unwrap();
    let paid = now_of(&stage, &order).await;
    let platform = stage.platform("keeper");
    let function = receive_payment_event::function(&platform).await.unwrap();
    let sample = include_str!("../../../../events/samples/receive-payment-event.json");
    let mut unknown = declined.clone();
    unknown["reference"] = json!("01jgtq9d3v8x4n6m2k7h5r0p1s");
    let mut strange = declined.clone();
    strange["reference"] = json!("no order of ours");
    let mut authorized = stage.books(order.id()).await.remove(1);
    authorized["status"] = json!("authorized");
    for payment in [declined, unknown, strange, authorized] {
        let (headers, body) = stage.event(&payment);
        let event = request(sample, &[("provider", "sandbox")], &headers, body);
        assert_eq!(invoke(&function, &platform, event).await["statusCode"], 202, "{payment}");
    }
    assert_eq!(now_of(&stage, &order).await, paid);
}

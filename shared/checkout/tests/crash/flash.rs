//! The same for flash-checkout, as it ships: limiter, sale, line, ticket, order, stock, allowance, charge. Whatever call the
//! process dies at, on either side of it, the sale sells once, charges once, and spends the ticket on one order.

use crate::stage::{Death, STOCK, Stage, TAKEN};
use crate::{Finder, LATER};
use flash::sale::Event;
use flash::{Item, Line, Sale, Ticket};
use kernel::{Amount, Currency, GuestId, Instant, OrderId, Principal, ProductId, SaleId, Sku};
use lambda::{Invocation, Platform};
use orders::{Order, State};
use serde_json::{Value, json};
use std::time::Duration;
use stock::allowance;

const SKU: &str = "TEA";
const KEY: &str = "buy-1";

/// A sale with a waiting room, a guest whose turn it is, and what their browser sends.
struct Queued {
    sale: Sale,
    guest: String,
    cookie: String,
    ticket: String,
}

impl Queued {
    async fn start(stage: &Stage) -> Self {
        let platform = stage.platform("keeper");
        let now = platform.now();
        let sale = sale(now);
        let sales = flash::Store::new(platform.table("flash").unwrap());
        sales.table().transact(sales.open(&sale).unwrap(), None).await.unwrap();
        stage.environment("keeper").stock.spread(&Sku::parse(SKU).unwrap(), 2).await.unwrap();

        let id = GuestId::parse(&kernel::id::encode([8; 16])).unwrap();
        let guest = Principal::Guest(id.clone()).to_string();
        let signature = platform.signer("guest").await.unwrap().sign(id.as_str().as_bytes());
        let line = Line::new(sales.table().clone());
        let (ticket, place, _) = line.join(&sale, &guest, now).await.unwrap();
        assert!(place.admitted, "{place:?}");
        let signer = platform.signer(flash::ticket::PURPOSE).await.unwrap();
        Self { sale, guest, cookie: format!("__Host-guest={id}.{signature}"), ticket: Ticket::sign(&ticket, &signer) }
    }

    /// The event of a request under that key.
    fn event(&self, key: &str, token: &str) -> Vec<u8> {
        let sample = include_str!("../../../../events/samples/flash-checkout.json");
        let mut event: Value = serde_json::from_str(sample).unwrap();
        for (name, value) in [("Cookie", self.cookie.as_str()), ("Idempotency-Key", key)] {
            event["headers"][name] = json!(value);
            event["multiValueHeaders"][name] = json!([value]);
        }
        let body = json!({
            "sale": self.sale.id.as_str(), "sku": SKU, "quantity": TAKEN, "email": "ada@example.com", "country": "DE",
            "payment": {"method": "card", "token": token}, "ticket": self.ticket,
        });
        event["body"] = json!(body.to_string());
        event.to_string().into_bytes()
    }

    /// The order that a key stands for.
    fn order(&self, key: &str) -> OrderId {
        OrderId::parse(&kernel::id::derived(&[self.guest.as_str(), "POST", "/flash/checkout", key])).unwrap()
    }

    /// Sends the request to a new environment; the answer's status and body.
    async fn send(&self, stage: &Stage, caller: &str, key: &str, token: &str) -> (u64, Value) {
        self.send_to(stage.platform(caller), key, token).await
    }

    /// Sends the request to that environment.
    async fn send_to(&self, platform: Platform, key: &str, token: &str) -> (u64, Value) {
        let function = flash_checkout::function(&platform).await.unwrap();
        let deadline = platform.now().plus(Duration::from_secs(10));
        let invocation = Invocation { request_id: "invocation".to_owned(), deadline };
        let answer = function.invoke(self.event(key, token), invocation).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let body = serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap_or(Value::Null);
        (answer["statusCode"].as_u64().unwrap(), body)
    }
}

fn sale(now: Instant) -> Sale {
    let item = Item {
        sku: Sku::parse(SKU).unwrap(),
        product: ProductId::parse("tea").unwrap(),
        name: "Tea".to_owned(),
        variant: String::new(),
        image: String::new(),
        weight_grams: 100,
        price: Amount::minor(300),
        was: Amount::minor(500),
        cells: 2,
    };
    Sale {
        id: SaleId::parse(&kernel::id::encode([4; 16])).unwrap(),
        name: "Noon".to_owned(),
        state: flash::State::Open,
        starts_at: now.minus(Duration::from_secs(60)),
        ends_at: now.plus(Duration::from_secs(3_600)),
        limit: TAKEN,
        expected_per_second: 10,
        waiting_room: true,
        currency: Currency::USD,
        items: vec![item],
        version: 1,
        events: vec![Event { at: now, by: "staff:admin:1".to_owned(), to: flash::State::Open }],
        live: Some(flash::store::LIVE.to_owned()),
    }
}

/// Buys, dies on the way, and lets somebody find what is left. Answers how many calls the first process made.
async fn crash_and_recover(token: &str, death: Option<Death>, finder: Finder, expected: State) -> usize {
    let stage = Stage::start().await;
    let queued = Queued::start(&stage).await;
    let context = format!("{token}, {death:?}, {finder:?}");
    stage.fate.set(death);
    let lived = stage.live_on(async |platform| queued.send_to(platform, KEY, token).await).await;
    assert_eq!(lived.is_none(), death.is_some(), "{context}: the process dies when it should");
    let steps = stage.fate.steps();
    stage.fate.set(None);
    let id = queued.order(KEY);
    if lived.is_none() {
        stage.pass(LATER);
        recover(&stage, &queued, &id, token, finder).await;
    }
    let order = stage.environment("keeper").orders.find(&id).await.unwrap();
    let captures = stage.captures(&id).await;
    let Some(order) = order else {
        assert_eq!(captures, 0, "{context}: money without an order");
        never_came(&stage, &queued, finder, &context).await;
        return steps;
    };
    let ended_otherwise = matches!(finder, Finder::Expiry) && order.state == State::Expired;
    assert!(order.state == expected || ended_otherwise, "{context}: {:?}", order.state);
    holds_together(&stage, &queued, &order, captures, &context).await;
    steps
}

async fn recover(stage: &Stage, queued: &Queued, id: &OrderId, token: &str, finder: Finder) {
    match finder {
        Finder::Shopper => {
            let first = queued.send(stage, "later", KEY, token).await;
            let again = queued.send(stage, "later-still", KEY, token).await;
            assert_eq!(first, again, "a repeat is told the same");
        }
        Finder::Queue => drop(stage.environment("shop").resume(id, "").await.unwrap()),
        Finder::Expiry => {
            stage.pass(orders::PAYMENT_TIME);
            stage.environment("shop").expire(id, "").await.unwrap();
        }
    }
}

/// The ticket may have been spent on an order that never was: after a while it is good for another one, as long as its turn
/// has not passed.
async fn never_came(stage: &Stage, queued: &Queued, finder: Finder, context: &str) {
    stage.pass(Duration::from_secs(20));
    let (status, body) = queued.send(stage, "another-key", "buy-2", "tok_approve").await;
    let expected = if matches!(finder, Finder::Expiry) { 403 } else { 201 };
    assert_eq!(status, expected, "{context}: {body}");
}

async fn holds_together(stage: &Stage, queued: &Queued, order: &Order, captures: usize, context: &str) {
    let paid = order.state == State::Paid;
    assert_eq!(captures, usize::from(paid), "{context}: captures");
    stage.settle(order).await;
    let sold = if paid { TAKEN } else { 0 };
    assert_eq!(stage.stock(SKU).await, (STOCK - sold, 0, sold), "{context}: stock");
    let allowance = allowance(&queued.sale.id, &queued.guest).unwrap();
    let counted = stage.environment("keeper").stock.look(&allowance).await.unwrap();
    let counted = counted.map(|stock| (stock.available(), stock.held(), stock.sold()));
    let none_was_held = !paid && counted.is_none();
    assert!(none_was_held || counted == Some((TAKEN - sold, 0, sold)), "{context}: allowance {counted:?}");
    if paid {
        let (status, body) = queued.send(stage, "greedy", "buy-2", "tok_approve").await;
        assert_eq!((status, body["code"].as_str()), (403, Some("ticket_refused")), "{context}: one ticket, one order");
    }
}

async fn every_death(token: &str, finder: Finder, expected: State) -> usize {
    let steps = crash_and_recover(token, None, finder, expected).await;
    assert!(steps >= 9, "limiter, sale, line, ticket, order, stock, allowance, charge, paid: {steps}");
    for at in 1..=steps {
        for death in [Death::Before(at), Death::After(at)] {
            crash_and_recover(token, Some(death), finder, expected).await;
        }
    }
    2 * steps
}

// Proves: S3-06, S3-07
#[tokio::test(flavor = "multi_thread")]
async fn a_flash_checkout_that_dies_anywhere_is_one_order_one_charge_and_one_ticket() {
    let shopper = every_death("tok_approve", Finder::Shopper, State::Paid).await;
    let queue = every_death("tok_approve", Finder::Queue, State::Paid).await;
    println!("{shopper} deaths of flash-checkout found by the shopper, {queue} by the queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flash_checkout_that_dies_and_is_left_alone_is_paid_or_expires_and_frees_stock_and_allowance() {
    let points = every_death("tok_approve", Finder::Expiry, State::Paid).await;
    println!("{points} deaths of flash-checkout found when its time was over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_of_a_flash_checkout_stays_one_wherever_the_process_dies() {
    let declined = every_death("tok_decline", Finder::Shopper, State::Declined).await;
    let lost = every_death("tok_lost_answer", Finder::Shopper, State::Paid).await;
    println!("{declined} deaths of flash-checkout with a decline, {lost} with a lost answer");
}

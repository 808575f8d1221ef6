//! Every call of every money path, before and after: the environment dies there, time passes, queues deliver, clients
//! repeat, and the shop ends as if nothing had happened.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on says why by panicking")]

use cloud::Definition;
use serde_json::json;
use simulation::books::{Books, Matter};
use simulation::ending;
use simulation::shop::{Ask, Shop, definition};
use simulation::watch::Watch;
use simulation::weather::{Death, Side, Sky};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is left when all is over: orders with their state, payments with what was taken and given back, and what is
/// available, held and sold of each SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Left {
    orders: BTreeMap<String, String>,
    payments: BTreeMap<String, (&'static str, i64, i64)>,
    stock: BTreeMap<String, (u32, u32, u32)>,
}

/// The stage of one death.
struct Stage {
    shop: Shop,
    watch: Watch,
    books: Books,
}

impl Stage {
    async fn open(definition: &Definition) -> Self {
        let shop = Shop::open(definition.clone(), 7, &[]).await.unwrap();
        let watch = Watch::over(&shop).unwrap();
        Self { shop, watch, books: Books::default() }
    }

    async fn ask(
        &self,
        key: &str,
        operation: &'static str,
        route: &'static str,
        order: Option<String>,
        body: String,
    ) -> Ask {
        let mut headers = vec![("cookie", self.shop.cookie(1).await.unwrap())];
        headers.push(("idempotency-key", key.to_owned()));
        Ask { operation, route, part: order.map(|order| ("orderId", order)), headers, body }
    }

    async fn place(&self, token: &str) -> Ask {
        let items = json!([{"sku": "TEA", "quantity": 2}, {"sku": "POT", "quantity": 1}]);
        let body = json!({
            "items": items, "email": "ada@example.com", "country": "DE", "coupon": "FEW",
            "payment": {"method": "card", "token": token}
        });
        self.ask("place", "place-order", "/api/orders", None, body.to_string()).await
    }

    async fn cancel(&self, order: &str) -> Ask {
        let body = json!({"reason": "changed my mind"}).to_string();
        self.ask("cancel", "cancel-order", "/api/orders/{orderId}/cancellation", Some(order.to_owned()), body).await
    }

    /// An order that is paid, and whose news has reached everybody.
    async fn paid(&self) -> String {
        let told = self.shop.ask(&self.place("tok_approve").await).await.unwrap();
        assert_eq!(told.status, 201, "{}", told.body);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(self.shop.settled().await);
        told.json()["id"].as_str().unwrap().to_owned()
    }

    async fn client(&self, ask: Ask, matter: Matter, tries: u32) {
        let key = ask.headers.iter().find(|(name, _)| *name == "idempotency-key").unwrap().1.clone();
        let mut ask = ask;
        ask.headers.retain(|(name, _)| *name != "idempotency-key");
        self.books.begin(&key, matter, ask);
        self.books.send(&self.shop, &self.watch, &key, tries, Duration::from_secs(7)).await;
    }

    async fn end(&self, context: &str) -> Left {
        ending::come_to_rest(&self.shop, &self.watch, &self.books).await;
        ending::check(&self.shop, &self.watch, &self.books).await;
        if let Some(broken) = self.watch.first_broken() {
            panic!("{context}: a law is broken: {broken}\n{}", self.shop.trace().last(120, &[]).join("\n"));
        }
        let orders = self.watch.orders();
        let payments = self.shop.provider().payments();
        let mut stock: BTreeMap<String, (u32, u32, u32)> = BTreeMap::new();
        for cell in self.watch.cells() {
            let sums = stock.entry(cell.id.sku.to_string()).or_default();
            *sums = (sums.0 + cell.available, sums.1 + cell.held(), sums.2 + cell.sold);
        }
        Left {
            orders: orders.iter().map(|order| (order.id().to_string(), format!("{:?}", order.state))).collect(),
            payments: payments
                .iter()
                .map(|known| (known.reference.clone(), (known.status, known.amount, known.refunded)))
                .collect(),
            stock,
        }
    }
}

/// Plays a path on a stage, under that sky.
type Play = fn(Stage, Sky) -> futures::future::LocalBoxFuture<'static, Stage>;

/// One path: what it does on a stage, given where who dies. The function under test is `operation`.
struct Path {
    operation: &'static str,
    play: Play,
    /// Deaths that are part of the story itself.
    story: Vec<Death>,
}

fn played(definition: &Definition, path: &Path, death: Option<Death>) -> (Left, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let deaths: Vec<Death> = path.story.iter().cloned().chain(death.clone()).collect();
        let stage = (path.play)(Stage::open(definition).await, Sky::Deaths(deaths)).await;
        let calls = stage.shop.weather().calls(path.operation);
        if let Some(death) = &death {
            let died = stage.shop.weather().seen();
            assert!(died.contains_key("CrashBefore") || died.contains_key("CrashAfter"), "nobody died: {death:?}");
        }
        (stage.end(&format!("{death:?}")).await, calls)
    })
}

/// Every death of every call of a path, on both sides. Answers how many that were.
fn every_point(path: &Path) -> usize {
    let definition = definition().unwrap();
    let (undisturbed, calls) = played(&definition, path, None);
    assert!(calls > 0, "{} calls nobody", path.operation);
    for at in 1..=calls {
        for side in [Side::Before, Side::After] {
            let death = Death { operation: path.operation.to_owned(), at, side };
            let (left, _) = played(&definition, path, Some(death.clone()));
            assert_eq!(left, undisturbed, "{death:?}");
        }
    }
    println!(
        "{}: {calls} calls, {} fault points, each ends as {:?}",
        path.operation,
        2 * calls,
        undisturbed.orders.values().collect::<Vec<_>>()
    );
    2 * calls
}

fn placing(token: &'static str) -> Path {
    let play: Play = match token {
        "tok_decline" => |stage, sky| Box::pin(place(stage, sky, "tok_decline", 6)),
        "tok_lost_answer" => |stage, sky| Box::pin(place(stage, sky, "tok_lost_answer", 6)),
        _ => |stage, sky| Box::pin(place(stage, sky, "tok_approve", 6)),
    };
    Path { operation: "place-order", play, story: Vec::new() }
}

async fn place(stage: Stage, sky: Sky, token: &'static str, tries: u32) -> Stage {
    stage.shop.weather().turn(sky);
    let ask = stage.place(token).await;
    stage.client(ask, Matter::Place { guest: 1, paid: true }, tries).await;
    stage
}

// Proves: S3-06, S3-07
#[test]
fn whoever_dies_while_an_order_is_placed_the_shopper_has_one_order_and_one_charge() {
    let points: usize = ["tok_approve", "tok_decline", "tok_lost_answer"].map(placing).iter().map(every_point).sum();
    println!("place-order: {points} fault points");
}

// Proves: S3-06, S3-07
#[test]
fn whoever_dies_while_something_of_a_sale_is_bought_the_shopper_has_one_order_and_one_charge() {
    every_point(&Path {
        operation: "flash-checkout",
        play: |stage, sky| {
            Box::pin(async move {
                let sale = stage.shop.open_sale(Duration::from_secs(90), 3).await.unwrap();
                stage.shop.weather().turn(sky);
                let body = json!({
                    "sale": sale, "sku": "TEA", "quantity": 2, "country": "DE", "email": "ada@example.com",
                    "payment": {"method": "card", "token": "tok_approve"}
                });
                let ask = stage.ask("flash", "flash-checkout", "/flash/checkout", None, body.to_string()).await;
                stage.client(ask, Matter::Place { guest: 1, paid: true }, 6).await;
                stage
            })
        },
        story: Vec::new(),
    });
}

#[test]
fn whoever_dies_while_an_order_is_called_off_it_is_called_off_once_and_its_money_goes_back_once() {
    every_point(&Path {
        operation: "cancel-order",
        play: |stage, sky| {
            Box::pin(async move {
                let order = stage.paid().await;
                stage.shop.weather().turn(sky);
                let ask = stage.cancel(&order).await;
                stage.client(ask, Matter::Cancel { order }, 6).await;
                stage
            })
        },
        story: Vec::new(),
    });
}

#[test]
fn whoever_dies_while_money_goes_back_it_goes_back_once() {
    every_point(&Path {
        operation: "refund-payment",
        play: |stage, sky| {
            Box::pin(async move {
                let order = stage.paid().await;
                stage.shop.weather().turn(sky);
                let ask = stage.cancel(&order).await;
                stage.client(ask, Matter::Cancel { order }, 1).await;
                tokio::time::sleep(Duration::from_secs(1)).await;
                assert!(stage.shop.settled().await);
                stage
            })
        },
        story: Vec::new(),
    });
}

/// place-order dies after the provider has taken the money, and the provider's event settles the order. Its call to the
/// provider is looked for first.
#[test]
fn whoever_dies_while_the_provider_tells_of_a_payment_it_is_settled_once() {
    let call = call_to_the_provider();
    every_point(&Path {
        operation: "receive-payment-event",
        play: |stage, sky| {
            Box::pin(async move {
                stage.shop.weather().turn(sky);
                let ask = stage.place("tok_approve").await;
                stage.client(ask, Matter::Place { guest: 1, paid: true }, 1).await;
                // The provider tells until it is heard.
                tokio::time::sleep(Duration::from_secs(60)).await;
                stage
            })
        },
        story: vec![Death { operation: "place-order".to_owned(), at: call, side: Side::After }],
    });
}

/// Which of place-order's calls takes the money.
fn call_to_the_provider() -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let stage = Stage::open(&definition().unwrap()).await;
        stage.paid().await;
        let calls = stage.shop.trace().last(
            usize::MAX,
            &[
                "place-order.1 dynamodb",
                "place-order.1 provider",
                "place-order.1 kms",
                "place-order.1 secretsmanager",
                "place-order.1 sqs",
            ],
        );
        1 + calls.iter().position(|line| line.contains("provider POST")).unwrap()
    })
}

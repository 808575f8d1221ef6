//! Deliveries from inside: the functions that ship, against the stores, with a clock and with names that a test decides on, and
//! environments that die.

use api::{Answers, Death, Receiver};
use cloud::Cloud;
use kernel::{Instant, PartnerId, id};
use lambda::{Function, Invocation, Platform, Reach, Settings};
use partners::delivery::{Asked, Event, Kind, State};
use partners::key::{KEY_LASTS, NewKey};
use partners::partner::Newcomer;
use partners::{Delivery, Partner, Scope, Store, World};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const START: Instant = Instant::from_seconds(1_800_000_000);
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// A cloud with one partner, and a clock that is moved by hand.
pub(super) struct Stage {
    pub cloud: Cloud,
    now: Arc<AtomicI64>,
    names: outbound::Names,
    pub partner: PartnerId,
}

impl Stage {
    /// Every name stands for what `names` says.
    async fn start(names: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        let cloud = cloud::testing::start().unwrap();
        let partner = PartnerId::parse(&id::derived(&["teas"])).unwrap();
        let now = Arc::new(AtomicI64::new(START.millis()));
        let stage = Self { cloud, now, names: Arc::new(names), partner };
        stage.onboard().await;
        stage
    }

    /// With names that nobody asks for: addresses are numbers.
    pub async fn plain() -> Self {
        Self::start(|_| Vec::new()).await
    }

    async fn onboard(&self) {
        let platform = self.platform("keeper", "rotate-webhook-secret");
        let seals = platform.subject_keys("personal", "partners", "partner").unwrap();
        let (key, seal_key) = seals.create(self.partner.as_str(), START).await.unwrap();
        let item = format!("PARTNER#{}", self.partner);
        let seal = |field, text: &str| {
            let place = vault::Place { table: "partners", item: &item, field, subject: self.partner.as_str() };
            key.seal(&place, text.as_bytes()).unwrap()
        };
        let newcomer = Newcomer {
            id: self.partner.clone(),
            handle: "teas".to_owned(),
            name: "Teas".to_owned(),
            email: seal("email", "feeds@example.com"),
            email_mask: "f***".to_owned(),
            secret: seal("secrets", SECRET),
            fingerprint: String::new(),
            seal_key,
        };
        let new = NewKey::new("teas", World::Sandbox, Scope::ALL.to_vec(), START, KEY_LASTS);
        let (_, writes) = Partner::onboard(newcomer, &new, START).unwrap();
        self.store().table().transact(writes, None).await.unwrap();
    }

    async fn listens_at(&self, url: &str) {
        let set = |partner: Partner| partner.set_endpoint(Some(url.to_owned()), "test", self.now()).map(Some);
        self.store().change(&self.partner, set).await.unwrap();
    }

    pub fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::SeqCst))
    }

    pub fn advance_to(&self, at: Instant) {
        self.now.store(at.millis(), Ordering::SeqCst);
    }

    /// A new environment of a function, which calls under that name.
    pub fn platform(&self, caller: &str, operation: &str) -> Platform {
        let function = self.cloud.definition().function(operation).unwrap();
        let mut environment: HashMap<String, String> = function.environment.clone().into_iter().collect();
        environment.extend(self.cloud.environment(caller));
        environment.insert("OUTBOUND_LOOPBACK".to_owned(), "allowed".to_owned());
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || Instant::from_millis(now.load(Ordering::SeqCst)));
        let reach = Reach { others: outbound::Client::naming(Arc::clone(&self.names)), ..Reach::default() };
        Platform::reaching(Settings { environment, clock, output: Arc::new(|_| {}) }, reach).unwrap()
    }

    pub fn store(&self) -> Store {
        Store::new(self.platform("keeper", "deliver-webhook").table("partners").unwrap())
    }

    async fn deliverer(&self, caller: &str) -> Function {
        deliver_webhook::function(&self.platform(caller, "deliver-webhook")).await.unwrap()
    }

    /// A new environment is given that message.
    async fn deliver(&self, caller: &str, asked: &Asked) {
        let function = self.deliverer(caller).await;
        let answer = function.invoke(message(asked), invocation()).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
    }

    /// Whether `caller` comes to the end of its work, where it is to die before or after that call of its own.
    pub async fn lives(&self, caller: &str, at: usize, after: bool, work: impl Future<Output = ()>) -> bool {
        api::outlives(&self.cloud, Death::of(caller, at, after), work).await
    }

    /// The sweep, once: what it sends.
    pub async fn sweep(&self, queue: &str) -> Vec<String> {
        let sweep = sweep_partner_work::function(&self.platform("sweep", "sweep-partner-work")).await.unwrap();
        let event =
            json!({"version": "0", "id": "e", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
        let before = self.cloud.queue_bodies(queue).unwrap().len();
        sweep.invoke(event.to_string().into_bytes(), invocation()).await.unwrap();
        self.cloud.queue_bodies(queue).unwrap().split_off(before)
    }

    fn event(&self, subject: &str) -> Event {
        let data = json!({"job": subject});
        Event { partner: self.partner.clone(), kind: Kind::FeedEnded, subject: subject.to_owned(), at: START, data }
    }

    async fn delivery(&self, id: &str) -> Delivery {
        self.store().find_delivery(id).await.unwrap().unwrap()
    }
}

pub(super) fn invocation() -> Invocation {
    Invocation { request_id: "i-1".to_owned(), deadline: START }
}

fn message(asked: &Asked) -> Vec<u8> {
    message_of(&serde_json::to_string(asked).unwrap())
}

/// What a function of a queue is given with that message.
pub(super) fn message_of(body: &str) -> Vec<u8> {
    let record = json!({
        "messageId": "m-1", "receiptHandle": "r-1", "body": body,
        "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "md5OfBody": "",
        "eventSource": "aws:sqs", "eventSourceARN": "arn:x", "awsRegion": "eu-central-1",
    });
    json!({ "Records": [record] }).to_string().into_bytes()
}

// Proves: S4-I2b
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stays_down_is_tried_nine_times_over_eighteen_hours_and_then_can_be_replayed() {
    let stage = Stage::plain().await;
    let down = Receiver::start(&[Answers::With(500, "")]);
    stage.listens_at(down.url()).await;
    let event = stage.event("j#1");
    let id = event.delivery_id();
    stage.deliver("one", &Asked::Event(event.clone())).await;
    let mut waits = Vec::new();
    while let Some(due) = stage.delivery(&id).await.due_at {
        waits.push(due.since(stage.now()).as_secs());
        stage.advance_to(due.minus(Duration::from_millis(1)));
        stage.deliver("early", &Asked::Delivery(id.clone())).await;
        stage.advance_to(due);
        stage.deliver("due", &Asked::Delivery(id.clone())).await;
    }
    assert_eq!(waits, [1, 2, 4, 300, 1800, 7200, 18_000, 36_000]);
    assert_eq!((down.got().len(), stage.delivery(&id).await.state), (9, State::Failed));
    let stamps: Vec<i64> = down.got().iter().map(|got| got.header("webhook-timestamp").parse().unwrap()).collect();
    assert!(stamps.is_sorted() && stamps[8] - stamps[0] == 63_307, "each try is signed anew: {stamps:?}");

    let up = Receiver::start(&[Answers::With(200, "")]);
    stage.listens_at(up.url()).await;
    stage.deliver("again", &Asked::Event(event)).await;
    assert_eq!(up.got().len(), 0, "what was given up is not begun anew by a repeat of the event");
    let mut replayed = stage.delivery(&id).await.replay(stage.now());
    assert!(stage.store().save_delivery(&mut replayed).await.unwrap());
    stage.deliver("replay", &Asked::Delivery(id.clone())).await;
    assert_eq!((up.got().len(), stage.delivery(&id).await.state), (1, State::Delivered));
    assert_eq!(up.got()[0].body, down.got()[0].body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_whose_name_turns_private_is_called_no_more() {
    let private = Arc::new(Mutex::new("127.0.0.1"));
    let named = Arc::clone(&private);
    let stage = Stage::start(move |_| vec![named.lock().unwrap().parse().unwrap()]).await;
    let receiver = Receiver::start(&[Answers::With(200, "connection: close\r\n")]);
    stage.listens_at(&receiver.url().replace("127.0.0.1", "hooks.localhost")).await;
    stage.deliver("one", &Asked::Event(stage.event("j#1"))).await;
    assert_eq!(receiver.got().len(), 1);
    for (n, address) in ["10.0.0.1", "169.254.169.254", "192.168.0.1", "fd00:ec2::254"].into_iter().enumerate() {
        *private.lock().unwrap() = address;
        let event = stage.event(&format!("j#{}", n + 2));
        stage.deliver("two", &Asked::Event(event.clone())).await;
        let delivery = stage.delivery(&event.delivery_id()).await;
        let trouble = delivery.tries.last().unwrap().trouble;
        assert_eq!((delivery.state, trouble), (State::Pending, Some(partners::delivery::Trouble::PrivateAddress)));
    }
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_environments_with_the_same_event_one_tells_the_partner() {
    let stage = Arc::new(Stage::plain().await);
    let receiver = Receiver::start(&[Answers::With(200, "")]);
    stage.listens_at(receiver.url()).await;
    let event = stage.event("j#1");
    let all: Vec<_> = (0..20)
        .map(|n| {
            let (stage, asked) = (Arc::clone(&stage), Asked::Event(event.clone()));
            tokio::spawn(async move { stage.deliver(&format!("env{n}"), &asked).await })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(receiver.got().len(), 1);
    let delivery = stage.delivery(&event.delivery_id()).await;
    assert_eq!((delivery.state, delivery.tries.len()), (State::Delivered, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_an_environment_dies_the_partner_is_told_and_the_delivery_comes_to_its_end() {
    let mut points = 0;
    for (after, answer) in [(false, 200), (true, 200), (false, 410), (true, 410)] {
        for at in 1.. {
            let stage = Stage::plain().await;
            let receiver = Receiver::start(&[Answers::With(answer, ""), Answers::With(answer, "")]);
            stage.listens_at(receiver.url()).await;
            let asked = Asked::Event(stage.event("j#1"));
            let lived = stage.lives("mortal", at, after, stage.deliver("mortal", &asked)).await;
            // The queue gives the message to another once this one is believed dead.
            stage.advance_to(stage.now().plus(Duration::from_secs(120)));
            stage.deliver("heir", &asked).await;
            let delivery = stage.store().find_delivery(&stage.event("j#1").delivery_id()).await.unwrap();
            let state = delivery.map(|delivery| delivery.state);
            let got = receiver.got();
            let ids: BTreeMap<&str, usize> = got.iter().fold(BTreeMap::new(), |mut ids, got| {
                *ids.entry(got.header("webhook-id")).or_default() += 1;
                ids
            });
            assert!((1..=2).contains(&got.len()) && ids.len() == 1, "{at} {after} {answer}: {} came", got.len());
            let partner = stage.store().partner(&stage.partner).await.unwrap();
            if answer == 200 {
                assert_eq!(state, Some(State::Delivered), "{at} {after}");
            } else {
                assert!(partner.enabled_endpoint().is_none(), "{at} {after}");
                assert!(matches!(state, Some(State::Failed | State::Cancelled)), "{at} {after}: {state:?}");
            }
            if lived {
                break;
            }
            points += 1;
        }
    }
    println!("{points} points at which an environment died");
    assert!(points >= 20, "{points}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_that_nobody_was_sent_for_is_found_by_the_sweep() {
    let stage = Stage::plain().await;
    let receiver = Receiver::start(&[Answers::With(500, ""), Answers::With(200, "")]);
    stage.listens_at(receiver.url()).await;
    let event = stage.event("j#1");
    let id = event.delivery_id();
    stage.deliver("one", &Asked::Event(event)).await;
    let swept = async || stage.sweep("russet-webhook-deliveries").await;
    let due = stage.delivery(&id).await.due_at.unwrap();
    stage.advance_to(due.plus(Duration::from_secs(59)));
    assert_eq!(swept().await.len(), 0, "a message is on its way");
    stage.advance_to(due.plus(Duration::from_secs(60)));
    let bodies = swept().await;
    assert_eq!(bodies, [serde_json::to_string(&Asked::Delivery(id.clone())).unwrap()]);
    stage.deliver("two", &serde_json::from_str(&bodies[0]).unwrap()).await;
    assert_eq!(stage.delivery(&id).await.state, State::Delivered);
    assert_eq!(swept().await.len(), 0, "what is over is not sent for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_lets_everybody_wait_keeps_two_environments_and_no_more() {
    let stage = Arc::new(Stage::plain().await);
    let receiver = Receiver::start(&[Answers::Never]);
    stage.listens_at(receiver.url()).await;
    let all: Vec<_> = (0..12)
        .map(|n| {
            let (stage, event) = (Arc::clone(&stage), stage.event(&format!("j#{n}")));
            tokio::spawn(async move { stage.deliver(&format!("env{n}"), &Asked::Event(event)).await })
        })
        .collect();
    let mut put_back = Vec::new();
    // Those that found no lane are through at once; the endpoint holds the others.
    while put_back.len() < 10 {
        tokio::task::yield_now().await;
        put_back.clear();
        for n in 0..12 {
            let known = stage.store().find_delivery(&stage.event(&format!("j#{n}")).delivery_id()).await.unwrap();
            put_back.extend(known.filter(|delivery| delivery.claimed_until.is_none()));
        }
    }
    assert!((1..=2).contains(&receiver.got().len()), "{}", receiver.got().len());
    let soon = Some(stage.now().plus(Duration::from_secs(1)));
    assert!(put_back.iter().all(|one| one.tries.is_empty() && one.step == 0 && one.due_at == soon), "{put_back:?}");
    all.iter().for_each(tokio::task::JoinHandle::abort);
    // The two are gone with their environments, and their lanes are free once nobody believes in them any more.
    let up = Receiver::start(&[Answers::With(200, "")]);
    stage.listens_at(up.url()).await;
    stage.advance_to(stage.now().plus(Duration::from_secs(30)));
    for n in 0..12 {
        stage.deliver("later", &Asked::Delivery(stage.event(&format!("j#{n}")).delivery_id())).await;
    }
    assert_eq!(up.got().len(), 12);
}

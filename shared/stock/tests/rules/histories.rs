//! Random histories: placements that repeat and are taken over, decisions that come late, twice and out of order,
//! stock that is put, taken, counted, spread and moved meanwhile, calls that fail before or after their effect. After
//! each of them, every law.

use crate::support::{START, Shop, lawful, order, settlement, sku, until};
use cloud::{Call, Trouble};
use kernel::{Fault, Instant, Sku};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use stock::{Adjustment, Decision, Refusal, Store};

/// Histories that are run without troubles, and with: there the client waits before it tries again.
const HISTORIES: (u32, u32) = (120, 12);
/// Orders of one history at the most.
const ORDERS: u32 = 8;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// The order is placed, or placed again.
    Place(u32),
    /// Another environment takes the placement over.
    TakeOver(u32),
    /// The order is paid, ends, or is called off, whatever is next for it.
    Decide(u32),
    /// All its decisions so far are delivered, the latest first or last.
    Deliver(u32, bool),
    /// Everybody's decisions are delivered as one batch.
    DeliverAll,
    Adjust(i64, u32),
    Count(u32),
    Open,
    Close(u32),
    Move(u32, u32, u32),
    Widen,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let order = 0..ORDERS;
    prop_oneof![
        6 => order.clone().prop_map(Step::Place),
        2 => order.clone().prop_map(Step::TakeOver),
        5 => order.clone().prop_map(Step::Decide),
        5 => (order, any::<bool>()).prop_map(|(order, latest_first)| Step::Deliver(order, latest_first)),
        1 => Just(Step::DeliverAll),
        1 => (-4_i64..8, 0_u32..6).prop_map(|(units, id)| Step::Adjust(units, id)),
        1 => (0_u32..15).prop_map(Step::Count),
        1 => Just(Step::Open),
        1 => (0_u32..3).prop_map(Step::Close),
        1 => (0_u32..3, 0_u32..3, 0_u32..6).prop_map(|(from, to, units)| Step::Move(from, to, units)),
        1 => Just(Step::Widen),
        3 => prop::sample::select(vec![1, 20, 61, 400]).prop_map(Step::Wait),
    ]
}

/// What the order itself says: it decides, the cell follows.
#[derive(Debug, Clone, Default)]
struct Order {
    held: bool,
    decisions: Vec<(Decision, Instant)>,
}

impl Order {
    /// Only an order whose stock is held is paid, only a paid one is called off, and one that ended stays so.
    fn decide(&mut self, n: u32, now: Instant) {
        let next = match self.decisions.last() {
            None if self.held && !n.is_multiple_of(3) => Decision::Commit,
            None => Decision::Release,
            Some((Decision::Commit, _)) if n.is_multiple_of(2) => Decision::Restock,
            Some(_) => return,
        };
        self.decisions.push((next, now));
    }

    fn is_open(&self) -> bool {
        self.decisions.is_empty()
    }

    fn is_sold(&self) -> bool {
        self.decisions.last().is_some_and(|(decision, _)| *decision == Decision::Commit)
    }
}

struct World<'a> {
    shop: &'a Shop,
    sku: Sku,
    orders: BTreeMap<u32, Order>,
    now: Instant,
    environments: u32,
}

fn quantity(n: u32) -> u32 {
    1 + n % 3
}

impl World<'_> {
    /// Each call comes from another environment: nothing is known but what the table says.
    fn store(&mut self) -> Store {
        self.environments += 1;
        self.shop.environment(&format!("e{}", self.environments))
    }

    async fn happen(&mut self, step: &Step) {
        self.now = self.now.plus(Duration::from_secs(1));
        let (store, now, sku) = (self.store(), self.now, self.sku.clone());
        match step {
            Step::Place(n) => self.place(&store, *n, false).await,
            Step::TakeOver(n) => self.place(&store, *n, true).await,
            Step::Decide(n) => self.orders.entry(*n).or_default().decide(*n, now),
            Step::Deliver(n, latest_first) => self.deliver(&store, &[*n], *latest_first).await,
            Step::DeliverAll => self.deliver(&store, &(0..ORDERS).collect::<Vec<_>>(), false).await,
            Step::Adjust(units, id) => {
                let id = format!("{units} {id}");
                swallow(store.adjust(&sku, &Adjustment::Change { units: *units, id }, now).await.map(|_| ()));
            }
            Step::Count(units) => {
                let as_of = now.minus(Duration::from_secs(10));
                swallow(store.adjust(&sku, &Adjustment::Stated { units: *units, as_of }, now).await.map(|_| ()));
            }
            Step::Open => swallow(store.open(&sku).await.map(|_| ())),
            Step::Close(n) => swallow(store.close(&sku, *n).await),
            Step::Move(from, to, units) => {
                swallow(store.move_units(&sku, *from, *to, *units, &now.to_string()).await.map(|_| ()));
            }
            Step::Widen => swallow(store.widen(&sku).await.map(|_| ())),
            Step::Wait(seconds) => self.now = now.plus(Duration::from_secs(*seconds)),
        }
    }

    /// As checkout does it: only an order that is not decided is placed, and one without stock ends.
    async fn place(&mut self, store: &Store, n: u32, again: bool) {
        let (lines, until) = ([(self.sku.clone(), quantity(n))], until(self.now));
        let known = self.orders.entry(n).or_default();
        if !known.is_open() {
            return;
        }
        let held = if again || known.held {
            store.hold_again(&order(n), &lines, until).await
        } else {
            store.hold(&order(n), &lines, until).await
        };
        match held {
            Ok(parts) => {
                assert_eq!(parts.iter().map(|part| part.quantity).sum::<u32>(), quantity(n));
                known.held = true;
            }
            Err(Refusal::OutOfStock { .. }) => known.decisions.push((Decision::Release, self.now)),
            Err(Refusal::Fault(fault)) => swallow(Err(fault)),
        }
    }

    async fn deliver(&mut self, store: &Store, orders: &[u32], latest_first: bool) {
        let mut messages = Vec::new();
        for n in orders {
            let decisions = self.orders.get(n).map(|known| known.decisions.clone()).unwrap_or_default();
            let told =
                decisions.iter().map(|(decision, at)| settlement(*n, *decision, *at, &[(&self.sku, quantity(*n))]));
            messages.extend(told);
        }
        if latest_first {
            // Each alone, in the wrong order.
            for message in messages.iter().rev() {
                store.settle(std::slice::from_ref(message), self.now).await.results.into_iter().for_each(swallow);
            }
        } else {
            store.settle(&messages, self.now).await.results.into_iter().for_each(swallow);
        }
    }

    /// Every decision is delivered in the end.
    async fn converge(&mut self) {
        self.now = self.now.plus(Duration::from_secs(1));
        let store = self.store();
        for n in 0..ORDERS {
            self.orders.entry(n).or_default().decide(n, self.now);
        }
        for _ in 0..2 {
            self.deliver(&store, &(0..ORDERS).collect::<Vec<_>>(), false).await;
        }
    }
}

/// Troubles and conflicts are part of a history; our own mistakes are not.
fn swallow(result: Result<(), Fault>) {
    if let Err(fault) = result {
        assert_ne!(fault.kind, kernel::Kind::Bug, "{fault}");
    }
}

/// Every so many calls, one fails: before its effect, after it, or for a conflict.
fn troubles(every: u64) -> Arc<dyn cloud::Faults> {
    let calls = AtomicU64::new(0);
    Arc::new(move |call: &Call<'_>| {
        if !call.caller.starts_with("e") {
            return None;
        }
        let n = calls.fetch_add(1, Ordering::Relaxed);
        (n % every == every - 1)
            .then(|| [Trouble::After, Trouble::Before, Trouble::Throttle][usize::try_from(n / every % 3).unwrap()])
    })
}

async fn run(shop: &Shop, name: &str, first: u32, steps: &[Step]) {
    let sku = sku(name);
    shop.environment("seed").seed_many(&[(sku.clone(), first)]).await.unwrap();
    let mut world = World { shop, sku: sku.clone(), orders: BTreeMap::new(), now: START, environments: 0 };
    let look = shop.environment("look");
    let mut seqs: BTreeMap<u32, u64> = BTreeMap::new();
    for step in steps {
        world.happen(step).await;
        for cell in &lawful(&look, &sku).await.cells {
            let seen = seqs.insert(cell.id.n, cell.seq).unwrap_or(0);
            assert!(cell.seq >= seen, "a number was given twice");
        }
    }
    shop.cloud.set_faults(None);
    world.converge().await;
    let stock = lawful(&look, &sku).await;
    let sold = world.orders.iter().filter(|(_, order)| order.is_sold()).map(|(n, _)| quantity(*n)).sum::<u32>();
    assert_eq!(stock.sold(), sold, "sold is what the orders say: {:?}", world.orders);
    assert_eq!(stock.held(), 0, "nothing stays held: {stock:?}");
}

fn histories(seed_offset: u32, troubled: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let shop = Shop::start();
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[7; 32]),
    );
    for n in 0..if troubled { HISTORIES.1 } else { HISTORIES.0 } {
        let history = (0_u32..14, prop::collection::vec(step(), 10..50)).new_tree(&mut runner).unwrap().current();
        if troubled {
            shop.cloud.set_faults(Some(troubles(5 + u64::from(n % 5))));
        }
        let name = format!("H-{seed_offset}-{n}");
        println!("{name}: {} at first, {:?}", history.0, history.1);
        runtime.block_on(run(&shop, &name, history.0, &history.1));
    }
}

// Proves: S3-02, S3-06, S4-P2b
#[test]
fn every_law_holds_after_every_history() {
    histories(0, false);
}

// Proves: S3-02, S3-06, S4-P2b
#[test]
fn every_law_holds_when_calls_fail_before_and_after_their_effect() {
    histories(1, true);
}

//! After the last fault: time passes, queues drain, and everything comes out even.

use crate::books::{Books, Keyed, Matter};
use crate::provider::Payment;
use crate::shop::{COUPON, GOODS, Shop};
use crate::watch::{Watch, was_paid};
use crate::weather::Sky;
use kernel::{Amount, Sku};
use orders::publish::holds;
use orders::view::{Counters, Summary, Views};
use orders::{Order, State};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the shop may take to come to rest.
const ROUNDS: u32 = 40;
/// Between two looks.
const ROUND: Duration = Duration::from_secs(60);
/// Longer than an order waits for its payment.
const REST: Duration = Duration::from_secs(11 * 60);

/// Clears the sky, lets every client ask until it has its answer, and waits until nothing moves any more.
pub async fn come_to_rest(shop: &Shop, watch: &Watch, books: &Books) {
    shop.weather().turn(Sky::Clear);
    tokio::time::sleep(Duration::from_secs(20)).await;
    everybody_asks(shop, watch, books).await;
    tokio::time::sleep(REST).await;
    everybody_asks(shop, watch, books).await;
    for round in 0..ROUNDS {
        if !shop.settled().await {
            watch.broken("queues and streams come to rest");
            return;
        }
        watch.look(shop).await;
        let redriven = redrive(shop);
        if redriven == 0 && orders_rest(watch) && queues_rest(shop) && cells_rest(watch) {
            return;
        }
        shop.tell(&format!("round {round}: {redriven} dead letters are tried again"));
        tokio::time::sleep(ROUND).await;
    }
}

/// Who has no answer asks again.
async fn everybody_asks(shop: &Shop, watch: &Watch, books: &Books) {
    for key in books.open() {
        books.send(shop, watch, &key, 6, Duration::from_secs(20)).await;
    }
}

/// What lies with the dead letters is tried again, as an operator would: nothing in it may be beyond help.
fn redrive(shop: &Shop) -> usize {
    let queues = &shop.cloud().definition().queues;
    queues.iter().filter_map(|queue| shop.cloud().redrive(&queue.name)).sum()
}

fn orders_rest(watch: &Watch) -> bool {
    watch.orders().iter().all(|order| {
        let refunds = order.payment.iter().flat_map(|payment| &payment.refunds).all(|refund| refund.done);
        order.state != State::PendingPayment && refunds
    })
}

/// What was spread is gathered.
fn cells_rest(watch: &Watch) -> bool {
    watch.cells().iter().all(|cell| cell.open || cell.available + cell.held() == 0)
}

fn queues_rest(shop: &Shop) -> bool {
    let queues = &shop.cloud().definition().queues;
    queues.iter().all(|queue| shop.cloud().queue_bodies(&queue.name).is_none_or(|bodies| bodies.is_empty()))
}

/// Checks everything that must be so in the end.
pub async fn check(shop: &Shop, watch: &Watch, books: &Books) {
    watch.look(shop).await;
    watch.whole();
    let (orders, payments) = (watch.orders(), shop.provider().payments());
    let broken: Vec<String> = [
        shop.provider().broken(),
        decided(&orders),
        money(&orders, &payments),
        stock(watch, &orders, books),
        left_over(shop),
        lists(shop, &orders).await,
        answers(&orders, &payments, books),
    ]
    .concat();
    broken.into_iter().for_each(|law| watch.broken(law));
}

fn decided(orders: &[Order]) -> Vec<String> {
    let mut broken = Vec::new();
    for order in orders {
        if order.state == State::PendingPayment {
            broken.push(format!("no order is stuck: {} waits still, {:?}", order.id(), order.events.last()));
        }
        if let Some(payment) = &order.payment {
            if payment.is_open() {
                broken.push(format!("no payment stays open: that of {} is {:?}", order.id(), payment.state));
            }
            if payment.refunds.iter().any(|refund| !refund.done) {
                broken.push(format!("what is to go back goes back: {} has {:?}", order.id(), payment.refunds));
            }
        }
    }
    broken
}

/// The shop's books and the provider's say the same.
fn money(orders: &[Order], payments: &[Payment]) -> Vec<String> {
    let mut broken = Vec::new();
    for order in orders {
        let captures: Vec<&Payment> =
            payments.iter().filter(|known| known.reference == order.id().as_str() && known.was_captured()).collect();
        if captures.len() > 1 {
            broken.push(format!("an order is captured once at the most: {} was {} times", order.id(), captures.len()));
        }
        let (id, total) = (order.id(), order.placed.totals.total);
        match (captures.first(), order.payment.as_ref().and_then(|payment| payment.id.as_ref())) {
            (None, None) => {}
            (Some(capture), Some(known)) if capture.id == *known => {
                let went_back = Amount::minor(capture.refunded);
                let asked = order.payment.as_ref().map(orders::Payment::refunded).unwrap_or_default();
                if Amount::minor(capture.amount) != total {
                    broken.push(format!("an order is captured in full: {id} of {total:?} for {}", capture.amount));
                }
                if went_back != asked {
                    broken.push(format!("what went back is what was asked for: {went_back:?} and {asked:?} of {id}"));
                }
                if order.state.is_over() && went_back != total {
                    broken.push(format!(
                        "nobody pays for an order that is over: {id} is {:?}, {went_back:?} of {total:?} went back",
                        order.state
                    ));
                }
            }
            (capture, known) => {
                let capture = capture.map(|capture| &capture.id);
                broken.push(format!(
                    "an order and its provider agree on its payment: {id} says {known:?}, the provider {capture:?}"
                ));
            }
        }
    }
    for payment in payments {
        if !orders.iter().any(|order| order.id().as_str() == payment.reference) {
            broken.push(format!("no payment is an orphan: {} for {}", payment.id, payment.reference));
        }
    }
    broken
}

fn stock(watch: &Watch, orders: &[Order], books: &Books) -> Vec<String> {
    let mut settled: BTreeMap<Sku, i64> = BTreeMap::new();
    for (sku, quantity, _) in orders.iter().filter(|order| order.state.is_sold()).flat_map(holds) {
        *settled.entry(sku).or_default() += i64::from(quantity);
    }
    let mut given: BTreeMap<String, i64> =
        GOODS.iter().map(|(sku, units)| ((*sku).to_owned(), i64::from(*units))).collect();
    given.insert(format!("COUPON:{}", COUPON.0), i64::from(COUPON.1));
    for (_, keyed) in books.all() {
        if let Keyed { matter: Matter::Adjust { sku, change }, told: Some(told), .. } = keyed {
            let taken = told.json()["taken"].as_i64();
            let change = if told.status == 200 { taken.map_or(change, |taken| -taken) } else { 0 };
            *given.entry(sku).or_default() += change;
        }
    }
    let mut broken = Vec::new();
    let mut found: BTreeMap<Sku, (i64, i64)> = BTreeMap::new();
    for cell in watch.cells() {
        if cell.held() > 0 {
            broken.push(format!("nothing stays held: {} of {}", cell.held(), cell.id));
        }
        if !cell.open && cell.available > 0 {
            broken.push(format!("nothing is stranded: {} in {}, which is closed", cell.available, cell.id));
        }
        let sums = found.entry(cell.id.sku.clone()).or_default();
        *sums = (sums.0 + i64::from(cell.sold), sums.1 + i64::from(cell.put_in));
    }
    for (sku, (sold, put_in)) in found {
        let settled = settled.get(&sku).copied().unwrap_or_default();
        if sold != settled {
            broken.push(format!(
                "what is sold is what settled orders have: {sold} of {sku} are sold, {settled} were ordered"
            ));
        }
        // What a customer may take of a sale is given by the first hold of it.
        if let Some(given) = given.get(sku.as_str()).filter(|given| **given != put_in) {
            broken.push(format!("each delivery counts once: {put_in} of {sku} were put in, {given} were given"));
        }
    }
    broken
}

fn left_over(shop: &Shop) -> Vec<String> {
    let queues = &shop.cloud().definition().queues;
    let full = queues.iter().filter_map(|queue| {
        let bodies = shop.cloud().queue_bodies(&queue.name)?;
        let first = bodies.first()?;
        Some(format!("no message is left over: {} in {}, the first {first}", bodies.len(), queue.name))
    });
    full.collect()
}

/// Lists and counters equal a recount of the orders.
async fn lists(shop: &Shop, orders: &[Order]) -> Vec<String> {
    let Ok(table) = shop.keeper().table("order-views") else {
        return vec!["there is a table of lists".to_owned()];
    };
    let mut rows: BTreeMap<String, Summary> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = match table.scan(500, after.as_deref()).await {
            Ok(page) => page,
            Err(fault) => return vec![format!("the lists can be read: {fault}")],
        };
        for item in page.items.into_iter().filter(|item| item.pk() == "ALL") {
            match item.read::<Summary>() {
                Ok(row) => drop(rows.insert(row.id.to_string(), row)),
                Err(fault) => return vec![format!("a row of the lists reads: {fault}")],
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let counters = match Views::new(table).counters().await {
        Ok(counters) => counters,
        Err(fault) => return vec![format!("the counters can be read: {fault}")],
    };
    let mut broken = recount(orders, &counters);
    for order in orders {
        let listed = rows.remove(order.id().as_str());
        if listed.as_ref() != Some(&Summary::of(order)) {
            let listed = listed.map(|row| (row.version, row.state));
            broken.push(format!(
                "every order is listed as it is: {} at version {}, {:?}, is listed as {listed:?}",
                order.id(),
                order.version,
                order.state
            ));
        }
    }
    broken.extend(rows.into_keys().map(|id| format!("what is listed is an order: {id}")));
    broken
}

fn recount(orders: &[Order], counters: &Counters) -> Vec<String> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut add = |name: String, by: i64| *counts.entry(name).or_default() += by;
    for order in orders {
        let summary = Summary::of(order);
        add("orders".to_owned(), 1);
        add(format!("state_{}", order.state.name()), 1);
        if summary.was_paid {
            add("paid".to_owned(), 1);
            add("units".to_owned(), i64::from(summary.item_count));
            add(format!("revenue_{}", summary.currency), summary.total.units());
            add(format!("refunded_{}", summary.currency), summary.refunded.units());
        }
    }
    let counted: BTreeMap<String, i64> =
        counters.all().filter(|(_, count)| *count != 0).map(|(name, count)| (name.to_owned(), count)).collect();
    counts.retain(|_, count| *count != 0);
    let counted: BTreeMap<String, i64> =
        counted.into_iter().filter(|(name, _)| !matches!(name.as_str(), "pk" | "sk" | "schema")).collect();
    if counted == counts {
        return Vec::new();
    }
    vec![format!("the counters equal a recount: they say {counted:?}, the orders {counts:?}")]
}

/// What clients were told is true.
fn answers(orders: &[Order], payments: &[Payment], books: &Books) -> Vec<String> {
    let mut broken = Vec::new();
    for (key, keyed) in books.all() {
        let Some(told) = keyed.told else {
            broken.push(format!(
                "every client gets an answer in the end: {key} asked {} and has none",
                keyed.ask.operation
            ));
            continue;
        };
        let said = told.json();
        let id = said["id"].as_str().or(said["order_id"].as_str()).unwrap_or_default();
        let order = orders.iter().find(|order| order.id().as_str() == id);
        let kept: i64 = payments
            .iter()
            .filter(|known| known.reference == id && known.was_captured())
            .map(|known| known.amount - known.refunded)
            .sum();
        let lie = match (&keyed.matter, told.status) {
            (Matter::Place { .. } | Matter::Pay { .. }, 201) if order.is_none() => {
                Some("an order that is told is there")
            }
            (Matter::Place { paid: true, .. } | Matter::Pay { .. }, 201) if !order.is_some_and(was_paid) => {
                Some("who is told that it is paid has paid")
            }
            (Matter::Place { .. }, 402 | 409) if kept != 0 => Some("who is told that nothing was paid pays nothing"),
            (Matter::Cancel { .. }, 200) if order.is_none_or(|order| order.state != State::Cancelled) => {
                Some("an order that is told to be called off is called off")
            }
            _ => None,
        };
        broken.extend(lie.map(|law| format!("{law}: {key} was told {} {}", told.status, told.body)));
    }
    broken
}

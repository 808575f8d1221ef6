//! Stream of `orders`: tells the rest of the shop what happened. The one reader of the stream; each consumer has a queue.

use kernel::Fault;
use lambda::{Change, Error, Function, Platform};
use orders::Order;
use orders::measure::{Measures, measures};
use orders::publish::{LetterAsked, Notice, RefundAsked, holds, notices};
use orders::view::Summary;
use queue::{Message, Queue};
use std::collections::BTreeMap;
use std::time::Duration;
use telemetry::Span;

/// When a payment that is being decided is looked after: later than any request can take.
const LOOK_AFTER: Duration = Duration::from_secs(8);

/// A queue for each consumer.
#[derive(Clone)]
struct Queues {
    settlement: Queue,
    expiry: Queue,
    payments: Queue,
    refunds: Queue,
    projection: Queue,
    mail: Queue,
}

/// Needs a queue for each consumer.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let queues = Queues {
        settlement: platform.queue("stock-settlement")?,
        expiry: platform.queue("order-expiry")?,
        payments: platform.queue("payment-retry")?,
        refunds: platform.queue("refunds")?,
        projection: platform.queue("order-projection")?,
        mail: platform.queue("mail")?,
    };
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, span| publish(queues.clone(), changes, span))
}

/// One order's first and last state in a batch: what lies between needs no message of its own.
struct Changed {
    old: Option<Order>,
    new: Order,
}

async fn publish(queues: Queues, changes: Vec<Change>, span: Span) -> Result<(), (usize, Fault)> {
    let mut orders: BTreeMap<String, Changed> = BTreeMap::new();
    for change in changes.into_iter().filter(|change| change.pk.starts_with("ORDER#")) {
        let Some(new) = change.new else { continue };
        change.span.key("order", change.pk.trim_start_matches("ORDER#"));
        let new: Order = new.read().map_err(|fault| (0, fault))?;
        change.span.key("customer", lambda::pseudonym(&new.placed.owner));
        let old: Option<Order> = change.old.map(table::Item::read).transpose().map_err(|fault| (0, fault))?;
        match orders.get_mut(&change.pk) {
            Some(known) => known.new = new,
            None => drop(orders.insert(change.pk, Changed { old, new })),
        }
    }
    let mut outbox = Outbox::default();
    for changed in orders.values() {
        for notice in notices(changed.old.as_ref(), &changed.new) {
            outbox.add(&changed.new, notice).map_err(|fault| (0, fault))?;
        }
    }
    // All or nothing: a batch that is sent twice is the same messages twice, which every consumer bears.
    outbox.send(&queues).await.map_err(|fault| (0, fault))?;
    measure(&span, orders.values());
    Ok(())
}

/// Whoever changed an order, its change comes by here once: this is where the business is measured.
fn measure<'a>(span: &Span, changed: impl Iterator<Item = &'a Changed>) {
    let whole =
        changed.map(|changed| measures(changed.old.as_ref(), &changed.new)).fold(Measures::default(), Measures::and);
    span.measure(|metrics| {
        for (name, value, money) in whole.each() {
            if money { metrics.minor(name, value) } else { metrics.count(name, value) }
        }
    });
}

/// The messages of one batch, by their queue; each goes out under the trace of the request that changed the order.
#[derive(Default)]
struct Outbox {
    settlement: Vec<Message>,
    expiry: Vec<Message>,
    payments: Vec<Message>,
    refunds: Vec<Message>,
    projection: Vec<Message>,
    mail: Vec<Message>,
}

impl Outbox {
    fn add(&mut self, order: &Order, notice: Notice) -> Result<(), Fault> {
        let id = order.id();
        let traced = |message: Message| {
            if order.trace.is_empty() { message } else { message.with(queue::TRACE_ATTRIBUTE, order.trace.clone()) }
        };
        match notice {
            Notice::Due => self.expiry.push(traced(Message::text(id.as_str()).after(orders::PAYMENT_TIME))),
            Notice::PaymentOpen => self.payments.push(traced(Message::text(id.as_str()).after(LOOK_AFTER))),
            Notice::Commit => self.settlement.push(traced(settlement(order, stock::Decision::Commit)?)),
            Notice::Release => self.settlement.push(traced(settlement(order, stock::Decision::Release)?)),
            Notice::Restock => self.settlement.push(traced(settlement(order, stock::Decision::Restock)?)),
            Notice::Refund { refund } => {
                self.refunds.push(traced(Message::json(&RefundAsked { order: id.clone(), refund })?));
            }
            Notice::Mail(letter) => {
                let asked = LetterAsked { order: id.clone(), letter, version: order.version };
                self.mail.push(traced(Message::json(&asked)?));
            }
            Notice::Project => self.projection.push(traced(Message::json(&Summary::of(order))?)),
        }
        Ok(())
    }

    async fn send(self, queues: &Queues) -> Result<(), Fault> {
        let all = [
            (&queues.settlement, self.settlement),
            (&queues.expiry, self.expiry),
            (&queues.payments, self.payments),
            (&queues.refunds, self.refunds),
            (&queues.projection, self.projection),
            (&queues.mail, self.mail),
        ];
        for (queue, messages) in all {
            if !messages.is_empty() {
                queue.send_all(&messages, None).await?;
            }
        }
        Ok(())
    }
}

fn settlement(order: &Order, decision: stock::Decision) -> Result<Message, Fault> {
    let lines = holds(order).into_iter().map(|(sku, quantity, cell)| stock::Line { sku, quantity, cell }).collect();
    Message::json(&stock::Settlement {
        order: order.id().clone(),
        version: order.version,
        decision,
        decided_at: order.decided_at(),
        lines,
    })
}

//! publish-order-events, which writes down that a change is told before it tells it: who dies between has lost it.

use kernel::{Fault, OrderId};
use lambda::{Change, Error, Function, Platform};
use orders::Order;
use orders::publish::{LetterAsked, Notice, RefundAsked, holds, notices};
use orders::view::Summary;
use queue::{Message, Queue};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use stock::{Decision, Line, Settlement};
use table::{Guard, Key, Row, Table, Write, WriteError};

/// That a version of an order was told.
#[derive(Serialize, Deserialize)]
struct Marked {
    order: OrderId,
    version: u64,
}

impl Row for Marked {
    fn key(&self) -> Key {
        Key::new(format!("TOLD#{}#{}", self.order, self.version))
    }
}

#[derive(Clone)]
struct Needs {
    control: Table,
    settlement: Queue,
    expiry: Queue,
    payments: Queue,
    refunds: Queue,
    projection: Queue,
    mail: Queue,
}

/// As the right one, and the table where it writes down what it told.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        control: platform.table("control")?,
        settlement: platform.queue("stock-settlement")?,
        expiry: platform.queue("order-expiry")?,
        payments: platform.queue("payment-retry")?,
        refunds: platform.queue("refunds")?,
        projection: platform.queue("order-projection")?,
        mail: platform.queue("mail")?,
    };
    lambda::stream(platform, "publish-order-events", move |changes, _span| publish(needs.clone(), changes))
}

async fn publish(needs: Needs, changes: Vec<Change>) -> Result<(), (usize, Fault)> {
    for (at, change) in changes.into_iter().enumerate() {
        tell(&needs, change).await.map_err(|fault| (at, fault))?;
    }
    Ok(())
}

async fn tell(needs: &Needs, change: Change) -> Result<(), Fault> {
    let Some(new) = change.new.filter(|_| change.pk.starts_with("ORDER#")) else { return Ok(()) };
    let (new, old) = (new.read::<Order>()?, change.old.map(table::Item::read::<Order>).transpose()?);
    let told = Write::put(&Marked { order: new.id().clone(), version: new.version })?;
    match needs.control.write(told.when(Guard::ABSENT)).await {
        Ok(_) => {}
        Err(WriteError::Refused(_)) => return Ok(()),
        Err(WriteError::Fault(fault)) => return Err(fault),
    }
    for notice in notices(old.as_ref(), &new) {
        send(needs, &new, notice).await?;
    }
    Ok(())
}

async fn send(needs: &Needs, order: &Order, notice: Notice) -> Result<(), Fault> {
    let id = order.id();
    let settle = |decision| {
        let lines = holds(order).into_iter().map(|(sku, quantity, cell)| Line { sku, quantity, cell }).collect();
        let (version, decided_at) = (order.version, order.decided_at());
        Message::json(&Settlement { order: id.clone(), version, decision, decided_at, lines })
    };
    let (queue, message) = match notice {
        Notice::Due => (&needs.expiry, Message::text(id.as_str()).after(orders::PAYMENT_TIME)),
        Notice::PaymentOpen => (&needs.payments, Message::text(id.as_str()).after(Duration::from_secs(8))),
        Notice::Commit => (&needs.settlement, settle(Decision::Commit)?),
        Notice::Release => (&needs.settlement, settle(Decision::Release)?),
        Notice::Restock => (&needs.settlement, settle(Decision::Restock)?),
        Notice::Refund { refund } => (&needs.refunds, Message::json(&RefundAsked { order: id.clone(), refund })?),
        Notice::Mail(letter) => {
            (&needs.mail, Message::json(&LetterAsked { order: id.clone(), letter, version: order.version })?)
        }
        Notice::Project => (&needs.projection, Message::json(&Summary::of(order))?),
    };
    queue.send(&message, None).await
}

//! The backstop of settlement: finds holds past their time and asks their orders. Nothing is released because a clock
//! ran out, only because its order ended.

use kernel::{Fault, Instant, OrderId};
use lambda::{Error, Function, Platform};
use orders::publish::holds;
use orders::{Order, What};
use std::collections::BTreeSet;
use stock::{Decision, Line, Overdue, Settlement, Store};
use telemetry::Span;

/// Items read in one call.
const PAGE: usize = 500;
/// Pages of one run at the most; the next run goes on.
const PAGES: usize = 20;

/// Needs the stock and the orders.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    let orders = orders::Store::new(platform.table("orders")?);
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| handle(stock.clone(), orders.clone(), clock(), span))
}

async fn handle(stock: Store, orders: orders::Store, now: Instant, span: Span) -> Result<(), Fault> {
    let mut on_hand = None;
    for _ in 0..PAGES {
        let swept = stock.sweep(now, PAGE).await?;
        settle(&stock, &orders, &swept.overdue, now, &span).await?;
        let before = if swept.begun { Some(0) } else { on_hand };
        on_hand = before.map(|units: u64| units.saturating_add(swept.on_hand));
        if swept.finished {
            measure(&span, on_hand);
            break;
        }
    }
    Ok(())
}

/// How much there is of everything, where one run has seen all of it: the base of how often the stock is sold.
fn measure(span: &Span, on_hand: Option<u64>) {
    if let Some(units) = on_hand {
        span.measure(|metrics| metrics.count("stock_on_hand", i64::try_from(units).unwrap_or(i64::MAX)));
    }
}

async fn settle(
    stock: &Store,
    orders: &orders::Store,
    overdue: &[Overdue],
    now: Instant,
    span: &Span,
) -> Result<(), Fault> {
    let mut settlements = Vec::new();
    for order in overdue.iter().map(|hold| &hold.order).collect::<BTreeSet<_>>() {
        settlements.extend(decision(orders, order, span).await?);
    }
    let decided = settlements.len().to_string();
    if !overdue.is_empty() {
        span.info("holds past their time", &[("holds", &overdue.len().to_string()), ("decided_orders", &decided)]);
    }
    stock.settle(&settlements, now).await.results.into_iter().collect()
}

/// What the order says, if it is decided. An order always comes before its hold, so that one which is not there is for
/// a person to look at.
async fn decision(orders: &orders::Store, id: &OrderId, span: &Span) -> Result<Option<Settlement>, Fault> {
    let Some(order) = orders.find(id).await? else {
        span.error("a hold whose order is not there", &[("order", id.as_str())]);
        return Ok(None);
    };
    let decision = match (order.state.is_sold(), order.state.is_over(), was_sold(&order)) {
        (true, ..) => Decision::Commit,
        (_, true, false) => Decision::Release,
        (_, true, true) => Decision::Restock,
        _ => return Ok(None),
    };
    let lines = holds(&order).into_iter().map(|(sku, quantity, cell)| Line { sku, quantity, cell }).collect();
    let (version, decided_at) = (order.version, order.decided_at());
    Ok(Some(Settlement { order: id.clone(), version, decision, decided_at, lines }))
}

/// Whether the order was paid before it was over. Money that came for one that was over already sold nothing.
fn was_sold(order: &Order) -> bool {
    let decided = order.events.iter().find(|event| {
        matches!(event.what, What::Paid { .. } | What::Declined | What::Expired | What::Cancelled { .. })
    });
    decided.is_some_and(|event| matches!(event.what, What::Paid { .. }))
}

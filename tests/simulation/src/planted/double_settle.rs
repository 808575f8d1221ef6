//! settle-holds, which sells what an order has in a cell as often as it is told to.

use super::{known, mark};
use kernel::{Fault, Instant};
use lambda::{Error, Function, Message, Platform};
use stock::{CellId, Decision, Settlement, Store};
use table::{Table, Write, WriteError};

/// As the right one.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (table, region, clock) = (platform.table("stock")?, platform.region(), platform.clock());
    let store = Store::new(table.clone(), region.clone());
    lambda::queue(platform, "settle-holds", move |message, _span| {
        settle(table.clone(), store.clone(), region.clone(), clock(), message)
    })
}

async fn settle(
    table: Table,
    store: Store,
    region: kernel::Region,
    now: Instant,
    message: Message,
) -> Result<(), Fault> {
    let settlement: Settlement = lambda::parse_json(message.body.as_bytes())?;
    if settlement.decision != Decision::Commit {
        return store.settle(&[settlement], now).await.results.into_iter().collect();
    }
    for line in &settlement.lines {
        let cell = CellId { sku: line.sku.clone(), region: region.clone(), n: line.cell };
        let sell = Write::update(cell.key(), "SET sold = sold + :q, holds.#order = :mark, seq = seq + :one");
        let sell = known(sell, &settlement.order).number(":q", line.quantity);
        match table.write(sell.value(":mark", &mark(line.quantity, now))?).await {
            Ok(_) | Err(WriteError::Refused(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
    }
    Ok(())
}

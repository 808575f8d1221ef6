//! settle-holds, which gives back what an order has in a cell without looking whether it was sold meanwhile.

use super::known;
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
    if settlement.decision == Decision::Commit {
        return store.settle(&[settlement], now).await.results.into_iter().collect();
    }
    let mut unknown = Vec::new();
    for line in &settlement.lines {
        let cell = CellId { sku: line.sku.clone(), region: region.clone(), n: line.cell };
        let back = "SET available = available + :q, seq = seq + :one REMOVE holds.#order";
        let back = known(Write::update(cell.key(), back), &settlement.order).number(":q", line.quantity);
        match table.write(back).await {
            Ok(_) => {}
            Err(WriteError::Refused(_)) => unknown.push(line.clone()),
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
    }
    // What the cells no longer know comes back the right way.
    let rest = Settlement { lines: unknown, ..settlement };
    store.settle(&[rest], now).await.results.into_iter().collect()
}

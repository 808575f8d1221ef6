//! Reads the stream of stock and tells the catalog's projection when the level of a SKU changes: in, low or out. The
//! numbers between are nobody's news.

use kernel::Fault;
use lambda::{Change, Error, Function, Platform};
use queue::{Message, Queue};
use std::collections::BTreeMap;
use stock::{LevelChange, Store};
use telemetry::Span;

/// Needs the stock and the queue of the projection.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    let projection = platform.queue("catalog-projection")?;
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, span| {
        handle(stock.clone(), projection.clone(), changes, span)
    })
}

async fn handle(stock: Store, projection: Queue, changes: Vec<Change>, span: Span) -> Result<(), (usize, Fault)> {
    let mut news: BTreeMap<_, LevelChange> = BTreeMap::new();
    for change in changes {
        let found = stock.level_change(&change.pk, change.old, change.new, change.at).await;
        // What came before is sent again with the rest: the latest of a SKU stands.
        if let Some(change) = found.map_err(|fault| (0, fault))? {
            news.insert(change.sku.clone(), change);
        }
    }
    let messages: Result<Vec<Message>, Fault> = news.values().map(Message::json).collect();
    let messages = messages.map_err(|fault| (0, fault))?;
    projection.send_all(&messages, Some(&span.trace().to_string())).await.map_err(|fault| (0, fault))
}

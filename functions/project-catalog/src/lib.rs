//! Folds changes of products and of stock levels into the read model, a batch at a time.

use catalog::StockLevel;
use catalog::view::{Change, Shelf, project};
use kernel::{Fault, Sku};
use lambda::{Clock, Message, Platform};
use std::collections::HashMap;
use telemetry::Span;

/// What this function needs.
#[derive(Clone)]
struct Needs {
    shelf: Shelf,
    stock: stock::Store,
    clock: Clock,
}

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let needs = Needs {
        shelf: Shelf::new(platform.table("control")?, platform.bucket("catalog")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
        clock: platform.clock(),
    };
    lambda::queue_batch(platform, env!("CARGO_PKG_NAME"), move |messages, span| fold(needs.clone(), messages, span))
}

async fn fold(needs: Needs, messages: Vec<Message>, span: Span) -> Vec<Result<(), Fault>> {
    let read: Vec<Result<Change, Fault>> =
        messages.iter().map(|message| lambda::parse_json(message.body.as_bytes())).collect();
    let changes: Vec<Change> = read.iter().filter_map(|change| change.as_ref().ok().cloned()).collect();
    let stock = needs.stock;
    let projected = project(&needs.shelf, &changes, move |skus| levels(stock.clone(), skus), (needs.clock)()).await;
    span.key("changes", changes.len().to_string());
    if let Some(fault) = projected.as_ref().ok().and_then(|projected| projected.behind.as_ref()) {
        span.warn("the list of popular products is one projection behind", &[("cause", &fault.to_string())]);
    }
    read.into_iter()
        .map(|change| match (change?, &projected) {
            (_, Err(fault)) => Err(fault.clone()),
            (Change::Product { product }, Ok(projected)) => {
                projected.refusals.get(product.id.as_str()).cloned().map_or(Ok(()), Err)
            }
            (Change::Level { .. }, Ok(_)) => Ok(()),
        })
        .collect()
}

async fn levels(stock: stock::Store, skus: Vec<Sku>) -> Result<HashMap<Sku, StockLevel>, Fault> {
    let levels = stock.levels(&skus).await?;
    Ok(levels.into_iter().map(|(sku, level)| (sku, StockLevel::of(level.available.into()))).collect())
}

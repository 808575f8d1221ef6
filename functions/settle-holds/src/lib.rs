//! Takes the decisions of orders from the queue and settles their holds: a whole batch at once, so that the holds of
//! one cell become sales in one write. Takes the news of what is sold no longer as well, and closes its cells.

use kernel::{Fault, Instant};
use lambda::{Error, Function, Message, Platform};
use serde::Deserialize;
use stock::{Settlement, Shelf, Store};
use telemetry::Span;

/// Needs the stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    let clock = platform.clock();
    lambda::queue_batch(platform, env!("CARGO_PKG_NAME"), move |messages, span| {
        handle(stock.clone(), clock(), messages, span)
    })
}

async fn handle(stock: Store, now: Instant, messages: Vec<Message>, span: Span) -> Vec<Result<(), Fault>> {
    let read: Vec<Result<News, Fault>> =
        messages.iter().map(|message| lambda::parse_json(message.body.as_bytes())).collect();
    for (message, settlement) in messages.iter().zip(&read) {
        decision(settlement).into_iter().for_each(|decided| message.span.key("order", decided.order.as_str()));
    }
    let settlements: Vec<Settlement> = read.iter().filter_map(decision).cloned().collect();

    let settled = stock.settle(&settlements, now).await;

    for sku in &settled.crowded {
        // Another cell makes the next writes cheaper; without it they are as right as before.
        if let Err(fault) = stock.widen(sku).await {
            span.warn("no further cell was opened", &[("sku", sku.as_str()), ("cause", &fault.to_string())]);
        }
    }
    let mut results = settled.results.into_iter();
    let mut answers = Vec::with_capacity(read.len());
    for one in read {
        answers.push(match one {
            Ok(News::Decided(_)) => results.next().unwrap_or(Ok(())),
            Ok(News::Shelved(shelf)) => stock.shelve(&shelf).await,
            Err(fault) => Err(fault),
        });
    }
    answers
}

/// What the queue brings.
#[derive(Deserialize)]
#[serde(untagged)]
enum News {
    /// An order is decided.
    Decided(Settlement),
    /// A product is withdrawn, or sold again.
    Shelved(Shelf),
}

fn decision(news: &Result<News, Fault>) -> Option<&Settlement> {
    match news {
        Ok(News::Decided(settlement)) => Some(settlement),
        _ => None,
    }
}

//! Reads the stream of the table `catalog` and tells the projection what changed: whole products, so that nothing is
//! read back. SKU rows and idempotency records pass by.

use catalog::Product;
use catalog::index::Document;
use kernel::Fault;
use lambda::{Change, Platform};
use queue::{Message, Queue, TRACE_ATTRIBUTE};
use telemetry::Span;

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let projection = platform.queue("catalog-projection")?;
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, span| publish(projection.clone(), changes, span))
}

/// Sends all that changed, in the order of the stream. What fails is sent again from the first change on: the
/// projection takes a product's newest version, however often and in whatever order versions come.
async fn publish(projection: Queue, changes: Vec<Change>, span: Span) -> Result<(), (usize, Fault)> {
    let mut messages = Vec::with_capacity(changes.len());
    for (at, change) in changes.into_iter().enumerate() {
        messages.extend(message(change, &span).map_err(|fault| (at, fault))?);
    }
    projection.send_all(&messages, None).await.map_err(|fault| (0, fault))
}

fn message(change: Change, span: &Span) -> Result<Option<Message>, Fault> {
    let Some(new) = change.new.filter(|_| change.pk.starts_with(Product::PREFIX)) else {
        return Ok(None);
    };
    let product: Product = new.read()?;
    let trace = product.trace.clone().unwrap_or_else(|| span.trace().to_string());
    let news = catalog::view::Change::Product { product: Box::new(Document::from(&product)) };
    Ok(Some(Message::json(&news)?.with(TRACE_ATTRIBUTE, trace)))
}

//! Reads the stream of the table `catalog` and tells the projection what changed: whole products, so that nothing is
//! read back; and the stock what is no longer sold. SKU rows and idempotency records pass by.

use catalog::index::Document;
use catalog::{Product, Status};
use kernel::Fault;
use lambda::{Change, Platform};
use queue::{Message, Queue, TRACE_ATTRIBUTE};
use telemetry::Span;

/// The function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<lambda::Function, lambda::Error> {
    let queues =
        Queues { projection: platform.queue("catalog-projection")?, stock: platform.queue("stock-settlement")? };
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, span| publish(queues.clone(), changes, span))
}

/// A queue for each consumer.
#[derive(Clone)]
struct Queues {
    projection: Queue,
    stock: Queue,
}

/// Sends all that changed, in the order of the stream. What fails is sent again from the first change on: each consumer
/// takes a product's newest version, however often and in whatever order versions come.
async fn publish(queues: Queues, changes: Vec<Change>, span: Span) -> Result<(), (usize, Fault)> {
    let (mut documents, mut shelves) = (Vec::with_capacity(changes.len()), Vec::new());
    for (at, change) in changes.into_iter().enumerate() {
        shelves.extend(shelf(&change, &span).map_err(|fault| (at, fault))?);
        documents.extend(message(change, &span).map_err(|fault| (at, fault))?);
    }
    queues.projection.send_all(&documents, None).await.map_err(|fault| (0, fault))?;
    if shelves.is_empty() {
        return Ok(());
    }
    queues.stock.send_all(&shelves, None).await.map_err(|fault| (0, fault))
}

/// What the stock has to know: that a product is withdrawn, or sold again.
fn shelf(change: &Change, span: &Span) -> Result<Option<Message>, Fault> {
    let Some(new) = change.new.clone().filter(|_| change.pk.starts_with(Product::PREFIX)) else {
        return Ok(None);
    };
    let new: Product = new.read()?;
    let old: Option<Product> = change.old.clone().map(table::Item::read).transpose()?;
    let was_sold = old.is_none_or(|old| old.status == Status::Active);
    let is_sold = new.status == Status::Active;
    if was_sold == is_sold {
        return Ok(None);
    }
    let skus = new.variants.iter().map(|variant| variant.sku.clone()).collect();
    let trace = new.trace.clone().unwrap_or_else(|| span.trace().to_string());
    let news = stock::Shelf { skus, on_sale: is_sold, version: new.version };
    Ok(Some(Message::json(&news)?.with(TRACE_ATTRIBUTE, trace)))
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

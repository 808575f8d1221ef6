//! Queue `stock-updates`: takes over what a partner stated. An older statement, or the same one again, changes nothing, in whatever
//! order they come. The partner is told, if it wants to be.

use catalog::supply::shop_sku;
use kernel::{Fault, Kind};
use lambda::{Clock, Error, Function, Message, Platform};
use partners::delivery::Asked;
use partners::{Store, told};
use queue::Queue;
use stock::Adjustment;
use telemetry::Span;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    partners: Store,
    catalog: catalog::Store,
    stock: stock::Store,
    deliveries: Queue,
    clock: Clock,
}

/// Needs the partners, the catalog, the stock and the queue of what partners are told.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        partners: Store::new(platform.table("partners")?),
        catalog: catalog::Store::new(platform.table("catalog")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
        deliveries: platform.queue("webhook-deliveries")?,
        clock: platform.clock(),
    };
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(needs.clone(), message, span))
}

async fn handle(needs: Needs, message: Message, span: Span) -> Result<(), Fault> {
    let Some(stated) = needs.partners.stated(&message.body).await? else {
        return Err(Fault::new(Kind::Missing, "statement_gone", "the statement is not there any more"));
    };
    span.key("partner", stated.partner.as_str());
    let skus: Vec<_> =
        stated.counts.iter().map(|count| shop_sku(&stated.handle, &count.sku)).collect::<Result<_, Fault>>()?;
    let known = needs.catalog.variants(&skus).await?;
    let mut unknown = Vec::new();
    for (count, sku) in stated.counts.iter().zip(&skus) {
        // What no product of the partner has is nothing that could be sold.
        if !known.iter().any(|offer| offer.sku == *sku) {
            unknown.push(count.sku.as_str());
            continue;
        }
        let adjustment = Adjustment::Stated { units: count.units, as_of: stated.as_of };
        needs.stock.adjust(sku, &adjustment, (needs.clock)()).await?;
    }
    // A death before this brings the whole message again, which changes nothing twice.
    let applied = told::stock_applied(&stated, &unknown, (needs.clock)())?;
    needs.deliveries.send(&queue::Message::json(&Asked::Event(applied))?, message.traceparent.as_deref()).await?;
    let told = [stated.counts.len().to_string(), unknown.len().to_string()];
    span.info("a partner's stock was taken over", &[("items", &told[0]), ("unknown", &told[1])]);
    Ok(())
}

//! Each minute: gathers the stock of sales that are over, and lets their items go once nothing of it is held any more.

use checkout::sale::{Closing, close};
use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use telemetry::Span;

/// Needs the sales and the stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let sales = flash::Store::new(platform.table("flash")?);
    let stock = stock::Store::new(platform.table("stock")?, platform.region());
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| handle(sales.clone(), stock.clone(), clock(), span))
}

async fn handle(sales: flash::Store, stock: stock::Store, now: Instant, span: Span) -> Result<(), Fault> {
    let mut failed = None;
    for sale in sales.live().await? {
        match close(&sale, &sales, &stock, now).await {
            Ok(Closing::NotDue | Closing::Gathered) => {}
            Ok(Closing::Draining(held)) => {
                span.info(
                    "a sale is over and not all of it is decided",
                    &[("sale", sale.id.as_str()), ("held", &held.to_string())],
                );
            }
            Ok(Closing::Closed) => span.info("a sale is closed", &[("sale", sale.id.as_str())]),
            Err(fault) => {
                span.warn("a sale could not be closed", &[("sale", sale.id.as_str()), ("cause", &fault.to_string())]);
                failed = Some(fault);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

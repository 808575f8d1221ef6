//! adjust-stock, which makes the change first and writes its idempotency record afterwards: who dies between makes it again.

use kernel::Sku;
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use serde_json::{Value, json};
use stock::{Adjustment, Store};

/// As the right one.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    lambda::http(platform, "adjust-stock", move |request| handle(stock.clone(), request))
}

async fn handle(stock: Store, request: Request) -> Result<Reply, Problem> {
    let who = request.staff(kernel::Role::Warehouse).await?;
    let sku: Sku = request.path("sku")?;
    let body: Value = request.json()?;
    let units = body["change"].as_i64().unwrap_or_default();
    lambda::once(&request, &who, stock.table(), Need::Honoured, |once| {
        let (stock, request) = (stock.clone(), request.clone());
        async move {
            let adjustment = Adjustment::Change { units, id: request.span().request_id().to_owned() };
            let planned = stock.adjust(&sku, &adjustment, request.received_at()).await?;
            let reply = match planned.taken {
                Some(taken) => json!({"sku": sku, "taken": taken}),
                None => json!({"sku": sku}),
            };
            Ok(once.commit(Vec::new(), Reply::ok(&reply)).await?)
        }
    })
    .await
}

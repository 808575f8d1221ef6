//! `POST /api/orders/{orderId}/cancellation`: calls an order off. What was paid goes back.

use kernel::{OrderId, Role};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use orders::Shown;
use serde::Deserialize;

/// Needs the orders.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let orders = orders::Store::new(platform.table("orders")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(orders.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelOrder {
    #[serde(default)]
    reason: String,
}

async fn handle(orders: orders::Store, request: Request) -> Result<Reply, Problem> {
    let who = request.principal().await?;
    let id: OrderId = request.path("orderId")?;
    let CancelOrder { reason } = request.json()?;
    lambda::text_limit("/reason", &reason, 255)?;
    request.span().key("order", id.as_str());

    let found = orders.get(&id, &who).await?;
    lambda::once(&request, &who, orders.table(), Need::Required, |once| {
        let (orders, request, who) = (orders.clone(), request.clone(), who.clone());
        async move {
            let seen = found.version;
            let mut order = found;
            orders::cancel::cancel(&mut order, &reason, &who, request.received_at())?;
            order.trace = request.span().trace().to_string();
            let role = if who.role() == Role::System { Role::Customer } else { who.role() };
            let reply = Reply::ok(&Shown::of(&order, role, None));
            Ok(once.commit(vec![orders.change(&order, seen)?], reply).await?)
        }
    })
    .await
}

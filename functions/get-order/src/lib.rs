//! `GET /api/orders/{orderId}`: one order, with its timeline. Its contact comes sealed for the browser that may open it.

use kernel::OrderId;
use lambda::{Error, Function, Platform, Problem, Reply, Request};

/// Needs the orders and the keys of their contacts.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let orders = orders::Store::new(platform.table("orders")?);
    let keys = platform.subject_keys("personal", "orders", "contact")?;
    let platform_of = platform.clone();
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| {
        let (orders, keys, platform) = (orders.clone(), keys.clone(), platform_of.clone());
        async move { handle(&orders, &keys, &platform, request).await }
    })
}

async fn handle(
    orders: &orders::Store,
    keys: &vault::SubjectKeys,
    platform: &Platform,
    request: Request,
) -> Result<Reply, Problem> {
    let who = request.principal().await?;
    let id: OrderId = request.path("orderId")?;
    let browser = request.session_key()?;
    request.span().key("order", id.as_str());

    let order = orders.get(&id, &who).await?;

    let shown = wiring::shown(&order, who.role(), browser.as_ref(), keys, platform, request.received_at()).await?;
    Ok(Reply::ok(&shown))
}

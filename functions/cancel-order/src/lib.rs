//! `POST /api/orders/{orderId}/cancellation`: calls an order off. What was paid goes back.

use kernel::{Fault, OrderId};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request, Unmade};
use orders::Shown;
use serde::Deserialize;

/// How often it starts over on the order that another change left.
const ROUNDS: usize = 4;

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

    lambda::once(&request, &who, orders.table(), Need::Required, |once| {
        let (orders, request, who) = (orders.clone(), request.clone(), who.clone());
        async move {
            for _ in 0..ROUNDS {
                let mut order = orders.get(&id, &who).await?;
                let seen = order.version;
                orders::cancel::cancel(&mut order, &reason, &who, request.received_at())?;
                order.trace = request.span().trace().to_string();
                let reply = Reply::ok(&Shown::of(&order, who.role(), None));
                match once.commit(vec![orders.change(&order, seen)?], reply).await {
                    Err(Unmade::Refused(_)) => {}
                    done => return Ok(done?),
                }
            }
            Err(Fault::unavailable("an order kept changing under a request").into())
        }
    })
    .await
}

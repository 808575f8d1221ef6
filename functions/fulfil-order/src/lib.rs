//! `POST /admin/orders/{orderId}/fulfilment`: packs, ships or delivers an order, or part of it.

use kernel::{Fault, OrderId, Role, Sku};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request, Unmade};
use orders::fulfil::{Step, fulfil};
use orders::{Shown, Units};
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
struct FulfilOrder {
    action: Action,
    parcel: Option<String>,
    #[serde(default)]
    lines: Vec<Line>,
    carrier: Option<String>,
    tracking: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pack,
    Ship,
    Deliver,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: Sku,
    quantity: u32,
}

async fn handle(orders: orders::Store, request: Request) -> Result<Reply, Problem> {
    let who = request.staff(Role::Warehouse).await?;
    let id: OrderId = request.path("orderId")?;
    let step = step(request.json()?)?;
    request.span().key("order", id.as_str());

    lambda::once(&request, &who, orders.table(), Need::Honoured, |once| {
        let (orders, request, who) = (orders.clone(), request.clone(), who.clone());
        async move {
            for _ in 0..ROUNDS {
                let mut order = orders.get(&id, &who).await?;
                let seen = order.version;
                fulfil(&mut order, step.clone(), &who, request.received_at())?;
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

fn step(body: FulfilOrder) -> Result<Step, Fault> {
    let parcel = match body.parcel.as_deref().map(str::parse) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => return Err(Fault::field("/parcel", "format", "A parcel is named by its number in the order.")),
    };
    Ok(match body.action {
        Action::Pack => {
            Step::Pack(body.lines.into_iter().map(|line| Units { sku: line.sku, quantity: line.quantity }).collect())
        }
        Action::Ship => {
            let carrier = required("/carrier", body.carrier, 64)?;
            let tracking = required("/tracking", body.tracking, 128)?;
            Step::Ship { parcel, carrier, tracking }
        }
        Action::Deliver => Step::Deliver { parcel },
    })
}

fn required(pointer: &str, value: Option<String>, most: usize) -> Result<String, Fault> {
    let value = value.filter(|text| !text.trim().is_empty());
    let value = value
        .ok_or_else(|| Fault::field(pointer, "required", "Say with whom the parcel goes, and its tracking number."))?;
    lambda::text_limit(pointer, &value, most)?;
    Ok(value)
}

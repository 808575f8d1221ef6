//! `POST /flash/queue`: gives a guest a place in the waiting room of a sale, or finds the one they have.

use flash::{Line, Store};
use kernel::{Fault, SaleId};
use lambda::limits::{self, Policy};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use serde::Deserialize;
use table::Table;

/// How many new guests of one address may join, roughly.
const ADDRESS: Policy = Policy { name: "queue-address", quota: 120, window_seconds: 60 };

/// What the function needs.
#[derive(Clone)]
struct Needs {
    sales: Store,
    line: Line,
    control: Table,
    platform: Platform,
}

/// Needs the sales, their lines and the limits.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let sales = Store::new(platform.table("flash")?);
    let line = Line::new(sales.table().clone());
    let needs = Needs { sales, line, control: platform.table("control")?, platform: platform.clone() };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinQueue {
    sale: String,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let body: JoinQueue = request.json()?;
    let sale = SaleId::parse(&body.sale).map_err(|_| Fault::missing())?;
    let now = request.received_at();
    if request.cookie("__Host-guest").is_none() {
        // Who comes without a cookie is somebody new each time.
        let decision = limits::meter(&needs.control, &ADDRESS, request.address(), now).await?;
        limits::enforce(&request, &ADDRESS, decision)?;
    }
    let sale = needs.sales.get(&sale, now).await?;
    let who = request.shopper().await?;

    lambda::once(&request, &who, needs.sales.clone().table(), Need::Honoured, |_once| {
        let (request, who) = (request.clone(), who.to_string());
        async move {
            let (ticket, place, new) = needs.line.join(&sale, &who, now).await?;
            let token = ticket.sign(&needs.platform.signer(flash::ticket::PURPOSE).await?);
            let location = format!("/flash/queue/{token}");
            let shown = wiring::ShownPlace::of(token, &place, request.received_at());
            Ok(if new { Reply::created(location, &shown) } else { Reply::ok(&shown) })
        }
    })
    .await
}

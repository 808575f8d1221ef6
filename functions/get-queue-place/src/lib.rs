//! `GET /flash/queue/{ticket}`: where a guest stands in the waiting room of a sale.

use flash::{Line, Store, Ticket};
use kernel::Fault;
use lambda::{Error, Function, Platform, Problem, Reply, Request};

/// What the function needs.
#[derive(Clone)]
struct Needs {
    sales: Store,
    line: Line,
    platform: Platform,
}

/// Needs the sales and their lines.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let sales = Store::new(platform.table("flash")?);
    let needs = Needs { line: Line::new(sales.table().clone()), sales, platform: platform.clone() };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let token: String = request.path("ticket")?;
    let now = request.received_at();
    let signer = needs.platform.signer(flash::ticket::PURPOSE).await?;
    let ticket = Ticket::open(&token, &signer).ok_or_else(Fault::missing)?;
    if !ticket.belongs_to(&request.shopper().await?.to_string()) {
        return Err(Fault::missing().into());
    }
    let sale = needs.sales.get(&ticket.sale, now).await?;
    let place = needs.line.place(&sale, &ticket, now).await?;
    Ok(Reply::ok(&wiring::ShownPlace::of(token, &place, now)))
}

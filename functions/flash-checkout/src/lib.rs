//! `POST /flash/checkout`: buys one item of a flash sale, from "buy" to "paid" in one request, by the machinery that places
//! every order. What a customer may take of the sale is held like stock, and a ticket of the waiting room is spent on one order.

use checkout::sale::{Bought, Wanted, buy};
use flash::{Sale, Spent, Ticket};
use kernel::{Fault, Instant, Kind, OrderId, SaleId};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use orders::Address;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use wiring::{Answered, Buyer, Counter, PaymentBody, Priced, Purchase};

/// A ticket was spent on an order that is not there: so long after, that order will not come any more. Longer than this
/// function may run.
const NEVER_CAME: Duration = Duration::from_secs(15);

/// What the function needs.
#[derive(Clone)]
struct Needs {
    counter: Counter,
    sales: flash::Store,
    line: flash::Line,
    platform: Platform,
}

/// Needs all that places an order, the sales and their lines.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let sales = flash::Store::new(platform.table("flash")?);
    let line = flash::Line::new(sales.table().clone());
    let needs = Needs { counter: Counter::new(platform)?, sales, line, platform: platform.clone() };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlashCheckout {
    sale: String,
    sku: String,
    quantity: u32,
    email: String,
    address: Option<Address>,
    country: Option<String>,
    shipping_method: Option<String>,
    payment: PaymentBody,
    ticket: Option<String>,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let mut body: FlashCheckout = request.json()?;
    if body.quantity == 0 {
        return Err(Fault::field("/quantity", "range", "A quantity is a whole number from 1.").into());
    }
    let purchase = Purchase::read(&body.email, body.address.take(), Some(&body.payment))?;
    let country = body.country.as_deref().or(purchase.country()).unwrap_or("US").to_owned();
    purchase.check_country(&country)?;

    let price = |buyer| price(&needs, &request, &body, country, buyer);
    let answered = needs.counter.place(&request, purchase, price).await?;
    finish(&needs, &request, &body, &answered).await;
    answered.reply(request.span())
}

async fn price(
    needs: &Needs,
    request: &Request,
    body: &FlashCheckout,
    country: String,
    buyer: Buyer,
) -> Result<Priced, Problem> {
    let now = request.received_at();
    let sale = sale(needs, body, now).await?;
    let wanted = Wanted {
        sku: &body.sku,
        quantity: body.quantity,
        country: &country,
        shipping_method: body.shipping_method.as_deref(),
        customer: &buyer.name,
    };
    let Bought { quote, in_sale } = buy(&sale, wanted, now)?;
    if sale.waiting_room {
        let ticket = ticket(needs, &sale, body, &buyer).await?;
        needs.line.admit(&sale, &ticket, now).await?;
        spend(needs, &ticket, &buyer.order, now).await?;
    }
    Ok(Priced { quote, in_sale: Some(in_sale) })
}

async fn sale(needs: &Needs, body: &FlashCheckout, now: Instant) -> Result<Arc<Sale>, Fault> {
    let id = SaleId::parse(&body.sale).map_err(|_| Fault::missing())?;
    needs.sales.get(&id, now).await
}

/// The ticket that was sent, if it is ours, of this sale, and the buyer's.
async fn ticket(needs: &Needs, sale: &Sale, body: &FlashCheckout, buyer: &Buyer) -> Result<Ticket, Problem> {
    let Some(token) = &body.ticket else {
        let detail = "This sale has a waiting room. Please join the line first.";
        return Err(Fault::new(Kind::Forbidden, "ticket_needed", detail).into());
    };
    let signer = needs.platform.signer(flash::ticket::PURPOSE).await?;
    let ticket = Ticket::open(token, &signer);
    let ticket = ticket.filter(|ticket| ticket.sale == sale.id && ticket.belongs_to(&buyer.name));
    ticket.ok_or_else(|| flash::line::refused("This ticket is not good here. Please join the line.").into())
}

/// One ticket, one order; but an order that ended unpaid gives it back.
async fn spend(needs: &Needs, ticket: &Ticket, order: &OrderId, now: Instant) -> Result<(), Fault> {
    let Spent::On(other, at) = needs.line.spend(ticket, order, now).await? else {
        return Ok(());
    };
    let ended = match needs.counter.checkout.orders.find(&other).await? {
        Some(other) => other.state.is_over(),
        None => now.since(at) > NEVER_CAME,
    };
    if !ended {
        return Err(flash::line::spent_already());
    }
    needs.line.spend_again(ticket, &other, order, now).await
}

/// Makes room for the next one in the line, once for each order that was answered for good.
async fn finish(needs: &Needs, request: &Request, body: &FlashCheckout, answered: &Answered) {
    let Answered::Placed(placement) = answered else { return };
    if placement.replayed || body.ticket.is_none() {
        return;
    }
    // Without it the room comes when the turn has passed: slower, and nothing else.
    if let Err(problem) = count(needs, request, body).await {
        let cause = problem.fault().to_string();
        request.span().warn("a finished checkout was not counted", &[("cause", &cause)]);
    }
}

async fn count(needs: &Needs, request: &Request, body: &FlashCheckout) -> Result<(), Problem> {
    let sale = sale(needs, body, request.received_at()).await?;
    let signer = needs.platform.signer(flash::ticket::PURPOSE).await?;
    match body.ticket.as_deref().and_then(|token| Ticket::open(token, &signer)) {
        Some(ticket) if sale.waiting_room => Ok(needs.line.finish(&sale, &ticket).await?),
        _ => Ok(()),
    }
}

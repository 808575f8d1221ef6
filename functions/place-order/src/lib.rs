//! `POST /api/orders`: holds the stock, takes the money, answers with the order as stored. However often a request is
//! repeated, it makes one order and one charge.

use checkout::quote::Dishonoured;
use checkout::{Checkout, Place, Pricer, Quote, ShownQuote, Tender, Wish, Wishes};
use kernel::{Email, Fault, Kind, OrderId, Principal, id};
use lambda::idempotency::UsedKey;
use lambda::limits::{self, Policy};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use orders::{Address, Contact, Told};
use payments::Token;
use serde::Deserialize;
use std::time::Duration;
use table::Table;

/// What one shopper may place.
const SHOPPER: Policy = Policy { name: "checkout", quota: 5, window_seconds: 60 };
/// What all shoppers of one address without a cookie may place, roughly.
const ADDRESS: Policy = Policy { name: "checkout-address", quota: 120, window_seconds: 60 };
/// How long a shopper waits for an answer at the most.
const PATIENCE: Duration = Duration::from_millis(4_500);

/// What the function needs.
#[derive(Clone)]
struct Needs {
    checkout: Checkout,
    pricer: Pricer,
    control: Table,
    platform: Platform,
}

/// Needs all that places an order, the limits, and the catalog for baskets without a quote.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        checkout: wiring::checkout(platform)?,
        pricer: wiring::pricer(platform)?,
        control: platform.table("control")?,
        platform: platform.clone(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceOrder {
    quote: Option<String>,
    items: Option<Vec<Item>>,
    email: String,
    country: Option<String>,
    shipping_method: Option<String>,
    coupon: Option<String>,
    address: Option<Address>,
    payment: Option<Payment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    sku: Option<String>,
    product: Option<String>,
    quantity: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    method: String,
    token: String,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let body: PlaceOrder = request.json()?;
    let email = Email::parse(&body.email).map_err(|error| Fault::field("/email", "format", error.to_string()))?;
    if let Some(address) = &body.address {
        address.check("/address")?;
    }
    let tender = body.payment.as_ref().map(tender).transpose()?;
    let (who, owner) = caller(&request, &email).await?;
    let key =
        UsedKey::of(&request, &who.key, Need::Required)?.ok_or_else(|| Fault::bug("a required key is missing"))?;
    let id = OrderId::parse(&key.id).map_err(|error| Fault::bug(error.to_string()))?;
    request.span().key("order", id.as_str());

    limit(&needs.control, &request, &who, id.as_str()).await?;
    if let Some(tender) = &tender {
        needs.checkout.till.method(&tender.method)?;
    }
    let quote = match quote(&needs, &request, &body).await {
        Ok(quote) => quote,
        Err(refusal) => return refused(&needs, &request, &owner, &who, &id, &key, refusal).await,
    };
    if let Some(address) = &body.address
        && address.country != quote.country
    {
        let detail = "The address is in another country than the price was made for.";
        return Err(Fault::field("/address/country", "country", detail).into());
    }
    let placement = needs
        .checkout
        .place(Place {
            id,
            owner,
            fingerprint: key.fingerprint,
            quote,
            contact: Contact { email, address: body.address },
            tender,
            now: request.received_at(),
            deadline: request.received_at().plus(PATIENCE).min(request.deadline()),
            traceparent: request.span().trace().to_string(),
            told: told(&request),
        })
        .await?;
    welcome(&request, &who, &placement.order).await?;
    wiring::placed(&placement)
}

/// Who places the order: their name for keys and limits.
struct Caller {
    key: String,
    guest: bool,
}

/// A guest is named by the cookie. A caller without one is named by the SHA-256 of the e-mail, and becomes a guest.
async fn caller(request: &Request, email: &Email) -> Result<(Caller, String), Problem> {
    match request.principal().await? {
        known @ (Principal::Guest(_) | Principal::Customer(_)) => {
            let name = known.to_string();
            Ok((Caller { key: name.clone(), guest: true }, name))
        }
        Principal::Anonymous | Principal::Staff { .. } | Principal::System => {
            let key = format!("email:{}", id::sha256_hex(email.reveal().to_lowercase().as_bytes()));
            Ok((Caller { key, guest: false }, Principal::Guest(request.new_guest()?).to_string()))
        }
    }
}

/// A caller who came without a cookie goes with one: the one of the order's owner.
async fn welcome(request: &Request, who: &Caller, order: &orders::Order) -> Result<(), Problem> {
    let guest = order.placed.owner.strip_prefix("guest:").and_then(|id| kernel::GuestId::parse(id).ok());
    match guest.filter(|_| !who.guest) {
        Some(guest) => request.welcome(&guest).await,
        None => Ok(()),
    }
}

async fn limit(control: &Table, request: &Request, who: &Caller, order: &str) -> Result<(), Problem> {
    let now = request.received_at();
    if who.guest {
        let decision = limits::take(control, &SHOPPER, &who.key, order, now).await?;
        limits::enforce(request, &SHOPPER, decision)
    } else {
        let decision = limits::meter(control, &ADDRESS, request.address(), now).await?;
        limits::enforce(request, &ADDRESS, decision)
    }
}

fn tender(payment: &Payment) -> Result<Tender, Fault> {
    let token =
        Token::parse(&payment.token).map_err(|error| Fault::field("/payment/token", "format", error.to_string()))?;
    Ok(Tender { method: payment.method.clone(), token })
}

/// The quote that was sent, or the price of the items that were sent instead.
async fn quote(needs: &Needs, request: &Request, body: &PlaceOrder) -> Result<Quote, Problem> {
    let now = request.received_at();
    match (&body.quote, &body.items) {
        (Some(token), None) => {
            if body.country.is_some() || body.shipping_method.is_some() || body.coupon.is_some() {
                let detail = "Country, shipping method and coupon are the quote's.";
                return Err(Fault::field("/quote", "combination", detail).into());
            }
            let signer = needs.platform.signer("quote").await?;
            match Quote::open(token, &signer, now) {
                Ok(quote) => Ok(quote),
                Err(dishonoured) => {
                    let problem = Problem::from(Fault::from(&dishonoured));
                    let Dishonoured::Expired(old) = dishonoured else { return Err(problem) };
                    let (quote, priced) = needs.pricer.renew(&old, now).await?;
                    let shown = ShownQuote::of(&quote, &priced, &signer)?;
                    Err(problem.member("quote", lambda::to_json(&shown)?))
                }
            }
        }
        (None, Some(items)) => {
            let wish =
                |item: &Item| Wish { sku: item.sku.clone(), product: item.product.clone(), quantity: item.quantity };
            let of_address = body.address.as_ref().map(|address| address.country.clone());
            let wishes = Wishes {
                items: items.iter().map(wish).collect(),
                country: body.country.clone().or(of_address).unwrap_or_else(|| "US".to_owned()),
                shipping_method: body.shipping_method.clone(),
                coupon: body.coupon.clone(),
            };
            Ok(needs.pricer.quote(&wishes, now).await?.0)
        }
        _ => Err(Fault::field("/quote", "quote_or_items", "Send a quote or items, and only one of them.").into()),
    }
}

/// The order was refused before it was written. A repeat of a request that was placed before is answered from the order
/// all the same, whatever its quote is worth by now; a definitive refusal is remembered.
async fn refused(
    needs: &Needs,
    request: &Request,
    owner: &str,
    who: &Caller,
    id: &OrderId,
    key: &UsedKey,
    refusal: Problem,
) -> Result<Reply, Problem> {
    let now = request.received_at();
    let deadline = now.plus(PATIENCE).min(request.deadline());
    let traceparent = request.span().trace().to_string();
    if let Some(placement) =
        needs.checkout.placed_before(id, owner, &key.fingerprint, now, deadline, &traceparent, told(request)).await?
    {
        welcome(request, who, &placement.order).await?;
        return wiring::placed(&placement);
    }
    if refusal.fault().kind == Kind::Invalid {
        return Err(refusal);
    }
    lambda::once_for(
        request,
        &who.key,
        needs.checkout.orders.table(),
        Need::Required,
        |_once| async move { Err(refusal) },
    )
    .await
}

fn told(request: &Request) -> Told {
    Told { request: request.span().request_id().to_owned(), trace: request.span().trace().trace_id().to_owned() }
}

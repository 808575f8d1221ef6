//! `POST /api/orders`: holds the stock, takes the money, answers with the order as stored. However often a request is
//! repeated, it makes one order and one charge.

use checkout::quote::Dishonoured;
use checkout::{Pricer, Quote, ShownQuote, Wish, Wishes};
use kernel::Fault;
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use orders::Address;
use serde::Deserialize;
use wiring::{Counter, PaymentBody, Priced, Purchase};

/// What the function needs.
#[derive(Clone)]
struct Needs {
    counter: Counter,
    pricer: Pricer,
    platform: Platform,
}

/// Needs all that places an order, the limits, and the catalog for baskets without a quote.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (counter, pricer) = (Counter::new(platform)?, wiring::pricer(platform)?);
    let needs = Needs { counter, pricer, platform: platform.clone() };
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
    payment: Option<PaymentBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    sku: Option<String>,
    product: Option<String>,
    quantity: u32,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let mut body: PlaceOrder = request.json()?;
    let purchase = Purchase::read(&body.email, body.address.take(), body.payment.as_ref())?;
    let country = purchase.country().map(str::to_owned);
    let price = |_buyer| async { Ok(Priced { quote: quote(&needs, &request, &body, country).await?, in_sale: None }) };
    needs.counter.place(&request, purchase, price).await?.reply(request.span())
}

/// The quote that was sent, or the price of the items that were sent instead.
async fn quote(
    needs: &Needs,
    request: &Request,
    body: &PlaceOrder,
    country_of_address: Option<String>,
) -> Result<Quote, Problem> {
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
            let wishes = Wishes {
                items: items.iter().map(wish).collect(),
                country: body.country.clone().or(country_of_address).unwrap_or_else(|| "US".to_owned()),
                shipping_method: body.shipping_method.clone(),
                coupon: body.coupon.clone(),
            };
            Ok(needs.pricer.quote(&wishes, now).await?.0)
        }
        _ => Err(Fault::field("/quote", "quote_or_items", "Send a quote or items, and only one of them.").into()),
    }
}

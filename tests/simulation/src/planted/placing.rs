//! What place-order does once a request may be taken, for those bugs that lie before it.

use checkout::{Checkout, Place, Pricer, Tender, Wish, Wishes};
use kernel::{Email, Fault, OrderId};
use lambda::idempotency::UsedKey;
use lambda::{Need, Problem, Reply, Request};
use orders::{Contact, Told};
use serde_json::Value;
use std::time::Duration;

pub(super) async fn place(checkout: &Checkout, pricer: &Pricer, request: &Request) -> Result<Reply, Problem> {
    let body: Value = request.json()?;
    let who = request.shopper().await?.to_string();
    let key = UsedKey::of(request, &who, Need::Required)?.ok_or_else(|| Fault::bug("no key"))?;

    let now = request.received_at();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = body["items"].as_array().into_iter().flatten().map(|item| Wish {
        sku: text(&item["sku"]),
        product: None,
        quantity: item["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or(1),
    });
    let wishes = Wishes {
        items: items.collect(),
        country: text(&body["country"]).unwrap_or_default(),
        shipping_method: None,
        coupon: text(&body["coupon"]),
    };
    let token = text(&body["payment"]["token"]).and_then(|token| payments::Token::parse(&token).ok());
    let email =
        text(&body["email"]).and_then(|email| Email::parse(&email).ok()).ok_or_else(|| Fault::bug("no email"))?;
    let placement = checkout.place(Place {
        id: OrderId::parse(&key.id).map_err(|error| Fault::bug(error.to_string()))?,
        owner: who,
        fingerprint: key.fingerprint,
        quote: pricer.quote(&wishes, now).await?.0,
        in_sale: None,
        contact: Contact { email, address: None },
        tender: token.map(|token| Tender { method: "card".to_owned(), token: Some(token) }),
        now,
        deadline: now.plus(Duration::from_millis(4_500)),
        traceparent: request.span().trace().to_string(),
        told: Told {
            request: request.span().request_id().to_owned(),
            trace: request.span().trace().trace_id().to_owned(),
        },
    });
    wiring::placed(request.span(), &placement.await?)
}

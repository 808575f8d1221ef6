//! `POST /api/quotes`: prices a basket and signs the price for a quarter of an hour.

use checkout::{Pricer, ShownQuote, Wish, Wishes};
use kernel::{Principal, id};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use serde::Deserialize;

/// Needs catalog, promotions and the signing secret.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (pricer, platform_of) = (wiring::pricer(platform)?, platform.clone());
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(pricer.clone(), platform_of.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteRequest {
    items: Vec<Item>,
    country: String,
    /// Taken for the tax of regions that have one of their own; none of ours has yet.
    region: Option<String>,
    postal_code: Option<String>,
    shipping_method: Option<String>,
    coupon: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    sku: Option<String>,
    product: Option<String>,
    quantity: u32,
}

async fn handle(pricer: Pricer, platform: Platform, request: Request) -> Result<Reply, Problem> {
    let body: QuoteRequest = request.json()?;
    lambda::text_limit("/region", body.region.as_deref().unwrap_or_default(), 64)?;
    lambda::text_limit("/postal_code", body.postal_code.as_deref().unwrap_or_default(), 16)?;
    let wishes = Wishes {
        items: body
            .items
            .into_iter()
            .map(|item| Wish { sku: item.sku, product: item.product, quantity: item.quantity })
            .collect(),
        country: body.country,
        shipping_method: body.shipping_method,
        coupon: body.coupon,
    };
    let who = match request.principal().await? {
        // Nobody's key is the next one's: callers that nobody knows are told apart by where they call from.
        Principal::Anonymous => format!("address:{}", id::sha256_hex(request.address().as_bytes())),
        known => known.to_string(),
    };

    lambda::once_for(&request, &who, pricer.promotions.clone().table(), Need::Honoured, |_once| {
        let request = request.clone();
        let pricer = pricer.clone();
        async move {
            let (quote, priced) = pricer.quote(&wishes, request.received_at()).await?;
            Ok(Reply::ok(&ShownQuote::of(&quote, &priced, &platform.signer("quote").await?)?))
        }
    })
    .await
}

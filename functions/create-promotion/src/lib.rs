//! `POST /admin/promotions`: makes a promotion. Its limit, if it has one, is put into the stock of `COUPON:<code>`.

use checkout::{Promotion, PromotionKind, Promotions};
use kernel::{Amount, Currency, Fault, Instant, Kind, Money, Role};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use serde::Deserialize;

/// Needs promotions and stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let promotions = Promotions::new(platform.table("checkout")?);
    let stock = stock::Store::new(platform.table("stock")?, platform.region());
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(promotions.clone(), stock.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreatePromotion {
    code: String,
    label: Option<String>,
    kind: KindName,
    percent: Option<u32>,
    amount: Option<Money>,
    minimum: Option<Money>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Percentage,
    Fixed,
    FreeShipping,
}

async fn handle(promotions: Promotions, stock: stock::Store, request: Request) -> Result<Reply, Problem> {
    let who = request.staff(Role::Finance).await?;
    let promotion = read(request.json()?, request.received_at())?;

    lambda::once(&request, &who, promotions.clone().table(), Need::Honoured, |once| {
        let promotions = promotions.clone();
        async move {
            // The uses come first: a code that can be typed before its uses are there would be refused, and a repeat
            // puts nothing in twice.
            if let Some(limit) = promotion.limit {
                stock.seed_many(&[(stock::coupon(&promotion.code)?, limit)]).await?;
            }
            let reply = Reply::created(format!("/admin/promotions/{}", promotion.code), &promotion.shown());
            match once.commit(vec![promotions.create(&promotion)?], reply).await {
                Ok(reply) => Ok(reply),
                Err(lambda::Unmade::Refused(_)) => {
                    Err(Fault::new(Kind::Conflict, "promotion_exists", "There is a promotion with this code already.")
                        .into())
                }
                Err(unmade) => Err(unmade.into()),
            }
        }
    })
    .await
}

fn read(body: CreatePromotion, now: Instant) -> Result<Promotion, Fault> {
    let code = body.code.trim().to_uppercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=64).contains(&code.len()) || !code.bytes().all(plain) {
        return Err(Fault::field("/code", "format", "A code is 1 to 64 letters, digits, hyphens and underscores."));
    }
    let (kind, currency) = kind(&body)?;
    if body.minimum.is_some_and(|minimum| minimum.currency != currency || minimum.amount < Amount::ZERO) {
        return Err(Fault::field("/minimum", "currency", "The minimum is an amount of the promotion's currency."));
    }
    if body.limit == Some(0) {
        return Err(Fault::field("/limit", "range", "A limit is at least 1."));
    }
    let label = body.label.unwrap_or_else(|| code.clone());
    lambda::text_limit("/label", &label, 128)?;
    let starts_at = moment("/starts_at", body.starts_at)?;
    let ends_at = moment("/ends_at", body.ends_at)?;
    if let (Some(start), Some(end)) = (starts_at, ends_at)
        && end <= start
    {
        return Err(Fault::field("/ends_at", "order", "A promotion ends after it starts."));
    }
    let minimum = body.minimum.map(|minimum| minimum.amount).unwrap_or_default();
    Ok(Promotion { code, label, kind, currency, minimum, starts_at, ends_at, limit: body.limit, created_at: now })
}

fn kind(body: &CreatePromotion) -> Result<(PromotionKind, Currency), Fault> {
    let currency = body.amount.or(body.minimum).map_or(Currency::USD, |money| money.currency);
    match (&body.kind, body.percent, body.amount) {
        (KindName::Percentage, Some(percent @ 1..=100), None) => Ok((PromotionKind::Percentage(percent), currency)),
        (KindName::Percentage, ..) => {
            Err(Fault::field("/percent", "range", "A percentage promotion needs percent, 1 to 100, and no amount."))
        }
        (KindName::Fixed, None, Some(money)) if money.amount > Amount::ZERO => {
            Ok((PromotionKind::Fixed(money.amount), currency))
        }
        (KindName::Fixed, ..) => {
            Err(Fault::field("/amount", "range", "A fixed promotion needs an amount above 0, and no percent."))
        }
        (KindName::FreeShipping, None, None) => Ok((PromotionKind::FreeShipping, currency)),
        (KindName::FreeShipping, ..) => {
            Err(Fault::field("/kind", "combination", "Free shipping has neither percent nor amount."))
        }
    }
}

fn moment(pointer: &str, text: Option<String>) -> Result<Option<Instant>, Fault> {
    let Some(text) = text else { return Ok(None) };
    Instant::parse(&text)
        .map(Some)
        .map_err(|_| Fault::field(pointer, "format", "A moment is written like 2026-01-31T12:00:00Z."))
}

//! Puts contexts together from a platform, where several functions need the same. It decides nothing.

use checkout::{Checkout, Placement, Pricer, Promotions, Till};
use kernel::{Fault, Instant, Role};
use lambda::{Error, Platform, Problem, Reply};
use orders::{Contact, Order, Shown};

/// Orders, stock and payments under one hand: for the functions that place, pay and settle.
///
/// # Errors
/// When a setting is missing.
pub fn checkout(platform: &Platform) -> Result<Checkout, Error> {
    let (clock, random) = (platform.clock(), platform.randomness());
    let (base, secret) = (platform.setting("PAYMENT_PROVIDER_URL")?, platform.setting("SECRET_PAYMENTS")?);
    Ok(Checkout {
        orders: orders::Store::new(platform.table("orders")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
        till: Till::new(base, platform.secrets(), secret, clock, random),
        contacts: platform.subject_keys("personal", "orders", "contact")?,
        tokens: platform.subject_keys("payments", "orders", "token")?,
        home: platform.region(),
    })
}

/// Catalog and promotions: for the functions that price.
///
/// # Errors
/// When a setting is missing.
pub fn pricer(platform: &Platform) -> Result<Pricer, Error> {
    Ok(Pricer {
        catalog: catalog::Store::new(platform.table("catalog")?),
        promotions: Promotions::new(platform.table("checkout")?),
    })
}

/// An order as someone in `role` sees it; its contact is sealed to the key that their browser sent.
///
/// # Errors
/// Unavailable when KMS does not answer.
pub async fn shown(
    order: &Order,
    role: Role,
    browser: Option<&vault::Recipient>,
    keys: &vault::SubjectKeys,
    platform: &Platform,
    now: Instant,
) -> Result<Shown, Fault> {
    let sealed = match browser {
        None => None,
        Some(recipient) => {
            let contact = Contact::open(order, keys, now).await?;
            Some(recipient.seal(&contact.to_json()?, &*platform.randomness())?)
        }
    };
    Ok(Shown::of(order, role, sealed))
}

/// The reply to a request that placed or paid an order. A repeat is the same to the byte.
///
/// # Errors
/// 402 when the payment was declined, 409 when the stock is gone.
pub fn placed(placement: &Placement) -> Result<Reply, Problem> {
    let location = format!("/api/orders/{}", placement.order.id());
    let body = || Shown::of(&placement.order, Role::Customer, None);
    let fault = match placement.status {
        402 => Fault::declined(),
        409 => Fault::out_of_stock(),
        202 => return Ok(replayed(Reply::accepted(location, &body()), placement)),
        _ => return Ok(replayed(Reply::created(location, &body()), placement)),
    };
    let problem = Problem::from(fault).member("order_id", placement.order.id().as_str().into());
    let problem = match &placement.told {
        Some(told) => problem.told(&*told.request, &*told.trace),
        None => problem,
    };
    Err(if placement.replayed { problem.header("idempotency-replayed", "true") } else { problem })
}

fn replayed(reply: Reply, placement: &Placement) -> Reply {
    if placement.replayed { reply.header("idempotency-replayed", "true") } else { reply }
}

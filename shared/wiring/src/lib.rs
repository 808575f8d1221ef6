//! Puts contexts together from a platform, where several functions need the same. It decides nothing.

mod counter;
mod evidence;
mod feed_asked;
mod partner_gate;

pub use counter::{Answered, Buyer, Counter, PaymentBody, Priced, Purchase};
pub use evidence::{Evidence, origin};
pub use feed_asked::{FeedAsked, feed_asked, feed_file_name, feed_media_type, mapping_asked, unseen};
pub use partner_gate::{PartnerGate, holder};

use checkout::settle::Short;
use checkout::{Checkout, Placement, Pricer, Promotions, Till, Untaken};
use flash::sale::limit_reached;
use kernel::{Fault, Instant, Role, id};
use lambda::idempotency::UsedKey;
use lambda::{Error, Platform, Problem, Reply};
use orders::{Contact, Order, Shown};
use payments::Breakers;
use serde::Serialize;
use telemetry::Span;

/// Orders, stock and payments under one hand: for the functions that place, pay and settle.
///
/// # Errors
/// When a setting is missing.
pub fn checkout(platform: &Platform) -> Result<Checkout, Error> {
    let (clock, random) = (platform.clock(), platform.randomness());
    let (base, secret) = (platform.setting("PAYMENT_PROVIDER_URL")?, platform.setting("SECRET_PAYMENTS")?);
    let (breakers, shop) = (Breakers::new(platform.table("control")?), platform.setting("PUBLIC_URL")?);
    Ok(Checkout {
        orders: orders::Store::new(platform.table("orders")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
        till: Till::new(base, platform.secrets(), secret, clock, random, breakers, shop).through(platform.outbound()),
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

/// The reply to a request that placed or paid an order. A repeat is the same to the byte. What the provider said beside it goes into
/// the log.
///
/// # Errors
/// 402 when the payment was declined, 409 when the stock is gone.
pub fn placed(span: &Span, placement: &Placement) -> Result<Reply, Problem> {
    if let Some(Untaken { provider, declined, cause }) = &placement.untaken {
        let fields = [("provider", *provider), ("cause", cause.as_str())];
        if *declined {
            span.info("the provider declined a payment", &fields);
        } else {
            span.warn("the provider did not do what it was asked", &fields);
        }
    }
    let location = format!("/api/orders/{}", placement.order.id());
    let body = || Shown::of(&placement.order, Role::Customer, None);
    let fault = match placement.status {
        402 => Fault::declined(),
        409 => short_of(&placement.order),
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

/// Why an order that was answered 409 could not be held.
fn short_of(order: &Order) -> Fault {
    match (order.called_off_for(), &order.placed.in_sale) {
        (Some(reason), Some(in_sale)) if reason == Short::SaleLimit.name() => limit_reached(in_sale.limit),
        _ => Fault::out_of_stock(),
    }
}

fn replayed(reply: Reply, placement: &Placement) -> Reply {
    if placement.replayed { reply.header("idempotency-replayed", "true") } else { reply }
}

/// Whose addresses are called where strangers choose them: hosts on the open web; where the shop runs on one machine with those
/// who try it (`OUTBOUND_LOOPBACK=allowed`), this machine as well. No template sets that.
#[must_use]
pub fn strangers(platform: &Platform) -> outbound::Reach {
    match platform.optional("OUTBOUND_LOOPBACK") {
        Some("allowed") => outbound::Reach::PublicOrLoopback,
        _ => outbound::Reach::Public,
    }
}

/// What a new key is made from: the same for a repeat of the same request, unless the shop's signing secret was changed
/// between the two, so that nothing of it has to be stored.
///
/// # Errors
/// Unavailable when the signing secret cannot be read, or the system has no randomness to give.
pub async fn seed(platform: &Platform, used: Option<&UsedKey>) -> Result<String, Fault> {
    match used {
        Some(used) => Ok(platform.signer("partner-key").await?.sign_parts(&[&used.id])),
        None => {
            let random: [u8; 32] = platform.random()?;
            Ok(id::sha256_hex(&random))
        }
    }
}

/// Somebody's place in a waiting room, ready to be sent as JSON.
#[derive(Clone, Serialize)]
pub struct ShownPlace {
    ticket: String,
    position: u64,
    ahead: u64,
    admitted: bool,
    eta_seconds: u64,
    poll_after_seconds: u64,
    server_time: String,
}

impl ShownPlace {
    /// The place that a ticket stands for, at `now`.
    #[must_use]
    pub fn of(ticket: String, place: &flash::Place, now: Instant) -> Self {
        Self {
            ticket,
            position: place.number,
            ahead: place.ahead,
            admitted: place.admitted,
            eta_seconds: place.eta_seconds,
            poll_after_seconds: place.poll_after_seconds,
            server_time: now.to_string(),
        }
    }
}

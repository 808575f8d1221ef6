//! Queue `mail`: writes one letter to whoever it is for: about an order to its customer, about a feed to its partner. The address
//! is opened here and nowhere before.

use kernel::{Fault, Instant, Kind};
use lambda::limits::{self, Decision, Policy};
use lambda::{Error, Function, Message, Platform};
use mail::{Mail, Mailer};
use orders::{Contact, letters};
use serde::Deserialize;
use std::sync::Arc;
use table::Table;
use telemetry::Span;
use vault::SubjectKeys;

/// Letters about feeds that a partner gets: who sends feeds all day reads about them in the portal.
const FEED_LETTERS: Policy = Policy { name: "feed-letters", quota: 10, window_seconds: 3600 };

/// What the function needs.
#[derive(Clone)]
struct Needs {
    orders: orders::Store,
    contacts: SubjectKeys,
    partners: partners::Store,
    seals: SubjectKeys,
    control: Table,
    mailer: Mailer,
    shop: Arc<str>,
}

/// What the queue carries.
#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Order(orders::publish::LetterAsked),
    Feed(partners::letters::LetterAsked),
}

/// Needs the orders and the partners, the keys of their addresses, the limits and the post.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        orders: orders::Store::new(platform.table("orders")?),
        contacts: platform.subject_keys("personal", "orders", "contact")?,
        partners: partners::Store::new(platform.table("partners")?),
        seals: platform.subject_keys("personal", "partners", "partner")?,
        control: platform.table("control")?,
        mailer: platform.mailer()?,
        shop: platform.setting("PUBLIC_URL")?.into(),
    };
    let clock = platform.clock();
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(needs.clone(), clock(), message, span))
}

async fn handle(needs: Needs, now: Instant, message: Message, span: Span) -> Result<(), Fault> {
    let asked: Asked = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    let mail = match asked {
        Asked::Order(asked) => Some(about_order(&needs, &asked, now, &span).await?),
        Asked::Feed(asked) => about_feed(&needs, &asked, &message.id, now, &span).await?,
    };
    match mail {
        Some(mail) => needs.mailer.send(&mail).await.map(|_id| ()),
        None => Ok(()),
    }
}

async fn about_order(
    needs: &Needs,
    asked: &orders::publish::LetterAsked,
    now: Instant,
    span: &Span,
) -> Result<Mail, Fault> {
    span.key("order", asked.order.as_str());
    let order = needs.orders.find(&asked.order).await?.ok_or_else(Fault::missing)?;
    let contact = Contact::open(&order, &needs.contacts, now).await?;
    let letter = letters::write(&order, asked.letter, &needs.shop);
    Ok(Mail { to: contact.email, subject: letter.subject, text: letter.text, html: None })
}

/// Nothing where the feed is read again meanwhile, or the partner had many letters lately.
async fn about_feed(
    needs: &Needs,
    asked: &partners::letters::LetterAsked,
    message: &str,
    now: Instant,
    span: &Span,
) -> Result<Option<Mail>, Fault> {
    span.key("job", asked.job.as_str());
    let job = needs.partners.find_job(&asked.job).await?.filter(|job| job.version == asked.version);
    let Some(job) = job else { return Ok(None) };
    let decision = limits::take(&needs.control, &FEED_LETTERS, job.partner.as_str(), message, now).await?;
    if matches!(decision, Decision::Refused { .. }) {
        span.info("a letter about a feed was left out", &[("partner", job.partner.as_str())]);
        return Ok(None);
    }
    let to = needs.partners.partner(&job.partner).await?.open_email(&needs.seals, now).await?;
    let letter = partners::letters::feed_ended(&job, &needs.shop);
    Ok(Some(Mail { to, subject: letter.subject, text: letter.text, html: None }))
}

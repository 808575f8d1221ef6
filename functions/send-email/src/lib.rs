//! Queue `mail`: writes one letter about an order to whoever it is for. The address is opened here and nowhere before.

use kernel::{Fault, Instant, Kind};
use lambda::{Error, Function, Message, Platform};
use mail::Mailer;
use orders::publish::LetterAsked;
use orders::{Contact, letters};
use std::sync::Arc;
use telemetry::Span;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    orders: orders::Store,
    keys: vault::SubjectKeys,
    mailer: Mailer,
    shop: Arc<str>,
}

/// Needs the orders, the keys of their contacts and the post.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        orders: orders::Store::new(platform.table("orders")?),
        keys: platform.subject_keys("personal", "orders", "contact")?,
        mailer: platform.mailer()?,
        shop: platform.setting("PUBLIC_URL")?.into(),
    };
    let clock = platform.clock();
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(needs.clone(), clock(), message, span))
}

async fn handle(needs: Needs, now: Instant, message: Message, span: Span) -> Result<(), Fault> {
    let asked: LetterAsked = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    span.key("order", asked.order.as_str());
    let order = needs.orders.find(&asked.order).await?.ok_or_else(Fault::missing)?;
    let contact = Contact::open(&order, &needs.keys, now).await?;
    let letter = letters::write(&order, asked.letter, &needs.shop);
    needs
        .mailer
        .send(&mail::Mail { to: contact.email, subject: letter.subject, text: letter.text, html: None })
        .await
        .map(|_id| ())
}

//! Stand-ins for three payment providers (cards, PayPal, crypto) with one ledger: idempotency keys, magic tokens, signed events.
//!
//! - [`token`]: what each magic token does. - [`protocol`]: how each provider writes a payment.
//! - [`paypal`], [`crypto`]: their routes and the pages on which a shopper approves or pays.
//! - [`ledger`]: what was taken and given back, on disk, under rules that hold whatever is asked.
//! - [`routes`]: cards, and what all of them share, over HTTP. - [`notify`]: the events to the shop. - [`page`]: the ledger for people.

mod crypto;
mod ledger;
mod notify;
mod page;
mod paypal;
mod protocol;
mod routes;
mod token;

pub use ledger::Trouble;

use axum::Router;
use ledger::Ledger;
use notify::Notifier;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the ledger lives.
#[derive(Debug, Clone)]
pub enum Storage {
    /// Gone with the process.
    Memory,
    /// A file of its own; what was answered is on disk.
    File(PathBuf),
}

/// What a sandbox is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the ledger lives.
    pub storage: Storage,
    /// What a caller must send as its bearer key.
    pub api_key: String,
    /// What events are signed with: `whsec_` and base64 of 24 to 64 bytes.
    pub webhook_secret: String,
    /// Where events go: the shop's `/webhooks/payments`, to which each provider adds its name. `None` sends none.
    pub events_to: Option<String>,
}

/// Everything that a route needs.
pub(crate) struct Sandbox {
    ledger: Ledger,
    api_key: String,
    notifier: Option<Notifier>,
}

/// The providers, to be mounted anywhere: `/v1/payments…`, `/paypal…`, `/crypto…` and `/ledger`. Events that an earlier run did not deliver are
/// sent again. Must be called within a Tokio runtime.
///
/// # Errors
/// [`Trouble`] when the file cannot be opened or the webhook secret is none.
pub fn router(options: Options) -> Result<Router, Trouble> {
    let ledger = Ledger::open(&options.storage)?;
    let secret = webhooks::Secret::parse(&options.webhook_secret)?;
    let notifier = options.events_to.map(|url| Notifier::new(url, secret, ledger.clone()));
    if let Some(notifier) = &notifier {
        notifier.resume();
    }
    Ok(routes::router(Arc::new(Sandbox { ledger, api_key: options.api_key, notifier })))
}

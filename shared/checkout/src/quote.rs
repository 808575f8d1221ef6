//! A price that stands for a quarter of an hour: signed, so that what was shown is what is charged.

use crate::pricing::Priced;
use kernel::{Currency, Fault, Instant, Kind};
use orders::{Applied, Line, Totals};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vault::Signer;

/// How long a quote is honoured.
pub const VALID_FOR: Duration = Duration::from_secs(15 * 60);

/// What was quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Until when it is honoured.
    pub expires_at: Instant,
    /// What it is priced in.
    pub currency: Currency,
    /// Where it goes.
    pub country: String,
    /// How it goes.
    pub shipping_method: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// The whole.
    pub totals: Totals,
    /// What made it cheaper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Applied>,
}

/// Why a quote is not honoured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dishonoured {
    /// We did not write it, or not like this.
    Forged,
    /// Its time is over; this is what it said.
    Expired(Box<Quote>),
}

impl From<&Dishonoured> for Fault {
    fn from(dishonoured: &Dishonoured) -> Self {
        match dishonoured {
            Dishonoured::Forged => {
                Self::new(Kind::Conflict, "quote_invalid", "This quote is not one of ours. Please ask for a new one.")
            }
            Dishonoured::Expired(_) => {
                Self::new(Kind::Conflict, "quote_expired", "This price has run out. Here is the current one.")
            }
        }
    }
}

impl Quote {
    /// The quote of what was priced.
    #[must_use]
    pub fn new(priced: Priced, currency: Currency, country: &str, now: Instant) -> Self {
        Self {
            expires_at: now.plus(VALID_FOR),
            currency,
            country: country.to_owned(),
            shipping_method: priced.shipping_method,
            lines: priced.lines,
            totals: priced.totals,
            promotions: priced.promotions,
        }
    }

    /// The quote as the shopper carries it.
    ///
    /// # Errors
    /// A bug when it does not write.
    pub fn sign(&self, signer: &Signer) -> Result<String, Fault> {
        let payload = serde_json::to_vec(self).map_err(|error| Fault::bug(format!("quote does not write: {error}")))?;
        Ok(signer.token(&payload))
    }

    /// The quote that a shopper hands in.
    ///
    /// # Errors
    /// [`Dishonoured`], with why.
    pub fn open(token: &str, signer: &Signer, now: Instant) -> Result<Self, Dishonoured> {
        let payload = signer.read(token).ok_or(Dishonoured::Forged)?;
        let quote: Self = serde_json::from_slice(&payload).map_err(|_| Dishonoured::Forged)?;
        if now < quote.expires_at { Ok(quote) } else { Err(Dishonoured::Expired(Box::new(quote))) }
    }
}

//! Whom an order is for. It is stored under a seal whose key is the order's own, and shown as masks.

use crate::order::{Masks, Order};
use kernel::{Email, Fault, Instant, OrderId, mask};
use serde::{Deserialize, Serialize};
use vault::{Place, Sealed, SubjectKeys, WrappedKey};

/// E-mail and, when something is sent, the address. It has no `Debug`: it does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Where the confirmation goes.
    pub email: Email,
    /// Where the parcel goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Who takes the parcel.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// The rest of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town.
    pub city: String,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// For the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Address {
    /// Refuses an address that no carrier could use, or with a part that is longer than it may be.
    ///
    /// # Errors
    /// Invalid, with the pointer below `at` to the part.
    pub fn check(&self, at: &str) -> Result<(), Fault> {
        let none = String::new();
        let parts = [
            ("name", &self.name, 1, 128),
            ("line1", &self.line1, 1, 128),
            ("line2", self.line2.as_ref().unwrap_or(&none), 0, 128),
            ("city", &self.city, 1, 128),
            ("region", self.region.as_ref().unwrap_or(&none), 0, 64),
            ("postal_code", &self.postal_code, 1, 16),
            ("country", &self.country, 2, 2),
            ("phone", self.phone.as_ref().unwrap_or(&none), 0, 32),
        ];
        for (part, text, least, most) in parts {
            let length = text.trim().chars().count();
            if length < least {
                return Err(Fault::field(format!("{at}/{part}"), "required", "This part of the address is missing."));
            }
            if length > most {
                let detail = format!("This is longer than {most} characters.");
                return Err(Fault::field(format!("{at}/{part}"), "max_length", detail));
            }
        }
        Ok(())
    }
}

impl Contact {
    /// What anybody may see of it.
    #[must_use]
    pub fn masks(&self) -> Masks {
        let part = |read: fn(&Address) -> &str| {
            self.address.as_ref().map(|address| mask::text(read(address))).unwrap_or_default()
        };
        Masks {
            email: mask::email(self.email.reveal()),
            name: part(|address| &address.name),
            city: part(|address| &address.city),
        }
    }

    /// The contact as JSON, for the browser that may open it.
    ///
    /// # Errors
    /// A bug when it does not write.
    pub fn to_json(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(|error| Fault::bug(format!("contact does not write: {error}")))
    }

    /// The contact under a new key of the order's own, and that key, wrapped.
    ///
    /// # Errors
    /// Unavailable when KMS had to be asked and did not answer.
    pub async fn seal(&self, keys: &SubjectKeys, order: &OrderId, now: Instant) -> Result<(Sealed, WrappedKey), Fault> {
        let plain = self.to_json()?;
        let (key, wrapped) = keys.create(order.as_str(), now).await?;
        let item = format!("ORDER#{order}");
        Ok((key.seal(&place(&item, order.as_str()), &plain)?, wrapped))
    }

    /// The contact of an order, in the clear: for the page of the one it belongs to, and for sending mail.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when the seal does not open.
    pub async fn open(order: &Order, keys: &SubjectKeys, now: Instant) -> Result<Self, Fault> {
        let placed = &order.placed;
        let key = keys.open(placed.id.as_str(), &placed.contact_key, now).await?;
        let item = format!("ORDER#{}", placed.id);
        let plain = key.open(&place(&item, placed.id.as_str()), &placed.contact)?;
        serde_json::from_slice(&plain).map_err(|_| Fault::bug("a contact does not read"))
    }
}

fn place<'a>(item: &'a str, order: &'a str) -> Place<'a> {
    Place { table: "orders", item, field: "contact", subject: order }
}

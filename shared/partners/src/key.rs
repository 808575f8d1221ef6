//! Keys of partners: `rk_<env>_<key id>_<secret>`. A key is shown once; what is stored is its SHA-256, and what is logged is
//! its id.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Instant, PartnerId, id};
use ring::digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use table::{Key, Row};

/// How long a key counts when nobody says otherwise: a year.
pub const KEY_LASTS: Duration = Duration::from_secs(365 * 24 * 3600);
/// Keys of one partner that count at the same time, for each of its two worlds: the old and the new one of a rotation.
pub const KEYS_AT_ONCE: usize = 2;

/// Which of the two worlds a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// Feeds are checked and reported on, nothing is stored.
    Sandbox,
    /// Feeds change the shop.
    Live,
}

impl World {
    /// The world's name in a key: `test` or `live`.
    #[must_use]
    pub const fn in_key(self) -> &'static str {
        match self {
            Self::Sandbox => "test",
            Self::Live => "live",
        }
    }
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Feeds and their jobs.
    Feeds,
    /// Stock, told by a webhook.
    Stock,
    /// Keys and webhook endpoints: the partner's own affairs.
    Account,
}

impl Scope {
    /// Every scope: what a key may do when nobody says otherwise.
    pub const ALL: [Self; 3] = [Self::Feeds, Self::Stock, Self::Account];

    /// The scope as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Stock => "stock",
            Self::Account => "account",
        }
    }
}

/// A key as a partner's own list holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedKey {
    /// The key's name: 26 letters and digits. Not the key.
    pub id: String,
    /// SHA-256 of the whole key, in hex: where its row stands.
    pub hash: String,
    /// Which world it opens.
    pub world: World,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// SHA-256 over the request that issued it, in hex, where that came with an idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When it was issued.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
}

impl IssuedKey {
    /// Whether the key counts at `now`.
    #[must_use]
    pub fn counts(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A key as a request presents it is looked up here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// What the partner's list holds of it.
    #[serde(flatten)]
    pub key: IssuedKey,
    /// Whose it is.
    pub partner: PartnerId,
    /// When it was used last, to the quarter of an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
}

impl Row for KeyRow {
    fn key(&self) -> Key {
        Self::key_of(&self.key.hash)
    }
}

impl KeyRow {
    /// Where the key with that hash stands.
    #[must_use]
    pub fn key_of(hash: &str) -> Key {
        Key::new(format!("KEY#{hash}"))
    }
}

/// A key that was just made: the one moment in which it can be shown. It does not print.
#[derive(Clone)]
pub struct NewKey {
    /// What is kept of it.
    pub issued: IssuedKey,
    text: String,
}

impl NewKey {
    /// The key that `seed` makes, the same each time: 256 bits that nobody can guess.
    #[must_use]
    pub fn new(seed: &str, world: World, scopes: Vec<Scope>, now: Instant, lasts: Duration) -> Self {
        let part = |part: &str| id::derived(&["partner-key", seed, part]);
        let name = part("name");
        let text = format!("rk_{}_{name}_{}{}", world.in_key(), part("secret"), part("more"));
        let issued = IssuedKey {
            id: name,
            hash: id::sha256_hex(text.as_bytes()),
            world,
            scopes,
            fingerprint: None,
            created_at: now,
            expires_at: now.plus(lasts),
            revoked_at: None,
        };
        Self { issued, text }
    }

    /// The same key as it was issued then: for the answer to a repeat.
    #[must_use]
    pub fn again(&self, created_at: Instant, lasts: Duration) -> Self {
        let mut same = self.clone();
        (same.issued.created_at, same.issued.expires_at) = (created_at, created_at.plus(lasts));
        same
    }

    /// The key in the clear: for the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NewKey({})", self.issued.id)
    }
}

/// The secret that a partner's webhooks to us are signed with, made from `seed`: `whsec_` and base64 of 32 bytes.
#[must_use]
pub fn webhook_secret(seed: &str) -> String {
    let bytes = digest::digest(&digest::SHA256, format!("partner-webhook {seed}").as_bytes());
    format!("whsec_{}", STANDARD.encode(bytes))
}

/// The name in a text that looks like a key, for the audit log: what stands before the secret.
#[must_use]
pub fn name_in(presented: &str) -> Option<&str> {
    let mut parts = presented.split('_');
    let (lead, world, name) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next()?;
    let looks_right = lead == "rk" && matches!(world, "test" | "live") && name.len() == 26;
    (looks_right && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{KEY_LASTS, NewKey, Scope, World, name_in};
    use kernel::Instant;

    fn new(seed: u8) -> NewKey {
        NewKey::new(&seed.to_string(), World::Sandbox, vec![Scope::Feeds], Instant::from_seconds(1_000), KEY_LASTS)
    }

    #[test]
    fn a_key_tells_its_world_and_its_name_and_hides_its_secret() {
        let key = new(1);
        let text = key.reveal();
        assert!(text.starts_with("rk_test_") && text.len() == "rk_test_".len() + 26 + 1 + 52, "{text}");
        assert_eq!(name_in(text), Some(key.issued.id.as_str()));
        assert!(!format!("{key:?}").contains(&text[text.len() - 52..]), "a key does not print");
        assert!(!serde_json::to_string(&key.issued).unwrap().contains(&text[text.len() - 52..]), "nor is it stored");
    }

    #[test]
    fn two_keys_share_nothing_that_is_looked_up() {
        assert_ne!(new(1).issued.hash, new(2).issued.hash);
        assert_ne!(new(1).issued.id, new(2).issued.id);
    }

    #[test]
    fn a_key_counts_until_it_expires_or_is_revoked() {
        let mut key = new(1).issued;
        assert!(key.counts(Instant::from_seconds(1_000)));
        assert!(!key.counts(Instant::from_seconds(1_000).plus(KEY_LASTS)));
        key.revoked_at = Some(Instant::from_seconds(1_001));
        assert!(!key.counts(Instant::from_seconds(1_001)));
    }

    #[test]
    fn what_is_no_key_has_no_name() {
        for text in ["", "rk", "rk_test", "rk_test_short_x", "rk_prod_0123456789abcdefghjkmnpqrs_x", "Bearer x"] {
            assert_eq!(name_in(text), None, "{text}");
        }
        let name = "0123456789abcdefghjkmnpqrs";
        assert_eq!(name_in(&format!("rk_live_{name}_x")), Some(name));
    }
}

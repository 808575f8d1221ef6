//! A partner: one item with its keys, what it has proved so far, and what happened. All changes are pure; the writes that
//! make them are conditional on the version that was read.

use crate::key::{IssuedKey, KEYS_AT_ONCE, KeyRow, NewKey, World};
use crate::turn::Turns;
use crate::webhook::{Endpoint, Rotation, Why};
use kernel::{Email, Fault, FieldError, Instant, Kind, PartnerId};
use serde::{Deserialize, Serialize};
use table::{Guard, Key, Row, Write};
use vault::{Place, Sealed, SubjectKeys, WrappedKey};

/// Keys that a partner's list remembers at the most, revoked and expired ones included: the oldest of those goes first.
const KEYS_KEPT: usize = 20;
/// Events that a partner remembers at the most: the oldest goes first, the audit log has them all.
const EVENTS_KEPT: usize = 100;

/// A partner as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// 1 when it is made; one more with each change.
    pub version: u64,
    /// Its short name, unique over the shop: it leads the ids of its products and its SKUs in the shop.
    pub handle: String,
    /// Its name, as people read it.
    pub name: String,
    /// Its e-mail address under a seal.
    pub email: Sealed,
    /// The key of its seals, wrapped.
    pub seal_key: WrappedKey,
    /// What anybody may see of the address.
    pub email_mask: String,
    /// Under seals, the secrets that webhooks are signed with, its own to us and ours to it, the newest first; two during a
    /// rotation.
    pub secrets: Vec<Sealed>,
    /// Until when the second of the secrets counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<Instant>,
    /// The requests that made its last secrets, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotations: Vec<Rotation>,
    /// Where events go, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// SHA-256 over the request that made it, in hex: another request with the same key is refused.
    pub fingerprint: String,
    /// Its keys, oldest first.
    pub keys: Vec<IssuedKey>,
    /// What it has proved.
    pub proved: Proved,
    /// When it went live, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// What the index finds all partners by.
    pub listed: String,
    /// In which order it finds them: when each came.
    pub listed_at: Instant,
    /// What happened.
    pub events: Vec<Event>,
}

/// When a partner first did each of the things that it goes live by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proved {
    /// It used a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_used_at: Option<Instant>,
    /// A feed of it was read in the sandbox, and at least one row of it is right and none is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed_validated_at: Option<Instant>,
    /// It sent a webhook whose signature holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_verified_at: Option<Instant>,
}

/// One of the things that a partner goes live by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// See [`Proved::key_used_at`].
    KeyUsed,
    /// See [`Proved::feed_validated_at`].
    FeedValidated,
    /// See [`Proved::webhook_verified_at`].
    WebhookVerified,
}

impl Step {
    /// All of them, in the order in which a newcomer takes them.
    pub const ALL: [Self; 3] = [Self::KeyUsed, Self::FeedValidated, Self::WebhookVerified];

    /// The step as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyUsed => "key_used",
            Self::FeedValidated => "feed_validated",
            Self::WebhookVerified => "webhook_verified",
        }
    }
}

/// One thing that happened to a partner: who, when, what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// Who, as [`kernel::Principal`] names them.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// It came.
    Onboarded,
    /// A key was issued.
    KeyIssued {
        /// Its name.
        key: String,
        /// Which world it opens.
        world: World,
    },
    /// A key was revoked.
    KeyRevoked {
        /// Its name.
        key: String,
    },
    /// A step of the checklist turned green.
    Proved {
        /// Which.
        step: String,
    },
    /// All steps are green: it may change the shop.
    WentLive,
    /// It said where events go, or that they go nowhere.
    EndpointSet,
    /// Nothing goes to its endpoint any more.
    EndpointDisabled {
        /// Why.
        why: Why,
    },
    /// It got a new secret.
    SecretRotated,
}

/// Which partner has a handle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandleRow {
    /// The handle.
    pub handle: String,
    /// Whose it is.
    pub partner: PartnerId,
}

impl Row for HandleRow {
    fn key(&self) -> Key {
        Key::new(format!("HANDLE#{}", self.handle))
    }
}

impl Row for Partner {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

/// A partner that comes, checked.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Its id.
    pub id: PartnerId,
    /// See [`Partner::handle`].
    pub handle: String,
    /// See [`Partner::name`].
    pub name: String,
    /// See [`Partner::email`].
    pub email: Sealed,
    /// See [`Partner::seal_key`].
    pub seal_key: WrappedKey,
    /// See [`Partner::email_mask`].
    pub email_mask: String,
    /// See [`Partner::secrets`].
    pub secret: Sealed,
    /// See [`Partner::fingerprint`].
    pub fingerprint: String,
}

impl Partner {
    /// What every partner's partition key begins with.
    pub const PREFIX: &'static str = "PARTNER#";

    /// What the index finds all partners by.
    pub const LISTED: &'static str = "PARTNERS";

    /// Where the partner `id` stands.
    #[must_use]
    pub fn key_of(id: &PartnerId) -> Key {
        Key::new(format!("{}{id}", Self::PREFIX))
    }

    /// Which world it is in.
    #[must_use]
    pub const fn world(&self) -> World {
        if self.live_at.is_some() { World::Live } else { World::Sandbox }
    }

    /// When a step turned green, if it did.
    #[must_use]
    pub const fn proved_at(&self, step: Step) -> Option<Instant> {
        match step {
            Step::KeyUsed => self.proved.key_used_at,
            Step::FeedValidated => self.proved.feed_validated_at,
            Step::WebhookVerified => self.proved.webhook_verified_at,
        }
    }

    /// A partner that just came, with its first key, and the writes that make them: its handle, the partner, the key, and
    /// the turns of its feeds.
    ///
    /// # Errors
    /// A bug when a row does not write.
    pub fn onboard(newcomer: Newcomer, key: &NewKey, now: Instant) -> Result<(Self, Vec<Write>), Fault> {
        let mut partner = Self {
            id: newcomer.id,
            version: 1,
            handle: newcomer.handle,
            name: newcomer.name,
            email: newcomer.email,
            seal_key: newcomer.seal_key,
            email_mask: newcomer.email_mask,
            secrets: vec![newcomer.secret],
            old_secret_until: None,
            rotations: Vec::new(),
            endpoint: None,
            fingerprint: newcomer.fingerprint,
            keys: vec![key.issued.clone()],
            proved: Proved::default(),
            live_at: None,
            created_at: now,
            listed: Self::LISTED.to_owned(),
            listed_at: now,
            events: Vec::new(),
        };
        let by = format!("partner:{}", partner.id);
        partner.happen(now, &by, What::Onboarded);
        partner.happen(now, &by, What::KeyIssued { key: key.issued.id.clone(), world: key.issued.world });
        let handle = HandleRow { handle: partner.handle.clone(), partner: partner.id.clone() };
        let writes = vec![
            Write::put(&handle)?.when(Guard::ABSENT),
            Write::put(&partner)?.when(Guard::ABSENT),
            Write::put(&partner.key_row(&key.issued))?.when(Guard::ABSENT),
            Write::put(&Turns::new(partner.id.clone()))?.when(Guard::ABSENT),
        ];
        Ok((partner, writes))
    }

    /// The partner as it was when it came, with its first key: what a repeat of that request is answered.
    #[must_use]
    pub fn as_onboarded(&self, key: &NewKey) -> Self {
        let (keys, proved) = (vec![key.issued.clone()], Proved::default());
        Self { keys, proved, live_at: None, endpoint: None, old_secret_until: None, ..self.clone() }
    }

    /// The partner with one more key, and the writes that make it.
    ///
    /// # Errors
    /// A conflict when a live key is asked for before every step is green, or two keys of that world count already; a bug
    /// when a row does not write.
    pub fn issue(
        mut self,
        key: &NewKey,
        by: &str,
        fingerprint: Option<&str>,
        now: Instant,
    ) -> Result<(Self, Vec<Write>), Fault> {
        let world = key.issued.world;
        if world == World::Live && self.live_at.is_none() {
            return Err(not_live_yet(&self));
        }
        let counting = self.keys.iter().filter(|key| key.world == world && key.counts(now)).count();
        if counting >= KEYS_AT_ONCE {
            let detail = format!("{KEYS_AT_ONCE} keys of this world count already. Revoke one of them first.");
            return Err(Fault::new(Kind::Conflict, "too_many_keys", detail));
        }
        let seen = self.version;
        self.forget_a_key(now);
        let issued = IssuedKey { fingerprint: fingerprint.map(str::to_owned), ..key.issued.clone() };
        self.keys.push(issued.clone());
        self.happen(now, by, What::KeyIssued { key: key.issued.id.clone(), world });
        let writes = vec![self.put(seen)?, Write::put(&self.key_row(&issued))?.when(Guard::ABSENT)];
        Ok((self, writes))
    }

    /// The partner with one key less that counts, and the writes that make it; none when it was revoked before.
    ///
    /// # Errors
    /// Missing when the partner has no such key; a bug when a row does not write.
    pub fn revoke(mut self, key: &str, by: &str, now: Instant) -> Result<(Self, Vec<Write>), Fault> {
        let seen = self.version;
        let known = self.keys.iter_mut().find(|known| known.id == key).ok_or_else(Fault::missing)?;
        if known.revoked_at.is_some() {
            return Ok((self, Vec::new()));
        }
        known.revoked_at = Some(now);
        let row = KeyRow::key_of(&known.hash);
        self.happen(now, by, What::KeyRevoked { key: key.to_owned() });
        let revoked = Write::update(row, "SET revoked_at = :now").when(Guard::PRESENT).number(":now", now.millis());
        Ok((self.clone(), vec![self.put(seen)?, revoked]))
    }

    /// The partner with a step turned green, and the write that makes it; `None` when it was green before. With the last
    /// step the partner goes live.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn prove(mut self, step: Step, now: Instant) -> Result<Option<(Self, Write)>, Fault> {
        if self.proved_at(step).is_some() {
            return Ok(None);
        }
        let seen = self.version;
        match step {
            Step::KeyUsed => self.proved.key_used_at = Some(now),
            Step::FeedValidated => self.proved.feed_validated_at = Some(now),
            Step::WebhookVerified => self.proved.webhook_verified_at = Some(now),
        }
        let by = format!("partner:{}", self.id);
        self.happen(now, &by, What::Proved { step: step.name().to_owned() });
        if Step::ALL.iter().all(|step| self.proved_at(*step).is_some()) {
            self.live_at = Some(now);
            self.happen(now, &by, What::WentLive);
        }
        let write = self.put(seen)?;
        Ok(Some((self, write)))
    }

    /// The partner's e-mail address, in the clear.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when the seal does not open.
    pub async fn open_email(&self, seals: &SubjectKeys, now: Instant) -> Result<Email, Fault> {
        let key = seals.open(self.id.as_str(), &self.seal_key, now).await?;
        let item = format!("{}{}", Self::PREFIX, self.id);
        let place = Place { table: "partners", item: &item, field: "email", subject: self.id.as_str() };
        let plain = String::from_utf8(key.open(&place, &self.email)?).unwrap_or_default();
        Email::parse(&plain).map_err(|error| Fault::bug(error.to_string()))
    }

    pub(crate) fn put(&mut self, seen: u64) -> Result<Write, Fault> {
        self.version = seen + 1;
        Ok(Write::put(self)?.seen(seen))
    }

    pub(crate) fn happen(&mut self, at: Instant, by: &str, what: What) {
        self.events.push(Event { at, by: by.to_owned(), what });
        let over = self.events.len().saturating_sub(EVENTS_KEPT);
        self.events.drain(..over);
    }

    /// Makes room in the list by dropping the oldest key that counts no more.
    fn forget_a_key(&mut self, now: Instant) {
        if self.keys.len() < KEYS_KEPT {
            return;
        }
        if let Some(at) = self.keys.iter().position(|key| !key.counts(now)) {
            self.keys.remove(at);
        }
    }

    fn key_row(&self, key: &IssuedKey) -> KeyRow {
        KeyRow { key: key.clone(), partner: self.id.clone(), last_used_at: None }
    }
}

fn not_live_yet(partner: &Partner) -> Fault {
    let open = Step::ALL.iter().filter(|step| partner.proved_at(**step).is_none());
    let errors = open.map(|step| FieldError {
        pointer: "/world".to_owned(),
        rule: step.name(),
        detail: match step {
            Step::KeyUsed => "Use a sandbox key once.",
            Step::FeedValidated => "Send a feed to the sandbox that has no wrong row.",
            Step::WebhookVerified => "Send a signed stock update.",
        }
        .to_owned(),
    });
    let mut fault =
        Fault::new(Kind::Conflict, "not_live_yet", "Live keys come when every step of the checklist is green.");
    fault.errors = errors.collect();
    fault
}

/// Refuses a handle that breaks the grammar: 3 to 24 lower-case letters, digits and hyphens, the first a letter.
///
/// # Errors
/// Invalid, with the pointer.
pub fn check_handle(handle: &str) -> Result<(), Fault> {
    let holds = (3..=24).contains(&handle.len())
        && handle.starts_with(|c: char| c.is_ascii_lowercase())
        && !handle.ends_with('-')
        && handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if holds {
        return Ok(());
    }
    const RULE: &str = "A handle is 3 to 24 lower-case letters, digits and hyphens; it begins with a letter and does not \
                        end with a hyphen.";
    Err(Fault::field("/handle", "format", RULE))
}

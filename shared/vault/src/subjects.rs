//! Keys of people: one random key per subject, wrapped by a data key of KMS. Forgetting a person is destroying the
//! wrapped key.

use crate::keys::{Context, DataKey, Keys};
use crate::place::{Place, joined};
use crate::random::Random;
use crate::seal::{Key, Sealed, Unopened};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Fault, Instant};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a data key is used before KMS is asked again.
const KEPT: Duration = Duration::from_secs(300);
/// How often a data key is used before KMS is asked again.
const USES_MAX: u32 = 1000;
/// Unwrapped data keys that are kept at most.
const KEPT_MAX: usize = 64;

/// The wrapped key of one subject, as its row keeps it: base64url over the data key's wrapped form (led by its length
/// in two bytes) and the seal of the subject's key under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WrappedKey(String);

impl WrappedKey {
    fn new(data_key: &[u8], sealed_key: &[u8]) -> Result<Self, Fault> {
        let length = u16::try_from(data_key.len()).map_err(|_| Fault::bug("a wrapped data key is too long"))?;
        Ok(Self(URL_SAFE_NO_PAD.encode([&length.to_be_bytes()[..], data_key, sealed_key].concat())))
    }

    /// The wrapped data key, and the subject's key sealed under it.
    fn parts(&self) -> Result<(Vec<u8>, Vec<u8>), Unopened> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| Unopened)?;
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(Unopened)?;
        let (data_key, sealed_key) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(Unopened)?;
        Ok((data_key.to_vec(), sealed_key.to_vec()))
    }

    /// The text that is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of one subject, for memory only. Cheap to clone.
#[derive(Clone)]
pub struct SubjectKey {
    key: Key,
    random: Random,
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SubjectKey(…)")
    }
}

impl SubjectKey {
    /// `plain` sealed for `place`.
    ///
    /// # Errors
    /// A bug when the system gives no randomness.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Sealed, Fault> {
        Sealed::new(&self.key, place, plain, &*self.random)
    }

    /// What was sealed for the same place under this key.
    ///
    /// # Errors
    /// [`Unopened`] when it was sealed under another key, for another place, or was tampered with.
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Vec<u8>, Unopened> {
        sealed.open(&self.key, place)
    }
}

/// Makes and opens the keys of subjects, for one table and one purpose. Clones share the data keys in memory: one is
/// used for at most 5 minutes and 1,000 times, so that the usual request makes no call to KMS.
#[derive(Clone)]
pub struct SubjectKeys {
    keys: Keys,
    key_id: Arc<str>,
    table: Arc<str>,
    purpose: Arc<str>,
    random: Random,
    kept: Arc<Mutex<DataKeys>>,
}

impl fmt::Debug for SubjectKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SubjectKeys({}, {})", self.table, self.purpose)
    }
}

impl SubjectKeys {
    /// Keys for the rows of `table` (its logical name) and one `purpose` (`contact`), under the KMS key `key_id`.
    #[must_use]
    pub fn new(keys: Keys, key_id: &str, table: &str, purpose: &str, random: Random) -> Self {
        Self { keys, key_id: key_id.into(), table: table.into(), purpose: purpose.into(), random, kept: Arc::default() }
    }

    /// A new key for `subject`, and its wrapped form to store beside what it seals.
    ///
    /// # Errors
    /// Unavailable when KMS had to be asked and did not answer; a bug when it refused.
    pub async fn create(&self, subject: &str, now: Instant) -> Result<(SubjectKey, WrappedKey), Fault> {
        let data_key = self.current_data_key(now).await?;
        let key = Key::random(&*self.random)?;
        let sealed = data_key.plain.seal(key.bytes(), &self.wrapping(subject), &*self.random)?;
        let wrapped = WrappedKey::new(&data_key.wrapped, &sealed)?;
        Ok((SubjectKey { key, random: self.random.clone() }, wrapped))
    }

    /// The key of `subject` in its wrapped form.
    ///
    /// # Errors
    /// Unavailable when KMS had to be asked and did not answer; a bug when it refused, or the form was tampered with or
    /// is another subject's.
    pub async fn open(&self, subject: &str, wrapped: &WrappedKey, now: Instant) -> Result<SubjectKey, Fault> {
        let (data_key, sealed) = wrapped.parts()?;
        let plain = self.opened_data_key(data_key, now).await?;
        let key = Key::from_slice(&plain.open(&sealed, &self.wrapping(subject))?).ok_or(Unopened)?;
        Ok(SubjectKey { key, random: self.random.clone() })
    }

    /// What the seal of a subject's key is bound to.
    fn wrapping(&self, subject: &str) -> Vec<u8> {
        joined(&["subject key", &self.table, &self.purpose, subject])
    }

    async fn current_data_key(&self, now: Instant) -> Result<DataKey, Fault> {
        if let Some(kept) = self.kept().current(now) {
            return Ok(kept);
        }
        let made = self.keys.generate_data_key(&self.key_id, &self.context()).await?;
        self.kept().begin(made.clone(), now);
        Ok(made)
    }

    async fn opened_data_key(&self, wrapped: Vec<u8>, now: Instant) -> Result<Key, Fault> {
        if let Some(kept) = self.kept().opened(&wrapped, now) {
            return Ok(kept);
        }
        let plain = self.keys.decrypt(&self.key_id, &wrapped, &self.context()).await?;
        self.kept().keep(wrapped, plain.clone(), now);
        Ok(plain)
    }

    fn context(&self) -> [(&str, &str); 2] {
        let context: &Context<'_> = &[("table", &self.table), ("purpose", &self.purpose)];
        [context[0], context[1]]
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, DataKeys> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The data keys in memory: those unwrapped, by their wrapped form, and which of them wraps new keys.
#[derive(Default)]
struct DataKeys {
    current: Option<Vec<u8>>,
    open: HashMap<Vec<u8>, Open>,
}

struct Open {
    plain: Key,
    since: Instant,
    uses: u32,
}

impl DataKeys {
    /// The data key that wraps new keys, if it is still good at `now`.
    fn current(&mut self, now: Instant) -> Option<DataKey> {
        let wrapped = self.current.clone()?;
        let plain = self.opened(&wrapped, now)?;
        Some(DataKey { plain, wrapped })
    }

    /// The data key in `wrapped`, if it is here and still good at `now`. Counts as a use.
    fn opened(&mut self, wrapped: &[u8], now: Instant) -> Option<Key> {
        let open = self.open.get_mut(wrapped)?;
        if now.since(open.since) >= KEPT || open.uses >= USES_MAX {
            self.open.remove(wrapped);
            return None;
        }
        open.uses += 1;
        Some(open.plain.clone())
    }

    fn begin(&mut self, made: DataKey, now: Instant) {
        self.current = Some(made.wrapped.clone());
        self.keep(made.wrapped, made.plain, now);
    }

    /// Keeps a data key that was just used for the first time; the oldest makes room for it.
    fn keep(&mut self, wrapped: Vec<u8>, plain: Key, now: Instant) {
        if self.open.len() >= KEPT_MAX {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.since).map(|(wrapped, _)| wrapped.clone());
            oldest.and_then(|wrapped| self.open.remove(&wrapped));
        }
        self.open.insert(wrapped, Open { plain, since: now, uses: 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::{DataKeys, KEPT_MAX, WrappedKey};
    use crate::{DataKey, Key};
    use kernel::Instant;

    fn data_key(n: u8) -> DataKey {
        DataKey { plain: Key::from_bytes([n; 32]), wrapped: vec![n] }
    }

    #[test]
    fn a_data_key_is_used_for_five_minutes() {
        let mut keys = DataKeys::default();
        keys.begin(data_key(1), Instant::from_seconds(0));
        assert!(keys.current(Instant::from_seconds(299)).is_some());
        assert!(keys.current(Instant::from_seconds(300)).is_none());
        assert!(keys.opened(&[1], Instant::from_seconds(0)).is_none(), "an old key is forgotten");
    }

    #[test]
    fn a_data_key_is_used_a_thousand_times() {
        let (mut keys, now) = (DataKeys::default(), Instant::from_seconds(0));
        keys.begin(data_key(1), now);
        let uses = 1 + (0..2000).filter(|_| keys.current(now).is_some()).count();
        assert_eq!(uses, 1000);
    }

    #[test]
    fn the_oldest_data_key_makes_room() {
        let mut keys = DataKeys::default();
        for n in 0..=u8::try_from(KEPT_MAX).unwrap() {
            keys.keep(vec![n], Key::from_bytes([n; 32]), Instant::from_millis(i64::from(n)));
        }
        assert_eq!(keys.open.len(), KEPT_MAX);
        assert!(keys.opened(&[0], Instant::from_millis(100)).is_none());
        assert!(keys.opened(&[1], Instant::from_millis(100)).is_some());
    }

    #[test]
    fn a_wrapped_key_comes_apart_as_it_was_put_together() {
        let wrapped = WrappedKey::new(&[1, 2, 3], &[4; 60]).unwrap();
        assert_eq!(wrapped.parts().unwrap(), (vec![1, 2, 3], vec![4; 60]));
        for bad in ["", "AA", "//", "____"] {
            assert!(WrappedKey(bad.into()).parts().is_err(), "{bad}");
        }
    }
}

//! Seals of AES-256-GCM: nonce, ciphertext and tag in one run of bytes.

use crate::place::Place;
use crate::random::SecureRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Fault;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// 256 bits that seal and open. Wiped when dropped; does not print.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(…)")
    }
}

/// The seal does not open under this key and for this place: it was tampered with, moved, or is somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unopened;

impl fmt::Display for Unopened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a seal does not open")
    }
}

impl std::error::Error for Unopened {}

impl From<Unopened> for Fault {
    fn from(unopened: Unopened) -> Self {
        Self::bug(unopened.to_string())
    }
}

impl Key {
    /// The key with exactly these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key in `bytes`, if they are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// A new key.
    ///
    /// # Errors
    /// A bug when the system gives no randomness.
    pub fn random(random: &dyn SecureRandom) -> Result<Self, Fault> {
        let mut key = Self::from_bytes([0; 32]);
        random.fill(&mut *key.0).map_err(|_| no_randomness())?;
        Ok(key)
    }

    /// `plain` sealed for `aad`: 12 bytes of nonce, the ciphertext, 16 bytes of tag. The nonce is random, so one key
    /// must not seal more than 2^32 times.
    ///
    /// # Errors
    /// A bug when the system gives no randomness.
    pub fn seal(&self, plain: &[u8], aad: &[u8], random: &dyn SecureRandom) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce).map_err(|_| no_randomness())?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed[NONCE_LEN..])
            .map_err(|_| Fault::bug("a value is too long to seal"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// What [`Key::seal`] sealed for the same `aad`.
    ///
    /// # Errors
    /// [`Unopened`] for any other key, `aad` or bytes.
    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopened)?;
        let mut plain = rest.to_vec();
        let cipher = self.cipher().map_err(|_| Unopened)?;
        let length = cipher.open_in_place(nonce, Aad::from(aad), &mut plain).map_err(|_| Unopened)?.len();
        plain.truncate(length);
        Ok(plain)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<LessSafeKey, Fault> {
        UnboundKey::new(&AES_256_GCM, &*self.0)
            .map(LessSafeKey::new)
            .map_err(|_| Fault::bug("a key of the wrong length"))
    }
}

pub(crate) fn no_randomness() -> Fault {
    Fault::bug("the system gives no randomness")
}

/// A sealed value as a row keeps it: base64url text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    pub(crate) fn new(key: &Key, place: &Place<'_>, plain: &[u8], random: &dyn SecureRandom) -> Result<Self, Fault> {
        Ok(Self(URL_SAFE_NO_PAD.encode(key.seal(plain, &place.bytes(), random)?)))
    }

    pub(crate) fn open(&self, key: &Key, place: &Place<'_>) -> Result<Vec<u8>, Unopened> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| Unopened)?;
        key.open(&bytes, &place.bytes())
    }

    /// The text that is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Unopened};
    use ring::rand::SystemRandom;

    #[test]
    fn a_seal_opens_for_its_key_and_place_only() {
        let random = SystemRandom::new();
        let key = Key::random(&random).unwrap();
        let sealed = key.seal(b"Ada Lovelace", b"orders/1", &random).unwrap();

        assert_eq!(key.open(&sealed, b"orders/1").unwrap(), b"Ada Lovelace");
        assert_eq!(key.open(&sealed, b"orders/2"), Err(Unopened));
        assert_eq!(Key::random(&random).unwrap().open(&sealed, b"orders/1"), Err(Unopened));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!(key.open(&bent, b"orders/1"), Err(Unopened));
        }
        assert_eq!(key.open(&sealed[..11], b"orders/1"), Err(Unopened));
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(format!("{:?}", Key::from_bytes([7; 32])), "Key(…)");
    }
}

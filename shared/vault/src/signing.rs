//! Signatures of our own: cookies, quotes and cursors that only we can write.

use crate::place::joined;
use crate::secrets::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::Fault;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use serde::Deserialize;
use std::fmt;

/// The salt of the derivation: it tells our keys from anybody else's that came from the same secret.
const SALT: &[u8] = b"russet/signing/1";
/// The shortest secret that is taken, in bytes.
const SECRET_BYTES_MIN: usize = 32;

/// The shop's signing secret, and the one before it during a rotation. Each purpose signs with a key of its own,
/// derived by HKDF-SHA256 (RFC 5869).
#[derive(Clone)]
pub struct SigningKeys {
    current: Salted,
    previous: Option<Salted>,
}

#[derive(Clone)]
struct Salted(ring::hkdf::Prk);

impl fmt::Debug for SigningKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKeys(…)")
    }
}

/// How the secret is stored: both keys as base64.
#[derive(Deserialize)]
struct Stored {
    current: String,
    #[serde(default)]
    previous: Option<String>,
}

impl SigningKeys {
    /// The keys in a secret of the form `{"current": "<base64>", "previous": "<base64>" | null}`.
    ///
    /// # Errors
    /// A bug when it does not read, or a key is shorter than 32 bytes.
    pub fn from_secret(secret: &Secret) -> Result<Self, Fault> {
        let stored: Stored = secret.json()?;
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| Fault::bug("a signing key is not base64"));
        let previous = stored.previous.as_deref().map(bytes).transpose()?;
        Self::new(&bytes(&stored.current)?, previous.as_deref())
    }

    /// The keys with exactly these bytes.
    ///
    /// # Errors
    /// A bug when one is shorter than 32 bytes.
    pub fn new(current: &[u8], previous: Option<&[u8]>) -> Result<Self, Fault> {
        Ok(Self { current: Salted::new(current)?, previous: previous.map(Salted::new).transpose()? })
    }

    /// The signer of one purpose: `cookie`, `quote`, `cursor`. What one signs, no other takes.
    ///
    /// # Errors
    /// Never in practice: a bug when the derivation refuses its length.
    pub fn signer(&self, purpose: &str) -> Result<Signer, Fault> {
        let previous = self.previous.as_ref().map(|key| key.derive(purpose)).transpose()?;
        Ok(Signer { current: self.current.derive(purpose)?, previous })
    }
}

impl Salted {
    fn new(secret: &[u8]) -> Result<Self, Fault> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(Fault::bug(format!("a signing key has {} bytes", secret.len())));
        }
        Ok(Self(Salt::new(HKDF_SHA256, SALT).extract(secret)))
    }

    fn derive(&self, purpose: &str) -> Result<hmac::Key, Fault> {
        let info = [purpose.as_bytes()];
        let key = self.0.expand(&info, hmac::HMAC_SHA256).map_err(|_| Fault::bug("a signing key does not derive"))?;
        Ok(hmac::Key::from(key))
    }
}

/// Signs and verifies for one purpose: HMAC-SHA256, compared in constant time. Signs with the current key, takes the
/// previous one too.
#[derive(Clone)]
pub struct Signer {
    current: hmac::Key,
    previous: Option<hmac::Key>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Signer(…)")
    }
}

impl Signer {
    /// The signature of `message`, 43 characters of base64url.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.current, message))
    }

    /// Whether we wrote `signature` under `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        let by = |key: &hmac::Key| hmac::verify(key, message, &signature).is_ok();
        by(&self.current) || self.previous.as_ref().is_some_and(by)
    }

    /// The signature over several parts, none of which can run into the next.
    #[must_use]
    pub fn sign_parts(&self, parts: &[&str]) -> String {
        self.sign(&joined(parts))
    }

    /// Whether we wrote `signature` over exactly these parts.
    #[must_use]
    pub fn verify_parts(&self, parts: &[&str], signature: &str) -> bool {
        self.verify(&joined(parts), signature)
    }

    /// `payload` and its signature in one text, safe in a URL, a header or a cookie: `<base64url>.<base64url>`. Signed,
    /// not sealed: whoever holds it can read it.
    #[must_use]
    pub fn token(&self, payload: &[u8]) -> String {
        let body = URL_SAFE_NO_PAD.encode(payload);
        let signature = self.sign(body.as_bytes());
        format!("{body}.{signature}")
    }

    /// The payload of a [`Signer::token`] of ours; `None` for any other text.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Vec<u8>> {
        let (body, signature) = token.split_once('.')?;
        if !self.verify(body.as_bytes(), signature) {
            return None;
        }
        URL_SAFE_NO_PAD.decode(body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::SigningKeys;
    use crate::Secret;

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];

    #[test]
    fn a_token_reads_back_for_its_purpose_only() {
        let keys = SigningKeys::new(&NEW, None).unwrap();
        let quotes = keys.signer("quote").unwrap();
        let token = quotes.token(b"{\"total\":1999}");

        assert_eq!(quotes.read(&token).unwrap(), b"{\"total\":1999}");
        assert_eq!(keys.signer("cursor").unwrap().read(&token), None);
        for at in 0..token.len() {
            let mut bent = token.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).unwrap();
            assert!(quotes.read(&bent).is_none() || bent == token, "{bent}");
        }
    }

    #[test]
    fn what_the_previous_key_signed_is_taken_until_it_is_dropped() {
        let signed = SigningKeys::new(&OLD, None).unwrap().signer("cookie").unwrap().sign(b"guest");
        assert!(SigningKeys::new(&NEW, Some(&OLD)).unwrap().signer("cookie").unwrap().verify(b"guest", &signed));
        assert!(!SigningKeys::new(&NEW, None).unwrap().signer("cookie").unwrap().verify(b"guest", &signed));
    }

    #[test]
    fn the_stored_form_is_read_and_short_keys_are_refused() {
        let stored = |key: &str| Secret::new(format!("{{\"current\":\"{key}\",\"previous\":null}}"));
        assert!(SigningKeys::from_secret(&stored("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")).is_ok());
        assert!(SigningKeys::from_secret(&stored("AAAA")).is_err());
        assert!(SigningKeys::from_secret(&stored("not base64")).is_err());
    }

    #[test]
    fn parts_do_not_run_together() {
        let signer = SigningKeys::new(&NEW, None).unwrap().signer("cookie").unwrap();
        assert!(!signer.verify_parts(&["a", "bc"], &signer.sign_parts(&["ab", "c"])));
    }
}

//! Seals for the browser: JWE compact, ECDH-ES (direct, P-256) with A256GCM, by RFC 7516, 7518 §4.6 and 7517.

use crate::random::SecureRandom;
use crate::seal::no_randomness;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Fault;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::digest;
use ring::rand::SystemRandom;
use serde::Deserialize;
use std::fmt;
use zeroize::Zeroizing;

/// The content encryption, which is also what the derived key is for.
const ENCRYPTION: &str = "A256GCM";
/// Characters of a JWK that are read at most.
const JWK_LENGTH_MAX: usize = 1024;

/// The public key of whoever may read: a P-256 JWK from the browser's session.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Uncompressed: 4, x, y.
    point: [u8; 65],
}

impl fmt::Debug for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Recipient(…)")
    }
}

/// The text is not a public P-256 key in JWK form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARecipient;

impl fmt::Display for NotARecipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a session key is a P-256 public key as a JWK")
    }
}

impl std::error::Error for NotARecipient {}

/// The members of a JWK that we read; a browser sends more (`ext`, `key_ops`).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    #[serde(default)]
    d: Option<serde::de::IgnoredAny>,
}

impl Recipient {
    /// The key in a JWK (RFC 7517): `{"kty":"EC","crv":"P-256","x":…,"y":…}`.
    ///
    /// # Errors
    /// [`NotARecipient`] for another kind of key, and for a private one: its owner should not have sent it.
    pub fn from_jwk(json: &str) -> Result<Self, NotARecipient> {
        if json.len() > JWK_LENGTH_MAX {
            return Err(NotARecipient);
        }
        let jwk: Jwk = serde_json::from_str(json).map_err(|_| NotARecipient)?;
        if jwk.kty != "EC" || jwk.crv != "P-256" || jwk.d.is_some() {
            return Err(NotARecipient);
        }
        let mut point = [4; 65];
        for (at, coordinate) in [(1, &jwk.x), (33, &jwk.y)] {
            let bytes = URL_SAFE_NO_PAD.decode(coordinate).map_err(|_| NotARecipient)?;
            let place = point.get_mut(at..at + 32).filter(|_| bytes.len() == 32).ok_or(NotARecipient)?;
            place.copy_from_slice(&bytes);
        }
        Ok(Self { point })
    }

    /// The key as a page sends it in a header: base64url over the JWK.
    ///
    /// # Errors
    /// As [`Recipient::from_jwk`].
    pub fn from_header(text: &str) -> Result<Self, NotARecipient> {
        let json = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| NotARecipient)?;
        Self::from_jwk(std::str::from_utf8(&json).map_err(|_| NotARecipient)?)
    }

    /// `plain` sealed for this key and nobody else, as five base64url parts with dots between.
    ///
    /// # Errors
    /// Invalid when the key is no point of the curve; a bug when the system gives no randomness.
    pub fn seal(&self, plain: &[u8], random: &dyn SecureRandom) -> Result<String, Fault> {
        // The library takes the system's randomness and no other for a private key.
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).map_err(|_| no_randomness())?;
        let public = own.compute_public_key().map_err(|_| no_randomness())?;
        let header = URL_SAFE_NO_PAD.encode(protected_header(public.as_ref())?);
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.point);
        let key = agree_ephemeral(own, &theirs, |z| derived_key(z, ENCRYPTION, b"", b""))
            .map_err(|_| Fault::field("/", "session_key", NotARecipient.to_string()))?;
        sealed_parts(&header, &key, plain, random)
    }
}

fn protected_header(public: &[u8]) -> Result<String, Fault> {
    let coordinate = |from: usize| public.get(from..from + 32).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let (Some(x), Some(y)) = (coordinate(1), coordinate(33)) else {
        return Err(Fault::bug("a public key of the wrong length"));
    };
    Ok(format!(r#"{{"alg":"ECDH-ES","enc":"{ENCRYPTION}","epk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#))
}

/// Header, no wrapped key (the agreement is direct), nonce, ciphertext, tag.
fn sealed_parts(header: &str, key: &[u8; 32], plain: &[u8], random: &dyn SecureRandom) -> Result<String, Fault> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce).map_err(|_| no_randomness())?;
    let cipher = UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| Fault::bug("a key of the wrong length"))?;
    let mut text = plain.to_vec();
    let tag = cipher
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(header.as_bytes()), &mut text)
        .map_err(|_| Fault::bug("a value is too long to seal"))?;
    let [nonce, text, tag] = [&nonce[..], &text, tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{header}..{nonce}.{text}.{tag}"))
}

/// The Concat KDF of NIST SP 800-56A as RFC 7518 §4.6.2 uses it, for 256 bits or fewer: one round of SHA-256 over the
/// shared secret and who it is for. `bits` follow from the algorithm's name.
fn derived_key(z: &[u8], algorithm: &str, producer: &[u8], consumer: &[u8]) -> Zeroizing<[u8; 32]> {
    let bits: u32 = if algorithm == "A128GCM" { 128 } else { 256 };
    let mut round = digest::Context::new(&digest::SHA256);
    round.update(&1_u32.to_be_bytes());
    round.update(z);
    for part in [algorithm.as_bytes(), producer, consumer] {
        round.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        round.update(part);
    }
    round.update(&bits.to_be_bytes());
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(round.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_derivation_gives_the_vector_of_rfc_7518_appendix_c() {
        let z = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128,
            106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let key = derived_key(&z, "A128GCM", b"Alice", b"Bob");
        assert_eq!(URL_SAFE_NO_PAD.encode(&key[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn the_owner_of_the_key_reads_what_was_sealed_for_it() {
        let random = SystemRandom::new();
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).unwrap();
        let public = own.compute_public_key().unwrap();
        let recipient = Recipient { point: public.as_ref().try_into().unwrap() };

        let jwe = recipient.seal("Grüße an Ada".as_bytes(), &random).unwrap();

        let parts: Vec<Vec<u8>> = jwe.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        let header: serde_json::Value = serde_json::from_slice(&parts[0]).unwrap();
        assert_eq!((header["alg"].as_str(), header["enc"].as_str()), (Some("ECDH-ES"), Some("A256GCM")));
        assert!(parts[1].is_empty(), "the agreement is direct: no key is wrapped");
        let theirs = Recipient::from_jwk(&header["epk"].to_string()).unwrap();
        let theirs = UnparsedPublicKey::new(&ECDH_P256, theirs.point);
        let key = agree_ephemeral(own, &theirs, |z| derived_key(z, "A256GCM", b"", b"")).unwrap();
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&parts[2]).unwrap();
        let mut text = [parts[3].clone(), parts[4].clone()].concat();
        let aad = Aad::from(jwe.split('.').next().unwrap().as_bytes());
        assert_eq!(cipher.open_in_place(nonce, aad, &mut text).unwrap(), "Grüße an Ada".as_bytes());
    }

    #[test]
    fn only_public_keys_of_the_curve_are_taken() {
        let x = "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ";
        let y = "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck";
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","ext":true,"key_ops":[]}}"#);
        let good = Recipient::from_jwk(&jwk).unwrap();
        assert_eq!(Recipient::from_header(&URL_SAFE_NO_PAD.encode(&jwk)).unwrap(), good);
        assert!(good.seal(b"x", &SystemRandom::new()).is_ok());

        let private = jwk.replace("\"ext\"", "\"d\":\"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw\",\"ext\"");
        for bad in ["", "{}", &private, &jwk.replace("P-256", "P-384"), &jwk.replace(x, "AAAA")] {
            assert_eq!(Recipient::from_jwk(bad), Err(NotARecipient), "{bad}");
        }
        let off_the_curve = Recipient::from_jwk(&jwk.replace(y, x)).unwrap();
        assert!(off_the_curve.seal(b"x", &SystemRandom::new()).is_err());
    }
}

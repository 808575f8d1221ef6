//! KMS: keys that never leave, data keys bound to a context, and MACs.

use crate::journal::{Entries, Journal, Kind};
use crate::random::Random;
use crate::wire::{Refusal, Reply, Request, json_reply, read_json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The first byte of everything that these keys seal.
const FORMAT: u8 = 1;

/// The KMS of one cloud. Keys are known by alias; the material is drawn once and kept in the journal.
pub(crate) struct Keys {
    /// Alias without `alias/` → the key.
    keys: HashMap<String, Key>,
    region: String,
    random: Random,
}

struct Key {
    id: String,
    material: [u8; 32],
}

impl Keys {
    /// The keys with these aliases (without `alias/`), each as an older process left it, or new.
    pub(crate) fn new(aliases: &[String], region: &str, journal: &Journal, random: Random, left: Entries) -> Self {
        let mut left: HashMap<String, Vec<u8>> = left.into_iter().collect();
        let keys = aliases.iter().map(|alias| {
            let known = left.remove(alias).and_then(|value| value.try_into().ok());
            let material = known.unwrap_or_else(|| {
                let material: [u8; 32] = random.bytes();
                journal.put(Kind::Key, alias.clone(), material.to_vec());
                material
            });
            (alias.clone(), Key { id: key_id(alias), material })
        });
        let keys = keys.collect();
        Self { keys, region: region.to_owned(), random }
    }

    /// The key and its alias, by id, ARN or alias.
    fn find(&self, name: &str) -> Result<(&str, &Key), Refusal> {
        let name = name.rsplit_once(":key/").map_or(name, |(_, id)| id);
        let alias = name.rsplit_once("alias/").map(|(_, alias)| alias);
        self.keys
            .iter()
            .find(|(known, key)| alias == Some(known.as_str()) || key.id == name)
            .map(|(alias, key)| (alias.as_str(), key))
            .ok_or_else(|| Refusal::new("NotFoundException", format!("Key '{name}' does not exist")))
    }

    fn arn(&self, key: &Key) -> String {
        format!("arn:aws:kms:{}:000000000000:key/{}", self.region, key.id)
    }
}

/// The same id for the same alias, so that it survives a new data folder: the shape of a UUID.
fn key_id(alias: &str) -> String {
    let digest = kernel::id::sha256_hex(alias.as_bytes());
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digest.get(part).unwrap_or_default()).join("-")
}

/// The resource of a call, for the counters: the alias where it is known.
pub(crate) fn resource(keys: &Keys, body: &[u8]) -> String {
    let named: Option<Named> = read_json(body).ok();
    let Some(Named { key_id: Some(key) }) = named else {
        return String::new();
    };
    keys.find(&key).map_or(key.clone(), |(alias, _)| alias.to_owned())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    key_id: Option<String>,
}

/// Answers one call of the JSON protocol.
pub(crate) fn answer(keys: &Keys, action: &str, request: &Request) -> Reply {
    json_reply("application/x-amz-json-1.1", act(keys, action, &request.body))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Call {
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
    ciphertext_blob: Option<String>,
    plaintext: Option<String>,
    message: Option<String>,
    mac: Option<String>,
    mac_algorithm: Option<String>,
    number_of_bytes: Option<usize>,
}

fn act(keys: &Keys, action: &str, body: &[u8]) -> Result<Value, Refusal> {
    let call: Call = read_json(body)?;
    let named = || keys.find(call.key_id.as_deref().unwrap_or_default());
    match action {
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
            let (_, key) = named()?;
            let plain: [u8; 32] = keys.random.bytes();
            let length = call.number_of_bytes.unwrap_or(32).min(32);
            let sealed = seal(key, &plain[..length], &call.encryption_context, &keys.random)?;
            let mut answer = json!({"KeyId": keys.arn(key), "CiphertextBlob": STANDARD.encode(sealed)});
            if action == "GenerateDataKey" {
                answer["Plaintext"] = json!(STANDARD.encode(&plain[..length]));
            }
            Ok(answer)
        }
        "Encrypt" => {
            let (_, key) = named()?;
            let plain = blob(call.plaintext.as_ref())?;
            let sealed = seal(key, &plain, &call.encryption_context, &keys.random)?;
            Ok(
                json!({"KeyId": keys.arn(key), "CiphertextBlob": STANDARD.encode(sealed), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}),
            )
        }
        "Decrypt" => {
            let sealed = blob(call.ciphertext_blob.as_ref())?;
            let (key, rest) = sealed_by(keys, &sealed)?;
            if let Some(wanted) = &call.key_id
                && keys.find(wanted)?.1.id != key.id
            {
                return Err(Refusal::new(
                    "IncorrectKeyException",
                    "The key ID in the request does not identify the key.",
                ));
            }
            let plain = open(key, rest, &call.encryption_context)?;
            Ok(
                json!({"KeyId": keys.arn(key), "Plaintext": STANDARD.encode(plain), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}),
            )
        }
        "GenerateMac" => {
            let (_, key) = named()?;
            let mac = hmac::sign(&mac_key(key, &call)?, &blob(call.message.as_ref())?);
            Ok(json!({"KeyId": keys.arn(key), "Mac": STANDARD.encode(mac), "MacAlgorithm": "HMAC_SHA_256"}))
        }
        "VerifyMac" => {
            let (_, key) = named()?;
            hmac::verify(&mac_key(key, &call)?, &blob(call.message.as_ref())?, &blob(call.mac.as_ref())?)
                .map_err(|_| Refusal::new("KMSInvalidMacException", "The MAC does not match."))?;
            Ok(json!({"KeyId": keys.arn(key), "MacValid": true, "MacAlgorithm": "HMAC_SHA_256"}))
        }
        "DescribeKey" => {
            let (_, key) = named()?;
            Ok(json!({"KeyMetadata": {
                "KeyId": key.id, "Arn": keys.arn(key), "AWSAccountId": "000000000000", "Enabled": true, "KeyState": "Enabled",
                "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "KeyManager": "CUSTOMER", "Origin": "AWS_KMS"
            }}))
        }
        _ => Err(Refusal::unknown_action(action)),
    }
}

fn blob(text: Option<&String>) -> Result<Vec<u8>, Refusal> {
    let text = text.ok_or_else(|| Refusal::new("ValidationException", "a member is missing"))?;
    STANDARD.decode(text).map_err(|_| Refusal::new("SerializationException", "a blob is not base64"))
}

/// Each pair led by its lengths, in the order of the names.
fn context_bytes(context: &BTreeMap<String, String>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn cipher(key: &Key) -> Result<LessSafeKey, Refusal> {
    let unbound = UnboundKey::new(&AES_256_GCM, &key.material).map_err(|_| invalid_ciphertext())?;
    Ok(LessSafeKey::new(unbound))
}

/// Format, key id (36 characters), nonce, ciphertext, tag: about as long as what KMS gives.
fn seal(key: &Key, plain: &[u8], context: &BTreeMap<String, String>, random: &Random) -> Result<Vec<u8>, Refusal> {
    let nonce: [u8; NONCE_LEN] = random.bytes();
    let mut text = plain.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context_bytes(context)), &mut text)
        .map_err(|_| Refusal::new("ValidationException", "too long to seal"))?;
    Ok([&[FORMAT], key.id.as_bytes(), &nonce, &text].concat())
}

/// The key that sealed, and what it sealed.
fn sealed_by<'k, 'b>(keys: &'k Keys, sealed: &'b [u8]) -> Result<(&'k Key, &'b [u8]), Refusal> {
    let rest = sealed.strip_prefix(&[FORMAT]).ok_or_else(invalid_ciphertext)?;
    let (id, rest) = rest.split_at_checked(36).ok_or_else(invalid_ciphertext)?;
    let key = keys.keys.values().find(|key| key.id.as_bytes() == id).ok_or_else(invalid_ciphertext)?;
    Ok((key, rest))
}

fn open(key: &Key, sealed: &[u8], context: &BTreeMap<String, String>) -> Result<Vec<u8>, Refusal> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(invalid_ciphertext)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| invalid_ciphertext())?;
    let mut text = text.to_vec();
    let opened = cipher(key)?.open_in_place(nonce, Aad::from(context_bytes(context)), &mut text);
    opened.map(|plain| plain.to_vec()).map_err(|_| invalid_ciphertext())
}

fn invalid_ciphertext() -> Refusal {
    Refusal::new("InvalidCiphertextException", "The ciphertext is invalid for this key and encryption context.")
}

fn mac_key(key: &Key, call: &Call) -> Result<hmac::Key, Refusal> {
    match call.mac_algorithm.as_deref() {
        Some("HMAC_SHA_256") => Ok(hmac::Key::new(hmac::HMAC_SHA256, &key.material)),
        other => Err(Refusal::new("ValidationException", format!("the stand-in does not know the MAC {other:?}"))),
    }
}

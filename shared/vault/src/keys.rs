//! KMS: data keys, bound to a context.

use crate::seal::Key;
use crate::trouble::fault;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use kernel::Fault;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// What a data key is for: KMS unwraps it for the same pairs only, and writes them into its trail.
pub type Context<'a> = [(&'a str, &'a str)];

/// A data key: the key itself, for memory, and its wrapped form, for storage.
#[derive(Debug, Clone)]
pub struct DataKey {
    /// Seals and opens; never stored.
    pub plain: Key,
    /// What KMS turns back into `plain`, for the same context.
    pub wrapped: Vec<u8>,
}

/// The keys of KMS. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keys {
    client: Client,
}

impl Keys {
    /// KMS through that client.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// A new data key under `key_id` (an id, an ARN, or `alias/…`), for `context`.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when it refuses.
    pub async fn generate_data_key(&self, key_id: &str, context: &Context<'_>) -> Result<DataKey, Fault> {
        let request = self
            .client
            .generate_data_key()
            .key_id(key_id)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(pairs(context)));
        let answer = request.send().await.map_err(|error| fault("GenerateDataKey", &error))?;
        let wrapped =
            answer.ciphertext_blob.map(Blob::into_inner).ok_or_else(|| Fault::bug("GenerateDataKey: no ciphertext"))?;
        Ok(DataKey { plain: plain_key("GenerateDataKey", answer.plaintext)?, wrapped })
    }

    /// The data key in `wrapped`, as it was made under `key_id` for `context`.
    ///
    /// # Errors
    /// Unavailable when KMS does not answer; a bug when it refuses: another key, another context, other bytes.
    pub async fn decrypt(&self, key_id: &str, wrapped: &[u8], context: &Context<'_>) -> Result<Key, Fault> {
        let request = self
            .client
            .decrypt()
            .key_id(key_id)
            .ciphertext_blob(Blob::new(wrapped))
            .set_encryption_context(Some(pairs(context)));
        let answer = request.send().await.map_err(|error| fault("Decrypt", &error))?;
        plain_key("Decrypt", answer.plaintext)
    }
}

fn pairs(context: &Context<'_>) -> HashMap<String, String> {
    context.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn plain_key(operation: &str, plain: Option<Blob>) -> Result<Key, Fault> {
    let bytes = Zeroizing::new(plain.map(Blob::into_inner).unwrap_or_default());
    Key::from_slice(&bytes).ok_or_else(|| Fault::bug(format!("{operation}: the key has {} bytes", bytes.len())))
}

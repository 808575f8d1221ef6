//! Secrets Manager: what must not stand in an environment.

use crate::trouble::fault;
use aws_sdk_secretsmanager::Client;
use kernel::{Fault, Instant};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a secret is believed before it is asked for again, so that a rotation arrives.
const KEPT: Duration = Duration::from_secs(300);

/// A secret's text. Wiped when the last copy is dropped; does not print.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// The secret with that text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }

    /// The text in the clear: to sign, to authenticate, for nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The secret's text read as JSON.
    ///
    /// # Errors
    /// A bug when it does not read; the text itself stays out of it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_str(&self.0).map_err(|error| {
            Fault::bug(format!("a secret does not read, line {} column {}", error.line(), error.column()))
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// The secrets by name. Clones share what they have read.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
    read: Arc<Mutex<HashMap<String, (Secret, Instant)>>>,
}

impl Secrets {
    /// Secrets Manager through that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, read: Arc::default() }
    }

    /// The secret's current version, asked for at each call.
    ///
    /// # Errors
    /// Unavailable when Secrets Manager does not answer; a bug when it refuses.
    pub async fn get(&self, name: &str) -> Result<Secret, Fault> {
        self.at_stage(name, "AWSCURRENT")
            .await?
            .ok_or_else(|| Fault::bug(format!("secret {name} has no current version")))
    }

    /// The version before the last rotation, if there is one.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    pub async fn previous(&self, name: &str) -> Result<Option<Secret>, Fault> {
        self.at_stage(name, "AWSPREVIOUS").await
    }

    /// The secret's current version, at most 5 minutes old at `now`.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    pub async fn recent(&self, name: &str, now: Instant) -> Result<Secret, Fault> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some((secret, at)) = read
            && now.since(at) < KEPT
        {
            return Ok(secret);
        }
        let secret = self.get(name).await?;
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), (secret.clone(), now));
        Ok(secret)
    }

    async fn at_stage(&self, name: &str, stage: &str) -> Result<Option<Secret>, Fault> {
        let answer = match self.client.get_secret_value().secret_id(name).version_stage(stage).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                return Ok(None);
            }
            Err(error) => return Err(fault("GetSecretValue", &error)),
        };
        Ok(Some(Secret::new(answer.secret_string.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_neither_prints_nor_shows_in_an_error() {
        let secret = Secret::new("{\"api_key\": hunter2".into());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let fault = secret.json::<std::collections::HashMap<String, String>>().unwrap_err();
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
}

//! KMS and Secrets Manager as Russet uses them.
//!
//! - [`Secrets`]: what must not stand in an environment, by name and stage.
//! - [`Keys`]: data keys from KMS, bound to a context.
//! - [`Key`]: seals of AES-256-GCM, bound to a [`Place`].
//! - [`SubjectKeys`]: one random key per person, wrapped, so that forgetting the person is forgetting the key.
//! - [`Recipient`]: seals for the browser's key (JWE).
//! - [`SigningKeys`]: cookies, quotes and cursors that only we can write.
//!
//! Nothing here prints what it protects.

mod jwe;
mod keys;
mod place;
mod random;
mod seal;
mod secrets;
mod signing;
mod subjects;
mod trouble;

/// The SDK clients that [`Keys`] and [`Secrets`] are built from.
pub mod sdk {
    pub use aws_sdk_kms as kms;
    pub use aws_sdk_secretsmanager as secretsmanager;
}

pub use jwe::{NotARecipient, Recipient};
pub use keys::{Context, DataKey, Keys};
pub use place::Place;
pub use random::{NoRandomness, Random, SecureRandom, system_random};
pub use seal::{Key, Sealed, Unopened};
pub use secrets::{Secret, Secrets};
pub use signing::{Signer, SigningKeys};
pub use subjects::{SubjectKey, SubjectKeys, WrappedKey};

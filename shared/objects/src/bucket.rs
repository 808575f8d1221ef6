//! One bucket: whole objects, in and out.

use crate::trouble::fault;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::presigning::PresigningConfig;
use bytes::Bytes;
use kernel::{Fault, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// What somebody may store.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 over them, in base64.
    pub sha256_base64: &'a str,
    /// For how long it may be stored.
    pub within: Duration,
}

/// Where and how it may be stored: by a PUT with these headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The address.
    pub url: String,
    /// The headers that are signed with it, by their names.
    pub headers: BTreeMap<String, String>,
}

/// A bucket by its name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: Arc<str>,
}

impl Bucket {
    /// The bucket with that name, through that client.
    #[must_use]
    pub fn new(client: Client, name: impl Into<Arc<str>>) -> Self {
        Self { client, name: name.into() }
    }

    /// Stores `bytes` under `key`, in place of what was there.
    ///
    /// # Errors
    /// Unavailable when the bucket does not answer; a bug when it refuses.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>, content_type: &str) -> Result<(), Fault> {
        let request = self.put_request(key, bytes.into(), content_type);
        request.send().await.map_err(|error| fault("PutObject", &error))?;
        Ok(())
    }

    /// Stores `bytes` under `key` unless something is there: `false` then, and nothing changes. For immutable objects.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub async fn put_if_absent(&self, key: &str, bytes: impl Into<Bytes>, content_type: &str) -> Result<bool, Fault> {
        let request = self.put_request(key, bytes.into(), content_type).if_none_match("*");
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_there(&error) => Ok(false),
            Err(error) => Err(fault("PutObject", &error)),
        }
    }

    fn put_request(&self, key: &str, bytes: Bytes, content_type: &str) -> PutObjectFluentBuilder {
        self.client.put_object().bucket(&*self.name).key(key).content_type(content_type).body(bytes.into())
    }

    /// The object under `key`, whole, if there is one.
    ///
    /// # Errors
    /// Unavailable when the bucket does not answer or the answer breaks off; a bug when it refuses.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault> {
        let answer = match self.client.get_object().bucket(&*self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(fault("GetObject", &error)),
        };
        let body = answer.body.collect().await.map_err(|error| Fault::unavailable(format!("GetObject: {error}")))?;
        Ok(Some(body.into_bytes()))
    }

    /// A part of the object under `key`, from byte `from` on and at most `most` bytes long, if there is such an object. Empty
    /// from its end on.
    ///
    /// # Errors
    /// As [`Bucket::get`].
    pub async fn get_part(&self, key: &str, from: u64, most: u64) -> Result<Option<Bytes>, Fault> {
        let range = format!("bytes={from}-{}", from.saturating_add(most.max(1)) - 1);
        let answer = match self.client.get_object().bucket(&*self.name).key(key).range(range).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) if error.code() == Some("InvalidRange") => return Ok(Some(Bytes::new())),
            Err(error) => return Err(fault("GetObject", &error)),
        };
        let body = answer.body.collect().await.map_err(|error| Fault::unavailable(format!("GetObject: {error}")))?;
        Ok(Some(body.into_bytes()))
    }

    /// How many bytes the object under `key` has, if there is one.
    ///
    /// # Errors
    /// As [`Bucket::get`].
    pub async fn size(&self, key: &str) -> Result<Option<u64>, Fault> {
        match self.client.head_object().bucket(&*self.name).key(key).send().await {
            Ok(answer) => Ok(Some(answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0))),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => Ok(None),
            Err(error) => Err(fault("HeadObject", &error)),
        }
    }

    /// Copies the object under `key` into another bucket, under the same key, without it passing by here.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub async fn copy_to(&self, other: &Self, key: &str) -> Result<(), Fault> {
        let request = self.client.copy_object().copy_source(format!("{}/{key}", self.name));
        let request = request.bucket(&*other.name).key(key);
        request.send().await.map_err(|error| fault("CopyObject", &error))?;
        Ok(())
    }

    /// An address at which somebody who has no account may store one object once: just so many bytes with just that hash.
    ///
    /// # Errors
    /// A bug when the request cannot be signed.
    pub async fn offer(&self, key: &str, expected: &Expected<'_>, now: Instant) -> Result<Offer, Fault> {
        let start = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or_default());
        let config = PresigningConfig::builder().start_time(start).expires_in(expected.within).build();
        let config = config.map_err(|error| Fault::bug(format!("an offer: {error}")))?;
        let length = i64::try_from(expected.bytes).map_err(|_| Fault::bug("an offer of more bytes than there are"))?;
        let request = self.client.put_object().bucket(&*self.name).key(key).if_none_match("*");
        let request = request.content_length(length).checksum_sha256(expected.sha256_base64);
        let signed = request.presigned(config).await.map_err(|error| fault("PutObject", &error))?;
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Offer { url: signed.uri().to_owned(), headers })
    }

    /// Removes the object under `key`; nothing happens when there is none.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub async fn delete(&self, key: &str) -> Result<(), Fault> {
        let request = self.client.delete_object().bucket(&*self.name).key(key);
        request.send().await.map_err(|error| fault("DeleteObject", &error))?;
        Ok(())
    }
}

/// 412 alone says that the object exists. 409 says that another request was at work on the key: nothing is known then.
fn is_there(error: &SdkError<PutObjectError>) -> bool {
    error.code() == Some("PreconditionFailed")
}

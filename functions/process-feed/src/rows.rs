//! The rows of a feed as they stream out of the bucket, a hundred at a time. Reading is a plain loop on a thread of its own: the
//! libraries that know the formats read like that.

use bytes::Bytes;
use kernel::Fault;
use objects::Bucket;
use partners::Job;
use partners::feeds::{self, Event, HEAD_BYTES, READ_FAILED};
use partners::job::Refusal;
use partners::mapping::Mapping;
use std::io::{self, Read};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Rows that are dealt with in one step.
const ROWS: u64 = 100;
/// Bytes that are fetched from the bucket at once.
const PART: u64 = 1024 * 1024;

/// Rows that are dealt with together.
#[derive(Debug, Default)]
pub struct Batch {
    /// What they say.
    pub events: Vec<Event>,
    /// How many rows there were up to their end.
    pub position: u64,
    /// Why the feed ends here, if it broke.
    pub refusal: Option<Refusal>,
}

/// The rows that are left of a feed.
pub struct Rows {
    /// The format's name.
    pub format: String,
    batches: mpsc::Receiver<Result<Batch, Fault>>,
}

impl Rows {
    /// Opens the feed of `job` where the job stands. Inside: why it is no feed.
    pub async fn open(bucket: &Bucket, job: &Job) -> Result<Result<Self, Refusal>, Fault> {
        let head = bucket.get_part(&job.source.object, 0, HEAD_BYTES as u64).await?;
        let head = head.ok_or_else(|| Fault::bug(format!("the feed of job {} is not there", job.id)))?;
        let (media_type, file_name) = (job.source.media_type.as_deref(), job.source.file_name.as_deref());
        let detected = match feeds::detect(&head, media_type, file_name) {
            Ok(detected) => detected,
            Err(refusal) => return Ok(Err(Refusal::of(&refusal))),
        };
        let mapping = match job.wishes.mapping.as_deref().map(Mapping::from_json).transpose() {
            Ok(mapping) => mapping,
            Err(error) => return Err(Fault::bug(format!("the mapping of job {}: {error}", job.id))),
        };
        let format = detected.format.name().to_owned();
        let source = Parts {
            handle: Handle::current(),
            bucket: bucket.clone(),
            object: job.source.object.clone(),
            at: 0,
            rest: Bytes::new(),
        };
        let (sender, batches) = mpsc::channel(2);
        let skip = job.position;
        // Ends by itself when nobody listens any more.
        drop(tokio::task::spawn_blocking(move || {
            let feed = feeds::open(detected, Box::new(source), mapping.as_ref(), skip);
            read(feed, skip, &sender);
        }));
        Ok(Ok(Self { format, batches }))
    }

    /// The next rows; `None` after the last ones.
    pub async fn next(&mut self) -> Result<Option<Batch>, Fault> {
        self.batches.recv().await.transpose()
    }
}

fn read(feed: impl Iterator<Item = Event>, skip: u64, sender: &mpsc::Sender<Result<Batch, Fault>>) {
    let mut batch = Batch { position: skip, ..Batch::default() };
    for event in feed {
        match &event {
            // The bucket broke off, not the feed: another run reads it again from here.
            Event::Broken(refusal) if refusal.rule == READ_FAILED => {
                drop(sender.blocking_send(Err(Fault::unavailable(refusal.to_string()))));
                return;
            }
            Event::Broken(refusal) => batch.refusal = Some(Refusal::of(refusal)),
            Event::Note(_) => {}
            Event::Item(_) | Event::Rejected(_) | Event::Merged { .. } => batch.position += 1,
        }
        batch.events.push(event);
        // Steps end at the same rows, wherever a run began.
        if batch.position.is_multiple_of(ROWS) && batch.position > skip {
            let next = Batch { position: batch.position, ..Batch::default() };
            if sender.blocking_send(Ok(std::mem::replace(&mut batch, next))).is_err() {
                return;
            }
        }
    }
    if !batch.events.is_empty() {
        // Nobody listens any more: then nobody needs it.
        drop(sender.blocking_send(Ok(batch)));
    }
}

/// An object, read part by part.
struct Parts {
    handle: Handle,
    bucket: Bucket,
    object: String,
    at: u64,
    rest: Bytes,
}

impl Read for Parts {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let part = self.handle.block_on(self.bucket.get_part(&self.object, self.at, PART));
            let part = part.map_err(|fault| io::Error::other(fault.to_string()))?;
            self.rest = part.ok_or_else(|| io::Error::other("the feed is gone"))?;
            self.at += u64::try_from(self.rest.len()).unwrap_or_default();
        }
        let length = into.len().min(self.rest.len());
        into[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}

//! What readers hold of the catalog.

use crate::index::{Index, Segment, Summary};
use crate::view::pointer::{Pointer, SegmentRef};
use futures::future::try_join_all;
use kernel::{Fault, Instant};
use objects::Bucket;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::Table;

/// How long a look at the pointer is good for at the most. One second: a new product is in every listing that soon after its
/// projection, and the look costs half a read unit a second for each environment at the most, whatever the traffic.
pub const POINTER_LIFE: Duration = Duration::from_secs(1);
/// How long a look is good for that found the pointer moved: moves come in bursts. It doubles with each look that finds
/// nothing new, up to [`POINTER_LIFE`].
const BURST_LIFE: Duration = Duration::from_millis(100);
/// How long what is in memory is served when the pointer or the bucket does not answer: as long as the listing's
/// `stale-if-error` says.
pub const STALE_LIFE: Duration = Duration::from_secs(300);
/// The list of products that everybody is shown, as JSON.
const POPULAR_KEY: &str = "popular.json";
/// Products in that list.
const POPULAR: usize = 24;

/// The catalog as this environment has it in memory. Clones share it.
#[derive(Debug, Clone)]
pub struct Shelf {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    control: Table,
    bucket: Bucket,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    pointer: Pointer,
    segments: HashMap<String, Arc<Segment>>,
    index: Arc<Index>,
    /// When the pointer was last asked for.
    asked_at: Option<Instant>,
    /// When it last answered.
    sure_at: Option<Instant>,
    /// How long that look is good for.
    life: Duration,
    popular: String,
}

/// The catalog at one moment.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What can be found.
    pub index: Arc<Index>,
    /// The pointer's version: pages made from the same version are the same.
    pub version: u64,
    /// Why this may be out of date, for the log.
    pub stale_because: Option<Fault>,
}

impl Shelf {
    /// The shelf over the pointer in the table `control` and the segments in `bucket`. Nothing is read yet.
    #[must_use]
    pub fn new(control: Table, bucket: Bucket) -> Self {
        Self { inner: Arc::new(Inner { control, bucket, state: Mutex::default() }) }
    }

    /// The catalog, at most [`POINTER_LIFE`] behind the pointer, or [`STALE_LIFE`] when the stores do not answer.
    ///
    /// # Errors
    /// Unavailable when the stores do not answer and nothing fresh enough is in memory.
    pub async fn current(&self, now: Instant) -> Result<Reading, Fault> {
        if let Some(reading) = self.change(|state| state.asked_lately(now).then(|| state.reading(None))) {
            return Ok(reading);
        }
        match self.refresh(now, false).await {
            Ok(reading) => Ok(reading),
            Err(fault) => self.change(|state| {
                state.asked_at = Some(now);
                let fresh_enough = state.sure_at.is_some_and(|sure_at| now.since(sure_at) < STALE_LIFE);
                if fresh_enough { Ok(state.reading(Some(fault))) } else { Err(fault) }
            }),
        }
    }

    /// The catalog as the pointer has it now, with the pointer: for whoever moves it.
    pub(crate) async fn latest(&self, now: Instant) -> Result<(Pointer, Reading), Fault> {
        let reading = self.refresh(now, true).await?;
        Ok((self.state().pointer, reading))
    }

    async fn refresh(&self, now: Instant, consistent: bool) -> Result<Reading, Fault> {
        let pointer = self.pointer(consistent).await?;
        let loaded = match self.load(&pointer).await? {
            Some(segments) => Some((pointer, segments)),
            // A segment is gone when the pointer has long moved on: then a consistent look finds where to.
            None => {
                let pointer = self.pointer(true).await?;
                self.load(&pointer).await?.map(|segments| (pointer, segments))
            }
        };
        let (pointer, segments) =
            loaded.ok_or_else(|| Fault::unavailable("a segment of the catalog is not in the bucket"))?;
        Ok(self.take(pointer, segments, now))
    }

    async fn pointer(&self, consistent: bool) -> Result<Pointer, Fault> {
        let place = Pointer::place();
        let control = &self.inner.control;
        let row = if consistent { control.get_latest(&place).await? } else { control.get(&place).await? };
        Ok(row.unwrap_or_default())
    }

    /// The segments that `pointer` names, read at once where they are not in memory; `None` when one is not there.
    async fn load(&self, pointer: &Pointer) -> Result<Option<Vec<Arc<Segment>>>, Fault> {
        let known = self.state().segments;
        let reads = pointer.segments.iter().map(|segment| {
            let known = known.get(&segment.key).cloned();
            async move {
                match known {
                    Some(segment) => Ok(Some(segment)),
                    None => self.read(&segment.key).await,
                }
            }
        });
        Ok(try_join_all(reads).await?.into_iter().collect())
    }

    async fn read(&self, key: &str) -> Result<Option<Arc<Segment>>, Fault> {
        let bytes = self.inner.bucket.get(key).await?;
        bytes.map(|bytes| Segment::open(bytes).map(Arc::new)).transpose()
    }

    /// Takes what `pointer` names, unless something newer is in memory: an eventually consistent look may be behind.
    fn take(&self, pointer: Pointer, segments: Vec<Arc<Segment>>, now: Instant) -> Reading {
        self.change(|state| {
            state.asked_at = Some(now);
            state.sure_at = Some(now);
            state.life = (state.life * 2).clamp(BURST_LIFE, POINTER_LIFE);
            if pointer.version > state.pointer.version {
                state.life = BURST_LIFE;
                state.segments =
                    pointer.segments.iter().map(|segment| segment.key.clone()).zip(segments.iter().cloned()).collect();
                state.index = Arc::new(Index::new(segments));
                state.pointer = pointer;
            }
            state.reading(None)
        })
    }

    /// Takes over what this environment itself has written: the segments of `pointer`, of which one is new.
    pub(crate) fn adopt(&self, pointer: Pointer, new: (String, Arc<Segment>), now: Instant) -> Option<Reading> {
        let mut known = self.state().segments;
        known.insert(new.0, new.1);
        let segments: Option<Vec<Arc<Segment>>> =
            pointer.segments.iter().map(|segment| known.get(&segment.key).cloned()).collect();
        segments.map(|segments| self.take(pointer, segments, now))
    }

    /// The segments of `pointer`, of which `key` is new.
    pub(crate) fn segments_with(&self, pointer: &Pointer, key: &str, new: &Arc<Segment>) -> Vec<Arc<Segment>> {
        let known = self.state().segments;
        let find = |wanted: &SegmentRef| if wanted.key == key { Some(new) } else { known.get(&wanted.key) };
        pointer.segments.iter().filter_map(find).cloned().collect()
    }

    /// Writes the list of products that everybody is shown, if it changed: what recommendations fall back to when the
    /// index cannot be read.
    pub(crate) async fn write_popular(&self) -> Result<(), Fault> {
        let index = self.state().index;
        let cards = index.popular(None, POPULAR);
        let list: Vec<Summary<'_>> = cards.iter().map(Summary::from).collect();
        let json = serde_json::to_string(&list)
            .map_err(|error| Fault::bug(format!("popular products do not write: {error}")))?;
        if self.state().popular == json {
            return Ok(());
        }
        self.inner.bucket.put(POPULAR_KEY, json.clone().into_bytes(), "application/json").await?;
        self.change(|state| state.popular = json);
        Ok(())
    }

    /// The list that [`Shelf::write_popular`] wrote: a JSON array of summaries; empty before the first projection.
    ///
    /// # Errors
    /// Unavailable when the bucket does not answer.
    pub async fn popular_json(&self) -> Result<String, Fault> {
        let bytes = self.inner.bucket.get(POPULAR_KEY).await?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).unwrap_or_else(|| "[]".to_owned()))
    }

    pub(crate) fn control(&self) -> &Table {
        &self.inner.control
    }

    pub(crate) fn bucket(&self) -> &Bucket {
        &self.inner.bucket
    }

    fn state(&self) -> State {
        self.change(|state| state.clone())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // The state is replaced field by field and never left half done: after a panic it is as good as before.
        change(&mut self.inner.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn asked_lately(&self, now: Instant) -> bool {
        self.sure_at.is_some() && self.asked_at.is_some_and(|asked_at| now.since(asked_at) < self.life)
    }

    fn reading(&self, stale_because: Option<Fault>) -> Reading {
        Reading { index: Arc::clone(&self.index), version: self.pointer.version, stale_because }
    }
}

//! Partners, their keys and their jobs in one table.

use crate::GRACE;
use crate::delivery::Delivery;
use crate::job::Job;
use crate::key::KeyRow;
use crate::partner::{Partner, Step};
use crate::stated::Stated;
use crate::turn::{Turns, too_many_wait};
use crate::upload::Upload;
use kernel::{Fault, Instant, JobId, PartnerId, id};
use std::time::Duration;
use table::{Guard, Key, Page, Query, Row, Table, Write, WriteError};

/// How exactly a key's last use is kept.
const LAST_USE: Duration = Duration::from_secs(15 * 60);
/// How often a change is made anew when the item changed under it.
const ROUNDS: usize = 8;

/// The partners, in the table `partners`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

/// Where a page of a list ends.
pub type Position = Vec<(String, String)>;

/// What became of a feed that came.
#[derive(Debug, Clone)]
pub enum Arrived {
    /// It is a job now.
    New,
    /// It was one before: the same request came again.
    Again(Box<Job>),
}

impl Store {
    /// The partners in `table`.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table itself, for the idempotency record beside a change.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The key as it was presented, if it is one of ours that counts.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn key(&self, presented: &str, now: Instant) -> Result<Option<KeyRow>, Fault> {
        let hash = id::sha256_hex(presented.as_bytes());
        let row: Option<KeyRow> = self.table.get_latest(&KeyRow::key_of(&hash)).await?;
        Ok(row.filter(|row| row.key.counts(now)))
    }

    /// Notes that a key was used, at most every quarter of an hour.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn used(&self, row: &KeyRow, now: Instant) -> Result<(), Fault> {
        if row.last_used_at.is_some_and(|at| now.since(at) < LAST_USE) {
            return Ok(());
        }
        let write = Write::update(KeyRow::key_of(&row.key.hash), "SET last_used_at = :now");
        match self.table.write(write.when(Guard::PRESENT).number(":now", now.millis())).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// When each of these keys was used last.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn rows(&self, partner: &Partner) -> Result<Vec<KeyRow>, Fault> {
        let keys: Vec<Key> = partner.keys.iter().map(|key| KeyRow::key_of(&key.hash)).collect();
        self.table.get_many(&keys).await
    }

    /// A partner, with its last change.
    ///
    /// # Errors
    /// Missing when there is none; unavailable when the table does not answer.
    pub async fn partner(&self, id: &PartnerId) -> Result<Partner, Fault> {
        self.find(id).await?.ok_or_else(Fault::missing)
    }

    /// A partner, with its last change, if there is one.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn find(&self, id: &PartnerId) -> Result<Option<Partner>, Fault> {
        self.table.get_latest(&Partner::key_of(id)).await
    }

    /// Turns a step of a partner's checklist green; nothing happens when it is.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn prove(&self, id: &PartnerId, step: Step, now: Instant) -> Result<(), Fault> {
        self.change(id, |partner| partner.prove(step, now)).await.map(drop)
    }

    /// Makes a job of a feed, and lets it wait for its turn, in one transaction.
    ///
    /// # Errors
    /// Limited when too many feeds of the partner wait; unavailable when the table does not answer.
    pub async fn arrive(&self, job: &Job) -> Result<Arrived, Fault> {
        let writes = vec![job.create()?, Turns::join(&job.partner, &job.id, job.received_at, job.received_at)];
        match self.table.transact(writes, None).await {
            Ok(()) => Ok(Arrived::New),
            Err(WriteError::Refused(refused)) => match self.find_job(&job.id).await? {
                Some(known) => Ok(Arrived::Again(Box::new(known))),
                None if refused.index == 1 => Err(too_many_wait()),
                None => Err(Fault::unavailable("a job that is refused and not there")),
            },
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// A job, if there is one of that id, with its last change.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn find_job(&self, id: &JobId) -> Result<Option<Job>, Fault> {
        self.table.get_latest(&Job::key_of(id)).await
    }

    /// A job of that partner: a job of another is not there.
    ///
    /// # Errors
    /// Missing when there is none; unavailable when the table does not answer.
    pub async fn job(&self, partner: &PartnerId, id: &JobId) -> Result<Job, Fault> {
        self.find_job(id).await?.filter(|job| job.partner == *partner).ok_or_else(Fault::missing)
    }

    /// One page of a partner's jobs, newest first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn jobs(&self, partner: &PartnerId, limit: usize, after: Option<&Position>) -> Result<Page<Job>, Fault> {
        let mut page: Page<Job> = self.listed(&Job::listed(partner), limit, after).await?;
        page.items.sort_by(|one, other| (other.listed_at, &other.id).cmp(&(one.listed_at, &one.id)));
        Ok(page)
    }

    /// One page of all partners, the one that came last first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn partners(&self, limit: usize, after: Option<&Position>) -> Result<Page<Partner>, Fault> {
        let mut page: Page<Partner> = self.listed(Partner::LISTED, limit, after).await?;
        page.items.sort_by(|one, other| (other.listed_at, &other.id).cmp(&(one.listed_at, &one.id)));
        Ok(page)
    }

    async fn listed<R: Row>(&self, list: &str, limit: usize, after: Option<&Position>) -> Result<Page<R>, Fault> {
        let query = Query::new("listed = :list").index("listed").text(":list", list).descending().limit(limit);
        let query = match after {
            Some(position) if is_in(list, position) => query.after(position),
            Some(_) => return Err(Fault::field("?cursor", "format", "This cursor is of another list.")),
            None => query,
        };
        let page = self.table.query_items(query).await?;
        let keys: Vec<Key> = page.items.iter().filter_map(|item| item.text("pk").map(Key::new)).collect();
        Ok(Page { items: self.table.get_many(&keys).await?, next: page.next })
    }

    /// Takes the turn of a partner's jobs for `run`. `None` when another run is at work.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn take_turn(&self, partner: &PartnerId, run: &str, now: Instant) -> Result<Option<Turns>, Fault> {
        match self.table.update(Turns::take(partner, run, now)).await {
            Ok(item) => item.read().map(Some),
            Err(WriteError::Refused(_)) => Ok(None),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    /// Who is at work on a partner's jobs, and who waits.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn turns(&self, partner: &PartnerId) -> Result<Option<Turns>, Fault> {
        self.table.get_latest(&Turns::key_of(partner)).await
    }

    /// Lets go of the turn; false when `run` has it no more or, where nobody may wait, somebody does.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn let_go(&self, partner: &PartnerId, run: &str, empty: bool) -> Result<bool, Fault> {
        self.held(Turns::let_go(partner, run, empty)).await
    }

    /// Takes a job that is over out of the line.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn leave(&self, partner: &PartnerId, job: &JobId) -> Result<(), Fault> {
        self.held(Turns::leave(partner, job)).await.map(|_| ())
    }

    /// Puts a job in the place of the version that was read; false when another change came first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn save(&self, job: &mut Job) -> Result<bool, Fault> {
        let write = job.save()?;
        self.held(write).await
    }

    /// Puts a job that is over in its place and takes it out of the line, in one transaction; false when another change came
    /// first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn close(&self, job: &mut Job) -> Result<bool, Fault> {
        let writes = vec![job.save()?, Turns::leave(&job.partner, &job.id)];
        self.all_held(writes).await
    }

    /// An upload of that partner: one of another is not there.
    ///
    /// # Errors
    /// Missing when there is none; unavailable when the table does not answer.
    pub async fn upload(&self, partner: &PartnerId, id: &str) -> Result<Upload, Fault> {
        let known: Option<Upload> = self.table.get_latest(&Upload::key_of(id)).await?;
        known.filter(|known| known.partner == *partner).ok_or_else(Fault::missing)
    }

    /// A partner's delivery: one of another is not there.
    ///
    /// # Errors
    /// Missing when there is none; unavailable when the table does not answer.
    pub async fn delivery(&self, partner: &PartnerId, id: &str) -> Result<Delivery, Fault> {
        self.find_delivery(id).await?.filter(|known| known.partner == *partner).ok_or_else(Fault::missing)
    }

    /// A delivery, if there is one of that id, with its last change.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn find_delivery(&self, id: &str) -> Result<Option<Delivery>, Fault> {
        self.table.get_latest(&Delivery::key_of(id)).await
    }

    /// One page of a partner's deliveries, newest first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn deliveries(
        &self,
        partner: &PartnerId,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<Page<Delivery>, Fault> {
        let mut page: Page<Delivery> = self.listed(&Delivery::listed(partner), limit, after).await?;
        page.items.sort_by(|one, other| (other.listed_at, &other.id).cmp(&(one.listed_at, &one.id)));
        Ok(page)
    }

    /// Keeps a new delivery; false when it is there already.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn begin_delivery(&self, delivery: &Delivery) -> Result<bool, Fault> {
        self.held(delivery.create()?).await
    }

    /// Puts a delivery in the place of the version that was read; false when another change came first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn save_delivery(&self, delivery: &mut Delivery) -> Result<bool, Fault> {
        let write = delivery.save()?;
        self.held(write).await
    }

    /// Takes the lane of its partner for a delivery; false when another one is in it.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn take_lane(&self, delivery: &Delivery, now: Instant) -> Result<bool, Fault> {
        self.held(delivery.take_lane(now)).await
    }

    /// Leaves the lane of its partner.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn leave_lane(&self, delivery: &Delivery) -> Result<(), Fault> {
        self.held(delivery.leave_lane()).await.map(|_| ())
    }

    /// Deliveries whose try is long due, those that wait longest first, at most `limit`.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn overdue_deliveries(&self, now: Instant, limit: usize) -> Result<Vec<Delivery>, Fault> {
        let mut found: Vec<Delivery> = self.overdue(Delivery::DUE, now, limit).await?;
        found.retain(|delivery| delivery.is_overdue(now));
        Ok(found)
    }

    /// Turns of partners whose feeds wait for somebody who does not come, the longest first.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn overdue_turns(&self, now: Instant, limit: usize) -> Result<Vec<Turns>, Fault> {
        let mut found: Vec<Turns> = self.overdue(Turns::DUE, now, limit).await?;
        found.retain(|turns| turns.is_overdue(now));
        Ok(found)
    }

    /// What stands in the list `due` for too long. The index may lag behind: its rows are read once more.
    async fn overdue<R: Row>(&self, due: &str, now: Instant, limit: usize) -> Result<Vec<R>, Fault> {
        let query = Query::new("due_list = :list AND due_at <= :since").index("due").limit(limit);
        let query = query.text(":list", due).number(":since", now.minus(GRACE).millis());
        let page = self.table.query_items(query).await?;
        let keys: Vec<Key> = page.items.iter().filter_map(|item| item.text("pk").map(Key::new)).collect();
        self.table.get_many(&keys).await
    }

    /// Changes a partner: `change` gives the write, or nothing, when the partner is as it ought to be.
    ///
    /// # Errors
    /// What `change` says; missing when there is no such partner; unavailable when the table does not answer.
    pub async fn change(
        &self,
        id: &PartnerId,
        change: impl Fn(Partner) -> Result<Option<(Partner, Write)>, Fault>,
    ) -> Result<Option<Partner>, Fault> {
        for _ in 0..ROUNDS {
            let Some((changed, write)) = change(self.partner(id).await?)? else {
                return Ok(None);
            };
            if self.held(write).await? {
                return Ok(Some(changed));
            }
        }
        Err(Fault::unavailable(format!("partner {id} changed {ROUNDS} times while it was to be changed")))
    }

    /// Keeps what a partner stated; nothing happens when it was kept before.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn state(&self, stated: &Stated) -> Result<(), Fault> {
        self.held(Write::put(stated)?.when(Guard::ABSENT)).await.map(|_| ())
    }

    /// What a partner stated, by the id of the message.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn stated(&self, id: &str) -> Result<Option<Stated>, Fault> {
        self.table.get_latest(&Stated::key_of(id)).await
    }

    async fn held(&self, write: Write) -> Result<bool, Fault> {
        match self.table.write(write).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    async fn all_held(&self, writes: Vec<Write>) -> Result<bool, Fault> {
        match self.table.transact(writes, None).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }
}

/// Whether a page of that list ended there: a cursor may have been handed from one partner to another.
fn is_in(list: &str, position: &Position) -> bool {
    position.iter().any(|(name, value)| name == "listed" && value.strip_prefix("S:").unwrap_or(value) == list)
}

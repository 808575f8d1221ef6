//! One effect for one key, however often a client repeats: draft-ietf-httpapi-idempotency-key-header with the rules of
//! `docs/errors.md`. The record of the key and the effect are one write, so there is no moment between them.

use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Request;
use ::http::StatusCode;
use kernel::{Fault, Instant, Kind, Principal, id};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use table::{Guard, Key, Row, Table, Write, WriteError};

/// How long a key is remembered at least.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// Whether a route asks for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Without it the request is refused.
    Required,
    /// It counts when it is there.
    Honoured,
}

/// A key as one principal used it on one route, with what the request was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedKey {
    /// Names the record or the aggregate: derived from principal, route and key.
    pub id: String,
    /// SHA-256 over method, path, principal and body, in hex.
    pub fingerprint: String,
}

impl UsedKey {
    /// The key of `request`, as `who` used it.
    ///
    /// # Errors
    /// 400 when it is required and missing, or not 1–255 visible ASCII characters.
    pub fn of(request: &Request, who: &str, need: Need) -> Result<Option<Self>, Problem> {
        let Some(header) = request.inner.headers.get("idempotency-key") else {
            return match need {
                Need::Honoured => Ok(None),
                Need::Required => {
                    Err(refused("idempotency_key_missing", "Send an Idempotency-Key header, new for each order."))
                }
            };
        };
        let visible = header
            .to_str()
            .is_ok_and(|key| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
        let key = header.to_str().ok().filter(|_| visible);
        let key = key.ok_or_else(|| {
            refused("idempotency_key_invalid", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
        })?;
        let method = request.method().as_str();
        let id = id::derived(&[who, method, request.path_text(), key]);
        let mut told = Vec::with_capacity(request.body().len() + 256);
        for part in [method, request.path_text(), who] {
            told.extend_from_slice(part.as_bytes());
            told.push(0);
        }
        told.extend_from_slice(request.body());
        Ok(Some(Self { id, fingerprint: id::sha256_hex(&told) }))
    }
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Fault::new(Kind::Invalid, code, detail).into()
}

/// The refusal of a key that was used for something else.
#[must_use]
pub fn reused() -> Problem {
    let detail = "This Idempotency-Key was used for another request. Use a new one.";
    Fault::new(Kind::Unprocessable, "idempotency_key_reused", detail).into()
}

/// The refusal of a repeat while the first request is still at work.
#[must_use]
pub fn in_flight() -> Problem {
    let detail = "The first request with this Idempotency-Key is still at work. Ask again in a second.";
    Fault::new(Kind::Conflict, "request_in_flight", detail).retry_after(Duration::from_secs(1)).into()
}

/// What a key was answered.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    id: String,
    fingerprint: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Seconds since the epoch, as DynamoDB's TTL wants it; compared too, since TTL deletes late.
    expires_at: i64,
}

impl Row for Record {
    fn key(&self) -> Key {
        Key::new(format!("ONCE#{}", self.id))
    }
}

impl Record {
    fn replay(self, key: &UsedKey) -> Result<Reply, Problem> {
        if self.fingerprint != key.fingerprint {
            return Err(reused());
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Reply { status, headers: self.headers, body: self.body.into_bytes() };
        Ok(reply.header("idempotency-replayed", "true"))
    }
}

/// The work behind one key: its effect is committed together with the answer.
#[derive(Clone)]
pub struct Once {
    table: Table,
    key: Option<UsedKey>,
    now: Instant,
    recorded: Arc<AtomicBool>,
}

impl Once {
    /// Makes `writes` and remembers `reply` for the key, in one transaction; without a key, `writes` alone. Answers
    /// the reply that stands: this one, or the one that a repeat of the same request recorded first.
    ///
    /// # Errors
    /// [`Unmade::Refused`] when a guard of `writes` does not hold; else a problem.
    pub async fn commit(&self, mut writes: Vec<Write>, reply: Reply) -> Result<Reply, Unmade> {
        let Some(key) = &self.key else {
            return self.plain(writes).await.map(|()| reply);
        };
        writes.push(self.record(key, &reply)?);
        let last = writes.len() - 1;
        match self.table.transact(writes, None).await {
            Ok(()) => {
                self.recorded.store(true, Ordering::Relaxed);
                Ok(reply)
            }
            Err(WriteError::Refused(refusal)) => {
                // A repeat may have come first: then its record stands, whichever guard was named.
                if let Some(record) = self.find(key).await? {
                    self.recorded.store(true, Ordering::Relaxed);
                    return record.replay(key).map_err(Unmade::Problem);
                }
                if refusal.index == last {
                    return Err(Fault::unavailable("an idempotency record that is refused and not there").into());
                }
                Err(Unmade::Refused(refusal))
            }
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn plain(&self, mut writes: Vec<Write>) -> Result<(), Unmade> {
        let done = if writes.len() == 1 {
            self.table.write(writes.swap_remove(0)).await.map(|_| ())
        } else if writes.is_empty() {
            Ok(())
        } else {
            self.table.transact(writes, None).await
        };
        done.map_err(|error| match error {
            WriteError::Refused(refusal) => Unmade::Refused(refusal),
            WriteError::Fault(fault) => fault.into(),
        })
    }

    async fn find(&self, key: &UsedKey) -> Result<Option<Record>, Fault> {
        let record: Option<Record> = self.table.get_latest(&Key::new(format!("ONCE#{}", key.id))).await?;
        Ok(record.filter(|record| record.expires_at > self.now.seconds()))
    }

    fn record(&self, key: &UsedKey, reply: &Reply) -> Result<Write, Fault> {
        const NEW_OR_OVER: Guard = Guard::new("new_or_over", "attribute_not_exists(pk) OR expires_at <= :now");
        let record = Record {
            id: key.id.clone(),
            fingerprint: key.fingerprint.clone(),
            status: reply.status.as_u16(),
            headers: reply.headers.clone(),
            body: String::from_utf8_lossy(&reply.body).into_owned(),
            expires_at: self.now.plus(RETENTION).seconds(),
        };
        Ok(Write::put(&record)?.when(NEW_OR_OVER).number(":now", self.now.seconds()))
    }
}

/// Why a commit was not made.
#[derive(Debug)]
pub enum Unmade {
    /// A guard of the effect did not hold.
    Refused(table::Refused),
    /// Anything else.
    Problem(Problem),
}

impl From<Fault> for Unmade {
    fn from(fault: Fault) -> Self {
        Self::Problem(fault.into())
    }
}

impl From<Unmade> for Problem {
    fn from(unmade: Unmade) -> Self {
        match unmade {
            Unmade::Problem(problem) => problem,
            Unmade::Refused(refusal) => WriteError::Refused(refusal).into(),
        }
    }
}

/// Does `work` once for the request's key. A repeat is answered from the record; a definitive refusal (402, 409, 422)
/// is remembered as well, and so is an answer of work that wrote nothing. What was refused before work began is not.
///
/// # Errors
/// Whatever `work` refuses; 400 and 422 for the key itself.
pub async fn once<F, Fut>(
    request: &Request,
    who: &Principal,
    table: &Table,
    need: Need,
    work: F,
) -> Result<Reply, Problem>
where
    F: FnOnce(Once) -> Fut + Send,
    Fut: Future<Output = Result<Reply, Problem>> + Send,
{
    once_for(request, &who.to_string(), table, need, work).await
}

/// As [`once`], for a caller who is known by another name than a principal's.
///
/// # Errors
/// As [`once`].
pub async fn once_for<F, Fut>(
    request: &Request,
    who: &str,
    table: &Table,
    need: Need,
    work: F,
) -> Result<Reply, Problem>
where
    F: FnOnce(Once) -> Fut + Send,
    Fut: Future<Output = Result<Reply, Problem>> + Send,
{
    let key = UsedKey::of(request, who, need)?;
    let once = Once { table: table.clone(), key, now: request.received_at(), recorded: Arc::default() };
    let Some(key) = once.key.clone() else {
        return work(once).await;
    };
    if let Some(record) = once.find(&key).await? {
        return record.replay(&key);
    }
    let answered = work(once.clone()).await;
    if once.recorded.load(Ordering::Relaxed) {
        return answered;
    }
    match answered {
        Ok(reply) => Ok(once.remember(&key, reply).await?),
        Err(problem) if definitive(&problem) => {
            let reply = problem.reply(request.span());
            Ok(once.remember(&key, reply).await?)
        }
        // The effect of the same request, made at the same time, may be what this one was refused for.
        Err(problem) if problem.status().is_client_error() => match once.find(&key).await? {
            Some(record) => record.replay(&key),
            None => Err(problem),
        },
        Err(problem) => Err(problem),
    }
}

/// A refusal that stands whenever the same request is repeated. A conflict that says when to ask again does not.
fn definitive(problem: &Problem) -> bool {
    let frozen = [StatusCode::PAYMENT_REQUIRED, StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
    frozen.contains(&problem.status())
        && problem.fault().retry_after.is_none()
        && problem.fault().code != "changed_meanwhile"
}

impl Once {
    async fn remember(&self, key: &UsedKey, reply: Reply) -> Result<Reply, Problem> {
        match self.table.write(self.record(key, &reply)?).await {
            Ok(_) => Ok(reply),
            Err(WriteError::Refused(_)) => match self.find(key).await? {
                Some(record) => record.replay(key),
                None => Ok(reply),
            },
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }
}

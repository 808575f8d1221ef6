//! What was taken and given back. One file, one writer; every effect is on disk before it is answered. The rules of money
//! are the database's own: at most one capture for a reference, never more back than was taken.

use crate::Storage;
use crate::protocol;
use crate::token::Behaviour;
use kernel::id::{derived, sha256_hex};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS payments (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, reference TEXT NOT NULL, status TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
        refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
        idempotency_key TEXT NOT NULL, decline_code TEXT, card TEXT NOT NULL, made_at INTEGER NOT NULL,
        provider TEXT NOT NULL DEFAULT 'sandbox', details TEXT NOT NULL DEFAULT 'null') STRICT;
    CREATE INDEX IF NOT EXISTS by_reference ON payments (reference);
    CREATE TABLE IF NOT EXISTS entries (
        number INTEGER PRIMARY KEY AUTOINCREMENT, payment TEXT NOT NULL, reference TEXT NOT NULL, kind TEXT NOT NULL,
        amount INTEGER NOT NULL, currency TEXT NOT NULL, made_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS answers (
        key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS failures (key TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, body TEXT NOT NULL, copies INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', provider TEXT NOT NULL DEFAULT 'sandbox') STRICT;
    CREATE TABLE IF NOT EXISTS moods (
        reference TEXT NOT NULL, step TEXT NOT NULL, token TEXT NOT NULL, PRIMARY KEY (reference, step)) STRICT;
";

/// What a ledger of an earlier version lacks.
const COLUMNS: [(&str, &str, &str); 3] = [
    ("payments", "provider", "TEXT NOT NULL DEFAULT 'sandbox'"),
    ("payments", "details", "TEXT NOT NULL DEFAULT 'null'"),
    ("events", "provider", "TEXT NOT NULL DEFAULT 'sandbox'"),
];

/// The rule of money that every provider holds for itself.
const ONE_CAPTURE: &str = "
    DROP INDEX IF EXISTS one_capture;
    CREATE UNIQUE INDEX IF NOT EXISTS one_capture_each ON payments (provider, reference)
        WHERE status IN ('captured', 'partially_refunded', 'refunded');
";

/// Why a sandbox cannot start, or a call cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The file.
    #[error("the sandbox's ledger: {0}")]
    Database(#[from] rusqlite::Error),
    /// The webhook secret.
    #[error("the sandbox's webhook secret: {0}")]
    Secret(#[from] webhooks::NotASecret),
    /// A worker thread.
    #[error("the sandbox's worker: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

/// The ledger. Clones share the file.
#[derive(Clone)]
pub(crate) struct Ledger {
    connection: Arc<Mutex<Connection>>,
}

/// A payment, as the protocol writes it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payment {
    pub id: String,
    pub reference: String,
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub refunded: i64,
    /// The key under which it was made.
    pub idempotency_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub card: Value,
    pub made_at: String,
    /// Which of the providers of this sandbox.
    pub provider: String,
    /// What only that provider knows.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub details: Value,
}

/// One line of the books.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub number: i64,
    pub payment: String,
    pub reference: String,
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    pub made_at: String,
}

/// A request for money.
#[derive(Debug, Clone)]
pub(crate) struct NewPayment {
    pub provider: &'static str,
    pub reference: String,
    pub amount: i64,
    pub currency: String,
    /// What it does; `None` asks the mood of the reference.
    pub behaviour: Option<Behaviour>,
    /// Where it stands when nothing is against it.
    pub status: &'static str,
    pub card: Value,
    pub details: Value,
}

/// A change to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Takes what was promised; all of it, where no amount is said.
    Capture(Option<i64>),
    Void,
    Refund(i64),
    /// The shopper says yes.
    Approve,
    /// Money comes in from outside.
    Receive(i64),
}

/// A call, as idempotency sees it.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub text: String,
    pub fingerprint: String,
}

impl Key {
    pub(crate) fn new(text: &str, path: &str, body: &[u8]) -> Self {
        let mut told = path.as_bytes().to_vec();
        told.push(0);
        told.extend_from_slice(body);
        Self { text: text.to_owned(), fingerprint: sha256_hex(&told) }
    }
}

/// What a call is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    /// Whether an earlier call with the same key was answered so.
    pub repeated: bool,
    /// The events that follow from it.
    pub events: Vec<i64>,
}

/// An event on its way.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub id: String,
    pub body: String,
    pub copies: u32,
    pub provider: String,
}

/// A refusal: a status and a code. Only definitive ones are kept for the key.
pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    Answer { status, body: json!({"error": {"code": code}}).to_string(), repeated: false, events: Vec::new() }
}

impl Ledger {
    pub(crate) fn open(storage: &Storage) -> Result<Self, Trouble> {
        let connection = match storage {
            Storage::Memory => Connection::open_in_memory()?,
            Storage::File(path) => Connection::open(path)?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        for (table, column, kind) in COLUMNS {
            let known = connection
                .prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?
                .exists(params![table, column])?;
            if !known {
                connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
            }
        }
        connection.execute_batch(ONE_CAPTURE)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Does `work` in one transaction on a thread that may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, Trouble> {
        let shared = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction()?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok::<_, rusqlite::Error>(value)
        });
        Ok(done.await??)
    }

    /// Takes money, or not, as the token says: once for each key, and once for each reference.
    pub(crate) async fn pay(&self, key: Key, new: NewPayment) -> Result<Answer, Trouble> {
        self.with(move |db| {
            if let Some(answer) = answered(db, &key)? {
                return Ok(answer);
            }
            let behaviour = match &new.behaviour {
                Some(behaviour) => behaviour.clone(),
                None => mood(db, &new.reference, "make")?,
            };
            if let Behaviour::Fail(times) = behaviour
                && count_failure(db, &key)? <= times
            {
                return Ok(refusal(503, "busy"));
            }
            // A second attempt for what was captured before is answered with that capture: nobody pays twice.
            if let Some(payment) = captured(db, new.provider, &new.reference)? {
                return keep(db, &key, &payment, Vec::new());
            }
            let payment = add(db, &key, new, &behaviour)?;
            let events = record(db, &payment, &payment.status, payment.amount, behaviour.event_copies())?;
            keep(db, &key, &payment, events)
        })
        .await
    }

    /// Changes a payment, once for each key.
    pub(crate) async fn change(&self, key: Key, id: String, change: Change) -> Result<Answer, Trouble> {
        self.with(move |db| {
            if let Some(answer) = answered(db, &key)? {
                return Ok(answer);
            }
            let Some(payment) = by_id(db, &id)? else {
                return Ok(refusal(404, "payment_unknown"));
            };
            if matches!(change, Change::Capture(_) | Change::Receive(_))
                && captured(db, &payment.provider, &payment.reference)?.is_some_and(|other| other.id != payment.id)
            {
                return refuse(db, &key, 422, "cannot_capture");
            }
            let behaviour = match change {
                Change::Capture(_) => mood(db, &payment.reference, "capture")?,
                _ => Behaviour::Approve,
            };
            if let Behaviour::Fail(times) = behaviour
                && count_failure(db, &key)? <= times
            {
                return Ok(refusal(503, "busy"));
            }
            if let (Some(code), "approved") = (behaviour.declines(), payment.status.as_str()) {
                db.execute(
                    "UPDATE payments SET status = 'declined', decline_code = ?2 WHERE id = ?1",
                    params![payment.id, code],
                )?;
                let (status, decline_code) = ("declined".to_owned(), Some(code.to_owned()));
                let payment = Payment { status, decline_code, ..payment };
                let events = record(db, &payment, "declined", payment.amount, 1)?;
                return keep(db, &key, &payment, events);
            }
            match step(&payment, change) {
                Step::Refuse(code) => refuse(db, &key, 422, code),
                Step::Nothing => keep(db, &key, &payment, Vec::new()),
                Step::Note { kind, amount } => {
                    let events = record(db, &payment, kind, amount, 1)?;
                    keep(db, &key, &payment, events)
                }
                Step::Do { status, refunded, kind, amount } => {
                    db.execute(
                        "UPDATE payments SET status = ?2, refunded = ?3 WHERE id = ?1",
                        params![payment.id, status, refunded],
                    )?;
                    let payment = Payment { status: status.to_owned(), refunded, ..payment };
                    let events = record(db, &payment, kind, amount, behaviour.event_copies())?;
                    keep(db, &key, &payment, events)
                }
            }
        })
        .await
    }

    /// The next calls of that step for a reference behave as the token says: for methods that have no token to say it.
    pub(crate) async fn set_mood(&self, reference: String, step: String, token: String) -> Result<(), Trouble> {
        self.with(move |db| {
            let sql = "INSERT INTO moods VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET token = excluded.token";
            db.execute(sql, params![reference, step, token]).map(drop)
        })
        .await
    }

    /// How a step of a reference behaves.
    pub(crate) async fn mood(&self, reference: String, step: &'static str) -> Result<Behaviour, Trouble> {
        self.with(move |db| mood(db, &reference, step)).await
    }

    /// The payment that waits for money at that address.
    pub(crate) async fn payment_at(&self, address: String) -> Result<Option<Payment>, Trouble> {
        self.with(move |db| {
            let sql = format!("{SELECT} WHERE json_extract(details, '$.address') = ?1");
            db.query_row(&sql, [address], payment).optional()
        })
        .await
    }

    /// A payment by its id.
    pub(crate) async fn payment(&self, id: String) -> Result<Option<Payment>, Trouble> {
        self.with(move |db| by_id(db, &id)).await
    }

    /// Every payment of a provider under a reference, oldest first.
    pub(crate) async fn payments(&self, provider: &'static str, reference: String) -> Result<Vec<Payment>, Trouble> {
        self.with(move |db| {
            let sql = format!("{SELECT} WHERE provider = ?1 AND reference = ?2 ORDER BY number");
            db.prepare_cached(&sql)?.query_map([provider, reference.as_str()], payment)?.collect()
        })
        .await
    }

    /// Every payment there is, oldest first.
    pub(crate) async fn all_payments(&self) -> Result<Vec<Payment>, Trouble> {
        self.with(move |db| db.prepare_cached(&format!("{SELECT} ORDER BY number"))?.query_map([], payment)?.collect())
            .await
    }

    /// The books, oldest first.
    pub(crate) async fn entries(&self) -> Result<Vec<Entry>, Trouble> {
        self.with(|db| {
            let sql = "SELECT number, payment, reference, kind, amount, currency, made_at FROM entries ORDER BY number";
            db.prepare_cached(sql)?.query_map([], entry)?.collect()
        })
        .await
    }

    /// An event by its number.
    pub(crate) async fn event(&self, number: i64) -> Result<Event, Trouble> {
        self.with(move |db| {
            db.query_row("SELECT id, body, copies, provider FROM events WHERE number = ?1", [number], |row| {
                Ok(Event { id: row.get(0)?, body: row.get(1)?, copies: row.get(2)?, provider: row.get(3)? })
            })
        })
        .await
    }

    /// The events that are not delivered and not given up.
    pub(crate) async fn waiting_events(&self) -> Result<Vec<i64>, Trouble> {
        self.with(|db| {
            let sql = "SELECT number FROM events WHERE state = 'waiting' ORDER BY number";
            db.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect()
        })
        .await
    }

    /// Notes what became of an event.
    pub(crate) async fn settle_event(&self, number: i64, delivered: bool) -> Result<(), Trouble> {
        let state = if delivered { "delivered" } else { "given up" };
        self.with(move |db| {
            db.execute("UPDATE events SET state = ?2 WHERE number = ?1", params![number, state]).map(drop)
        })
        .await
    }
}

/// What a change comes to.
enum Step {
    Do {
        status: &'static str,
        refunded: i64,
        kind: &'static str,
        amount: i64,
    },
    /// It stays as it is, and the books say what happened.
    Note {
        kind: &'static str,
        amount: i64,
    },
    Nothing,
    Refuse(&'static str),
}

fn step(payment: &Payment, change: Change) -> Step {
    let (status, total, before) = (payment.status.as_str(), payment.amount, payment.refunded);
    match (change, status) {
        (Change::Capture(asked), _) if asked.is_some_and(|amount| amount != total) => Step::Refuse("cannot_capture"),
        (Change::Capture(_), "authorized" | "approved") => {
            Step::Do { status: "captured", refunded: 0, kind: "captured", amount: total }
        }
        (Change::Capture(_), "captured" | "partially_refunded" | "refunded" | "declined") => Step::Nothing,
        (Change::Capture(_), "created") => Step::Refuse("not_approved"),
        (Change::Capture(_), _) => Step::Refuse("cannot_capture"),
        (Change::Void, "authorized" | "approved" | "created" | "pending") => {
            Step::Do { status: "voided", refunded: 0, kind: "voided", amount: total }
        }
        (Change::Void, "voided" | "declined") => Step::Nothing,
        (Change::Void, _) => Step::Refuse("cannot_void"),
        (Change::Approve, "created") => Step::Do { status: "approved", refunded: 0, kind: "approved", amount: total },
        (Change::Approve, "approved" | "captured") => Step::Nothing,
        (Change::Approve, _) => Step::Refuse("cannot_approve"),
        // What comes late is taken too: the chain does not ask. What is not exact goes back where it came from.
        (Change::Receive(amount), "pending" | "voided") if amount == total => {
            Step::Do { status: "captured", refunded: 0, kind: "captured", amount }
        }
        (Change::Receive(amount), _) => Step::Note { kind: "returned", amount },
        (Change::Refund(amount), "captured" | "partially_refunded") if amount > 0 && amount <= total - before => {
            let refunded = before + amount;
            let status = if refunded == total { "refunded" } else { "partially_refunded" };
            Step::Do { status, refunded, kind: "refunded", amount }
        }
        (Change::Refund(_), _) => Step::Refuse("cannot_refund"),
    }
}

const SELECT: &str = "SELECT id, reference, status, amount, currency, refunded, decline_code, card, made_at, idempotency_key, provider, details FROM payments";

fn payment(row: &Row<'_>) -> Result<Payment, rusqlite::Error> {
    let (card, details): (String, String) = (row.get(7)?, row.get(11)?);
    Ok(Payment {
        id: row.get(0)?,
        reference: row.get(1)?,
        status: row.get(2)?,
        amount: row.get(3)?,
        currency: row.get(4)?,
        refunded: row.get(5)?,
        decline_code: row.get(6)?,
        card: serde_json::from_str(&card).unwrap_or_default(),
        made_at: moment(row.get(8)?),
        idempotency_key: row.get(9)?,
        provider: row.get(10)?,
        details: serde_json::from_str(&details).unwrap_or_default(),
    })
}

fn entry(row: &Row<'_>) -> Result<Entry, rusqlite::Error> {
    Ok(Entry {
        number: row.get(0)?,
        payment: row.get(1)?,
        reference: row.get(2)?,
        kind: row.get(3)?,
        amount: row.get(4)?,
        currency: row.get(5)?,
        made_at: moment(row.get(6)?),
    })
}

fn by_id(db: &Transaction<'_>, id: &str) -> Result<Option<Payment>, rusqlite::Error> {
    db.query_row(&format!("{SELECT} WHERE id = ?1"), [id], payment).optional()
}

fn captured(db: &Transaction<'_>, provider: &str, reference: &str) -> Result<Option<Payment>, rusqlite::Error> {
    let taken = "status IN ('captured', 'partially_refunded', 'refunded')";
    let sql = format!("{SELECT} WHERE provider = ?1 AND reference = ?2 AND {taken}");
    db.query_row(&sql, [provider, reference], payment).optional()
}

fn mood(db: &Transaction<'_>, reference: &str, step: &str) -> Result<Behaviour, rusqlite::Error> {
    let sql = "SELECT token FROM moods WHERE reference = ?1 AND step = ?2";
    let token: Option<String> = db.query_row(sql, [reference, step], |row| row.get(0)).optional()?;
    Ok(token.map_or(Behaviour::Approve, |token| Behaviour::of(&token)))
}

fn answered(db: &Transaction<'_>, key: &Key) -> Result<Option<Answer>, rusqlite::Error> {
    let sql = "SELECT fingerprint, status, body FROM answers WHERE key = ?1";
    let known = db.query_row(sql, [&key.text], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)));
    Ok(known.optional()?.map(|(fingerprint, status, body)| {
        if fingerprint == key.fingerprint {
            Answer { status, body, repeated: true, events: Vec::new() }
        } else {
            Answer { repeated: true, ..refusal(422, "idempotency_key_reused") }
        }
    }))
}

fn count_failure(db: &Transaction<'_>, key: &Key) -> Result<u32, rusqlite::Error> {
    let sql = "INSERT INTO failures VALUES (?1, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count";
    db.query_row(sql, [&key.text], |row| row.get(0))
}

fn add(db: &Transaction<'_>, key: &Key, new: NewPayment, behaviour: &Behaviour) -> Result<Payment, rusqlite::Error> {
    let decline_code = behaviour.declines();
    let status = if decline_code.is_some() { "declined" } else { new.status };
    let NewPayment { provider, reference, amount, currency, card, .. } = new;
    // A name of the payment that only its own provider uses, so that a page can be found by it.
    let id = format!("pay_{}", derived(&["payment", provider, &key.text]));
    let (details, now) = (with_id(new.details, &id), now());
    db.execute(
        "INSERT INTO payments (id, reference, status, amount, currency, decline_code, card, made_at, idempotency_key, provider, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id,
            reference,
            status,
            amount,
            currency,
            decline_code,
            card.to_string(),
            now,
            key.text,
            provider,
            details.to_string()
        ],
    )?;
    Ok(Payment {
        id,
        reference,
        status: status.to_owned(),
        amount,
        currency,
        refunded: 0,
        idempotency_key: key.text.clone(),
        decline_code: decline_code.map(str::to_owned),
        card,
        made_at: moment(now),
        provider: provider.to_owned(),
        details,
    })
}

/// Texts in `details` name the payment by `{id}` until it has one.
fn with_id(mut details: Value, id: &str) -> Value {
    if let Value::Object(fields) = &mut details {
        for value in fields.values_mut() {
            if let Value::String(text) = value {
                *text = text.replace("{id}", id);
            }
        }
    }
    details
}

/// One line of the books, and the event that tells it.
fn record(
    db: &Transaction<'_>,
    payment: &Payment,
    kind: &str,
    amount: i64,
    copies: u32,
) -> Result<Vec<i64>, rusqlite::Error> {
    let now = now();
    db.execute(
        "INSERT INTO entries (payment, reference, kind, amount, currency, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![payment.id, payment.reference, kind, amount, payment.currency, now],
    )?;
    let entry = db.last_insert_rowid().to_string();
    let id = format!("evt_{}", derived(&["event", &payment.id, &entry]));
    let body = protocol::event(payment, kind, &id, &moment(now));
    let sql = "INSERT INTO events (id, body, copies, provider) VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, params![id, body.to_string(), copies, payment.provider])?;
    Ok(vec![db.last_insert_rowid()])
}

fn keep(db: &Transaction<'_>, key: &Key, payment: &Payment, events: Vec<i64>) -> Result<Answer, rusqlite::Error> {
    let answer = Answer { status: 200, body: protocol::payment(payment).to_string(), repeated: false, events };
    remember(db, key, &answer).map(|()| answer)
}

fn refuse(db: &Transaction<'_>, key: &Key, status: u16, code: &str) -> Result<Answer, rusqlite::Error> {
    let answer = refusal(status, code);
    remember(db, key, &answer).map(|()| answer)
}

fn remember(db: &Transaction<'_>, key: &Key, answer: &Answer) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO answers VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, params![key.text, key.fingerprint, answer.status, answer.body]).map(drop)
}

/// Milliseconds since the epoch, by the provider's own clock.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn moment(millis: i64) -> String {
    kernel::Instant::from_millis(millis).to_string()
}

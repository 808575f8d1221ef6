//! What partners and staff see: ready to be sent as JSON.

use crate::job::{Counts, Event, Job, Refusal, State};
use crate::key::{KeyRow, NewKey, Scope, World};
use crate::partner::{Partner, Step};
use kernel::Instant;
use serde::Serialize;
use std::collections::BTreeMap;

/// A partner.
#[derive(Debug, Clone, Serialize)]
pub struct ShownPartner {
    id: String,
    handle: String,
    name: String,
    email: String,
    world: World,
    created_at: String,
    live_at: Option<String>,
    checklist: Vec<ShownStep>,
    keys: Vec<ShownKey>,
}

/// One step of the checklist.
#[derive(Debug, Clone, Serialize)]
pub struct ShownStep {
    step: Step,
    done_at: Option<String>,
}

/// A key, as a list shows it: never the key itself.
#[derive(Debug, Clone, Serialize)]
pub struct ShownKey {
    id: String,
    world: World,
    scopes: Vec<Scope>,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    counts: bool,
}

/// A key in the one answer that shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ShownNewKey {
    #[serde(flatten)]
    listed: ShownKey,
    key: String,
}

impl ShownPartner {
    /// The partner at `now`; `rows` tell when its keys were used last.
    #[must_use]
    pub fn of(partner: &Partner, rows: &[KeyRow], now: Instant) -> Self {
        let last = |id: &str| rows.iter().find(|row| row.key.id == id).and_then(|row| row.last_used_at);
        Self {
            id: partner.id.to_string(),
            handle: partner.handle.clone(),
            name: partner.name.clone(),
            email: partner.email_mask.clone(),
            world: partner.world(),
            created_at: partner.created_at.to_string(),
            live_at: text(partner.live_at),
            checklist: Step::ALL
                .iter()
                .map(|step| ShownStep { step: *step, done_at: text(partner.proved_at(*step)) })
                .collect(),
            keys: partner.keys.iter().map(|key| ShownKey::of(key, last(&key.id), now)).collect(),
        }
    }
}

impl ShownKey {
    fn of(key: &crate::key::IssuedKey, last_used_at: Option<Instant>, now: Instant) -> Self {
        Self {
            id: key.id.clone(),
            world: key.world,
            scopes: key.scopes.clone(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.to_string(),
            revoked_at: text(key.revoked_at),
            last_used_at: text(last_used_at),
            counts: key.counts(now),
        }
    }
}

impl ShownNewKey {
    /// The key that was just made, in the clear.
    #[must_use]
    pub fn of(key: &NewKey, now: Instant) -> Self {
        Self { listed: ShownKey::of(&key.issued, None, now), key: key.reveal().to_owned() }
    }
}

/// A job.
#[derive(Debug, Clone, Serialize)]
pub struct ShownJob {
    id: String,
    world: World,
    state: State,
    file_name: Option<String>,
    format: Option<String>,
    bytes: u64,
    all_or_nothing: bool,
    received_at: String,
    counts: Counts,
    by_rule: BTreeMap<String, u64>,
    refusal: Option<Refusal>,
    report_parts: u32,
    events: Vec<ShownEvent>,
}

/// One thing that happened to a job.
#[derive(Debug, Clone, Serialize)]
pub struct ShownEvent {
    at: String,
    by: String,
    to: State,
}

impl ShownJob {
    /// The job as its partner sees it.
    #[must_use]
    pub fn of(job: &Job) -> Self {
        let shown = |event: &Event| ShownEvent { at: event.at.to_string(), by: event.by.clone(), to: event.to };
        Self {
            id: job.id.to_string(),
            world: job.world,
            state: job.state,
            file_name: job.source.file_name.clone(),
            format: job.format.clone(),
            bytes: job.source.bytes,
            all_or_nothing: job.wishes.all_or_nothing,
            received_at: job.received_at.to_string(),
            counts: job.counts,
            by_rule: job.by_rule.clone(),
            refusal: job.refusal.clone(),
            report_parts: job.parts,
            events: job.events.iter().map(shown).collect(),
        }
    }
}

fn text(at: Option<Instant>) -> Option<String> {
    at.map(|at| at.to_string())
}

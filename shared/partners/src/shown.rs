//! What partners and staff see: ready to be sent as JSON.

use crate::delivery::{self, Delivery};
use crate::job::{Counts, Event, Job, Refusal, State};
use crate::key::{KeyRow, NewKey, Scope, World};
use crate::partner::{Partner, Step};
use crate::webhook::Why;
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
    webhook: ShownWebhook,
}

/// Where a partner's events go.
#[derive(Debug, Clone, Serialize)]
pub struct ShownWebhook {
    url: Option<String>,
    set_at: Option<String>,
    disabled_at: Option<String>,
    disabled_for: Option<Why>,
    old_secret_until: Option<String>,
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
            webhook: ShownWebhook::of(partner, now),
        }
    }
}

impl ShownWebhook {
    /// Where events go at `now`.
    #[must_use]
    pub fn of(partner: &Partner, now: Instant) -> Self {
        let endpoint = partner.endpoint.as_ref();
        let disabled = endpoint.and_then(|endpoint| endpoint.disabled);
        Self {
            url: endpoint.map(|endpoint| endpoint.url.clone()),
            set_at: text(endpoint.map(|endpoint| endpoint.set_at)),
            disabled_at: text(disabled.map(|disabled| disabled.at)),
            disabled_for: disabled.map(|disabled| disabled.why),
            old_secret_until: text(partner.old_secret_until.filter(|until| now < *until)),
        }
    }
}

/// What was sent to a partner's endpoint, or will be.
#[derive(Debug, Clone, Serialize)]
pub struct ShownDelivery {
    id: String,
    #[serde(rename = "type")]
    kind: delivery::Kind,
    state: delivery::State,
    created_at: String,
    next_try_at: Option<String>,
    tries: Vec<ShownTry>,
    body: String,
}

/// One try.
#[derive(Debug, Clone, Serialize)]
pub struct ShownTry {
    at: String,
    took_ms: u64,
    status: Option<u16>,
    trouble: Option<delivery::Trouble>,
}

impl ShownDelivery {
    /// The delivery as its partner sees it.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        let shown = |one: &delivery::Try| ShownTry {
            at: one.at.to_string(),
            took_ms: one.took_ms,
            status: one.status,
            trouble: one.trouble,
        };
        Self {
            id: delivery.id.clone(),
            kind: delivery.kind,
            state: delivery.state,
            created_at: delivery.created_at.to_string(),
            next_try_at: text(delivery.due_at),
            tries: delivery.tries.iter().map(shown).collect(),
            body: delivery.body.clone(),
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

//! What partners are told, from what changed. Pure.

use crate::delivery::{Event, Kind};
use crate::job::{Counts, Job, Refusal, State};
use crate::key::World;
use crate::partner::Partner;
use crate::stated::Stated;
use kernel::{Fault, Instant};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct FeedEnded<'a> {
    job: &'a str,
    world: World,
    state: State,
    file_name: Option<&'a str>,
    format: Option<&'a str>,
    counts: Counts,
    by_rule: &'a BTreeMap<String, u64>,
    refusal: Option<&'a Refusal>,
    report: String,
}

/// The end of a feed, when a change brought it there.
///
/// # Errors
/// A bug when it does not write as JSON.
pub fn feed_ended(old: Option<&Job>, new: &Job) -> Result<Option<Event>, Fault> {
    if !has_ended(old, new) {
        return Ok(None);
    }
    let told = FeedEnded {
        job: new.id.as_str(),
        world: new.world,
        state: new.state,
        file_name: new.source.file_name.as_deref(),
        format: new.format.as_deref(),
        counts: new.counts,
        by_rule: &new.by_rule,
        refusal: new.refusal.as_ref(),
        report: format!("/partner/jobs/{}/report", new.id),
    };
    let at = new.events.last().map_or(new.received_at, |event| event.at);
    // A feed that is read again ends again, in a later version.
    event(new.partner.clone(), Kind::FeedEnded, format!("{}#{}", new.id, new.version), at, &told).map(Some)
}

/// Whether a change brought a feed to its end.
#[must_use]
pub fn has_ended(old: Option<&Job>, new: &Job) -> bool {
    new.state.is_over() && !old.is_some_and(|old| old.state.is_over())
}

#[derive(Serialize)]
struct Live {
    live_at: String,
}

#[derive(Serialize)]
struct Test<'a> {
    url: &'a str,
}

/// What a partner is told of a change of its own item: that it went live, and that its endpoint is set.
///
/// # Errors
/// A bug when it does not write as JSON.
pub fn partner_changed(old: Option<&Partner>, new: &Partner) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    if let (Some(at), None) = (new.live_at, old.and_then(|old| old.live_at)) {
        let told = Live { live_at: at.to_string() };
        events.push(event(new.id.clone(), Kind::PartnerLive, at.millis().to_string(), at, &told)?);
    }
    if let Some(endpoint) = &new.endpoint
        && old.and_then(|old| old.endpoint.as_ref()).is_none_or(|old| old.set_at != endpoint.set_at)
    {
        let (at, told) = (endpoint.set_at, Test { url: &endpoint.url });
        events.push(event(new.id.clone(), Kind::WebhookTest, at.millis().to_string(), at, &told)?);
    }
    Ok(events)
}

#[derive(Serialize)]
struct StockApplied<'a> {
    webhook_id: &'a str,
    as_of: String,
    items: usize,
    unknown: &'a [&'a str],
}

/// That a statement of stock was taken over, but for what no product of the partner has.
///
/// # Errors
/// A bug when it does not write as JSON.
pub fn stock_applied(stated: &Stated, unknown: &[&str], now: Instant) -> Result<Event, Fault> {
    let told = StockApplied {
        webhook_id: &stated.message,
        as_of: stated.as_of.to_string(),
        items: stated.counts.len(),
        unknown,
    };
    event(stated.partner.clone(), Kind::StockApplied, stated.id.clone(), now, &told)
}

fn event<T: Serialize>(
    partner: kernel::PartnerId,
    kind: Kind,
    subject: String,
    at: Instant,
    told: &T,
) -> Result<Event, Fault> {
    let data = serde_json::to_value(told).map_err(|error| Fault::bug(format!("an event: {error}")))?;
    Ok(Event { partner, kind, subject, at, data })
}

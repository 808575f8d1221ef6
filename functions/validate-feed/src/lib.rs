//! `POST /partner/contract/validate`: checks a small feed at once and keeps nothing of it.

use lambda::{Error, Function, Need, Platform, Problem, Reply, Request};
use partners::job::{Counts, Refusal};
use partners::mapping::Mapping;
use partners::report::Line;
use partners::validation::validate_whole;
use partners::{Scope, feeds};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Cursor;
use wiring::PartnerGate;

/// The largest feed that is checked at once, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;
/// Rejections that are told.
const TOLD: usize = 100;

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    lambda::http_of_feeds(platform, env!("CARGO_PKG_NAME"), BODY_LIMIT, move |request| handle(gate.clone(), request))
}

/// What was found.
#[derive(Default, Serialize)]
struct Validation {
    format: Option<String>,
    counts: Counts,
    by_rule: BTreeMap<&'static str, u64>,
    refusal: Option<Refusal>,
    rejections: Vec<Line>,
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    let row = gate.admit(&request, Scope::Feeds).await?;
    let asked = wiring::feed_asked(&request)?;

    lambda::once(&request, &wiring::holder(&row), gate.partners.table(), Need::Honoured, |_once| async move {
        let found = validate(asked.body, &asked.media_type, asked.file_name.as_deref(), asked.mapping.as_ref());
        Ok(Reply::ok(&found).header("cache-control", "private, no-store"))
    })
    .await
}

fn validate(body: Vec<u8>, media_type: &str, file_name: Option<&str>, mapping: Option<&Mapping>) -> Validation {
    let detected = match feeds::detect(&body, Some(media_type), file_name) {
        Ok(detected) => detected,
        Err(refusal) => return Validation { refusal: Some(Refusal::of(&refusal)), ..Validation::default() },
    };
    let format = Some(detected.format.name().to_owned());
    let verdict = validate_whole(feeds::open(detected, Box::new(Cursor::new(body)), mapping, 0), TOLD);
    let counts = Counts {
        seen: verdict.rows,
        accepted: verdict.accepted,
        changed: 0,
        rejected: verdict.rejected,
        merged: verdict.merged.values().sum(),
    };
    Validation {
        format,
        counts,
        by_rule: verdict.by_rule,
        refusal: verdict.refusal.as_ref().map(Refusal::of),
        rejections: verdict.rejections.into_iter().map(Line::of).collect(),
    }
}

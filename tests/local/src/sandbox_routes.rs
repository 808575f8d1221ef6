//! What the run shows beside the shop, under `/_sandbox`: the payment provider, the mailbox, the counters and the
//! functions' log.

use crate::counters;
use crate::log::Log;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use cloud::Cloud;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the payment provider answers.
pub const PATH: &str = "/_sandbox/payments";

/// What stands behind these routes.
#[derive(Clone)]
pub struct Behind {
    /// The stand-ins for AWS.
    pub cloud: Arc<Cloud>,
    /// The functions' log.
    pub log: Log,
    /// Where the ledger lies, if not in memory.
    pub data: Option<PathBuf>,
    /// Where the shop answers.
    pub url: String,
    /// What another process needs to use the same stand-ins: names and addresses.
    pub environment: BTreeMap<String, String>,
}

/// The routes. Must be called within the runtime that serves them.
///
/// # Errors
/// When the ledger cannot be opened.
pub fn router(behind: &Behind) -> Result<Router, String> {
    let provider = provider(behind)?;
    Ok(Router::new()
        .route("/_sandbox/mail", get(mail))
        .route("/_sandbox/counters", get(used).delete(forget))
        .route("/_sandbox/log", get(log))
        .route("/_sandbox/environment", get(environment))
        .with_state(behind.clone())
        .nest(PATH, provider))
}

fn provider(behind: &Behind) -> Result<Router, String> {
    let secret = behind.cloud.secret("russet/payments").unwrap_or_default();
    let secret: Value =
        serde_json::from_str(&secret).map_err(|error| format!("The secret of payments is not JSON: {error}."))?;
    let text = |name: &str| secret[name].as_str().unwrap_or_default().to_owned();
    let storage = match &behind.data {
        Some(folder) => sandbox::Storage::File(folder.join("payments.sqlite")),
        None => sandbox::Storage::Memory,
    };
    let events_to = Some(format!("{}/webhooks/payments", behind.url));
    let options =
        sandbox::Options { storage, api_key: text("api_key"), webhook_secret: text("webhook_secret"), events_to };
    sandbox::router(options).map_err(|error| format!("The payment sandbox does not start: {error}."))
}

async fn mail(State(behind): State<Behind>) -> Html<String> {
    Html(behind.cloud.mailbox_html())
}

/// The lines, one JSON object each; with `?order=…` or any other member, those that have that value there.
async fn log(State(behind): State<Behind>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let wanted = crate::event::pairs(query.as_deref().unwrap_or_default());
    let lines = behind.log.lines().into_iter().filter(|line| says(line, &wanted));
    let text: String = lines.map(|line| line + "\n").collect();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], text)
}

fn says(line: &str, wanted: &[(String, String)]) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    wanted.iter().all(|(name, value)| match &line[name] {
        Value::String(text) => text == value,
        Value::Bool(yes) => value.parse() == Ok(*yes),
        Value::Number(number) => value.parse().is_ok_and(|wanted: serde_json::Number| wanted == *number),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    })
}

/// For `eval "$(curl …)"`.
async fn environment(State(behind): State<Behind>) -> String {
    let quoted = |value: &str| value.replace('\'', r"'\''");
    behind.environment.iter().map(|(name, value)| format!("export {name}='{}'\n", quoted(value))).collect()
}

async fn used(State(behind): State<Behind>) -> impl IntoResponse {
    let counted = behind.cloud.counters();
    let actions: Vec<Value> = counted
        .actions
        .iter()
        .map(|(action, tally)| {
            json!({
                "caller": action.caller,
                "service": action.service,
                "action": action.action,
                "resource": action.resource,
                "calls": tally.calls,
                "refused": tally.refused,
                "read_half_units": tally.read_half_units,
                "write_half_units": tally.write_half_units,
            })
        })
        .collect();
    let body = json!({"process": counters::used(), "aws": actions});
    ([(header::CONTENT_TYPE, "application/json")], body.to_string())
}

async fn forget(State(behind): State<Behind>) -> StatusCode {
    behind.cloud.reset_counters();
    StatusCode::NO_CONTENT
}

//! `GET /api/payment-methods`: the ways to pay, as the page shows them.

use kernel::Fault;
use kernel::id::sha256_hex;
use lambda::{Error, Function, Platform, Problem, Reply, Request, StatusCode};
use payments::{About, providers};
use serde::Serialize;

/// Needs nothing: the list is part of the code.
///
/// # Errors
/// When a setting that every function needs is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    lambda::http(platform, env!("CARGO_PKG_NAME"), handle)
}

async fn handle(request: Request) -> Result<Reply, Problem> {
    let items = providers::ALL.iter().map(|method| PaymentMethod::from(method.about())).collect();
    let body = serde_json::to_vec(&PaymentMethods { items }).map_err(|error| Fault::bug(error.to_string()))?;
    let etag = &sha256_hex(&body)[..16];
    let known = request.header("if-none-match").is_some_and(|known| known.trim_matches('"') == etag);
    let reply = if known { Reply::not_modified() } else { Reply::bytes(StatusCode::OK, "application/json", body) };
    Ok(reply.shared(etag))
}

#[derive(Serialize)]
struct PaymentMethods {
    items: Vec<PaymentMethod>,
}

#[derive(Serialize)]
struct PaymentMethod {
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    description: &'static str,
    fields: Vec<PaymentField>,
}

#[derive(Serialize)]
struct PaymentField {
    name: &'static str,
    label: &'static str,
}

impl From<&About> for PaymentMethod {
    fn from(about: &About) -> Self {
        let fields = about.fields.iter().map(|field| PaymentField { name: field.name, label: field.label }).collect();
        Self { id: about.id, label: about.label, kind: about.how.name(), description: about.description, fields }
    }
}

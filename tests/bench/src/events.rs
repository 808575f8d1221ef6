//! The events that API Gateway would send for a shopper's requests, made by the gateway of the local run.

use crate::Why;
use crate::shopper::Ask;
use http::{HeaderMap, HeaderName, HeaderValue};
use local::Local;
use local::event::Incoming;
use std::collections::BTreeMap;

/// The event for a request that operation answers.
///
/// # Errors
/// When the gateway would not send it.
pub fn of(ask: &Ask, resource: &str, parameters: &[(String, String)], from: &str) -> Result<Vec<u8>, Why> {
    let mut headers = HeaderMap::new();
    let usual = [
        ("host", "shop.example.com"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip, deflate, br"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
        ),
        ("x-forwarded-for", from),
        ("x-forwarded-proto", "https"),
    ];
    let own = ask.headers.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in usual.into_iter().chain(own) {
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        headers.insert(HeaderName::from_static(name), value);
    }
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    let incoming = Incoming {
        resource,
        path,
        query,
        method: &ask.method,
        headers: &headers,
        path_parameters: parameters,
        body: ask.body.as_bytes(),
        source_ip: from,
        request_id: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        received_at_millis: 0,
    };
    local::event::event(&incoming).map_err(|why| format!("the gateway would not send it: {why:?}"))
}

/// So many events for list-products, each with a question that was not asked before.
///
/// # Errors
/// When the gateway would not send them.
pub fn new_pages(count: usize) -> Result<Vec<Vec<u8>>, Why> {
    // A bound above every price: the answer is the whole catalog's first page, the question is a new one.
    let path = |index: usize| format!("/api/products?limit=24&max_price={}.{:02}", 10_000 + index / 100, index % 100);
    (0..count).map(|index| of(&Ask::get(path(index)), "/api/products", &[], "198.51.100.7")).collect()
}

/// The environment of one function as the template gives it, with that caller's credentials.
///
/// # Errors
/// When the template does not know it.
pub fn environment(local: &Local, operation: &str) -> Result<BTreeMap<String, String>, Why> {
    let function = local.cloud().definition().function(operation);
    let function = function.ok_or_else(|| format!("the template does not know {operation}"))?;
    let mut environment = function.environment.clone();
    environment.extend(local.cloud().environment(&format!("LOCAL{operation}0")));
    let memory = function.memory_mib.to_string();
    let lambdas = [
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ];
    environment.extend(lambdas.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(environment)
}

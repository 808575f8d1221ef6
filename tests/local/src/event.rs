//! The event that API Gateway's REST APIs send for a request, and what becomes of a function's answer: payload format
//! 1.0, member by member as AWS documents it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest event that Lambda takes, in bytes.
pub const EVENT_LIMIT: usize = 6_291_456;

/// Media types whose bodies travel as base64, as the API lists them.
const BINARY: [&str; 6] = [
    "application/gzip",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/xml",
    "text/csv",
    "text/tab-separated-values",
];

/// A request as the gateway took it in.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The path as the contract writes it.
    pub resource: &'a str,
    /// The path as it was asked for.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The parts of the path that vary.
    pub path_parameters: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
    /// The caller's address.
    pub source_ip: &'a str,
    /// The id of the request.
    pub request_id: &'a str,
    /// Milliseconds since the epoch.
    pub received_at_millis: i64,
}

/// Why there is no event for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsendable {
    /// The body is not UTF-8 and its media type is not one of the binary ones.
    NotText,
    /// The event is longer than Lambda takes.
    TooLong,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: BTreeMap<&'a str, &'a str>,
    multi_value_headers: BTreeMap<&'a str, Vec<&'a str>>,
    query_string_parameters: Option<BTreeMap<&'a str, &'a str>>,
    multi_value_query_string_parameters: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    path_parameters: Option<BTreeMap<&'a str, &'a str>>,
    stage_variables: Option<()>,
    request_context: Context<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'static str,
    domain_prefix: &'static str,
    extended_request_id: &'a str,
    http_method: &'a str,
    identity: Identity<'a>,
    path: &'a str,
    protocol: &'static str,
    request_id: &'a str,
    request_time_epoch: i64,
    resource_id: &'static str,
    resource_path: &'a str,
    stage: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    source_ip: &'a str,
    user_agent: Option<&'a str>,
}

/// The event for a request, as bytes of JSON.
///
/// # Errors
/// When API Gateway could not send it either.
pub fn event(incoming: &Incoming<'_>) -> Result<Vec<u8>, Unsendable> {
    let (body, is_base64_encoded) = carried(incoming)?;
    // A value that is not ASCII arrives too, whatever it becomes on the way: whether it is there matters.
    let values: Vec<(&str, Cow<'_, str>)> = incoming
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let mut headers = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in &values {
        headers.entry(name).or_default().push(value);
    }
    let query = pairs(incoming.query);
    let mut parameters = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in &query {
        parameters.entry(name).or_default().push(value);
    }
    let parts: BTreeMap<&str, &str> =
        incoming.path_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let method = incoming.method.as_str();
    let event = Event {
        resource: incoming.resource,
        path: incoming.path,
        http_method: method,
        headers: last_of(&headers),
        multi_value_headers: headers,
        query_string_parameters: (!parameters.is_empty()).then(|| last_of(&parameters)),
        multi_value_query_string_parameters: (!parameters.is_empty()).then_some(parameters),
        path_parameters: (!parts.is_empty()).then_some(parts),
        stage_variables: None,
        request_context: Context {
            account_id: "000000000000",
            api_id: "local",
            domain_name: "127.0.0.1",
            domain_prefix: "local",
            extended_request_id: incoming.request_id,
            http_method: method,
            identity: Identity {
                source_ip: incoming.source_ip,
                user_agent: incoming.headers.get("user-agent").and_then(|value| value.to_str().ok()),
            },
            path: incoming.path,
            protocol: "HTTP/1.1",
            request_id: incoming.request_id,
            request_time_epoch: incoming.received_at_millis,
            resource_id: "local",
            resource_path: incoming.resource,
            stage: "local",
        },
        body,
        is_base64_encoded,
    };
    let bytes = serde_json::to_vec(&event).map_err(|_| Unsendable::NotText)?;
    if bytes.len() > EVENT_LIMIT { Err(Unsendable::TooLong) } else { Ok(bytes) }
}

fn last_of<'a>(several: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeMap<&'a str, &'a str> {
    several.iter().filter_map(|(name, values)| Some((*name, *values.last()?))).collect()
}

fn carried<'a>(incoming: &Incoming<'a>) -> Result<(Option<Cow<'a, str>>, bool), Unsendable> {
    if incoming.body.is_empty() {
        return Ok((None, false));
    }
    let media_type = incoming.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if BINARY.contains(&media_type.as_str()) {
        return Ok((Some(STANDARD.encode(incoming.body).into()), true));
    }
    match std::str::from_utf8(incoming.body) {
        Ok(text) => Ok((Some(text.into()), false)),
        Err(_) => Err(Unsendable::NotText),
    }
}

/// The pairs of a query, decoded.
#[must_use]
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a function answers to the gateway.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response that a function's answer stands for; `None` when the answer is malformed, which API Gateway turns
/// into its own error.
#[must_use]
pub fn response(answer: &[u8]) -> Option<Response<Bytes>> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let mut response = Response::new(body(&answer)?);
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let several = answer.multi_value_headers.unwrap_or_default();
    let once = answer.headers.unwrap_or_default().into_iter().filter(|(name, _)| !several.contains_key(name));
    let once: Vec<(String, String)> = once.collect();
    let several = several.iter().flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())));
    for (name, value) in once.into_iter().chain(several) {
        response
            .headers_mut()
            .append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?);
    }
    Some(response)
}

fn body(answer: &Answer) -> Option<Bytes> {
    let text = answer.body.as_deref().unwrap_or_default();
    if answer.is_base64_encoded {
        STANDARD.decode(text).ok().map(Bytes::from)
    } else {
        Some(Bytes::copy_from_slice(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Incoming, Unsendable, event, response};
    use http::{HeaderMap, Method};
    use serde_json::{Value, json};

    fn sent(headers: &[(&'static str, &'static str)], query: &str, body: &[u8]) -> Result<Value, Unsendable> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let incoming = Incoming {
            resource: "/api/orders/{orderId}",
            path: "/api/orders/7",
            query,
            method: &Method::POST,
            headers: &map,
            path_parameters: &[("orderId".to_owned(), "7".to_owned())],
            body,
            source_ip: "203.0.113.7",
            request_id: "r-1",
            received_at_millis: 5,
        };
        event(&incoming).map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn the_event_has_the_members_of_a_rest_proxy_event() {
        let sent =
            sent(&[("accept", "a"), ("accept", "b"), ("content-type", "application/json")], "q=a+b%26c&q=2&x", b"{}")
                .unwrap();
        assert_eq!(sent["resource"], "/api/orders/{orderId}");
        assert_eq!(sent["headers"]["accept"], "b");
        assert_eq!(sent["multiValueHeaders"]["accept"], json!(["a", "b"]));
        assert_eq!(sent["multiValueQueryStringParameters"], json!({"q": ["a b&c", "2"], "x": [""]}));
        assert_eq!(sent["pathParameters"], json!({"orderId": "7"}));
        assert_eq!(sent["requestContext"]["identity"]["sourceIp"], "203.0.113.7");
        assert_eq!(sent["requestContext"]["requestId"], "r-1");
        assert_eq!((&sent["body"], &sent["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    }

    #[test]
    fn a_body_of_bytes_travels_only_under_a_binary_media_type() {
        assert_eq!(sent(&[("content-type", "application/json")], "", &[0xff]).unwrap_err(), Unsendable::NotText);
        let csv = sent(&[("content-type", "text/csv; charset=latin1")], "", &[0xff]).unwrap();
        assert_eq!((&csv["body"], &csv["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
    }

    #[test]
    fn an_event_beyond_lambdas_limit_is_not_sent() {
        let body = vec![b'"'; 3_200_000];
        assert_eq!(sent(&[], "", &body).unwrap_err(), Unsendable::TooLong);
    }

    #[test]
    fn an_answer_becomes_the_response_it_describes() {
        let answer = json!({"statusCode": 201, "headers": {"location": "/x"}, "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]}, "body": "aGk=", "isBase64Encoded": true});
        let response = response(answer.to_string().as_bytes()).unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (201, &b"hi"[..]));
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    }
}

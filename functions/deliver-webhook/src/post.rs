//! One try.

use crate::Needs;
use kernel::{Fault, Instant};
use outbound::{Answer, Ask, Failure, HeaderMap, Method, StatusCode};
use partners::Delivery;
use partners::delivery::{Trouble, Try, WITHIN};
use std::time::{Duration, SystemTime};

/// What came of a try.
pub(crate) struct Posted {
    /// The try, as it is written down.
    pub one: Try,
    /// How long the endpoint asks us to wait.
    pub asked: Option<Duration>,
    /// Why nothing came back, for the log.
    pub cause: String,
}

/// Sends a delivery, signed with every secret that counts.
///
/// # Errors
/// A bug when a secret is none.
pub(crate) async fn post(
    needs: &Needs,
    delivery: &Delivery,
    url: &str,
    secrets: &[String],
    trace: Option<&str>,
) -> Result<Posted, Fault> {
    let parsed: Result<Vec<_>, _> = secrets.iter().map(|secret| webhooks::Secret::parse(secret)).collect();
    let parsed = parsed.map_err(|_| Fault::bug("the secret of a partner's webhooks is none"))?;
    let at = needs.now();
    let (seconds, body) = (at.seconds().to_string(), delivery.body.as_bytes());
    let signature = webhooks::sign(&parsed, &delivery.id, at, body);
    let headers = [(webhooks::ID, &*delivery.id), (webhooks::TIMESTAMP, &*seconds), (webhooks::SIGNATURE, &*signature)];
    let ask =
        Ask { method: Method::POST, url, headers: &headers, body: body.to_vec(), traceparent: trace, within: WITHIN };
    let came = needs.others.tell(ask).await;
    let took_ms = u64::try_from(needs.now().since(at).as_millis()).unwrap_or(u64::MAX);
    Ok(match came {
        Ok(answer) => Posted {
            asked: asked(&answer, needs.now()),
            one: Try::answered(at, took_ms, answer.status.as_u16()),
            cause: String::new(),
        },
        Err(failure) => {
            Posted { one: Try::failed(at, took_ms, trouble(&failure)), asked: None, cause: failure.to_string() }
        }
    })
}

fn trouble(failure: &Failure) -> Trouble {
    match failure {
        Failure::NotAllowed(_) => Trouble::PrivateAddress,
        Failure::NotSent(_) => Trouble::NoConnection,
        Failure::Unanswered(_) => Trouble::NoAnswer,
    }
}

/// How long whoever is too busy asks us to wait (RFC 9110, 10.2.3).
fn asked(answer: &Answer, now: Instant) -> Option<Duration> {
    let busy = matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if busy { retry_after(&answer.headers, now) } else { None }
}

fn retry_after(headers: &HeaderMap, now: Instant) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Instant::from_seconds(i64::try_from(moment.as_secs()).ok()?).since(now))
}

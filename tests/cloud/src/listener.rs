//! The listener: reads calls from loopback sockets and hands each to the service that its signature names.

use crate::cloud::Services;
use crate::counters::{Action, Tally};
use crate::faults::{Call, Trouble};
use crate::services::{keys, mails, metrics, objects, queues, scaling, secrets};
use crate::wire::{Reply, Request, json_reply};
use crate::{dynamo, wire};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Bytes of one body at the most: the largest object that anybody here stores, a feed of 256 MB.
const BODY_BYTES_MAX: usize = 256 * 1024 * 1024 + 1024;

/// Serves until `ending` tells.
pub(crate) async fn serve(listener: TcpListener, services: Arc<Services>, mut ending: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        // Without it every answer waits for Nagle's algorithm; a socket that refuses is only slower.
        drop(stream.set_nodelay(true));
        let services = Arc::clone(&services);
        tokio::spawn(async move {
            let work = service_fn(move |request| respond(Arc::clone(&services), request));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), work);
            // A client that goes away, and the breaks that faults ask for, end here.
            drop(connection.await);
        });
    }
}

/// An error breaks the connection without an answer.
async fn respond(
    services: Arc<Services>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return render(Reply::new(413, "text/plain", "the body is too long")),
    };
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    if request.method == http::Method::OPTIONS {
        return render(objects::preflight(&services.objects, &request));
    }
    let reply = answer(&services, &request).await.ok_or_else(|| io::Error::other("broken off"))?;
    render(objects::shared(&services.objects, &request, reply))
}

fn render(reply: Reply) -> Result<hyper::Response<Full<Bytes>>, io::Error> {
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response
        .header("x-amzn-requestid", crate::random::Random::default().uuid())
        .body(Full::new(reply.body))
        .map_err(io::Error::other)
}

/// Answers one call, with what the faults make of it. `None` breaks the connection.
pub(crate) async fn answer(services: &Services, request: &Request) -> Option<Reply> {
    let Some(signed) = Signed::read(request) else {
        return Some(Reply::new(
            403,
            "application/json",
            r#"{"__type":"MissingAuthenticationToken","message":"Missing Authentication Token"}"#,
        ));
    };
    let Some((service, action, resource)) = recognise(services, &signed.service, request) else {
        return Some(Reply::new(
            501,
            "application/json",
            r#"{"__type":"UnknownService","message":"There is no stand-in for this service"}"#,
        ));
    };
    let call = Call { caller: &signed.caller, service, action: &action, resource: &resource };
    match services.trouble(&call, &request.body) {
        None => {}
        Some(Trouble::Before) => return None,
        Some(Trouble::Hang) => std::future::pending().await,
        Some(Trouble::After) => {
            done(services, &call, request).await?;
            return None;
        }
        Some(Trouble::Slow(millis)) => tokio::time::sleep(Duration::from_millis(millis)).await,
        Some(Trouble::Late(millis)) => {
            let reply = done(services, &call, request).await;
            tokio::time::sleep(Duration::from_millis(millis)).await;
            return reply;
        }
        Some(Trouble::CrashBefore) => return crash(services, &call).await,
        Some(Trouble::CrashAfter) => {
            done(services, &call, request).await?;
            return crash(services, &call).await;
        }
        Some(trouble) => {
            let reply = troubled(service, &action, trouble);
            count(services, &call, request, &reply, (0, 0));
            return Some(reply);
        }
    }
    done(services, &call, request).await
}

/// Tells that the caller dies, and answers never.
async fn crash(services: &Services, call: &Call<'_>) -> Option<Reply> {
    services.crashed(call.caller);
    std::future::pending().await
}

/// Does the work of a call and counts it.
async fn done(services: &Services, call: &Call<'_>, request: &Request) -> Option<Reply> {
    let mut units = (0, 0);
    let reply = match call.service {
        "dynamodb" => {
            let answer = services.engine.call(call.action, request.body.clone()).await?;
            units = (answer.read_half_units, answer.write_half_units);
            services.cost(call, &request.body, answer.write_half_units);
            dynamo_reply(answer)
        }
        "sqs" => queues::answer(&services.queues, call.action, request).await,
        "kms" => keys::answer(&services.keys, call.action, request),
        "secretsmanager" => secrets::answer(&services.secrets, call.action, request).await,
        "ses" => mails::answer(&services.mails, call.action, request).await,
        "cloudwatch" => metrics::answer(&services.metrics, call.action, request),
        "application-autoscaling" => {
            scaling::answer(&services.scaling, &services.definition.functions, call.action, request)
        }
        _ => objects::answer(&services.objects, call.action, request).await,
    };
    count(services, call, request, &reply, units);
    Some(reply)
}

fn dynamo_reply(answer: dynamo::Answer) -> Reply {
    Reply::new(answer.status, "application/x-amz-json-1.0", answer.body)
}

fn count(services: &Services, call: &Call<'_>, request: &Request, reply: &Reply, (read, write): (u64, u64)) {
    let service = SERVICES.iter().find(|known| **known == call.service).copied().unwrap_or_default();
    let action = Action {
        caller: call.caller.to_owned(),
        service,
        action: call.action.to_owned(),
        resource: call.resource.to_owned(),
    };
    let tally = Tally {
        calls: 1,
        refused: u64::from(reply.status >= 400),
        read_half_units: read,
        write_half_units: write,
        bytes_in: request.body.len() as u64,
        bytes_out: reply.body.len() as u64,
    };
    services.counters.count(action, tally);
}

/// Who signed a call, and for which service.
struct Signed {
    caller: String,
    service: String,
}

impl Signed {
    /// From the credential scope of Signature Version 4: `key/date/region/service/aws4_request`, in the header or, for a
    /// presigned URL, in the query.
    fn read(request: &Request) -> Option<Self> {
        let scope =
            request.header("authorization").split_once("Credential=").map(|(_, rest)| rest.to_owned()).or_else(
                || {
                    let parameter = request.query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
                    Some(parameter.replace("%2F", "/"))
                },
            )?;
        let mut parts = scope.split([',', '/', ' ']);
        let caller = parts.next()?.to_owned();
        let service = parts.nth(2)?.to_owned();
        Some(Self { caller, service })
    }
}

const SERVICES: [&str; 8] =
    ["dynamodb", "sqs", "kms", "secretsmanager", "ses", "cloudwatch", "application-autoscaling", "s3"];

/// What a call is: its service, operation and resource.
fn recognise(services: &Services, service: &str, request: &Request) -> Option<(&'static str, String, String)> {
    // CloudWatch signs by another name than IAM knows it by.
    let service = if service == "monitoring" { "cloudwatch" } else { service };
    let service = SERVICES.iter().find(|known| **known == service).copied()?;
    let target =
        || request.header("x-amz-target").rsplit_once('.').map_or_else(String::new, |(_, action)| action.to_owned());
    let (action, resource) = match service {
        "dynamodb" => {
            let action = target();
            let tables = dynamo::tables_of(&action, &request.body).join(",");
            (action, tables)
        }
        "sqs" => (target(), queues::resource(&request.body)),
        "kms" => (target(), keys::resource(&services.keys, &request.body)),
        "secretsmanager" => (target(), secrets::resource(&services.secrets, &request.body)),
        "ses" => (mails::action(request).to_owned(), String::new()),
        "cloudwatch" => (metrics::action(request), String::new()),
        "application-autoscaling" => (target(), String::new()),
        _ => (objects::action(request).to_owned(), objects::place(&services.objects, request).0),
    };
    Some((service, action, resource))
}

/// The refusal by which each service says that it will not do it now.
fn troubled(service: &str, action: &str, trouble: Trouble) -> Reply {
    let json_refusal = |status, code, message: &str| {
        json_reply("application/x-amz-json-1.0", Err(wire::Refusal { status, code, message: message.to_owned() }))
    };
    match (service, trouble) {
        ("s3", Trouble::Throttle) => objects::refusal(503, "SlowDown", "Please reduce your request rate."),
        ("s3", Trouble::Conflict) => {
            objects::refusal(409, "ConditionalRequestConflict", "The conditional request cannot be done now.")
        }
        ("s3", _) => objects::refusal(500, "InternalError", "We encountered an internal error. Please try again."),
        ("dynamodb", Trouble::Conflict) if action == "TransactWriteItems" => Reply::new(
            400,
            "application/x-amz-json-1.0",
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]","CancellationReasons":[{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}]}"#,
        ),
        ("dynamodb", Trouble::Conflict) => {
            json_refusal(400, "TransactionConflictException", "Transaction is ongoing for the item")
        }
        ("dynamodb", Trouble::Throttle) => json_refusal(
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured throughput was exceeded.",
        ),
        ("ses", Trouble::Throttle | Trouble::Conflict) => {
            json_refusal(429, "TooManyRequestsException", "Too many requests.")
        }
        (_, Trouble::Throttle | Trouble::Conflict) => json_refusal(400, "ThrottlingException", "Rate exceeded"),
        _ => json_refusal(500, "InternalServerError", "The service has a trouble of its own."),
    }
}

//! What every kind of function says of each invocation: its lines, their traces, and one document of metrics.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

use futures::FutureExt;
use kernel::{Fault, Instant};
use lambda::{Function, Invocation, Platform, Problem, Reply, Request, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const NOW: Instant = Instant::from_seconds(1_800_000_000);
const ONE: &str = "0af7651916cd43dd8448eb211c80319c";
const TWO: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What a function said.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn platform(&self) -> Platform {
        let said = Arc::clone(&self.0);
        let names = [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let environment: HashMap<String, String> =
            names.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let output = Arc::new(move |line: &str| said.lock().unwrap().push(line.to_owned()));
        Platform::new(Settings { environment, clock: Arc::new(|| NOW), output }).unwrap()
    }

    fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Log lines.
    fn lines(&self) -> Vec<Value> {
        self.all().into_iter().filter(|line| line["_aws"].is_null()).collect()
    }

    /// Documents of metrics.
    fn documents(&self) -> Vec<Value> {
        self.all().into_iter().filter(|line| !line["_aws"].is_null()).collect()
    }
}

async fn invoke(function: &Function, event: &Value) -> Result<Value, String> {
    let invocation = Invocation { request_id: "i-1".to_owned(), deadline: NOW };
    let answer =
        function.invoke(event.to_string().into_bytes(), invocation).await.map_err(|error| error.to_string())?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

/// Silences the panics that a test makes on purpose.
fn quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

fn traceparent(trace: &str) -> String {
    format!("00-{trace}-00f067aa0ba902b7-01")
}

fn message(id: &str, trace: Option<&str>) -> Value {
    let attributes = trace.map_or(json!({}), |trace| {
        json!({"traceparent": {"stringValue": traceparent(trace), "dataType": "String", "stringListValues": [], "binaryListValues": []}})
    });
    json!({
        "messageId": id, "receiptHandle": id, "body": id, "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": attributes, "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": "arn:x", "awsRegion": "us-east-1",
    })
}

fn change(sequence: &str, trace: &str) -> Value {
    let image = json!({"pk": {"S": sequence}, "trace": {"S": traceparent(trace)}});
    let key = json!({"pk": {"S": sequence}});
    let told = json!({"ApproximateCreationDateTime": 1_800_000_000, "Keys": key, "NewImage": image, "SequenceNumber": sequence, "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    json!({"eventID": sequence, "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": told, "eventSourceARN": "arn:x"})
}

fn request(method: &str, route: &str, headers: &[(&str, &str)]) -> Value {
    let headers: HashMap<&str, Vec<&str>> = headers.iter().map(|(name, value)| (*name, vec![*value])).collect();
    json!({
        "resource": route, "path": route, "httpMethod": method, "headers": {}, "multiValueHeaders": headers,
        "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null, "stageVariables": null,
        "requestContext": {"requestId": "r-1", "identity": {"sourceIp": "10.0.0.1"}, "resourcePath": route, "httpMethod": method, "path": route, "stage": "live", "accountId": "0", "apiId": "a", "protocol": "HTTP/1.1"},
        "body": null, "isBase64Encoded": false,
    })
}

/// A function of each kind that does as it is told: answers, refuses or panics.
fn every_kind(platform: &Platform, does: Does) -> Vec<(Function, Value)> {
    let event_of = [
        request("GET", "/api/products", &[]),
        json!({"Records": [message("m-1", Some(ONE)), message("m-2", None)]}),
        json!({"Records": [message("m-1", Some(ONE))]}),
        json!({"Records": [change("1", ONE), change("2", TWO)]}),
        json!({"version": "0", "detail": {}}),
    ];
    let functions = [
        lambda::http(platform, "http", move |_: Request| async move {
            does.done().map(|()| Reply::ok(&json!({}))).map_err(Problem::from)
        }),
        lambda::queue(platform, "queue", move |_, _| async move { does.done() }),
        lambda::queue_batch(platform, "queue-batch", move |messages, _| async move {
            messages.iter().map(|_| does.done()).collect()
        }),
        lambda::stream(platform, "stream", move |_, _| async move { does.done().map_err(|fault| (1, fault)) }),
        lambda::schedule(platform, "schedule", move |_| async move { does.done() }),
    ];
    functions.into_iter().map(Result::unwrap).zip(event_of).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Answer,
    Refuse,
    Panic,
}

impl Does {
    fn done(self) -> Result<(), Fault> {
        match self {
            Self::Answer => Ok(()),
            Self::Refuse => Err(Fault::unavailable("the table does not answer")),
            Self::Panic => panic!("on purpose"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    // Proves: S1-P13, S0-21, S2-30
    // Feature: aws-devops-three-tier, Property 13: Every running service exposes scrapable metrics
    #[test]
    fn every_invocation_writes_exactly_one_document_of_metrics_whatever_becomes_of_it(
        kind in 0_usize..5,
        does in prop::sample::select(vec![Does::Answer, Does::Refuse, Does::Panic]),
        broken in prop::option::of("[a-z{\\[\" ]{0,20}"),
        times in 1_usize..4,
    ) {
        quiet();
        let said = Said::default();
        let (function, event) = every_kind(&said.platform(), does).swap_remove(kind);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for _ in 0..times {
            let bytes = broken.clone().map_or_else(|| event.to_string().into_bytes(), String::into_bytes);
            let invocation = Invocation { request_id: "i-1".to_owned(), deadline: NOW };
            drop(runtime.block_on(function.invoke(bytes, invocation)));
        }
        let documents = said.documents();
        prop_assert_eq!(documents.len(), times);
        // A schedule reads nothing of its event.
        let failed = does != Does::Answer || (broken.is_some() && kind != 4);
        for (at, document) in documents.iter().enumerate() {
            prop_assert_eq!(&document["operation"], function.operation());
            prop_assert_eq!(&document["count"], 1);
            prop_assert_eq!(document["errors"].as_i64().unwrap() > 0, failed, "{}", document);
            prop_assert_eq!(&document["cold_start"], i64::from(at == 0));
            let named: Vec<&str> = document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().iter().map(|one| one["Name"].as_str().unwrap()).collect();
            prop_assert!(named.iter().any(|name| name.ends_with("duration_seconds")), "{:?}", named);
            prop_assert!(named.iter().all(|name| !document[*name].is_null()), "{}", document);
        }
        let errors = said.lines().iter().filter(|line| line["level"] != "INFO").count();
        prop_assert_eq!(errors > 0, failed);
        for line in said.lines() {
            for name in ["timestamp", "level", "message", "operation", "version", "cold_start", "trace_id", "span_id", "request_id"] {
                prop_assert!(!line[name].is_null(), "{} in {}", name, line);
            }
        }
    }
}

// Proves: S3-10
#[tokio::test]
async fn each_message_of_a_batch_speaks_under_its_own_trace() {
    let said = Said::default();
    let function = lambda::queue(&said.platform(), "settle", |message, span| async move {
        span.key("order", message.body.clone());
        if message.id == "b" { Err(Fault::unavailable("not now")) } else { Ok(()) }
    });
    let event = json!({"Records": [message("a", Some(ONE)), message("b", Some(TWO)), message("c", None)]});
    let answer = invoke(&function.unwrap(), &event).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "b"}]}));
    let lines = said.lines();
    let of = |id: &str| lines.iter().find(|line| line["message_id"] == id).unwrap().clone();
    assert_eq!((of("a")["trace_id"].as_str(), of("a")["order"].as_str()), (Some(ONE), Some("a")));
    assert_eq!((of("b")["trace_id"].as_str(), of("b")["order"].as_str()), (Some(TWO), Some("b")));
    assert_eq!((of("b")["level"].as_str(), of("b")["code"].as_str()), (Some("WARN"), Some("unavailable")));
    let whole = lines.iter().find(|line| line["message"] == "invocation").unwrap();
    assert!(![ONE, TWO].contains(&whole["trace_id"].as_str().unwrap()), "a batch of two traces is in neither");
    assert_eq!(of("c")["trace_id"], whole["trace_id"], "who has no trace is in that of the batch");
    assert_eq!(whole["order"], Value::Null);
}

// Proves: S3-10
#[tokio::test]
async fn a_batch_of_one_trace_is_in_that_trace() {
    let said = Said::default();
    let function = lambda::queue_batch(&said.platform(), "settle", |messages, span| {
        span.info("all at once", &[]);
        async move { messages.iter().map(|_| Ok(())).collect() }
    });
    invoke(&function.unwrap(), &json!({"Records": [message("a", Some(ONE)), message("b", Some(ONE))]})).await.unwrap();
    assert!(said.lines().iter().all(|line| line["trace_id"] == ONE), "{:?}", said.lines());
}

// Proves: S3-10
#[tokio::test]
async fn each_change_of_a_stream_speaks_under_the_trace_of_the_request_that_made_it() {
    let said = Said::default();
    let function = lambda::stream(&said.platform(), "publish", |changes, _| async move {
        changes.iter().for_each(|change| change.span.key("order", change.pk.clone()));
        Err((1, Fault::unavailable("not now")))
    });
    let event = json!({"Records": [change("1", ONE), change("2", TWO)]});
    let answer = invoke(&function.unwrap(), &event).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    let of = |order: &str| said.lines().into_iter().find(|line| line["order"] == order).unwrap();
    assert_eq!((of("1")["trace_id"].as_str(), of("1")["message"].as_str()), (Some(ONE), Some("change")));
    assert_eq!((of("2")["trace_id"].as_str(), of("2")["level"].as_str()), (Some(TWO), Some("WARN")));
}

#[tokio::test]
async fn a_message_that_makes_the_handler_panic_fails_alone() {
    quiet();
    let said = Said::default();
    let function = lambda::queue(&said.platform(), "settle", |message, _| async move {
        assert!(message.id != "b", "on purpose");
        Ok(())
    });
    let event = json!({"Records": [message("a", None), message("b", None), message("c", None)]});
    let answer = invoke(&function.unwrap(), &event).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "b"}]}));
}

// Proves: S1-P26
#[tokio::test]
async fn a_request_has_one_line_with_method_route_status_and_duration() {
    let said = Said::default();
    let function = lambda::http(&said.platform(), "get-product", |request: Request| async move {
        let header = request.header("authorization").map(str::to_owned);
        assert!(header.is_some());
        Err::<Reply, _>(Fault::missing().into())
    });
    let headers = [("traceparent", traceparent(ONE)), ("authorization", "Bearer rst_admin_never-said".to_owned())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = invoke(&function.unwrap(), &request("GET", "/api/products/{productId}", &headers)).await.unwrap();
    assert_eq!(answer["statusCode"], 404);
    let lines = said.lines();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    for (name, value) in [
        ("message", json!("request")),
        ("method", json!("GET")),
        ("route", json!("/api/products/{productId}")),
        ("status", json!(404)),
        ("code", json!("not_found")),
        ("trace_id", json!(ONE)),
        ("request_id", json!("r-1")),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert!(line["duration_ms"].as_u64().is_some_and(|millis| millis < 1_000), "{line}");
    assert!(said.documents()[0]["http_request_duration_seconds"].as_f64().is_some_and(|took| took > 0.0));
    assert!(!said.0.lock().unwrap().join("\n").contains("never-said"));
}

// Proves: S1-P11, S1-P25
#[tokio::test]
async fn a_failure_is_told_once_as_an_error_with_its_cause_and_never_to_the_caller() {
    let said = Said::default();
    let function = lambda::http(&said.platform(), "get-product", |_: Request| {
        async { Err::<Reply, _>(Fault::bug("row 7 does not read").into()) }.boxed()
    });
    let answer = invoke(&function.unwrap(), &request("GET", "/x", &[])).await.unwrap();
    assert_eq!(answer["statusCode"], 500);
    assert!(!answer["body"].as_str().unwrap().contains("row 7"));
    let errors: Vec<Value> = said.lines().into_iter().filter(|line| line["level"] == "ERROR").collect();
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert!(error["cause"].as_str().unwrap().contains("row 7 does not read"), "{error}");
    assert_eq!(error["code"], "internal");
}

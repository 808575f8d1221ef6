//! The properties of log lines, held in walks through the shop.

use super::walk::{Done, Ground, Step};
use cloud::Trouble;
use kernel::{Instant, Role};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const OPERATIONS: fn() -> Vec<&'static str> =
    || local::functions::ALL.iter().map(|mounted| mounted.operation).collect();

fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn of_trace<'a>(lines: &'a [Value], done: &Done) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["trace_id"] == *done.trace).collect()
}

// Proves: S1-P23, S2-31
// Feature: aws-devops-three-tier, Property 23: Structured logs to stdout
#[test]
fn every_line_of_every_function_is_one_json_object() {
    let ground = Ground::new();
    let seen = AtomicUsize::new(0);
    ground.holds(|_, _| {
        for line in ground.lines() {
            let read: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(&line);
            prop_assert!(read.is_ok() && !line.contains('\n'), "{}", line);
            seen.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    assert!(seen.into_inner() > 300);
}

// Proves: S1-P24, S3-11
// Feature: aws-devops-three-tier, Property 24: Log entry has timestamp, level, context (request ids)
#[test]
fn every_line_says_when_how_bad_who_spoke_and_for_which_request_and_shopper() {
    let ground = Ground::new();
    let begun = Instant::from_millis(cloud::Clock::system().now().millis() - 1);
    let operations = OPERATIONS();
    let hex = |value: &Value, length: usize| {
        value.as_str().is_some_and(|text| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    ground.holds(|_, done| {
        let lines = parsed(&ground.lines());
        let now = cloud::Clock::system().now();
        for line in &lines {
            let at = line["timestamp"].as_str().and_then(|text| text.parse::<Instant>().ok());
            prop_assert!(
                at.is_some_and(|at| begun <= at && at <= now.plus(std::time::Duration::from_secs(1))),
                "{}",
                line
            );
            prop_assert!(["INFO", "WARN", "ERROR"].contains(&line["level"].as_str().unwrap_or_default()), "{}", line);
            prop_assert!(line["message"].as_str().is_some_and(|text| !text.is_empty()), "{}", line);
            prop_assert!(operations.contains(&line["operation"].as_str().unwrap_or_default()), "{}", line);
            prop_assert!(line["version"].as_str().is_some_and(|text| text.contains('+')), "{}", line);
            prop_assert!(line["cold_start"].is_boolean(), "{}", line);
            prop_assert!(hex(&line["trace_id"], 32) && hex(&line["span_id"], 16), "{}", line);
            prop_assert!(line["request_id"].as_str().is_some_and(|text| !text.is_empty()), "{}", line);
        }
        for done in done.iter().filter(|done| done.reached_a_function()) {
            let own = of_trace(&lines, done);
            let request_id = done.reply.header("x-request-id").unwrap_or_default();
            let access = own.iter().find(|line| line["message"] == "request" && line["request_id"] == request_id);
            prop_assert!(access.is_some(), "no line for {}", done.reply);
            let access = access.unwrap();
            let asks_who = matches!(done.step, Step::LookAtCart | Step::AddToCart { .. } | Step::LookAtLast);
            if let (true, Some(guest)) = (asks_who, &done.guest) {
                prop_assert_eq!(&access["customer"], &lambda::pseudonym(&format!("guest:{guest}")), "{}", access);
            }
            if matches!(done.step, Step::Staff) {
                prop_assert!(access["staff"].is_string() && access["customer"].is_null(), "{}", access);
            }
            if matches!(done.step, Step::Buy { .. }) && done.reply.status == 201 {
                prop_assert_eq!(&access["order"], &done.reply.json()["id"], "{}", access);
            }
        }
        Ok(())
    });
}

// Proves: S1-P25, S1-P11, S0-01
// Feature: aws-devops-three-tier, Property 25: Errors logged with stack/details, no sensitive data
#[test]
fn failures_are_told_with_their_cause_and_nothing_that_was_planted_is_told() {
    let ground = Ground::new();
    let local = ground.shop.local().unwrap();
    // Every seventh walk, half of the calls to tables fail for good.
    let (walks, calls) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (failed, failing) = (AtomicUsize::new(0), |walk: usize| walk % 7 == 6);
    let mut secrets: Vec<String> = ["russet/signing", "russet/payments"]
        .iter()
        .flat_map(|name| {
            let secret: Value = serde_json::from_str(&local.cloud().secret(name).unwrap()).unwrap();
            let texts: Vec<String> =
                secret.as_object().unwrap().values().filter_map(Value::as_str).map(str::to_owned).collect();
            texts
        })
        .collect();
    secrets.extend([Role::Support, Role::Admin].map(|role| ground.shop.token(role).to_owned()));
    secrets.extend(["tok_approve", "tok_decline", "tok_slow_7", "4111 1111", "__Host-guest"].map(str::to_owned));

    let (told, planted) = (Mutex::new(String::new()), Mutex::new(secrets));
    ground.holds(|walk, done| {
        let texts = ground.lines();
        let all = texts.iter().chain(&ground.documents()).cloned().collect::<Vec<_>>().join("\n");
        for secret in walk.planted.texts() {
            prop_assert!(!all.contains(secret), "{} is told", secret);
        }
        told.lock().unwrap().push_str(&all);
        planted.lock().unwrap().extend(walk.planted.texts().map(str::to_owned));
        let signatures = done.iter().filter_map(|done| done.reply.cookie("__Host-guest"));
        for signature in
            signatures.filter_map(|cookie| cookie.split_once('.').map(|(_, signature)| signature.to_owned()))
        {
            prop_assert!(!all.contains(&signature), "a cookie's signature is told");
        }
        let lines = parsed(&texts);
        for done in done.iter().filter(|done| done.reply.status >= 500 && done.reached_a_function()) {
            let causes: Vec<&Value> = of_trace(&lines, done)
                .into_iter()
                .filter(|line| line["level"] == "ERROR")
                .map(|line| &line["cause"])
                .collect();
            prop_assert!(
                causes.iter().any(|cause| cause.as_str().is_some_and(|text| text.len() > 10)),
                "{:?} for {}",
                causes,
                done.reply
            );
            failed.fetch_add(1, Ordering::Relaxed);
        }
        for line in lines.iter().filter(|line| line["level"] != "INFO") {
            prop_assert!(line["cause"].is_string() || line["order"].is_string(), "{}", line);
        }
        let next = walks.fetch_add(1, Ordering::Relaxed) + 1;
        let faults: Option<Arc<dyn cloud::Faults>> = failing(next).then(|| {
            let calls = Arc::clone(&calls);
            Arc::new(move |call: &cloud::Call<'_>| {
                let fails = call.service == "dynamodb"
                    && call.caller.starts_with("LOCAL")
                    && calls.fetch_add(1, Ordering::Relaxed) % 8 < 4;
                fails.then_some(Trouble::ServerError)
            }) as Arc<dyn cloud::Faults>
        });
        local.cloud().set_faults(faults);
        Ok(())
    });
    assert!(failed.into_inner() > 0, "nothing failed: there was nothing to tell");
    // What was put off by the failures is done, or tried again, and told now.
    local.cloud().set_faults(None);
    std::thread::sleep(Duration::from_secs(2));
    let mut told = told.into_inner().unwrap();
    told.push_str(&ground.lines().join("\n"));
    told.push_str(&ground.documents().join("\n"));
    let mailed = local.cloud().mailbox().into_iter().any(|mail| mail.to.iter().any(|to| to.starts_with("zqmail")));
    assert!(mailed, "what was planted never came in");
    for secret in planted.into_inner().unwrap() {
        assert!(!told.contains(&secret), "{secret} is told");
    }
}

// Proves: S1-P26
// Feature: aws-devops-three-tier, Property 26: Each request logs method, path, status, response time
#[test]
fn every_request_has_one_line_with_method_route_status_and_how_long_it_took() {
    let ground = Ground::new();
    ground.holds(|_, done| {
        let lines = parsed(&ground.lines());
        for done in done {
            let access: Vec<&Value> =
                of_trace(&lines, done).into_iter().filter(|line| line["message"] == "request").collect();
            // What the gateway refuses never came to a function.
            if !done.reached_a_function() {
                prop_assert!(access.is_empty() && done.reply.status >= 400, "{}", done.reply);
                continue;
            }
            // The provider tells of a payment under the trace that asked for it: that is a request of its own.
            let request_id = done.reply.header("x-request-id").unwrap_or_default();
            let access: Vec<&&Value> = access.iter().filter(|line| line["request_id"] == request_id).collect();
            prop_assert_eq!(access.len(), 1, "{:?}", access);
            prop_assert_eq!(&access[0]["method"], done.method.as_str());
            prop_assert_eq!(&access[0]["status"], done.reply.status);
            prop_assert!(access[0]["duration_ms"].as_u64().is_some_and(|millis| millis < 30_000), "{}", access[0]);
            let route = access[0]["route"].as_str().unwrap_or_default();
            let known = api::contract().find(&done.method, done.reply.path());
            let local::contract::Found::Operation(operation, _) = known else { panic!("{} is no route", done.reply) };
            prop_assert_eq!(route, operation.path.as_str());
        }
        Ok(())
    });
}

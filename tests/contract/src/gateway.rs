//! What API Gateway is given, made from the public contract: the same paths, parameters and request schemas in the
//! subset it imports, each operation with its integration, and the refusals of the gateway itself as problem
//! documents. `infra/api.yaml` holds the result between two marks; docs/decisions/0100 says why.

use crate::openapi::{METHODS, Operation, operations, pascal};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The file that holds the result.
pub const FILE: &str = "infra/api.yaml";
/// The line before what is made.
pub const BEGIN: &str =
    "  # >>> made from infra/openapi.yaml by `cargo run -p contract --bin write-gateway`; change it there";
/// The line after what is made.
pub const END: &str = "  # <<<";

/// How long the gateway waits for a function, in milliseconds: longer than a function may take.
const INTEGRATION_MILLIS: u32 = 11_000;

/// Bodies that API Gateway must hand on as bytes, or feeds in other encodings arrive corrupted.
const BINARY: [&str; 7] = [
    "text/csv",
    "text/tab-separated-values",
    "application/xml",
    "text/xml",
    "application/gzip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
];

/// `text` of `infra/api.yaml` with what stands between the marks made anew.
///
/// # Errors
/// When a mark is missing or the document is not usable.
pub fn renewed(text: &str, document: &Value) -> Result<String, String> {
    let begin = text.find(BEGIN).ok_or("the first mark is missing")? + BEGIN.len();
    let end = text.find(END).ok_or("the last mark is missing")?;
    let yaml = serde_yaml_ng::to_string(&resources(document)).map_err(|error| error.to_string())?;
    let made: String = yaml.lines().map(|line| format!("  {line}\n")).collect();
    Ok(format!("{}\n{made}{}", &text[..begin], &text[end..]))
}

/// The resources: the API with its body and throttles, and one permission for each operation.
#[must_use]
pub fn resources(document: &Value) -> Value {
    let operations = operations(document);
    let mut made = Map::new();
    made.insert("Api".to_owned(), api(document, &operations));
    for operation in &operations {
        made.insert(format!("Invoke{}", pascal(&operation.id)), permission(operation));
    }
    Value::Object(made)
}

fn api(document: &Value, operations: &[Operation]) -> Value {
    json!({
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "Name": { "Fn::Sub": "${Prefix}-api" },
            "Description": "The shop's API. Every method ends at the alias live of one function.",
            "StageName": "live",
            "OpenApiVersion": "3.0.3",
            "EndpointConfiguration": { "Type": "REGIONAL" },
            "TracingEnabled": true,
            "AccessLogSetting": { "DestinationArn": { "Fn::GetAtt": ["AccessLogs", "Arn"] }, "Format": ACCESS_LOG },
            "MethodSettings": method_settings(operations),
            "DefinitionBody": body(document, operations),
        }
    })
}

/// One JSON line a request, with the names that the functions' log lines have.
const ACCESS_LOG: &str = r#"{"timestamp":"$context.requestTime","request_id":"$context.requestId","trace_id":"$context.xrayTraceId","method":"$context.httpMethod","route":"$context.resourcePath","status":"$context.status","duration_ms":"$context.responseLatency","integration_ms":"$context.integration.latency","error":"$context.error.responseType","address":"$context.identity.sourceIp","waf":"$context.waf.status"}"#;

fn permission(operation: &Operation) -> Value {
    let path: Vec<&str> =
        operation.path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    let source = format!(
        "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*/{}{}",
        operation.method,
        path.join("/")
    );
    json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": { "Fn::Sub": format!("${{Prefix}}-{}:live", operation.function) },
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": { "Fn::Sub": source },
        }
    })
}

/// Requests a second that the gateway lets through to one method, and how many at once: by what the method is for.
fn throttle(operation: &Operation) -> (u32, u32) {
    let staff =
        operation.value["security"].as_array().is_some_and(|all| all.len() == 1 && all[0].get("staff").is_some());
    if staff {
        (50, 100)
    } else if operation.text("x-cache") == Some("listing") {
        (1000, 2000)
    } else if operation.method == "GET" {
        (500, 1000)
    } else {
        (300, 600)
    }
}

fn method_settings(operations: &[Operation]) -> Value {
    let mut settings = vec![json!({
        "ResourcePath": "/*", "HttpMethod": "*", "MetricsEnabled": true, "LoggingLevel": "ERROR", "DataTraceEnabled": false,
        "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100,
    })];
    for operation in operations {
        let (rate, burst) = throttle(operation);
        settings.push(json!({
            "ResourcePath": format!("/{}", operation.path.replace('/', "~1")),
            "HttpMethod": operation.method,
            "MetricsEnabled": true, "LoggingLevel": "ERROR", "DataTraceEnabled": false,
            "ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst,
        }));
    }
    Value::Array(settings)
}

/// The API's definition with everything that only API Gateway needs.
#[must_use]
pub fn body(document: &Value, operations: &[Operation]) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        item[operation.method.to_lowercase()] = method(operation);
    }
    for item in paths.values_mut() {
        let known: Vec<String> =
            METHODS.iter().filter(|method| item.get(**method).is_some()).map(|method| method.to_uppercase()).collect();
        item["x-amazon-apigateway-any-method"] = refusal(405, Some(&known.join(", ")));
    }
    paths.insert("/".to_owned(), json!({ "x-amazon-apigateway-any-method": refusal(404, None) }));
    let mut anything = refusal(404, None);
    anything["parameters"] =
        json!([{ "name": "proxy", "in": "path", "required": true, "schema": { "type": "string" } }]);
    paths.insert("/{proxy+}".to_owned(), json!({ "x-amazon-apigateway-any-method": anything }));
    json!({
        "openapi": "3.0.3",
        "info": { "title": { "Fn::Sub": "${Prefix}-api" }, "version": document["info"]["version"] },
        "paths": paths,
        "components": { "schemas": request_schemas(document, operations) },
        "x-amazon-apigateway-binary-media-types": BINARY,
        "x-amazon-apigateway-request-validators": { "all": { "validateRequestBody": true, "validateRequestParameters": true } },
        "x-amazon-apigateway-gateway-responses": gateway_responses(),
    })
}

fn method(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation.value["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            json!({
                "name": parameter["name"], "in": parameter["in"],
                "required": parameter["required"].as_bool().unwrap_or(false),
                // Of a parameter the gateway keeps no more than that it is there.
                "schema": { "type": "string" },
            })
        })
        .collect();
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{Prefix}}-{}:live/invocations",
        operation.function
    );
    let mut made = json!({
        "operationId": pascal(&operation.id),
        "x-amazon-apigateway-request-validator": "all",
        "responses": { "default": { "description": "What the function answers." } },
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": { "Fn::Sub": uri },
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": INTEGRATION_MILLIS,
        },
    });
    if !parameters.is_empty() {
        made["parameters"] = Value::Array(parameters);
    }
    if let Some(request) = operation.value.get("requestBody") {
        let content = request["content"].as_object().into_iter().flatten();
        let content: Map<String, Value> =
            content.map(|(media, body)| (media.clone(), json!({ "schema": body["schema"] }))).collect();
        made["requestBody"] = json!({ "required": request["required"], "content": content });
    }
    made
}

/// The schemas that request bodies use, and those they use in turn.
fn request_schemas(document: &Value, operations: &[Operation]) -> Value {
    let mut wanted = BTreeSet::new();
    for operation in operations {
        references(&operation.value["requestBody"], &mut wanted);
    }
    let mut done = Map::new();
    while let Some(name) = wanted.pop_first() {
        let schema = &document["components"]["schemas"][&name];
        let mut found = BTreeSet::new();
        references(schema, &mut found);
        done.insert(name, schema.clone());
        wanted.extend(found.into_iter().filter(|name| !done.contains_key(name)));
    }
    Value::Object(done)
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) =
                members.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"))
            {
                found.insert(name.to_owned());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// A problem document as a mapping template: `$context` is filled in by the gateway.
fn problem(status: Option<u16>, code: &str, title: &str, detail: &str) -> String {
    let status = status.map_or_else(String::new, |status| format!(r#""status":{status},"#));
    format!(
        r#"{{"type":"https://russet.shop/errors/{code}","title":"{title}",{status}"detail":"{detail}","instance":"urn:request:$context.requestId","code":"{code}","trace_id":"$context.xrayTraceId"}}"#
    )
}

/// The catch-all of a path, answered by the gateway itself: 405 with the methods it knows, or 404.
fn refusal(status: u16, allow: Option<&str>) -> Value {
    let text = match allow {
        Some(_) => {
            problem(Some(405), "method_not_allowed", "Method Not Allowed", "This path does not know that method.")
        }
        None => problem(Some(404), "not_found", "Not Found", "There is nothing here under this name."),
    };
    let mut names = json!({ "Content-Type": { "schema": { "type": "string" } }, "X-Request-Id": { "schema": { "type": "string" } } });
    let mut values = json!({
        "method.response.header.Content-Type": "'application/problem+json'",
        "method.response.header.X-Request-Id": "context.requestId",
    });
    if let Some(allow) = allow {
        names["Allow"] = json!({ "schema": { "type": "string" } });
        values["method.response.header.Allow"] = json!(format!("'{allow}'"));
    }
    let mut responses = Map::new();
    responses.insert(status.to_string(), json!({ "description": "Refused by the gateway.", "headers": names }));
    json!({
        "responses": responses,
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": "never",
            "requestTemplates": { "application/json": format!("{{\"statusCode\": {status}}}") },
            "responses": {
                "default": {
                    "statusCode": status.to_string(),
                    "responseParameters": values,
                    "responseTemplates": { "application/json": text },
                }
            },
        },
    })
}

/// The gateway's own refusals, in the words that the functions use.
fn gateway_responses() -> Value {
    const BUSY: &str = "System experiencing high traffic. Please try again shortly.";
    const SLOW_DOWN: &str = "Too many requests. Please wait and try again.";
    const OURS: &str = "Something went wrong on our side. It has been noted.";
    let kinds: [(&str, u16, &str, &str, &str); 14] = [
        (
            "BAD_REQUEST_BODY",
            400,
            "invalid_request",
            "Bad Request",
            "The body does not fit the schema of this operation.",
        ),
        (
            "BAD_REQUEST_PARAMETERS",
            400,
            "invalid_request",
            "Bad Request",
            "A parameter or header that must be there is missing.",
        ),
        ("UNAUTHORIZED", 401, "unauthenticated", "Unauthorized", "This needs a valid token."),
        ("ACCESS_DENIED", 403, "forbidden", "Forbidden", "This is not allowed."),
        ("WAF_FILTERED", 403, "forbidden", "Forbidden", "This is not allowed."),
        ("MISSING_AUTHENTICATION_TOKEN", 404, "not_found", "Not Found", "There is nothing here under this name."),
        ("RESOURCE_NOT_FOUND", 404, "not_found", "Not Found", "There is nothing here under this name."),
        ("REQUEST_TOO_LARGE", 413, "body_too_large", "Payload Too Large", "The body is larger than this takes."),
        (
            "UNSUPPORTED_MEDIA_TYPE",
            415,
            "unsupported_media_type",
            "Unsupported Media Type",
            "Send the body as application/json.",
        ),
        ("THROTTLED", 429, "rate_limited", "Too Many Requests", SLOW_DOWN),
        ("QUOTA_EXCEEDED", 429, "rate_limited", "Too Many Requests", SLOW_DOWN),
        ("INTEGRATION_FAILURE", 503, "unavailable", "Service Unavailable", BUSY),
        ("INTEGRATION_TIMEOUT", 503, "unavailable", "Service Unavailable", BUSY),
        ("API_CONFIGURATION_ERROR", 500, "internal", "Internal Server Error", OURS),
    ];
    let mut made = Map::new();
    for (kind, status, code, title, detail) in kinds {
        let mut headers = json!({
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
            "gatewayresponse.header.X-Request-Id": "context.requestId",
        });
        if matches!(status, 429 | 503) {
            headers["gatewayresponse.header.Retry-After"] = json!("'1'");
        }
        made.insert(
            kind.to_owned(),
            json!({
                "statusCode": status,
                "responseParameters": headers,
                "responseTemplates": { "application/json": problem(Some(status), code, title, detail) },
            }),
        );
    }
    // What is left has a status of the gateway's own, which a template cannot name: it stands in the status line alone.
    for (kind, code, title, detail) in [
        ("DEFAULT_4XX", "refused", "Refused", "The request was refused."),
        ("DEFAULT_5XX", "internal", "Internal Server Error", OURS),
    ] {
        made.insert(
            kind.to_owned(),
            json!({
                "responseParameters": {
                    "gatewayresponse.header.Content-Type": "'application/problem+json'",
                    "gatewayresponse.header.X-Request-Id": "context.requestId",
                },
                "responseTemplates": { "application/json": problem(None, code, title, detail) },
            }),
        );
    }
    Value::Object(made)
}

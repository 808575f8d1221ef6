//! What API Gateway is given is made from the contract, ends at the aliases, is throttled, and can be called by nobody else.

use crate::gateway::renewed;
use crate::openapi::{operations, pascal};
use crate::stacks::{Stacks, many, text};
use crate::tree::Tree;
use serde_json::Value;

fn the_copy_is_fresh(tree: &Tree) -> Vec<String> {
    let text = tree.text(crate::gateway::FILE).unwrap_or_default();
    match renewed(text, &crate::rules::contract_of(tree)) {
        Ok(made) if made == text => Vec::new(),
        Ok(_) => vec!["infra/api.yaml is stale: run `cargo run -p contract --bin write-gateway`".to_owned()],
        Err(why) => vec![why],
    }
}

fn body(stacks: &Stacks) -> Value {
    stacks.of("AWS::ApiGateway::RestApi").next().map(|api| api.properties()["Body"].clone()).unwrap_or_default()
}

fn every_operation_ends_at_the_alias_of_its_function(stacks: &Stacks, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let body = body(stacks);
    for operation in operations(document) {
        let place = format!("{} {}", operation.method, operation.path);
        let method = &body["paths"][&operation.path][operation.method.to_lowercase()];
        let integration = &method["x-amazon-apigateway-integration"];
        let wanted = format!(":function:${{Prefix}}-{}:live/invocations", operation.function);
        if integration["type"] != "aws_proxy" || !text(&integration["uri"]).ends_with(&wanted) {
            found.push(format!("{place}: does not end at the alias live of {}", operation.function));
        }
        if method["x-amazon-apigateway-request-validator"] != "all" {
            found.push(format!("{place}: reaches the function unchecked"));
        }
        let permission =
            stacks.of("AWS::Lambda::Permission").find(|one| one.id == format!("Invoke{}", pascal(&operation.id)));
        let allowed = permission.is_some_and(|one| {
            let properties = one.properties();
            text(&properties["FunctionName"]).ends_with(&format!("-{}:live", operation.function))
                && properties["Principal"] == "apigateway.amazonaws.com"
                && text(&properties["SourceArn"]).contains(&format!(":${{Api}}/*/{}/", operation.method))
        });
        if !allowed {
            found.push(format!("{place}: may not call {}", operation.function));
        }
        let throttled = stacks
            .of("AWS::ApiGateway::Stage")
            .flat_map(|stage| many(&stage.properties()["MethodSettings"]))
            .any(|setting| {
                text(&setting["ResourcePath"]) == format!("/{}", operation.path.replace('/', "~1"))
                    && setting["HttpMethod"] == operation.method.as_str()
                    && setting["ThrottlingRateLimit"].as_u64().is_some_and(|rate| rate > 0)
            });
        if !throttled {
            found.push(format!("{place}: takes as many requests as come"));
        }
    }
    let known: Vec<(String, String)> =
        operations(document).into_iter().map(|operation| (operation.path, operation.method.to_lowercase())).collect();
    for (path, item) in body["paths"].as_object().into_iter().flatten() {
        let other = &item["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"];
        if other["type"] != "mock" {
            found.push(format!("{path}: does not refuse other methods"));
        }
        for method in item.as_object().into_iter().flat_map(|members| members.keys()) {
            if !method.starts_with("x-") && !known.contains(&(path.clone(), method.clone())) {
                found.push(format!("{path}: {method} is not in the contract"));
            }
        }
    }
    if body["paths"]["/{proxy+}"].is_null() {
        found.push("unknown paths are not refused in our words".to_owned());
    }
    found
}

fn the_gateway_speaks_our_problem_documents(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let body = body(stacks);
    let responses = &body["x-amazon-apigateway-gateway-responses"];
    for kind in [
        "BAD_REQUEST_BODY",
        "BAD_REQUEST_PARAMETERS",
        "REQUEST_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "THROTTLED",
        "QUOTA_EXCEEDED",
        "MISSING_AUTHENTICATION_TOKEN",
        "RESOURCE_NOT_FOUND",
        "WAF_FILTERED",
        "INTEGRATION_FAILURE",
        "INTEGRATION_TIMEOUT",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
    ] {
        let response = &responses[kind];
        let media = &response["responseParameters"]["gatewayresponse.header.Content-Type"];
        let said = text(&response["responseTemplates"]["application/json"]);
        let is_json = serde_json::from_str::<Value>(&said.replace("$context", ""))
            .is_ok_and(|problem| problem["code"].is_string());
        if media != "'application/problem+json'" || !is_json {
            found.push(format!("{kind}: is not refused with a problem document"));
        }
    }
    for (kind, words) in [
        ("THROTTLED", "Too many requests. Please wait and try again."),
        ("INTEGRATION_FAILURE", "System experiencing high traffic. Please try again shortly."),
    ] {
        if !text(&responses[kind]["responseTemplates"]["application/json"]).contains(words) {
            found.push(format!("{kind}: has other words than the contract's"));
        }
    }
    found
}

fn the_gateway_is_guarded(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut wants = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let api = stacks.of("AWS::ApiGateway::RestApi").next();
    wants(
        api.is_some_and(|api| api.properties()["EndpointConfiguration"].to_string().contains("REGIONAL")),
        "the API is not regional",
    );
    let stage = stacks.of("AWS::ApiGateway::Stage").next().map(|stage| stage.properties().clone()).unwrap_or_default();
    wants(stage["TracingEnabled"] == true, "the API is not traced");
    wants(!stage["AccessLogSetting"]["DestinationArn"].is_null(), "the API has no access log");
    wants(
        serde_json::from_str::<Value>(&text(&stage["AccessLogSetting"]["Format"])).is_ok(),
        "the access log is not JSON",
    );
    wants(stacks.of("AWS::WAFv2::WebACLAssociation").count() == 1, "no firewall stands before the API");
    let limits = stacks
        .of("AWS::WAFv2::WebACL")
        .any(|firewall| firewall.properties()["Rules"].to_string().contains("RateBasedStatement"));
    wants(limits, "the firewall limits nobody");
    for distribution in stacks.of("AWS::CloudFront::Distribution") {
        let config = &distribution.properties()["DistributionConfig"];
        for behaviour in
            many(&config["CacheBehaviors"]).into_iter().chain(std::iter::once(&config["DefaultCacheBehavior"]))
        {
            wants(
                behaviour["ViewerProtocolPolicy"] == "https-only"
                    || behaviour["ViewerProtocolPolicy"] == "redirect-to-https",
                "the edge answers without TLS",
            );
            wants(!behaviour["ResponseHeadersPolicyId"].is_null(), "the edge answers without security headers");
        }
        wants(
            config["ViewerCertificate"].to_string().contains("TLSv1.2_2021"),
            "the edge takes old TLS on our own domain",
        );
        for origin in many(&config["Origins"]).into_iter().filter(|origin| !origin["CustomOriginConfig"].is_null()) {
            wants(
                origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only",
                "the edge calls the API without TLS",
            );
        }
        for origin in many(&config["Origins"]).into_iter().filter(|origin| !origin["S3OriginConfig"].is_null()) {
            wants(!origin["OriginAccessControlId"].is_null(), "the bucket of the pages is read by anybody");
        }
    }
    let headers = stacks
        .of("AWS::CloudFront::ResponseHeadersPolicy")
        .next()
        .map(|policy| policy.properties().to_string())
        .unwrap_or_default();
    for part in [
        "Content-Security-Policy",
        "ContentSecurityPolicy",
        "StrictTransportSecurity",
        "ContentTypeOptions",
        "ReferrerPolicy",
        "Permissions-Policy",
    ] {
        wants(part == "Content-Security-Policy" || headers.contains(part), &format!("no {part}"));
    }
    wants(!headers.contains("unsafe-inline") && !headers.contains("unsafe-eval"), "pages may run inline script");
    found
}

/// Nothing but the gateway, EventBridge and the mappings may start a function.
fn nobody_else_may_call(stacks: &Stacks) -> Vec<String> {
    stacks
        .of("AWS::Lambda::Permission")
        .filter(|permission| {
            let properties = permission.properties();
            let known = properties["Principal"] == "apigateway.amazonaws.com"
                || properties["Principal"] == "events.amazonaws.com";
            !known || properties["SourceArn"].is_null()
        })
        .map(|permission| format!("{}: lets somebody else call", permission.place()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        every_operation_ends_at_the_alias_of_its_function, nobody_else_may_call, the_copy_is_fresh,
        the_gateway_is_guarded, the_gateway_speaks_our_problem_documents,
    };
    use crate::rules::{caught, contract_of, none, stacks, tree};
    use serde_json::{Value, json};

    #[test]
    fn what_the_gateway_imports_is_made_from_the_contract_as_it_stands() {
        none(&the_copy_is_fresh(&tree()));
        let changed = tree().replaced("infra/openapi.yaml", "/api/quotes:", "/api/offers:");
        caught(&the_copy_is_fresh(&changed), "is stale");
        let edited = tree().replaced("infra/api.yaml", "AWS::Serverless::Api", "AWS::Serverless::HttpApi");
        caught(&the_copy_is_fresh(&edited), "is stale");
    }

    // Proves: S1-B01, S2-24, S3-17
    #[test]
    fn every_operation_is_checked_throttled_and_ends_at_the_alias_of_its_own_function() {
        none(&every_operation_ends_at_the_alias_of_its_function(&stacks(), &contract_of(&tree())));
    }

    #[test]
    fn a_route_to_another_function_past_the_alias_unchecked_or_unknown_is_caught() {
        let rule = |planted| every_operation_ends_at_the_alias_of_its_function(&planted, &contract_of(&tree()));
        let body = "/Properties/Body/paths/~1api~1quotes/post";
        let uri = |name: &str| json!({ "Fn::Sub": format!("arn:x:function:${{Prefix}}-{name}/invocations") });
        let at = format!("{body}/x-amazon-apigateway-integration/uri");
        caught(
            &rule(stacks().planted("infra/api.yaml", "Api", &at, uri("place-order:live"))),
            "alias live of quote-order",
        );
        caught(&rule(stacks().planted("infra/api.yaml", "Api", &at, uri("quote-order"))), "alias live of quote-order");
        let at = format!("{body}/x-amazon-apigateway-request-validator");
        caught(&rule(stacks().planted("infra/api.yaml", "Api", &at, Value::Null)), "unchecked");
        let at = "/Properties/Body/paths/~1api~1quotes/put";
        caught(&rule(stacks().planted("infra/api.yaml", "Api", at, json!({}))), "put is not in the contract");
        caught(
            &rule(stacks().planted("infra/api.yaml", "InvokeQuoteOrder", "/Properties/SourceArn", json!("x"))),
            "may not call quote-order",
        );
        caught(
            &rule(stacks().planted("infra/api.yaml", "ApiliveStage", "/Properties/MethodSettings", json!([]))),
            "as many requests as come",
        );
        let at = "/Properties/Body/paths/~1{proxy+}";
        caught(&rule(stacks().planted("infra/api.yaml", "Api", at, Value::Null)), "unknown paths");
    }

    // Proves: S4-U1b
    #[test]
    fn the_gateways_own_refusals_are_problem_documents_in_the_fixed_words() {
        none(&the_gateway_speaks_our_problem_documents(&stacks()));
    }

    #[test]
    fn a_refusal_in_other_words_is_caught() {
        let at = "/Properties/Body/x-amazon-apigateway-gateway-responses";
        let planted = stacks().planted(
            "infra/api.yaml",
            "Api",
            &format!("{at}/THROTTLED/responseTemplates/application~1json"),
            json!("{\"code\":\"x\"}"),
        );
        caught(&the_gateway_speaks_our_problem_documents(&planted), "THROTTLED: has other words");
        let planted = stacks().planted("infra/api.yaml", "Api", &format!("{at}/BAD_REQUEST_BODY"), Value::Null);
        caught(&the_gateway_speaks_our_problem_documents(&planted), "BAD_REQUEST_BODY");
    }

    // Proves: S0-07, S0-09, S1-A05, S2-38, S1-T07
    #[test]
    fn the_gateway_and_the_edge_are_guarded() {
        none(&the_gateway_is_guarded(&stacks()));
    }

    #[test]
    fn an_unguarded_gateway_is_caught() {
        let planted = stacks().planted("infra/api.yaml", "ApiliveStage", "/Properties/TracingEnabled", json!(false));
        caught(&the_gateway_is_guarded(&planted), "not traced");
        let planted = stacks().planted("infra/api.yaml", "FirewallOfTheApi", "/Type", json!("other"));
        caught(&the_gateway_is_guarded(&planted), "no firewall");
        let planted = stacks().planted(
            "infra/edge.yaml",
            "Distribution",
            "/Properties/DistributionConfig/DefaultCacheBehavior/ViewerProtocolPolicy",
            json!("allow-all"),
        );
        caught(&the_gateway_is_guarded(&planted), "without TLS");
        let policy =
            "/Properties/ResponseHeadersPolicyConfig/SecurityHeadersConfig/ContentSecurityPolicy/ContentSecurityPolicy";
        let planted = stacks().planted("infra/edge.yaml", "Security", policy, json!("script-src 'unsafe-inline'"));
        caught(&the_gateway_is_guarded(&planted), "inline script");
    }

    // Proves: S2-25
    #[test]
    fn nobody_but_the_gateway_and_the_schedules_may_call_a_function() {
        none(&nobody_else_may_call(&stacks()));
        let planted = stacks().planted("infra/api.yaml", "InvokeQuoteOrder", "/Properties/Principal", json!("*"));
        caught(&nobody_else_may_call(&planted), "InvokeQuoteOrder");
    }
}

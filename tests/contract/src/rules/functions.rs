//! Functions as they are deployed: one alias, a canary that alarms can stop, traces, logs that end, a role of their own,
//! and no way in but the gateway, a queue, a stream or a schedule.

use crate::stacks::{Resource, Stacks, many, target, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// Ours, without those that SAM or a custom resource might bring.
fn ours(stacks: &Stacks) -> impl Iterator<Item = Resource<'_>> {
    stacks.of("AWS::Lambda::Function")
}

fn every_function_is_built_and_watched_alike(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut roles = BTreeSet::new();
    for function in ours(stacks) {
        let properties = function.properties();
        let mut wants = |holds: bool, what: &str| {
            if !holds {
                found.push(format!("{}: {what}", function.place()));
            }
        };
        wants(
            properties["Runtime"] == "provided.al2023" && properties["Architectures"] == serde_json::json!(["arm64"]),
            "is not provided.al2023 on arm64",
        );
        wants(properties["TracingConfig"]["Mode"] == "Active", "is not traced");
        wants(properties["MemorySize"].as_u64().is_some(), "does not say its memory");
        wants(properties["Timeout"].as_u64().is_some(), "does not say its timeout");
        wants(
            text(&properties["FunctionName"]).starts_with("${Prefix}-"),
            "has a name that does not follow from the prefix",
        );
        let logs = stacks.beside(&function, target(&properties["LoggingConfig"]["LogGroup"]).unwrap_or_default());
        wants(
            logs["Properties"]["RetentionInDays"].as_u64().is_some_and(|days| (15..=90).contains(&days)),
            "keeps its logs too short or too long",
        );
        wants(!logs["Properties"]["KmsKeyId"].is_null(), "has logs without a key of ours");
        let role = target(&properties["Role"]).unwrap_or_default();
        wants(stacks.beside(&function, role)["Type"] == "AWS::IAM::Role", "has no role of its own");
        wants(roles.insert((function.stack, role)), "shares its role");
    }
    for way in stacks.of("AWS::Lambda::Url") {
        found.push(format!("{}: is a way around the gateway", way.place()));
    }
    found
}

fn every_alias_moves_by_a_canary_that_alarms_stop(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for function in ours(stacks) {
        let alias = stacks.of("AWS::Lambda::Alias").find(|alias| {
            alias.stack == function.stack && target(&alias.properties()["FunctionName"]) == Some(function.id)
        });
        let Some(alias) = alias.filter(|alias| alias.properties()["Name"] == "live") else {
            found.push(format!("{}: has no alias live", function.place()));
            continue;
        };
        let update = &alias.value["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"];
        let group = &stacks.beside(&alias, target(&update["DeploymentGroupName"]).unwrap_or_default())["Properties"];
        if group.is_null() {
            found.push(format!("{}: all of its callers get a new version at once", function.place()));
            continue;
        }
        let how = group["DeploymentConfigName"].to_string();
        if !how.contains("Canary10Percent5Minutes") {
            found.push(format!("{}: moves by {how}", function.place()));
        }
        let alarms = many(&group["AlarmConfiguration"]["Alarms"]);
        let real = alarms.iter().all(|alarm| {
            let id = target(&alarm["Name"]).unwrap_or_default();
            stacks.beside(&alias, id)["Type"] == "AWS::CloudWatch::Alarm"
        });
        if group["AlarmConfiguration"]["Enabled"] != true || alarms.is_empty() || !real {
            found.push(format!("{}: no alarm stops its canary", function.place()));
        }
        let back = many(&group["AutoRollbackConfiguration"]["Events"]);
        if group["AutoRollbackConfiguration"]["Enabled"] != true
            || !back.into_iter().any(|event| event == "DEPLOYMENT_STOP_ON_ALARM")
        {
            found.push(format!("{}: does not go back by itself", function.place()));
        }
    }
    for mapping in stacks.of("AWS::Lambda::EventSourceMapping") {
        if !target(&mapping.properties()["FunctionName"]).is_some_and(|id| id.ends_with("Aliaslive")) {
            found.push(format!("{}: goes around the alias", mapping.place()));
        }
    }
    for rule in stacks.of("AWS::Events::Rule") {
        for to in many(&rule.properties()["Targets"]) {
            if !target(&to["Arn"]).is_some_and(|id| id.ends_with("Aliaslive")) {
                found.push(format!("{}: goes around the alias", rule.place()));
            }
            if to["DeadLetterConfig"]["Arn"].is_null() {
                found.push(format!("{}: forgets what it could not deliver", rule.place()));
            }
            let function = target(&to["Arn"]).unwrap_or_default().trim_end_matches("Aliaslive").to_owned();
            let parked = stacks
                .of("AWS::Lambda::EventInvokeConfig")
                .filter(|config| config.stack == rule.stack && config.properties()["Qualifier"] == "live")
                .filter(|config| target(&config.properties()["FunctionName"]) == Some(&function))
                .any(|config| !config.properties()["DestinationConfig"]["OnFailure"]["Destination"].is_null());
            if !parked {
                found.push(format!("{}: forgets runs of {function} that failed", rule.place()));
            }
        }
    }
    found
}

/// Environments kept warm, where a parameter asks for them: at least two, growing with use.
fn what_shoppers_wait_for_can_be_kept_warm(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (stack, id) in [
        ("infra/catalog.yaml", "ListProducts"),
        ("infra/catalog.yaml", "GetProduct"),
        ("infra/checkout.yaml", "PlaceOrder"),
    ] {
        let alias =
            stacks.of("AWS::Lambda::Alias").find(|alias| alias.stack == stack && alias.id == format!("{id}Aliaslive"));
        let asked = alias.map_or(Value::Null, |alias| alias.properties()["ProvisionedConcurrencyConfig"].clone());
        if !asked.to_string().contains("WarmEnvironments") {
            found.push(format!("{stack}: {id} cannot be kept warm"));
        }
        let scaled = stacks.of("AWS::ApplicationAutoScaling::ScalableTarget").any(|scaled| {
            scaled.stack == stack && text(&scaled.properties()["ResourceId"]) == format!("function:${{{id}}}:live")
        });
        let by_use = stacks.of("AWS::ApplicationAutoScaling::ScalingPolicy").any(|policy| {
            policy.stack == stack
                && target(&policy.properties()["ScalingTargetId"]) == Some(&format!("{id}Warm"))
                && policy.properties()["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.7
        });
        if !scaled || !by_use {
            found.push(format!("{stack}: {id} does not grow with use"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        every_alias_moves_by_a_canary_that_alarms_stop, every_function_is_built_and_watched_alike,
        what_shoppers_wait_for_can_be_kept_warm,
    };
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};

    // Proves: S1-M01, S2-24, S2-26
    #[test]
    fn every_function_has_its_own_role_traces_and_logs_that_end_and_no_address_of_its_own() {
        none(&every_function_is_built_and_watched_alike(&stacks()));
    }

    #[test]
    fn a_function_untraced_unbounded_or_reachable_around_the_gateway_is_caught() {
        let rule = every_function_is_built_and_watched_alike;
        let function = "GetStock";
        for (pointer, value, said) in [
            ("/Properties/TracingConfig", Value::Null, "is not traced"),
            ("/Properties/Runtime", json!("nodejs22.x"), "is not provided.al2023"),
            ("/Properties/Timeout", Value::Null, "does not say its timeout"),
            ("/Properties/LoggingConfig", Value::Null, "keeps its logs too short or too long"),
            ("/Properties/FunctionName", json!("get-stock"), "does not follow from the prefix"),
            ("/Properties/Role", json!({ "Fn::GetAtt": ["AdjustStockRole", "Arn"] }), "shares its role"),
        ] {
            caught(&rule(&stacks().planted("infra/stock.yaml", function, pointer, value)), said);
        }
        let planted = stacks().planted("infra/stock.yaml", "GetStockLogs", "/Properties/RetentionInDays", Value::Null);
        caught(&rule(&planted), "keeps its logs too short or too long");
        let planted = stacks().with("infra/stock.yaml", "Door", json!({ "Type": "AWS::Lambda::Url" }));
        caught(&rule(&planted), "a way around the gateway");
    }

    // Proves: S0-19, S1-X03
    #[test]
    fn every_alias_moves_by_a_canary_that_an_alarm_stops_and_takes_back() {
        none(&every_alias_moves_by_a_canary_that_alarms_stop(&stacks()));
    }

    #[test]
    fn a_canary_without_alarms_or_none_at_all_is_caught() {
        let rule = every_alias_moves_by_a_canary_that_alarms_stop;
        let group = "GetStockDeploymentGroup";
        for (pointer, value, said) in [
            ("/Properties/AlarmConfiguration/Alarms", json!([]), "no alarm stops"),
            ("/Properties/AlarmConfiguration/Alarms", json!([{ "Name": { "Ref": "Nothing" } }]), "no alarm stops"),
            ("/Properties/DeploymentConfigName", json!("CodeDeployDefault.LambdaAllAtOnce"), "AllAtOnce"),
            ("/Properties/AutoRollbackConfiguration", Value::Null, "does not go back"),
        ] {
            caught(&rule(&stacks().planted("infra/stock.yaml", group, pointer, value)), said);
        }
        let planted = stacks().planted("infra/stock.yaml", "GetStockAliaslive", "/UpdatePolicy", Value::Null);
        caught(&rule(&planted), "at once");
        let planted = stacks().planted("infra/stock.yaml", "GetStockAliaslive", "/Properties/Name", json!("latest"));
        caught(&rule(&planted), "has no alias live");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "SettleHoldsStockSettlement",
            "/Properties/FunctionName",
            json!({ "Ref": "SettleHolds" }),
        );
        caught(&rule(&planted), "goes around the alias");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "SweepHoldsEveryMinute",
            "/Properties/Targets/0/DeadLetterConfig",
            Value::Null,
        );
        caught(&rule(&planted), "forgets what it could not deliver");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "SweepHoldsEventInvokeConfig",
            "/Properties/DestinationConfig",
            Value::Null,
        );
        caught(&rule(&planted), "forgets runs of SweepHolds");
    }

    // Proves: S0-14, S1-X08
    #[test]
    fn listing_product_page_and_checkout_can_be_kept_warm_and_grow_with_use() {
        none(&what_shoppers_wait_for_can_be_kept_warm(&stacks()));
    }

    #[test]
    fn a_checkout_that_cannot_be_kept_warm_is_caught() {
        let planted = stacks().planted(
            "infra/checkout.yaml",
            "PlaceOrderAliaslive",
            "/Properties/ProvisionedConcurrencyConfig",
            Value::Null,
        );
        caught(&what_shoppers_wait_for_can_be_kept_warm(&planted), "PlaceOrder cannot be kept warm");
        let planted = stacks().planted(
            "infra/checkout.yaml",
            "PlaceOrderWarm",
            "/Properties/ResourceId",
            json!("function:other:live"),
        );
        caught(&what_shoppers_wait_for_can_be_kept_warm(&planted), "PlaceOrder does not grow");
    }
}

//! What each role may do: no patterns on the data plane, and only those who handle payments reach what is about payments.

use crate::stacks::{Resource, Stacks, many, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// Actions that AWS ties to no resource.
const WITHOUT_A_RESOURCE: [&str; 3] = ["cloudwatch:GetMetricData", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// Who may read the provider's credentials or open payment tokens.
const HANDLE_PAYMENTS: [&str; 8] = [
    "place-order",
    "flash-checkout",
    "pay-order",
    "expire-order",
    "receive-payment-event",
    "retry-payment",
    "refund-payment",
    "reconcile-payments",
];

/// Every statement of the role that a function has, with the function.
pub(super) fn grants(stacks: &Stacks) -> Vec<(Resource<'_>, Vec<&Value>)> {
    stacks
        .of("AWS::Lambda::Function")
        .map(|function| {
            let role = crate::stacks::target(&function.properties()["Role"]).unwrap_or_default();
            let policies = many(&stacks.beside(&function, role)["Properties"]["Policies"]);
            let statements =
                policies.into_iter().flat_map(|policy| many(&policy["PolicyDocument"]["Statement"])).collect();
            (function, statements)
        })
        .collect()
}

/// A function's name without the prefix.
pub(super) fn name(function: &Resource<'_>) -> String {
    text(&function.properties()["FunctionName"]).trim_start_matches("${Prefix}-").to_owned()
}

/// Scalable targets have ids that are drawn when they are made.
pub(super) const SCALABLE_TARGETS: &str = ":scalable-target/*";

/// Whether a statement is about scalable targets, and about environments of functions alone.
fn only_keeps_warm(statement: &Value, resource: &str) -> bool {
    let of = |key: &str| text(&statement["Condition"]["StringEquals"][format!("application-autoscaling:{key}")]);
    resource.ends_with(SCALABLE_TARGETS)
        && resource.matches('*').count() == 1
        && (of("service-namespace").as_str(), of("scalable-dimension").as_str())
            == ("lambda", "lambda:function:ProvisionedConcurrency")
}

fn every_grant_is_exact(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (function, statements) in grants(stacks) {
        let place = function.place();
        if statements.is_empty() {
            found.push(format!("{place}: its role says nothing"));
        }
        for statement in statements {
            let actions: Vec<String> = many(&statement["Action"]).into_iter().map(text).collect();
            let free = actions.iter().all(|action| WITHOUT_A_RESOURCE.contains(&action.as_str()));
            for action in &actions {
                if action.contains('*') || action.contains('?') {
                    found.push(format!("{place}: may {action}, a pattern"));
                }
                if action.contains("PartiQL")
                    || action.contains("ExecuteStatement")
                    || action.contains("ExecuteTransaction")
                {
                    found.push(format!("{place}: may {action}, which takes statements as text"));
                }
            }
            for resource in many(&statement["Resource"]).into_iter().map(text) {
                // Objects have no names before they are made: all of one bucket is as exact as it gets.
                let objects = resource.contains(":s3:::${Prefix}-")
                    && resource.ends_with("/*")
                    && resource.matches('*').count() == 1;
                if resource.contains('*') && !free && !objects && !only_keeps_warm(statement, &resource) {
                    found.push(format!("{place}: may do {actions:?} to {resource}"));
                }
            }
            if !statement["NotAction"].is_null() || !statement["NotResource"].is_null() {
                found.push(format!("{place}: is granted all but something"));
            }
        }
    }
    for role in stacks.of("AWS::IAM::Role") {
        let managed = many(&role.properties()["ManagedPolicyArns"]);
        let deploys = role.id == "CodeDeployServiceRole";
        let in_vpc_only = |policy: &Value| {
            policy.to_string().contains("AWSLambdaVPCAccessExecutionRole") && policy.to_string().contains("Fn::If")
        };
        if !deploys && !managed.into_iter().all(in_vpc_only) {
            found.push(format!("{}: has a policy that is not written here", role.place()));
        }
    }
    found
}

fn only_payment_functions_reach_payment_data(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (function, statements) in grants(stacks) {
        let reaches = statements.into_iter().flat_map(|statement| many(&statement["Resource"])).any(|resource| {
            text(resource).contains(":secret:${Prefix}/payments") || resource["Ref"] == "PaymentsKeyArn"
        });
        let name = name(&function);
        if reaches && !HANDLE_PAYMENTS.contains(&name.as_str()) {
            found.push(format!("{}: reaches payment data", function.place()));
        }
    }
    for key in stacks.of("AWS::KMS::Key").filter(|key| key.id == "PaymentsKey") {
        for statement in many(&key.properties()["KeyPolicy"]["Statement"]) {
            let reads = many(&statement["Action"]).into_iter().any(|action| action == "kms:Decrypt");
            let to = many(&statement["Condition"]["ArnLike"]["aws:PrincipalArn"]);
            if reads && to.is_empty() {
                found.push(format!("{}: anybody whom IAM allows may open it", key.place()));
            }
            for who in to.into_iter().map(text) {
                let role =
                    who.rsplit("${Prefix}-").next().unwrap_or_default().trim_end_matches("-${AWS::Region}").to_owned();
                if role != "deploy" && !HANDLE_PAYMENTS.contains(&role.as_str()) {
                    found.push(format!("{}: {role} may use it", key.place()));
                }
            }
        }
    }
    found
}

/// Key policies name roles; each must be one that the templates make, or a renamed function silently loses its data.
fn key_policies_name_roles_that_exist(stacks: &Stacks) -> Vec<String> {
    let roles: BTreeSet<String> =
        stacks.of("AWS::IAM::Role").map(|role| text(&role.properties()["RoleName"])).collect();
    let mut found = Vec::new();
    for key in stacks.of("AWS::KMS::Key") {
        for statement in many(&key.properties()["KeyPolicy"]["Statement"]) {
            for who in many(&statement["Condition"]["ArnLike"]["aws:PrincipalArn"]).into_iter().map(text) {
                let role = who.rsplit(":role/").next().unwrap_or_default().to_owned();
                if role != "${Prefix}-deploy" && !roles.contains(&role) {
                    found.push(format!("{}: names {role}, which no template makes", key.place()));
                }
            }
        }
    }
    for (function, statements) in grants(stacks) {
        for (parameter, key) in [("PersonalKeyArn", "PersonalKey"), ("PaymentsKeyArn", "PaymentsKey")] {
            let uses = statements
                .iter()
                .any(|statement| many(&statement["Resource"]).into_iter().any(|resource| resource["Ref"] == parameter));
            let role = format!("{}-${{AWS::Region}}", text(&function.properties()["FunctionName"]));
            let named = stacks
                .of("AWS::KMS::Key")
                .filter(|known| known.id == key)
                .any(|known| known.properties()["KeyPolicy"].to_string().contains(&format!(":role/{role}\"")));
            if uses && !named {
                found.push(format!("{}: may use {key} by its role, and not by the key's policy", function.place()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{every_grant_is_exact, key_policies_name_roles_that_exist, only_payment_functions_reach_payment_data};
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};

    const STATEMENT: &str = "/Properties/Policies/0/PolicyDocument/Statement";

    // Proves: S1-X05, S1-P12, S2-34
    #[test]
    fn no_role_has_a_pattern_in_an_action_or_a_resource_of_the_data_plane() {
        none(&every_grant_is_exact(&stacks()));
    }

    #[test]
    fn a_pattern_a_text_statement_and_a_managed_policy_are_caught() {
        let rule = every_grant_is_exact;
        let grant =
            |actions: Value, resource: Value| json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
        let plant = |statement: Value| {
            stacks().planted("infra/stock.yaml", "GetStockRole", &format!("{STATEMENT}/-"), statement)
        };
        caught(&rule(&plant(grant(json!("dynamodb:*"), json!("arn:x")))), "dynamodb:*, a pattern");
        caught(&rule(&plant(grant(json!(["dynamodb:GetItem"]), json!("*")))), "to *");
        caught(
            &rule(&plant(grant(json!(["sqs:SendMessage"]), json!([{ "Fn::Sub": "arn:sqs:${Prefix}-*" }])))),
            "${Prefix}-*",
        );
        caught(&rule(&plant(grant(json!("dynamodb:PartiQLUpdate"), json!("arn:x")))), "statements as text");
        caught(
            &rule(&plant(json!({ "Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "arn:x" }))),
            "all but something",
        );
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStockRole",
            "/Properties/ManagedPolicyArns",
            json!(["arn:aws:iam::aws:policy/PowerUserAccess"]),
        );
        caught(&rule(&planted), "not written here");
    }

    // Proves: S3-19, S3-16
    #[test]
    fn only_the_functions_that_handle_payments_reach_the_providers_secret_and_the_payment_key() {
        none(&only_payment_functions_reach_payment_data(&stacks()));
    }

    #[test]
    fn another_function_reaching_payment_data_is_caught() {
        let rule = only_payment_functions_reach_payment_data;
        let grant = json!({ "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [{ "Fn::Sub": "arn:x:secret:${Prefix}/payments-??????" }] });
        let planted = stacks().planted("infra/catalog.yaml", "ListProductsRole", &format!("{STATEMENT}/-"), grant);
        caught(&rule(&planted), "ListProducts: reaches payment data");
        let planted = stacks().planted(
            "infra/data.yaml",
            "PaymentsKey",
            "/Properties/KeyPolicy/Statement/2/Condition",
            Value::Null,
        );
        caught(&rule(&planted), "anybody whom IAM allows");
        let who = json!({ "Fn::Sub": "arn:x:role/${Prefix}-list-products-${AWS::Region}" });
        let planted = stacks().planted(
            "infra/data.yaml",
            "PaymentsKey",
            "/Properties/KeyPolicy/Statement/2/Condition/ArnLike/aws:PrincipalArn/-",
            who,
        );
        caught(&rule(&planted), "list-products may use it");
    }

    #[test]
    fn key_policies_and_roles_name_each_other() {
        none(&key_policies_name_roles_that_exist(&stacks()));
    }

    #[test]
    fn a_key_policy_with_a_role_that_is_not_made_is_caught() {
        let planted =
            stacks().planted("infra/payments.yaml", "RetryPaymentRole", "/Properties/RoleName", json!("other"));
        caught(&key_policies_name_roles_that_exist(&planted), "retry-payment");
        let grant = json!({ "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [{ "Ref": "PersonalKeyArn" }] });
        let planted = stacks().planted("infra/catalog.yaml", "ListProductsRole", &format!("{STATEMENT}/-"), grant);
        caught(&key_policies_name_roles_that_exist(&planted), "not by the key's policy");
    }
}

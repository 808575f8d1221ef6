//! What a function's code asks of `Platform`, what its environment holds and what its role allows are one list.

use crate::rules::policies::{SCALABLE_TARGETS, grants, name};
use crate::stacks::{Stacks, many, text};
use crate::tree::Tree;
use serde_json::Value;
use std::collections::BTreeSet;

/// Settings that every function has.
const EVERYWHERE: [&str; 2] = ["STAGE", "VERSION"];

/// Settings of a run on one machine, which no environment on AWS may hold: they let strangers' addresses be of this machine.
const ON_ONE_MACHINE: [&str; 1] = ["OUTBOUND_LOOPBACK"];

/// What calls of `Platform` and `Request` need, with the setting they read.
const CALLS: [(&str, &str); 11] = [
    (".staff(", "TABLE_ACCOUNTS"),
    (".principal(", "TABLE_ACCOUNTS"),
    (".principal(", "SECRET_SIGNING"),
    (".shopper(", "SECRET_SIGNING"),
    (".guest(", "SECRET_SIGNING"),
    (".cursor(", "SECRET_SIGNING"),
    (".cursor::<", "SECRET_SIGNING"),
    (".seal_cursor(", "SECRET_SIGNING"),
    ("request.page(", "SECRET_SIGNING"),
    (".signer(", "SECRET_SIGNING"),
    (".mailer(", "MAIL_FROM"),
];

/// Calls that name what they want.
const NAMED: [(&str, &str); 9] = [
    (".table(\"", "TABLE_"),
    (".queue(\"", "QUEUE_"),
    (".bucket(\"", "BUCKET_"),
    (".environments(\"", "FUNCTION_"),
    (".keys(\"", "KEY_"),
    (".subject_keys(\"", "KEY_"),
    (".secret(\"", "SECRET_"),
    (".setting(\"", ""),
    (".optional(\"", ""),
];

/// The settings that a function's sources ask for, with those that the wiring it calls asks for.
fn asked(tree: &Tree, function: &str) -> BTreeSet<String> {
    let sources = code(tree, &format!("functions/{function}/src/"));
    let mut found = asked_in(&sources);
    let (mut reached, mut left) = (sources, wired(tree));
    // Wiring may call wiring.
    while let Some(at) = left.iter().position(|(called, _)| called.iter().any(|call| reached.contains(call.as_str()))) {
        let (_, part) = left.swap_remove(at);
        found.extend(asked_in(&part));
        reached.push_str(&part);
    }
    for setting in EVERYWHERE {
        found.remove(setting);
    }
    found.retain(|setting| !setting.starts_with("AWS_") && !ON_ONE_MACHINE.contains(&setting.as_str()));
    found
}

/// The parts of the wiring, each with what its callers write: a function by itself, or a whole file by the type that it is
/// named after.
fn wired(tree: &Tree) -> Vec<(Vec<String>, String)> {
    let mut parts = Vec::new();
    for (path, _) in tree.under("shared/wiring/src/", ".rs") {
        let code = code(tree, path);
        let file = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if file != "lib" {
            parts.push((vec![format!("{}::new(", crate::openapi::pascal(&file.replace('_', "-")))], code));
            continue;
        }
        for part in code.split("\npub ").skip(1) {
            let name = part.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or_default();
            if !name.is_empty() {
                parts.push((vec![format!("wiring::{name}("), format!("crate::{name}(")], part.to_owned()));
            }
        }
    }
    parts
}

/// The code of a folder without its comments.
fn code(tree: &Tree, folder: &str) -> String {
    let lines =
        tree.under(folder, if folder.ends_with(".rs") { "" } else { ".rs" }).flat_map(|(_, source)| source.lines());
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn asked_in(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (call, setting) in CALLS {
        if code.contains(call) {
            found.insert(setting.to_owned());
        }
    }
    for (call, kind) in NAMED {
        for part in code.split(call).skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            found.insert(format!("{kind}{}", name.replace('-', "_").to_uppercase()));
        }
    }
    found
}

fn environments_hold_what_the_code_asks_for(tree: &Tree, stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for function in stacks.of("AWS::Lambda::Function") {
        let name = name(&function);
        if !tree.exists(&format!("functions/{name}")) {
            continue;
        }
        let asked = asked(tree, &name);
        let held: BTreeSet<String> = function.properties()["Environment"]["Variables"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys().cloned())
            .filter(|setting| !EVERYWHERE.contains(&setting.as_str()))
            .collect();
        found.extend(
            asked
                .difference(&held)
                .map(|setting| format!("{name}: asks for {setting}, which its environment does not hold")),
        );
        found.extend(
            held.difference(&asked).map(|setting| format!("{name}: holds {setting}, for which its code does not ask")),
        );
    }
    found
}

/// What a setting allows to be reached, as it stands in a statement's resource; `None` where no grant is needed.
fn reached(setting: &str) -> Option<String> {
    let (kind, rest) = setting.split_once('_')?;
    let name = rest.to_lowercase().replace('_', "-");
    match kind {
        "TABLE" => Some(format!(":table/${{Prefix}}-{name}")),
        "QUEUE" => Some(format!(":sqs:${{AWS::Region}}:${{AWS::AccountId}}:${{Prefix}}-{name}")),
        "BUCKET" => Some(format!(":s3:::${{Prefix}}-{name}-")),
        "SECRET" => Some(format!(":secret:${{Prefix}}/{name}-??????")),
        "KEY" => Some(format!("{}KeyArn", crate::openapi::pascal(&name))),
        "MAIL" => Some(":ses:".to_owned()),
        "FUNCTION" => Some(format!(":function:${{Prefix}}-{name}:live")),
        _ => None,
    }
}

/// Settings that shared wiring asks for and that the function itself never follows: named, and not allowed.
const NAMED_ONLY: [(&str, &str); 9] = [
    ("pay-order", "KEY_PERSONAL"),
    ("retry-payment", "KEY_PERSONAL"),
    ("reconcile-payments", "KEY_PERSONAL"),
    ("expire-order", "KEY_PERSONAL"),
    ("expire-order", "KEY_PAYMENTS"),
    ("expire-order", "TABLE_STOCK"),
    ("refund-payment", "KEY_PERSONAL"),
    ("refund-payment", "KEY_PAYMENTS"),
    ("refund-payment", "TABLE_STOCK"),
];

fn roles_allow_what_environments_name_and_no_more(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (function, statements) in grants(stacks) {
        let name = name(&function);
        let held: Vec<String> = function.properties()["Environment"]["Variables"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys().cloned())
            .collect();
        let resources: Vec<String> = statements
            .iter()
            .flat_map(|statement| many(&statement["Resource"]))
            .map(|resource| resource["Ref"].as_str().map_or_else(|| text(resource), str::to_owned))
            .collect();
        let followed = held.iter().filter(|setting| !NAMED_ONLY.contains(&(&name, setting)));
        for wanted in followed.filter_map(|setting| reached(setting)) {
            if !resources.iter().any(|resource| matches(resource, &wanted)) {
                found.push(format!("{name}: is told of {wanted} and may not reach it"));
            }
        }
        let own = |resource: &String| {
            resource.starts_with('{')
                || resource == "*"
                || resource.ends_with("StreamArn")
                || resource.ends_with(SCALABLE_TARGETS)
        };
        for resource in resources.iter().filter(|resource| !own(resource)) {
            if !held.iter().filter_map(|setting| reached(setting)).any(|wanted| matches(resource, &wanted)) {
                found.push(format!("{name}: may reach {resource} and is not told of it"));
            }
        }
    }
    found
}

/// Whether a statement's resource is what a setting names: the table itself or one of its indexes, the bucket's objects.
fn matches(resource: &str, wanted: &str) -> bool {
    let whole = wanted.ends_with('-') || wanted.ends_with(':');
    resource.split_once(wanted).is_some_and(|(_, rest)| whole || rest.is_empty() || rest.starts_with("/index/"))
}

/// Reading functions hold no right to write.
fn what_only_reads_may_not_write(stacks: &Stacks) -> Vec<String> {
    const READERS: [&str; 10] = [
        "list-products",
        "get-product",
        "recommend-products",
        "get-stock",
        "list-orders",
        "list-all-orders",
        "get-order",
        "list-promotions",
        "export-metrics",
        "list-payment-methods",
    ];
    const WRITES: [&str; 6] = [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "s3:PutObject",
        "s3:DeleteObject",
        "sqs:SendMessage",
    ];
    let mut found = Vec::new();
    for (function, statements) in grants(stacks) {
        let name = name(&function);
        if !READERS.contains(&name.as_str()) {
            continue;
        }
        for action in statements.into_iter().flat_map(|statement| many(&statement["Action"])).filter_map(Value::as_str)
        {
            if WRITES.contains(&action) {
                found.push(format!("{name}: only reads and may {action}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        environments_hold_what_the_code_asks_for, roles_allow_what_environments_name_and_no_more,
        what_only_reads_may_not_write,
    };
    use crate::rules::{caught, none, stacks, tree};
    use serde_json::{Value, json};

    // Proves: S1-B02
    #[test]
    fn environments_hold_what_the_code_asks_for_and_no_more() {
        none(&environments_hold_what_the_code_asks_for(&tree(), &stacks()));
    }

    #[test]
    fn a_setting_that_is_missing_or_left_over_is_caught() {
        let rule = environments_hold_what_the_code_asks_for;
        let planted = stacks().planted(
            "infra/operations.yaml",
            "ReportHealth",
            "/Properties/Environment/Variables/TABLE_CONTROL",
            Value::Null,
        );
        caught(&rule(&tree(), &planted), "report-health: asks for TABLE_CONTROL");
        let planted = stacks().planted(
            "infra/operations.yaml",
            "ReportHealth",
            "/Properties/Environment/Variables/QUEUE_MAIL",
            json!("x"),
        );
        caught(&rule(&tree(), &planted), "report-health: holds QUEUE_MAIL");
    }

    // Proves: S1-X05, S2-25, S3-15
    #[test]
    fn roles_and_environments_name_the_same_resources() {
        none(&roles_allow_what_environments_name_and_no_more(&stacks()));
    }

    #[test]
    fn a_grant_too_many_and_a_grant_too_few_are_caught() {
        let rule = roles_allow_what_environments_name_and_no_more;
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            "/Properties/Environment/Variables/TABLE_ORDERS",
            json!("x"),
        );
        caught(&rule(&planted), "get-stock: is told of :table/${Prefix}-orders");
        let grant = json!({ "Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [{ "Fn::Sub": "arn:x:table/${Prefix}-orders" }] });
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStockRole",
            "/Properties/Policies/0/PolicyDocument/Statement/-",
            grant,
        );
        caught(&rule(&planted), "get-stock: may reach arn:x:table/${Prefix}-orders");
    }

    // Proves: S0-11
    #[test]
    fn functions_that_only_read_may_not_write() {
        none(&what_only_reads_may_not_write(&stacks()));
        let grant = json!({ "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": ["x"] });
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStockRole",
            "/Properties/Policies/0/PolicyDocument/Statement/-",
            grant,
        );
        caught(&what_only_reads_may_not_write(&planted), "get-stock: only reads");
    }
}

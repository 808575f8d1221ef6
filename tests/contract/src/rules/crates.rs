//! Which crate may know which: contexts know the kits and no other context, and the SDKs stay in their adapters.

use crate::tree::Tree;
use std::collections::BTreeSet;

/// The kits that every context may use.
const KITS: [&str; 10] =
    ["kernel", "table", "queue", "vault", "objects", "mail", "telemetry", "outbound", "webhooks", "testkit"];
/// The contexts. Only the orchestrator may use others.
const CONTEXTS: [&str; 10] =
    ["catalog", "stock", "cart", "checkout", "orders", "payments", "flash", "accounts", "returns", "partners"];
/// The context that may use the others.
const ORCHESTRATOR: &str = "checkout";

/// Which of AWS's crates may be used where.
const SDKS: [(&str, &[&str]); 9] = [
    (
        "shared/table",
        &["aws-sdk-dynamodb", "serde_dynamo", "aws-smithy-types", "aws-smithy-runtime-api", "aws_lambda_events"],
    ),
    ("shared/queue", &["aws-sdk-sqs"]),
    ("shared/vault", &["aws-sdk-kms", "aws-sdk-secretsmanager"]),
    ("shared/objects", &["aws-sdk-s3"]),
    ("shared/mail", &["aws-sdk-sesv2"]),
    ("shared/capacity", &["aws-sdk-applicationautoscaling"]),
    (
        "shared/lambda",
        &[
            "aws-config",
            "aws-credential-types",
            "aws-sdk-cloudwatch",
            "aws-smithy-async",
            "aws-smithy-http-client",
            "aws-smithy-runtime-api",
            "aws-smithy-types",
            "aws-types",
            "aws_lambda_events",
            "lambda_runtime",
            "serde_dynamo",
        ],
    ),
    ("tests/cloud", &["*"]),
    ("tests/local", &["aws_lambda_events"]),
];

/// What a manifest depends on under one heading (`[dependencies]`, `[dev-dependencies]`), by name.
fn dependencies(manifest: &str, heading: &str) -> BTreeSet<String> {
    let mut under = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            under = line.trim() == heading;
        } else if under && let Some((name, _)) = line.split_once(['.', '=']) {
            let name = name.trim();
            if !name.is_empty() && !name.starts_with('#') {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn contexts_know_only_the_kits(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for context in CONTEXTS {
        let Some(manifest) = tree.text(&format!("shared/{context}/Cargo.toml")) else { continue };
        for other in dependencies(manifest, "[dependencies]") {
            let is_ours = tree.exists(&format!("shared/{other}"));
            let allowed =
                KITS.contains(&other.as_str()) || (context == ORCHESTRATOR && CONTEXTS.contains(&other.as_str()));
            if is_ours && !allowed {
                found.push(format!("shared/{context} knows {other}"));
            }
        }
        for (path, text) in tree.under(&format!("shared/{context}/src/"), ".rs") {
            for word in ["lambda::", "http::Request", "http::StatusCode", "aws_lambda_events"] {
                if text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word)) {
                    found.push(format!("{path} speaks of the transport: {word}"));
                }
            }
        }
    }
    for kit in KITS {
        let Some(manifest) = tree.text(&format!("shared/{kit}/Cargo.toml")) else { continue };
        for context in
            dependencies(manifest, "[dependencies]").into_iter().filter(|other| CONTEXTS.contains(&other.as_str()))
        {
            found.push(format!("shared/{kit} knows {context}, a context"));
        }
    }
    found
}

fn sdks_stay_in_their_adapters(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, manifest) in tree.under("", "Cargo.toml").filter(|(path, _)| *path != "Cargo.toml") {
        let package = path.trim_end_matches("/Cargo.toml");
        let allowed = SDKS.iter().find(|(known, _)| *known == package).map_or(&[][..], |(_, names)| names);
        for name in dependencies(manifest, "[dependencies]") {
            let is_aws = name.starts_with("aws-") || name.starts_with("aws_") || name == "lambda_runtime";
            if is_aws && !allowed.contains(&"*") && !allowed.contains(&name.as_str()) {
                found.push(format!("{package} uses {name}"));
            }
        }
    }
    found
}

/// The local run mounts the functions themselves, by their paths.
fn is_a_function(line: &str) -> bool {
    line.contains("path = \"../../functions/")
}

/// A version stands in the root manifest alone.
fn versions_stand_once(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, manifest) in tree.under("", "Cargo.toml").filter(|(path, _)| *path != "Cargo.toml") {
        let mut under = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                under = line.contains("dependencies");
            } else if under
                && !line.trim().is_empty()
                && !line.starts_with('#')
                && !line.contains("workspace = true")
                && !is_a_function(line)
            {
                found.push(format!("{path}: {line}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{contexts_know_only_the_kits, sdks_stay_in_their_adapters, versions_stand_once};
    use crate::rules::{caught, none, tree};

    // Proves: S3-01, S2-09
    #[test]
    fn no_context_knows_another_and_none_knows_the_transport() {
        none(&contexts_know_only_the_kits(&tree()));
    }

    #[test]
    fn a_context_that_knows_another_is_caught() {
        let planted = tree().with("shared/cart/Cargo.toml", "[dependencies]\nstock.workspace = true\n");
        caught(&contexts_know_only_the_kits(&planted), "shared/cart knows stock");
        let planted = tree().with("shared/cart/Cargo.toml", "[dependencies]\nlambda = { workspace = true }\n");
        caught(&contexts_know_only_the_kits(&planted), "shared/cart knows lambda");
        let planted = tree().with("shared/cart/src/new.rs", "fn f(request: lambda::Request) {}\n");
        caught(&contexts_know_only_the_kits(&planted), "shared/cart/src/new.rs speaks of the transport");
        let planted = tree().with("shared/table/Cargo.toml", "[dependencies]\norders.workspace = true\n");
        caught(&contexts_know_only_the_kits(&planted), "shared/table knows orders");
    }

    #[test]
    fn only_the_adapters_use_the_sdks() {
        none(&sdks_stay_in_their_adapters(&tree()));
    }

    #[test]
    fn an_sdk_elsewhere_is_caught() {
        let planted = tree().with("shared/stock/Cargo.toml", "[dependencies]\naws-sdk-dynamodb.workspace = true\n");
        caught(&sdks_stay_in_their_adapters(&planted), "shared/stock uses aws-sdk-dynamodb");
        let planted =
            tree().with("functions/get-stock/Cargo.toml", "[dependencies]\naws_lambda_events = { workspace = true }\n");
        caught(&sdks_stay_in_their_adapters(&planted), "functions/get-stock uses aws_lambda_events");
    }

    #[test]
    fn every_version_stands_in_the_root_manifest_alone() {
        none(&versions_stand_once(&tree()));
        let planted = tree().with("shared/stock/Cargo.toml", "[dependencies]\nserde = \"1\"\n");
        caught(&versions_stand_once(&planted), "serde = \"1\"");
    }
}

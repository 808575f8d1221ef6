//! No secret stands in the repository or in an environment: environments hold names.

use crate::stacks::Stacks;
use crate::tree::Tree;

/// Beginnings of secrets, each with how many characters of a secret must follow.
const SHAPES: [(&str, usize); 9] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("sk_live_", 16),
    ("ghp_", 30),
    ("github_pat_", 30),
    ("xoxb-", 20),
    ("-----BEGIN RSA PRIVATE KEY-----", 0),
    ("-----BEGIN PRIVATE KEY-----", 0),
    ("-----BEGIN EC PRIVATE KEY-----", 0),
];

/// Secrets of ours that a run makes: outside tests they may not stand anywhere.
const OURS: [(&str, usize); 3] = [("whsec_", 24), ("rst_admin_", 20), ("rk_live_", 20)];

fn stands(text: &str, (beginning, length): (&str, usize)) -> bool {
    text.match_indices(beginning).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + beginning.len()..];
        let run = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-'))
            .count();
        run >= length && !before.is_some_and(|letter| letter.is_ascii_alphanumeric())
    })
}

fn no_file_holds_a_secret(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.under("", "") {
        // The two searchers for secrets hold the shapes themselves.
        if path.ends_with("rules/secrets.rs")
            || path == "tests/verify/src/secrets.rs"
            || path.ends_with("Cargo.lock")
            || path.ends_with("package-lock.json")
        {
            continue;
        }
        for shape in SHAPES {
            if stands(text, shape) {
                found.push(format!("{path}: holds what looks like a secret ({}…)", shape.0));
            }
        }
        let of_the_product =
            ["functions/", "infra/", "web/src/", "events/"].iter().any(|folder| path.starts_with(folder))
                || path == "template.yaml";
        for shape in OURS {
            if of_the_product && stands(text, shape) {
                found.push(format!("{path}: holds what looks like a secret ({}…)", shape.0));
            }
        }
    }
    found
}

fn environments_hold_names_only(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for function in stacks.of("AWS::Lambda::Function") {
        for (name, value) in function.properties()["Environment"]["Variables"].as_object().into_iter().flatten() {
            let shouts =
                ["PASSWORD", "TOKEN", "API_KEY", "PRIVATE", "CREDENTIAL"].iter().any(|word| name.contains(word));
            let secret = name.starts_with("SECRET_") && !crate::stacks::text(value).starts_with("${Prefix}/");
            let resolved = value.to_string().contains("{{resolve:");
            if shouts || secret || resolved {
                found.push(format!("{}: {name} is more than a name", function.place()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{environments_hold_names_only, no_file_holds_a_secret};
    use crate::rules::{caught, none, stacks, tree};
    use serde_json::json;

    #[test]
    fn no_file_of_the_repository_holds_a_secret() {
        none(&no_file_holds_a_secret(&tree()));
    }

    #[test]
    fn a_secret_in_a_file_is_caught() {
        let key = ["AKIA", "ABCDEFGHIJKLMNOP"].concat();
        caught(
            &no_file_holds_a_secret(&tree().with("shared/stock/src/new.rs", format!("let key = \"{key}\";"))),
            "new.rs",
        );
        let key = ["whsec_", "c2VjcmV0c2VjcmV0c2VjcmV0c2Vj"].concat();
        caught(&no_file_holds_a_secret(&tree().with("infra/new.yaml", key)), "infra/new.yaml");
    }

    // Proves: S1-B02
    // Feature: aws-devops-three-tier, Property 15: Credentials only from Secrets, never env/hard-coded
    #[test]
    fn environments_of_functions_hold_names_and_no_secret() {
        none(&environments_hold_names_only(&stacks()));
    }

    #[test]
    fn a_secret_in_an_environment_is_caught() {
        let place = "/Properties/Environment/Variables";
        let planted = stacks().planted("infra/stock.yaml", "GetStock", &format!("{place}/API_KEY"), json!("x"));
        caught(&environments_hold_names_only(&planted), "API_KEY");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            &format!("{place}/SECRET_X"),
            json!("{{resolve:secretsmanager:x}}"),
        );
        caught(&environments_hold_names_only(&planted), "SECRET_X");
    }
}

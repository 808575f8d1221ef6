//! Templates fit every region and account: none stands in them.

use crate::tree::Tree;

/// Whether a word looks like a region's name: `eu-central-1`.
fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.len() >= 3
        && parts[0].len() == 2
        && parts
            .iter()
            .take(parts.len() - 1)
            .all(|part| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_lowercase()))
        && parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|digit| digit.is_ascii_digit()))
}

fn no_template_names_a_region_or_an_account(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let templates = tree.under("infra/", ".yaml").filter(|(path, _)| *path != "infra/openapi.yaml");
    for (path, text) in templates.chain(tree.under("template.yaml", ".yaml")) {
        for (n, line) in text.lines().enumerate() {
            // What people read may say where a certificate has to be.
            let line = line.split("Description:").next().unwrap_or_default();
            for word in line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
                let account = word.len() == 12 && word.bytes().all(|digit| digit.is_ascii_digit());
                if is_region(word) || account {
                    found.push(format!("{path}:{}: names {word}", n + 1));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::no_template_names_a_region_or_an_account;
    use crate::rules::{caught, none, tree};

    // Proves: S2-32
    #[test]
    fn no_template_is_tied_to_a_region_or_an_account() {
        none(&no_template_names_a_region_or_an_account(&tree()));
    }

    #[test]
    fn a_region_and_an_account_are_caught() {
        let planted = tree().with("infra/new.yaml", "Arn: arn:aws:sqs:eu-central-1:123456789012:x");
        let found = no_template_names_a_region_or_an_account(&planted);
        caught(&found, "eu-central-1");
        caught(&found, "123456789012");
    }
}

//! Secrets and personal data have types that do not print: no type that prints holds one of them as plain text.

use crate::tree::Tree;

/// What fields of that kind are called.
const KINDS: [&str; 13] = [
    "email",
    "to",
    "phone",
    "line1",
    "line2",
    "postal_code",
    "token",
    "card_number",
    "secret",
    "webhook_secret",
    "api_key",
    "password",
    "plaintext",
];

/// Fields of that name that hold something else, and what.
const OTHERS: [(&str, &str, &str); 3] = [
    ("shared/orders/src/order.rs", "Masks.email", "a mask"),
    ("shared/orders/src/view.rs", "Summary.email", "a mask"),
    ("shared/partners/src/shown.rs", "ShownPartner.email", "a mask"),
];

/// The fields of plain text that a source's printing types have, as `Type.field`.
fn printing_fields(source: &str) -> Vec<String> {
    let (mut found, mut prints, mut within) = (Vec::new(), false, None);
    for line in source.lines().take_while(|line| line.trim() != "#[cfg(test)]") {
        let line = line.trim();
        if line.starts_with("#[derive(") {
            prints = line.contains("Debug") || line.contains("Display");
        } else if let Some((_, rest)) = line.split_once("struct ").filter(|(before, _)| !before.contains("//")) {
            let name: String = rest.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            within = (prints && line.ends_with('{')).then_some(name);
            prints = false;
        } else if line == "}" {
            within = None;
        } else if let (Some(of), Some((field, kind))) = (&within, line.split_once(':')) {
            let field = field.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let plain = ["String", "&str", "&'a str", "Vec<u8>", "Arc<str>", "Option<String>"];
            if KINDS.contains(&field) && plain.contains(&kind.trim().trim_end_matches(',')) {
                found.push(format!("{of}.{field}"));
            }
        }
    }
    found
}

fn nothing_that_prints_holds_personal_data_or_a_secret(tree: &Tree) -> Vec<String> {
    let sources = tree.under("shared/", ".rs").chain(tree.under("functions/", ".rs"));
    let sources = sources.filter(|(path, _)| !path.contains("/tests/"));
    sources
        .flat_map(|(path, source)| printing_fields(source).into_iter().map(move |field| (path, field)))
        .filter(|(path, field)| !OTHERS.iter().any(|(known, other, _)| known == path && other == field))
        .map(|(path, field)| format!("{path}: {field} would be printed"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nothing_that_prints_holds_personal_data_or_a_secret;
    use crate::rules::{caught, none, tree};

    // Proves: S1-P25
    #[test]
    fn no_type_that_prints_holds_a_contact_or_a_secret_as_plain_text() {
        none(&nothing_that_prints_holds_personal_data_or_a_secret(&tree()));
    }

    #[test]
    fn an_address_that_prints_is_caught() {
        let planted = "#[derive(Debug, Clone)]\npub struct Label {\n    pub line1: String,\n}\n";
        let found =
            nothing_that_prints_holds_personal_data_or_a_secret(&tree().with("shared/orders/src/label.rs", planted));
        caught(&found, "shared/orders/src/label.rs: Label.line1 would be printed");
        let opened = "#[derive(Clone)]\npub struct Label {\n    pub line1: String,\n}\n";
        none(&nothing_that_prints_holds_personal_data_or_a_secret(&tree().with("shared/orders/src/label.rs", opened)));
    }
}

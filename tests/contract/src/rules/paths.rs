//! Maps that have drifted are worse than none: every path that a document names exists.

use crate::tree::Tree;

/// Documents that say where things are.
const MAPS: [&str; 2] = ["ARCHITECTURE.md", "README.md"];

/// What stands in backticks and looks like a path of ours.
fn named(text: &str) -> Vec<String> {
    const FOLDERS: [&str; 9] =
        ["functions/", "shared/", "infra/", "events/", "docs/", "web/", "tests/", ".github/", ".ci/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(|quoted| quoted.split_whitespace().next().unwrap_or_default())
        .map(|path| path.split("::").next().unwrap_or_default().trim_end_matches([',', '.', ':']))
        .filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains(['<', '*', '{', '…']))
        .map(str::to_owned)
        .collect()
}

fn every_path_that_a_map_names_exists(tree: &Tree) -> Vec<String> {
    let documents = MAPS.iter().filter_map(|path| Some((*path, tree.text(path)?)));
    let decisions = tree.under("docs/", ".md");
    documents
        .chain(decisions)
        .flat_map(|(document, text)| named(text).into_iter().map(move |path| (document, path)))
        .filter(|(_, path)| !tree.exists(path) && !crate::tree::root().join(path).exists() && !is_made(path))
        .map(|(document, path)| format!("{document}: {path} does not exist"))
        .collect()
}

/// What a build makes.
fn is_made(path: &str) -> bool {
    ["web/dist", "tests/browser/screenshots", "web/public/pictures"].iter().any(|made| path.starts_with(made))
}

/// Links between documents, relative to the one they stand in.
fn every_link_between_documents_leads_somewhere(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let documents = tree.under("docs/", ".md").chain(MAPS.iter().filter_map(|path| Some((*path, tree.text(path)?))));
    for (document, text) in documents {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let link = link.split(['#', ' ']).next().unwrap_or_default();
            if link.is_empty() || link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
            for part in link.split('/') {
                match part {
                    "." | "" => {}
                    ".." => drop(parts.pop()),
                    name => parts.push(name),
                }
            }
            let path = parts.join("/");
            if !tree.exists(&path) && !crate::tree::root().join(&path).exists() {
                found.push(format!("{document}: {link} leads nowhere"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{every_link_between_documents_leads_somewhere, every_path_that_a_map_names_exists};
    use crate::rules::{caught, none, tree};

    #[test]
    fn every_path_that_a_document_names_exists() {
        none(&every_path_that_a_map_names_exists(&tree()));
    }

    #[test]
    fn a_path_that_has_gone_is_caught() {
        let planted = tree().with("ARCHITECTURE.md", "See `shared/stock/src/gone.rs` and `docs/decisions/NNNN-*.md`.");
        caught(&every_path_that_a_map_names_exists(&planted), "shared/stock/src/gone.rs");
    }

    #[test]
    fn every_link_between_documents_leads_to_a_file() {
        none(&every_link_between_documents_leads_somewhere(&tree()));
        let planted = tree().with("docs/new.md", "[gone](decisions/gone.md) [there](../Cargo.toml#x)");
        let found = every_link_between_documents_leads_somewhere(&planted);
        caught(&found, "decisions/gone.md");
        assert!(!found.join("").contains("Cargo.toml"));
    }
}

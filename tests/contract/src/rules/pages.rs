//! Pages and API share one origin: no route of a page may be a path of the API.

use crate::openapi::operations;
use crate::tree::Tree;

/// The first parts of paths that belong to pages; all else belongs to the API.
const OF_PAGES: [&str; 5] = ["", "shop", "me", "portal", "office"];

/// The paths in `<Route path="…">` of the web's sources.
fn routes(tree: &Tree) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, text) in tree.under("web/src/", ".tsx") {
        for part in text.split("<Route").skip(1) {
            let tag = part.split('>').next().unwrap_or_default();
            if let Some(route) = tag.split("path=\"").nth(1).and_then(|rest| rest.split('"').next()) {
                found.push((path.to_owned(), format!("/{}", route.trim_start_matches('/'))));
            }
        }
    }
    found
}

fn no_page_is_a_path_of_the_api(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let api: Vec<String> =
        operations(&crate::rules::contract_of(tree)).into_iter().map(|operation| operation.path).collect();
    for (file, route) in routes(tree) {
        let first = route.trim_start_matches('/').split('/').next().unwrap_or_default();
        if route != "/*" && !OF_PAGES.contains(&first) {
            found.push(format!("{file}: {route} is not where pages live"));
        }
    }
    for path in api {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if OF_PAGES.contains(&first) {
            found.push(format!("{path}: is in the contract and where pages live"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{no_page_is_a_path_of_the_api, routes};
    use crate::rules::{caught, none, tree};

    #[test]
    fn pages_and_api_never_answer_the_same_path() {
        none(&no_page_is_a_path_of_the_api(&tree()));
        assert!(!routes(&tree()).is_empty(), "no route was found, so nothing was checked");
    }

    #[test]
    fn a_page_on_a_path_of_the_api_is_caught() {
        let planted = tree().with("web/src/new.tsx", "<Route path=\"/api/cart\" element={<X />} />");
        caught(&no_page_is_a_path_of_the_api(&planted), "/api/cart is not where pages live");
        let planted = tree().replaced("infra/openapi.yaml", "  /metrics:", "  /shop/metrics:");
        caught(&no_page_is_a_path_of_the_api(&planted), "/shop/metrics");
    }
}

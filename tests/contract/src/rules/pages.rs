//! Pages and API share one origin: no route of a page may be a path of the API.

use crate::openapi::operations;
use crate::tree::Tree;

/// The first parts of paths that belong to pages; all else belongs to the API.
const OF_PAGES: [&str; 5] = ["", "shop", "me", "portal", "office"];

/// The paths in `<Route path="…">` of the web's sources, whole: those of pages that another route mounts (`portal/*`) begin where
/// that one does.
fn routes(tree: &Tree) -> Vec<(String, String)> {
    let tags: Vec<(String, String, &str)> =
        tree.under("web/src/", ".tsx").flat_map(|(file, text)| tags(file, text)).collect();
    let mount = |file: &str| {
        let stem = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".tsx");
        let mounted = tags.iter().find(|(_, route, tag)| route.ends_with("/*") && tag.contains(&format!("<{stem} ")));
        mounted.map_or("", |(_, route, _)| route.trim_end_matches("/*")).to_owned()
    };
    tags.iter()
        .map(|(file, route, _)| (file.clone(), format!("{}/{route}", mount(file)).replace("//", "/")))
        .map(rooted)
        .collect()
}

fn rooted((file, route): (String, String)) -> (String, String) {
    (file, format!("/{}", route.trim_start_matches('/')))
}

/// Each route of a source: its file, its path as it stands there, and what is written up to the next one.
fn tags<'a>(file: &str, text: &'a str) -> Vec<(String, String, &'a str)> {
    let parts = text.split("<Route").skip(1);
    let path = |tag: &str| {
        let opening = tag.split('>').next().unwrap_or_default();
        opening.split("path=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    parts.filter_map(|tag| Some((file.to_owned(), path(tag)?.trim_start_matches('/').to_owned(), tag))).collect()
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

/// Whoever serves pages knows the same ones: the edge, and the gateway of the local run.
fn servers_know_the_pages(tree: &Tree) -> Vec<String> {
    let listed = |pages: &[&str], quote: char| {
        pages.iter().map(|page| format!("{quote}{page}{quote}")).collect::<Vec<_>>().join(", ")
    };
    let servers = [
        ("infra/edge.yaml", format!("[{}].indexOf(parts[1])", listed(&OF_PAGES, '\''))),
        ("tests/local/src/pages.rs", format!("= [{}];", listed(&OF_PAGES[1..], '"'))),
    ];
    let unknowing = servers.iter().filter(|(file, list)| !tree.text(file).unwrap_or_default().contains(list));
    unknowing.map(|(file, list)| format!("{file}: does not name {list}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{no_page_is_a_path_of_the_api, routes, servers_know_the_pages};
    use crate::rules::{caught, none, tree};

    #[test]
    fn pages_and_api_never_answer_the_same_path() {
        none(&no_page_is_a_path_of_the_api(&tree()));
        assert!(!routes(&tree()).is_empty(), "no route was found, so nothing was checked");
    }

    #[test]
    fn the_edge_and_the_local_gateway_know_the_same_pages() {
        none(&servers_know_the_pages(&tree()));
    }

    #[test]
    fn a_server_that_knows_other_pages_is_caught() {
        let planted = tree().replaced("infra/edge.yaml", "'portal', 'office'", "'portal'");
        caught(&servers_know_the_pages(&planted), "infra/edge.yaml");
        let planted = tree().replaced("tests/local/src/pages.rs", "\"me\", \"portal\"", "\"portal\", \"me\"");
        caught(&servers_know_the_pages(&planted), "tests/local/src/pages.rs");
    }

    #[test]
    fn a_page_on_a_path_of_the_api_is_caught() {
        let planted = tree().with("web/src/new.tsx", "<Route path=\"/api/cart\" element={<X />} />");
        caught(&no_page_is_a_path_of_the_api(&planted), "/api/cart is not where pages live");
        let planted = tree().replaced("infra/openapi.yaml", "  /metrics:", "  /shop/metrics:");
        caught(&no_page_is_a_path_of_the_api(&planted), "/shop/metrics");
    }
}

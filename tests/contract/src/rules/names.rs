//! One name per operation, everywhere: folder, package, function of the template, operation of the contract, sample of
//! an event, file of black-box tests. The sets are the same, both ways.

use crate::openapi::{operations, pascal};
use crate::rules::policies::name;
use crate::stacks::{Stacks, target, text};
use crate::tree::Tree;
use std::collections::BTreeSet;

fn missing(found: &mut Vec<String>, from: &BTreeSet<String>, to: &BTreeSet<String>, said: &str) {
    found.extend(from.difference(to).map(|name| format!("{name}: {said}")));
}

fn folders(tree: &Tree) -> BTreeSet<String> {
    tree.folders("functions/").into_iter().collect()
}

fn http(tree: &Tree) -> BTreeSet<String> {
    operations(&crate::rules::contract_of(tree)).into_iter().map(|operation| operation.function).collect()
}

fn every_package_is_named_after_its_folder(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders(tree) {
        let manifest = tree.text(&format!("functions/{folder}/Cargo.toml")).unwrap_or_default();
        let says = |line: &str| manifest.lines().any(|known| known.trim() == line);
        if !says(&format!("name = \"{folder}\"")) {
            found.push(format!("{folder}: its package has another name"));
        }
        let main = tree.text(&format!("functions/{folder}/src/main.rs")).unwrap_or_default();
        if !main.contains(&format!("lambda::run({}::function)", folder.replace('-', "_"))) {
            found.push(format!("{folder}: does not run what it is named after"));
        }
    }
    found
}

fn functions_are_the_same_everywhere(tree: &Tree, stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let folders = folders(tree);
    let mut deployed = BTreeSet::new();
    let mut started = BTreeSet::new();
    for function in stacks.of("AWS::Lambda::Function") {
        let name = name(&function);
        if function.id != pascal(&name) {
            found.push(format!("{}: is not {}, as its name asks", function.place(), pascal(&name)));
        }
        if !text(&function.properties()["Code"]["S3Key"]).ends_with(&format!("/{name}/bootstrap.zip")) {
            found.push(format!("{}: runs the code of another function", function.place()));
        }
        let alias = format!("{}Aliaslive", function.id);
        let woken = stacks
            .of("AWS::Lambda::EventSourceMapping")
            .any(|mapping| target(&mapping.properties()["FunctionName"]) == Some(&alias))
            || stacks
                .of("AWS::Events::Rule")
                .any(|rule| rule.properties()["Targets"].to_string().contains(&format!("\"{alias}\"")));
        if woken {
            started.insert(name.clone());
        }
        deployed.insert(name);
    }
    let http = http(tree);
    missing(&mut found, &folders, &deployed, "is written and not deployed");
    missing(&mut found, &deployed, &folders, "is deployed and not written");
    missing(&mut found, &http, &folders, "is in the contract and not written");
    found.extend(
        folders
            .iter()
            .filter(|name| !http.contains(*name) && !started.contains(*name))
            .map(|name| format!("{name}: nothing ever calls it")),
    );
    found.extend(http.intersection(&started).map(|name| format!("{name}: is called over HTTP and by events")));
    found
}

fn every_function_has_a_sample(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let samples: BTreeSet<String> = tree
        .under("events/samples/", ".json")
        .map(|(path, _)| path.trim_start_matches("events/samples/").trim_end_matches(".json").to_owned())
        .collect();
    missing(&mut found, &folders(tree), &samples, "has no sample of an event");
    missing(&mut found, &samples, &folders(tree), "is a sample for no function");
    found
}

fn every_operation_has_its_file_of_tests(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let files: BTreeSet<String> = tree
        .under("tests/api/", ".rs")
        .filter_map(|(path, _)| path.rsplit('/').next()?.strip_suffix(".rs").map(|stem| stem.replace('_', "-")))
        .collect();
    missing(&mut found, &http(tree), &files, "has no file of black-box tests");
    found
}

/// `cargo lambda watch` serves the routes of the contract, which the root manifest repeats for it.
fn the_watch_serves_the_routes_of_the_contract(tree: &Tree) -> Vec<String> {
    let manifest = tree.text("Cargo.toml").unwrap_or_default();
    let table = manifest.split("[workspace.metadata.lambda.watch.router]").nth(1).unwrap_or_default();
    let mut served = BTreeSet::new();
    for line in table.lines().take_while(|line| !line.starts_with('[')) {
        let path = line.split('"').nth(1).unwrap_or_default();
        for route in line.split('{').filter(|part| part.contains("method = ")) {
            let quoted: Vec<&str> = route.split('"').collect();
            if let [_, method, _, function, ..] = quoted[..] {
                served.insert(format!("{method} {path} by {function}"));
            }
        }
    }
    let routes = operations(&crate::rules::contract_of(tree));
    let asked: BTreeSet<String> =
        routes.into_iter().map(|one| format!("{} {} by {}", one.method, one.path, one.function)).collect();
    let mut found = Vec::new();
    missing(&mut found, &asked, &served, "is in the contract and not in the root manifest");
    missing(&mut found, &served, &asked, "is in the root manifest and not in the contract");
    found
}

#[cfg(test)]
mod tests {
    use super::{
        every_function_has_a_sample, every_operation_has_its_file_of_tests, every_package_is_named_after_its_folder,
        functions_are_the_same_everywhere, the_watch_serves_the_routes_of_the_contract,
    };
    use crate::rules::{caught, none, stacks, tree};
    use serde_json::json;

    #[test]
    fn every_package_is_named_after_its_folder_and_runs_itself() {
        none(&every_package_is_named_after_its_folder(&tree()));
        let planted =
            tree().replaced("functions/report-health/Cargo.toml", "name = \"report-health\"", "name = \"health\"");
        let planted = planted.with("functions/report-health/src/main.rs", "fn main() {}");
        caught(&every_package_is_named_after_its_folder(&planted), "report-health: does not run");
    }

    // Proves: S1-B01, S2-09, S2-17, S2-19
    #[test]
    fn folders_template_and_contract_name_the_same_functions() {
        none(&functions_are_the_same_everywhere(&tree(), &stacks()));
    }

    #[test]
    fn a_function_that_is_missing_on_one_side_is_caught() {
        let rule = functions_are_the_same_everywhere;
        caught(
            &rule(&tree().with("functions/new-one/src/lib.rs", ""), &stacks()),
            "new-one: is written and not deployed",
        );
        caught(&rule(&tree().with("functions/new-one/src/lib.rs", ""), &stacks()), "new-one: nothing ever calls it");
        caught(
            &rule(&tree().without("functions/report-health/"), &stacks()),
            "report-health: is deployed and not written",
        );
        caught(
            &rule(&tree().without("functions/report-health/"), &stacks()),
            "report-health: is in the contract and not written",
        );
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            "/Properties/FunctionName",
            json!({ "Fn::Sub": "${Prefix}-read-stock" }),
        );
        caught(&rule(&tree(), &planted), "is not ReadStock");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            "/Properties/Code/S3Key",
            json!("target/lambda/adjust-stock/bootstrap.zip"),
        );
        caught(&rule(&tree(), &planted), "GetStock: runs the code of another");
        let planted = stacks().planted(
            "infra/stock.yaml",
            "SettleHoldsStockSettlement",
            "/Properties/FunctionName",
            json!({ "Ref": "GetStockAliaslive" }),
        );
        caught(&rule(&tree(), &planted), "get-stock: is called over HTTP and by events");
    }

    #[test]
    fn every_function_has_a_sample_of_an_event_and_every_sample_a_function() {
        none(&every_function_has_a_sample(&tree()));
        caught(
            &every_function_has_a_sample(&tree().without("events/samples/place-order.json")),
            "place-order: has no sample",
        );
        caught(
            &every_function_has_a_sample(&tree().with("events/samples/old.json", "{}")),
            "old: is a sample for no function",
        );
    }

    #[test]
    fn cargo_lambda_watch_serves_the_routes_of_the_contract() {
        none(&the_watch_serves_the_routes_of_the_contract(&tree()));
        let planted = tree().replaced("Cargo.toml", "function = \"quote-order\"", "function = \"place-order\"");
        let found = the_watch_serves_the_routes_of_the_contract(&planted);
        caught(&found, "POST /api/quotes by quote-order: is in the contract and not");
        caught(&found, "POST /api/quotes by place-order: is in the root manifest and not");
    }

    #[test]
    fn every_operation_has_its_file_of_black_box_tests() {
        none(&every_operation_has_its_file_of_tests(&tree()));
        let torn = tree().without("tests/api/");
        caught(&every_operation_has_its_file_of_tests(&torn), "place-order: has no file");
    }
}

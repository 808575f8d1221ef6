//! The templates as templates: valid, small enough, wired to each other without exports.

use crate::stacks::{Stacks, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// CloudFormation takes 500; the rest is room to grow.
const RESOURCES_AT_MOST: usize = 400;

fn every_stack_is_small_and_imports_nothing(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for (path, template) in stacks.templates() {
        let count = template["Resources"].as_object().map_or(0, serde_json::Map::len);
        if count > RESOURCES_AT_MOST {
            found.push(format!("{path}: has {count} resources"));
        }
        let whole = template.to_string();
        if whole.contains("Fn::ImportValue") || template["Outputs"].to_string().contains("\"Export\"") {
            found.push(format!("{path}: is tied to another stack by an export"));
        }
        if whole.contains("AWS::Include") {
            found.push(format!("{path}: includes what nobody can check"));
        }
    }
    found
}

fn the_root_gives_every_stack_what_it_asks_for(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut nested = BTreeSet::new();
    for stack in stacks.of("AWS::CloudFormation::Stack") {
        let path = text(&stack.properties()["TemplateURL"]);
        let Some(template) = stacks.templates().get(&path) else {
            found.push(format!("{}: there is no {path}", stack.place()));
            continue;
        };
        let given: BTreeSet<&String> =
            stack.properties()["Parameters"].as_object().into_iter().flat_map(|all| all.keys()).collect();
        for (name, parameter) in template["Parameters"].as_object().into_iter().flatten() {
            if !given.contains(name) && parameter["Default"].is_null() {
                found.push(format!("{}: is not given {name}", stack.place()));
            }
        }
        for name in given {
            if template["Parameters"][name].is_null() {
                found.push(format!("{}: is given {name} and does not ask for it", stack.place()));
            }
        }
        outputs(stacks, &stack.properties()["Parameters"], &stack.place(), &mut found);
        nested.insert(path);
    }
    for path in stacks.templates().keys().filter(|path| path.starts_with("infra/")) {
        if !nested.contains(path) {
            found.push(format!("{path}: is part of nothing"));
        }
    }
    found
}

/// Every `Fn::GetAtt [Stack, Outputs.X]` names an output that the stack has.
fn outputs(stacks: &Stacks, value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(parts)) = members.get("Fn::GetAtt")
                && let (Some(id), Some(name)) = (parts[0].as_str(), parts.get(1).and_then(Value::as_str))
                && let Some(name) = name.strip_prefix("Outputs.")
            {
                let path = stacks
                    .of("AWS::CloudFormation::Stack")
                    .find(|stack| stack.id == id)
                    .map(|stack| text(&stack.properties()["TemplateURL"]));
                let there = path
                    .and_then(|path| stacks.templates().get(&path))
                    .is_some_and(|template| !template["Outputs"][name].is_null());
                if !there {
                    found.push(format!("{place}: {id} has no output {name}"));
                }
            }
            members.values().for_each(|member| outputs(stacks, member, place, found));
        }
        Value::Array(items) => items.iter().for_each(|item| outputs(stacks, item, place, found)),
        _ => {}
    }
}

/// Every `Ref`, `Fn::GetAtt` and `${…}` of a template names a parameter, a resource or what CloudFormation knows. How many
/// there were, and those that lead nowhere.
fn every_reference_leads_somewhere(stacks: &Stacks) -> (usize, Vec<String>) {
    let (mut tried, mut found) = (0, Vec::new());
    for (path, template) in stacks.templates() {
        let mut names = Vec::new();
        references(&template["Resources"], &mut names);
        references(&template["Outputs"], &mut names);
        tried += names.len();
        for name in names {
            let known = name.starts_with("AWS::")
                || !template["Parameters"][&name].is_null()
                || !template["Resources"][&name].is_null()
                || name == "ConfigName";
            if !known {
                found.push(format!("{path}: {name} is nothing"));
            }
        }
    }
    (tried, found)
}

fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Ref", Value::String(to)) => names.push(to.clone()),
                    ("Fn::GetAtt", Value::Array(parts)) => names.extend(parts[0].as_str().map(str::to_owned)),
                    ("Fn::Sub", Value::String(text)) => {
                        let inner = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
                        names.extend(inner.map(|name| name.split('.').next().unwrap_or_default().to_owned()));
                    }
                    _ => references(member, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// The optional network has the addresses, zones and ways that were asked for.
fn the_network_is_as_asked(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    let blocks: BTreeSet<String> = stacks
        .of("AWS::EC2::Subnet")
        .chain(stacks.of("AWS::EC2::VPC"))
        .map(|one| text(&one.properties()["CidrBlock"]))
        .collect();
    let asked = ["10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "10.0.10.0/24", "10.0.20.0/24"].map(str::to_owned);
    if blocks != BTreeSet::from(asked) {
        found.push(format!("the network has the addresses {blocks:?}"));
    }
    let zones: BTreeSet<String> =
        stacks.of("AWS::EC2::Subnet").map(|one| one.properties()["AvailabilityZone"].to_string()).collect();
    if zones.len() != 2 {
        found.push(format!("the network has {} zones", zones.len()));
    }
    let services: BTreeSet<String> = stacks
        .of("AWS::EC2::VPCEndpoint")
        .map(|one| text(&one.properties()["ServiceName"]).rsplit('.').next().unwrap_or_default().to_owned())
        .collect();
    for service in ["dynamodb", "s3", "sqs", "kms", "secretsmanager"] {
        if !services.contains(service) {
            found.push(format!("the network has no way to {service}"));
        }
    }
    if stacks.of("AWS::EC2::FlowLog").count() != 1 {
        found.push("the network keeps no flow logs".to_owned());
    }
    for function in stacks.of("AWS::Lambda::Function") {
        let config = function.properties()["VpcConfig"]["Fn::If"].clone();
        let asked = config[0] == "InVpc" && config[1]["SubnetIds"].as_array().is_some_and(|all| all.len() == 2);
        if !asked || config[2]["Ref"] != "AWS::NoValue" {
            found.push(format!("{}: is not in the network when asked, and only then", function.place()));
        }
    }
    for group in stacks.of("AWS::EC2::SecurityGroup") {
        if group.properties()["SecurityGroupIngress"].to_string().contains("0.0.0.0/0") {
            found.push(format!("{}: lets anybody in", group.place()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        every_reference_leads_somewhere, every_stack_is_small_and_imports_nothing, the_network_is_as_asked,
        the_root_gives_every_stack_what_it_asks_for,
    };
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};
    use std::process::Command;

    // Proves: S0-26, S1-A04
    #[test]
    fn sam_finds_the_root_valid_and_the_linter_finds_nothing_in_any_stack() {
        let python = crate::stacks::python().unwrap_or_else(|why| panic!("{why}"));
        let bin = python.parent().unwrap().to_path_buf();
        let run = |tool: &str, arguments: &[&str]| {
            let said = Command::new(bin.join(tool))
                .args(arguments)
                .current_dir(crate::tree::root())
                .env("AWS_DEFAULT_REGION", "eu-central-1")
                .env("SAM_CLI_TELEMETRY", "0")
                .output()
                .unwrap();
            assert!(
                said.status.success(),
                "{tool}: {}{}",
                String::from_utf8_lossy(&said.stdout),
                String::from_utf8_lossy(&said.stderr)
            );
        };
        run("sam", &["validate", "--lint", "--template", "template.yaml"]);
        let all = stacks();
        let paths = all.templates().keys().map(String::as_str).filter(|path| path.starts_with("infra/"));
        let arguments: Vec<&str> = ["--regions", "eu-central-1", "--template"].into_iter().chain(paths).collect();
        run("cfn-lint", &arguments);
    }

    #[test]
    fn every_stack_is_small_and_tied_to_no_other_by_an_export() {
        none(&every_stack_is_small_and_imports_nothing(&stacks()));
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            "/Properties/Description",
            json!({ "Fn::ImportValue": "x" }),
        );
        caught(&every_stack_is_small_and_imports_nothing(&planted), "infra/stock.yaml: is tied");
        let mut planted = stacks();
        for n in 0..400 {
            planted = planted.with("infra/stock.yaml", &format!("R{n}"), json!({}));
        }
        caught(&every_stack_is_small_and_imports_nothing(&planted), "resources");
    }

    // Proves: S2-15, S2-37
    #[test]
    fn the_root_gives_every_stack_what_it_asks_for_and_nothing_else() {
        none(&the_root_gives_every_stack_what_it_asks_for(&stacks()));
    }

    #[test]
    fn a_stack_left_out_or_wired_to_nothing_is_caught() {
        let rule = the_root_gives_every_stack_what_it_asks_for;
        let planted = stacks().planted("template.yaml", "Stock", "/Properties/Parameters/StockStreamArn", Value::Null);
        caught(&rule(&planted), "Stock: is not given StockStreamArn");
        let planted = stacks().planted("template.yaml", "Stock", "/Properties/Parameters/Other", json!("x"));
        caught(&rule(&planted), "Stock: is given Other");
        let wrong = json!({ "Fn::GetAtt": ["Data", "Outputs.Gone"] });
        let planted = stacks().planted("template.yaml", "Stock", "/Properties/Parameters/StockStreamArn", wrong);
        caught(&rule(&planted), "Data has no output Gone");
        let planted = stacks().planted("template.yaml", "Stock", "/Properties/TemplateURL", json!("infra/gone.yaml"));
        caught(&rule(&planted), "infra/stock.yaml: is part of nothing");
    }

    // Proves: S1-P03
    // Feature: aws-devops-three-tier, Property 3: Frontend reaches backend by internal DNS
    #[test]
    fn every_reference_resolves_within_its_stack_and_the_edge_calls_the_api_of_the_same_shop() {
        let (tried, found) = every_reference_leads_somewhere(&stacks());
        none(&found);
        assert!(tried > 1000, "only {tried} references were found");
        let all = stacks();
        let edge = all.of("AWS::CloudFormation::Stack").find(|stack| stack.id == "Edge").unwrap();
        let domain = &edge.properties()["Parameters"]["ApiDomain"];
        assert_eq!(*domain, json!({ "Fn::GetAtt": ["Api", "Outputs.ApiDomain"] }));
        let origins =
            all.of("AWS::CloudFront::Distribution").next().unwrap().properties()["DistributionConfig"]["Origins"]
                .clone();
        assert!(origins.to_string().contains("{\"Ref\":\"ApiDomain\"}"), "the edge calls a host of its own");
    }

    #[test]
    fn a_reference_to_nothing_is_caught() {
        let planted = stacks().planted(
            "infra/stock.yaml",
            "GetStock",
            "/Properties/Description",
            json!({ "Fn::Sub": "${Gone.Arn}" }),
        );
        caught(&every_reference_leads_somewhere(&planted).1, "Gone is nothing");
    }

    // Proves: S1-A02, S1-X04
    #[test]
    fn the_optional_network_has_the_addresses_zones_and_ways_that_were_asked_for() {
        none(&the_network_is_as_asked(&stacks()));
        let planted =
            stacks().planted("infra/network.yaml", "PrivateTwo", "/Properties/CidrBlock", json!("10.0.30.0/24"));
        caught(&the_network_is_as_asked(&planted), "10.0.30.0/24");
        let planted = stacks().planted("infra/network.yaml", "FlowLog", "/Type", json!("x"));
        caught(&the_network_is_as_asked(&planted), "no flow logs");
        let planted = stacks().planted("infra/stock.yaml", "GetStock", "/Properties/VpcConfig", Value::Null);
        caught(&the_network_is_as_asked(&planted), "GetStock: is not in the network");
    }
}

//! The public contract: whole, strict, with examples that fit, and within what API Gateway can import.

use crate::openapi::{Operation, operations, resolved};
use crate::schema::misfits;
use serde_json::Value;
use std::collections::BTreeSet;

/// Keywords that API Gateway drops or refuses in what it validates.
const UNKNOWN_TO_THE_GATEWAY: [&str; 9] =
    ["nullable", "oneOf", "anyOf", "allOf", "not", "discriminator", "readOnly", "exclusiveMinimum", "format"];

fn is_staff_only(operation: &Operation) -> bool {
    let all = operation.value["security"].as_array();
    all.is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.get("staff").is_some()))
}

fn every_operation_is_whole(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for operation in operations(document) {
        let mut wants = |holds: bool, what: &str| {
            if !holds {
                found.push(format!("{} {}: {what}", operation.method, operation.path));
            }
        };
        wants(!operation.id.is_empty() && ids.insert(operation.id.clone()), "has no name of its own");
        wants(operation.text("summary").is_some(), "does not say what it is for");
        let idempotency = operation.text("x-idempotency");
        let sends = operation.value.get("requestBody").is_some();
        let writes = matches!(operation.method.as_str(), "POST" | "PATCH");
        let signed = operation.value["security"].to_string().contains("webhook");
        wants(
            match idempotency {
                Some("required" | "honoured") => writes && !signed,
                Some("ignored") => !writes || signed,
                _ => false,
            },
            "does not say rightly what it does with an Idempotency-Key",
        );
        let parameter = |name: &str| {
            operation.value["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|parameter| parameter["name"] == name)
                .cloned()
        };
        let key = parameter("Idempotency-Key");
        wants(
            key.is_some() == (idempotency != Some("ignored")),
            "has the Idempotency-Key and does not use it, or the other way round",
        );
        wants(
            key.is_none_or(|key| key["required"].as_bool().unwrap_or(false) == (idempotency == Some("required"))),
            "requires the Idempotency-Key where it is honoured, or the other way round",
        );
        let guarded = operation.text("x-precondition") == Some("required");
        wants(guarded == parameter("If-Match").is_some(), "has If-Match and no precondition, or the other way round");
        wants(
            matches!(operation.text("x-cache"), Some("listing" | "private" | "none")),
            "does not say who may cache it",
        );
        let answers = |status: &str| operation.value["responses"].get(status).is_some();
        wants(answers("500") && answers("503"), "does not say how it fails");
        wants(
            !sends || (answers("400") && answers("413") && answers("415") && answers("422")),
            "takes a body and does not say how it refuses one",
        );
        wants(!guarded || (answers("412") && answers("428")), "has a precondition and does not say how it refuses");
        wants(
            !is_staff_only(&operation) || (answers("401") && answers("403")),
            "is for staff and does not say how it refuses others",
        );
        wants(
            !is_staff_only(&operation) || operation.value["x-roles"].as_array().is_some_and(|roles| !roles.is_empty()),
            "is for staff and names no role",
        );
        wants(operation.path.starts_with("/admin/") <= is_staff_only(&operation), "is under /admin and open");
        wants(operation.text("x-limit").is_some() <= answers("429"), "is limited and does not say how it refuses");
        for (status, answer) in operation.value["responses"].as_object().into_iter().flatten() {
            let answer = resolved(document, answer);
            let error = status.starts_with('4') || status.starts_with('5');
            let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            wants(
                !error || problem == "#/components/schemas/Problem",
                &format!("answers {status} with no problem document"),
            );
        }
    }
    found
}

/// Every place where a schema stands, with how to find it.
fn every_string_is_bounded(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if members.get("type") == Some(&Value::String("string".to_owned())) && !members.contains_key("maxLength") {
                found.push(format!("{at}: a string without an end"));
            }
            for (name, member) in members {
                if name != "example" && name != "examples" {
                    every_string_is_bounded(member, &format!("{at}/{name}"), found);
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| every_string_is_bounded(item, &format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

fn strings_are_bounded(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    every_string_is_bounded(document, "", &mut found);
    found
}

fn requests_are_strict_and_importable(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let body = crate::gateway::body(document, &operations(document));
    let provider_s_own = ["PaymentEvent", "Attributes", "Options"];
    for (name, schema) in body["components"]["schemas"].as_object().into_iter().flatten() {
        if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            found.push(format!("{name}: the gateway takes letters and digits only"));
        }
        if schema["type"] == "object"
            && schema["additionalProperties"] != false
            && !provider_s_own.contains(&name.as_str())
        {
            found.push(format!("{name}: takes members that nobody knows"));
        }
        keywords(schema, name, &mut found);
    }
    found
}

fn keywords(schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                if UNKNOWN_TO_THE_GATEWAY.contains(&name.as_str()) && !at.ends_with("/properties") {
                    found.push(format!("{at}: {name} is lost in the gateway"));
                }
                keywords(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keywords(item, at, found)),
        _ => {}
    }
}

fn every_example_fits(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for operation in operations(document) {
        let bodies = std::iter::once(("request".to_owned(), &operation.value["requestBody"]));
        let answers = operation.value["responses"].as_object().into_iter().flatten();
        let answers = answers.map(|(status, answer)| (status.clone(), resolved(document, answer)));
        for (what, holder) in bodies.chain(answers) {
            for (media, content) in holder["content"].as_object().into_iter().flatten() {
                let mut examples: Vec<Value> = content.get("example").cloned().into_iter().collect();
                for example in content["examples"].as_object().into_iter().flat_map(|all| all.values()) {
                    examples.push(resolved(document, example)["value"].clone());
                }
                let place = format!("{} {} {what} {media}", operation.method, operation.path);
                if examples.is_empty() {
                    found.push(format!("{place}: has no example"));
                }
                for example in examples {
                    found.extend(
                        misfits(document, &content["schema"], &example)
                            .into_iter()
                            .map(|misfit| format!("{place}{misfit}")),
                    );
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        every_example_fits, every_operation_is_whole, requests_are_strict_and_importable, strings_are_bounded,
    };
    use crate::rules::{caught, contract_of, none, tree};
    use crate::stacks;
    use serde_json::{Value, json};
    use std::process::Command;

    fn document() -> Value {
        contract_of(&tree())
    }

    fn planted(pointer: &str, value: Value) -> Value {
        let mut document = document();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"))[last] = value;
        document
    }

    // Proves: S2-17
    #[test]
    fn the_contract_is_valid_openapi() {
        let python = stacks::python().unwrap_or_else(|why| panic!("{why}"));
        let said = Command::new(python)
            .args(["-m", "openapi_spec_validator", "infra/openapi.yaml"])
            .current_dir(crate::tree::root())
            .output()
            .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    }

    #[test]
    fn every_operation_says_who_may_what_it_takes_and_how_it_refuses() {
        none(&every_operation_is_whole(&document()));
    }

    #[test]
    fn an_operation_that_leaves_something_out_is_caught() {
        let place = "/paths/~1api~1orders/post";
        caught(
            &every_operation_is_whole(&planted(&format!("{place}/operationId"), json!("list-products"))),
            "no name of its own",
        );
        caught(
            &every_operation_is_whole(&planted(&format!("{place}/x-idempotency"), json!("ignored"))),
            "Idempotency-Key",
        );
        caught(
            &every_operation_is_whole(&planted(&format!("{place}/x-idempotency"), json!("honoured"))),
            "requires the Idempotency-Key",
        );
        caught(&every_operation_is_whole(&planted(&format!("{place}/x-cache"), json!("long"))), "who may cache");
        caught(
            &every_operation_is_whole(&planted(&format!("{place}/responses/422"), json!({}))),
            "no problem document",
        );
        caught(
            &every_operation_is_whole(&planted("/paths/~1admin~1orders/get/security", json!([{}]))),
            "under /admin and open",
        );
        caught(&every_operation_is_whole(&planted("/paths/~1admin~1orders/get/x-roles", json!([]))), "names no role");
        caught(
            &every_operation_is_whole(&planted(
                "/paths/~1api~1products~1{productId}/patch/x-precondition",
                json!("none"),
            )),
            "no precondition",
        );
    }

    #[test]
    fn every_string_of_the_contract_has_a_greatest_length() {
        none(&strings_are_bounded(&document()));
        caught(
            &strings_are_bounded(&planted("/components/schemas/Image/properties/url", json!({ "type": "string" }))),
            "Image/properties/url",
        );
    }

    // Proves: S3-17
    #[test]
    fn requests_take_no_unknown_member_and_use_only_what_the_gateway_imports() {
        none(&requests_are_strict_and_importable(&document()));
    }

    #[test]
    fn a_request_that_takes_anything_or_uses_what_the_gateway_drops_is_caught() {
        let rule = requests_are_strict_and_importable;
        caught(
            &rule(&planted("/components/schemas/PlaceOrder/additionalProperties", json!(true))),
            "PlaceOrder: takes members",
        );
        caught(
            &rule(&planted("/components/schemas/PlaceOrder/properties/email/nullable", json!(true))),
            "nullable is lost",
        );
        caught(&rule(&planted("/components/schemas/PlaceOrder/oneOf", json!([]))), "oneOf is lost");
    }

    #[test]
    fn every_example_of_the_contract_fits_its_schema() {
        none(&every_example_fits(&document()));
    }

    #[test]
    fn an_example_that_does_not_fit_and_one_that_is_missing_are_caught() {
        caught(&every_example_fits(&planted("/components/examples/Order/value/state", json!("lost"))), "/state");
        caught(&every_example_fits(&planted("/components/examples/Cart/value/item_count", json!(1.5))), "/item_count");
        caught(
            &every_example_fits(&planted("/paths/~1ping/get/responses/200/content", json!({ "application/json": {} }))),
            "has no example",
        );
    }
}

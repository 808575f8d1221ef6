//! Reads a template and the stacks nested in it.

use super::Definition;
use super::build::add_resource;
use super::resolve::Scope;
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use serde_yaml_ng::value::Tag;
use std::collections::HashMap;
use std::path::Path;

/// The region of a deployment that does not exist.
const REGION: &str = "us-east-1";

pub(super) fn read(path: &Path, parameters: &[(&str, &str)]) -> Result<Definition, String> {
    let mut definition = Definition { region: REGION.to_owned(), ..Definition::default() };
    let given = parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    read_stack(path, given, &mut definition)?;
    Ok(definition)
}

/// Adds what the stack at `path` holds to `definition`, and gives back its outputs.
fn read_stack(
    path: &Path,
    given: HashMap<String, Value>,
    definition: &mut Definition,
) -> Result<HashMap<String, Value>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let yaml: Yaml = serde_yaml_ng::from_str(&text).map_err(|error| format!("{shown} is not YAML: {error}"))?;
    let template = long_form(yaml).map_err(|error| format!("{shown}: {error}"))?;
    let mut scope = Scope::new(&template, given, REGION).map_err(|error| format!("{shown}: {error}"))?;
    let folder = path.parent().unwrap_or(Path::new("."));

    // A stack whose parameters come from another stack's outputs waits until those are known.
    let mut waiting: Vec<(&String, &Value)> = scope.resources().filter(|(_, resource)| is_stack(resource)).collect();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|(_, resource)| {
            let needed = Scope::stacks_named_in(resource);
            !needed.iter().any(|name| waiting.iter().any(|(waiting, _)| *waiting == name))
        });
        let at = ready.ok_or_else(|| format!("{shown}: the stacks wait for each other"))?;
        let (name, resource) = waiting.remove(at);
        let properties = scope.resolve(&resource["Properties"]).map_err(|error| format!("{shown}: {name}: {error}"))?;
        let location = properties.get("TemplateURL").or_else(|| properties.get("Location")).and_then(Value::as_str);
        let location = location.ok_or_else(|| format!("{shown}: {name} names no template"))?;
        let parameters = properties["Parameters"].as_object().cloned().unwrap_or_default();
        let outputs = read_stack(&folder.join(location), parameters.into_iter().collect(), definition)?;
        scope.learn_outputs(name, outputs);
    }
    for (name, resource) in scope.resources().filter(|(_, resource)| !is_stack(resource)) {
        add_resource(&scope, name, resource, definition).map_err(|error| format!("{shown}: {name}: {error}"))?;
    }
    scope.outputs().map_err(|error| format!("{shown}: {error}"))
}

fn is_stack(resource: &Value) -> bool {
    matches!(resource["Type"].as_str(), Some("AWS::CloudFormation::Stack" | "AWS::Serverless::Application"))
}

/// YAML with CloudFormation's short tags as JSON with the long ones: `!Ref X` → `{"Ref": "X"}`.
fn long_form(yaml: Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => json!(value),
        Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => json!(whole),
            (None, decimal) => json!(decimal),
        },
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(long_form).collect::<Result<_, _>>()?),
        Yaml::Mapping(pairs) => {
            let mut object = Map::new();
            for (key, value) in pairs {
                object.insert(key_text(&key)?, long_form(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let value = long_form(tagged.value)?;
            tagged_form(&tagged.tag, value)
        }
    })
}

fn tagged_form(tag: &Tag, value: Value) -> Value {
    let tag = tag.to_string();
    let name = tag.trim_start_matches('!');
    match (name, &value) {
        ("Ref" | "Condition", _) => json!({ name: value }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((path, ""));
            json!({"Fn::GetAtt": [resource, attribute]})
        }
        _ => json!({ format!("Fn::{name}"): value }),
    }
}

fn key_text(key: &Yaml) -> Result<String, String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        other => Err(format!("a key is neither text nor number: {other:?}")),
    }
}

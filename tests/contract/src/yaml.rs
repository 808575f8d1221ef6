//! CloudFormation's YAML as plain values: `!Sub x` becomes `{"Fn::Sub": "x"}`.

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

/// Reads a template or any other YAML text.
///
/// # Errors
/// Saying where the text is not YAML.
pub fn parse(text: &str) -> Result<Value, String> {
    let yaml: Yaml = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    plain(yaml)
}

fn plain(yaml: Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => serde_json::to_value(number).map_err(|error| error.to_string())?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (key, value) in members {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(truth) => truth.to_string(),
                    other => return Err(format!("{other:?} is no key")),
                };
                object.insert(key, plain(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => intrinsic(&tagged.tag.to_string(), plain(tagged.value)?),
    })
}

fn intrinsic(tag: &str, value: Value) -> Value {
    let name = tag.trim_start_matches('!');
    let name = if name == "Ref" || name == "Condition" { name.to_owned() } else { format!("Fn::{name}") };
    let value = match value {
        // `!GetAtt Table.Arn` says what `["Table", "Arn"]` says.
        Value::String(text) if name == "Fn::GetAtt" => {
            Value::Array(text.splitn(2, '.').map(|part| Value::String(part.to_owned())).collect())
        }
        other => other,
    };
    Value::Object(Map::from_iter([(name, value)]))
}

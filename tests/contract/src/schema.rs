//! A small checker of JSON against the schemas of the public contract: as much of JSON Schema as they use.

use crate::openapi::resolved;
use serde_json::Value;

/// What in `value` does not fit `schema`, each with the pointer to it. Patterns are not tried.
#[must_use]
pub fn misfits(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(document, schema, value, "", &mut found);
    found
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(document, schema);
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        let misfits_of = |way| {
            let mut misfits = Vec::new();
            check(document, way, value, at, &mut misfits);
            misfits
        };
        let ways: Vec<Vec<String>> = ways.iter().map(misfits_of).collect();
        match ways.iter().filter(|misfits| misfits.is_empty()).count() {
            1 => {}
            // The way that it comes closest to says best what is wrong.
            0 => found.extend(ways.into_iter().min_by_key(Vec::len).unwrap_or_default()),
            many => found.push(format!("{at}: fits {many} ways at once")),
        }
        return;
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        found.push(format!("{at}: {value} is no {}", schema["type"]));
        return;
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        found.push(format!("{at}: {value} is none of {known:?}"));
    }
    match value {
        Value::Object(members) => object(document, schema, members, at, found),
        Value::Array(items) => {
            bounds(schema, "minItems", "maxItems", i64::try_from(items.len()).unwrap_or(i64::MAX), at, found);
            for (n, item) in items.iter().enumerate() {
                check(document, &schema["items"], item, &format!("{at}/{n}"), found);
            }
        }
        Value::String(text) => {
            bounds(
                schema,
                "minLength",
                "maxLength",
                i64::try_from(text.chars().count()).unwrap_or(i64::MAX),
                at,
                found,
            );
        }
        Value::Number(number) => bounds(schema, "minimum", "maximum", number.as_i64().unwrap_or_default(), at, found),
        Value::Null | Value::Bool(_) => {}
    }
}

fn object(
    document: &Value,
    schema: &Value,
    members: &serde_json::Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, member) in members {
        let at = format!("{at}/{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(known), _) => check(document, known, member, &at, found),
            (None, Value::Bool(false)) => found.push(format!("{at}: is not in the contract")),
            (None, further) => check(document, further, member, &at, found),
        }
    }
}

fn bounds(schema: &Value, least: &str, most: &str, is: i64, at: &str, found: &mut Vec<String>) {
    if schema[least].as_i64().is_some_and(|bound| is < bound) || schema[most].as_i64().is_some_and(|bound| is > bound) {
        found.push(format!("{at}: {is} is not within {least} and {most}"));
    }
}

#[cfg(test)]
mod tests {
    use super::misfits;
    use serde_json::json;

    #[test]
    fn what_is_missing_unknown_too_long_or_of_another_type_is_found() {
        let document = json!({ "s": { "type": "string", "maxLength": 2 } });
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": { "a": { "$ref": "#/s" }, "n": { "type": "integer", "nullable": true } },
        });
        assert!(misfits(&document, &schema, &json!({ "a": "ab", "n": null })).is_empty());
        assert_eq!(misfits(&document, &schema, &json!({ "n": 1.5, "x": 1, "a": "abc" })).len(), 3);
        assert_eq!(misfits(&document, &schema, &json!({})).len(), 1);
    }

    #[test]
    fn of_several_ways_one_has_to_fit() {
        let way = |name: &str| json!({ "type": "object", "additionalProperties": false, "required": [name], "properties": { name: { "type": "integer" } } });
        let schema = json!({ "oneOf": [way("a"), way("b")] });
        let found = |value| misfits(&json!({}), &schema, &value);
        assert!(found(json!({ "b": 1 })).is_empty());
        assert_eq!(found(json!({ "b": "x" })), ["/b: \"x\" is no \"integer\""]);
        assert_eq!(misfits(&json!({}), &json!({ "oneOf": [way("a"), way("a")] }), &json!({ "a": 1 })).len(), 1);
    }
}

//! JSON schemas as the contract uses them: the part of JSON Schema that API Gateway imports, checked the way it checks.

use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;

/// A place in a document that breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as an RFC 6901 pointer.
    pub pointer: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(out, "{place} {}", self.detail)
    }
}

/// The schemas of one OpenAPI document, with the patterns they name.
#[derive(Debug)]
pub struct Schemas {
    document: Value,
    patterns: HashMap<String, Regex>,
}

impl Schemas {
    /// The schemas of that document.
    ///
    /// # Errors
    /// Naming a pattern that is no regular expression.
    pub fn new(document: Value) -> Result<Self, String> {
        let mut patterns = HashMap::new();
        gather(&document, &mut patterns)?;
        Ok(Self { document, patterns })
    }

    /// The document itself.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// What `node` stands for: itself, or what its `$ref` names.
    #[must_use]
    pub fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        let named = node.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        match named.and_then(|pointer| self.document.pointer(pointer)) {
            Some(target) => self.resolve(target),
            None => node,
        }
    }

    /// Where `value` breaks `schema`: nowhere, if the list is empty.
    #[must_use]
    pub fn violations(&self, schema: &Value, value: &Value) -> Vec<Violation> {
        let mut check = Check { schemas: self, pointer: String::new(), found: Vec::new() };
        check.any(schema, value);
        check.found
    }
}

fn gather(node: &Value, patterns: &mut HashMap<String, Regex>) -> Result<(), String> {
    match node {
        Value::Object(members) => {
            if let Some(Value::String(pattern)) = members.get("pattern")
                && !patterns.contains_key(pattern)
            {
                let regex =
                    Regex::new(pattern).map_err(|error| format!("the pattern {pattern} is not understood: {error}"))?;
                patterns.insert(pattern.clone(), regex);
            }
            members.values().try_for_each(|member| gather(member, patterns))
        }
        Value::Array(items) => items.iter().try_for_each(|item| gather(item, patterns)),
        _ => Ok(()),
    }
}

struct Check<'a> {
    schemas: &'a Schemas,
    pointer: String,
    found: Vec<Violation>,
}

impl Check<'_> {
    fn say(&mut self, detail: impl Into<String>) {
        self.found.push(Violation { pointer: self.pointer.clone(), detail: detail.into() });
    }

    fn within(&mut self, step: &str, look: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        look(self);
        self.pointer.truncate(length);
    }

    fn any(&mut self, schema: &Value, value: &Value) {
        let schemas = self.schemas;
        let Some(schema) = schemas.resolve(schema).as_object() else {
            return;
        };
        if value.is_null() && schema.get("nullable").and_then(Value::as_bool) == Some(true) {
            return;
        }
        if let Some(kind) = schema.get("type").and_then(Value::as_str)
            && !is_of(kind, value)
        {
            self.say(format!("must be of type {kind}"));
            return;
        }
        if let Some(Value::Array(known)) = schema.get("enum")
            && !known.contains(value)
        {
            self.say("is not one of the known values");
        }
        match value {
            Value::String(text) => self.text(schema, text),
            Value::Number(number) => self.number(schema, number),
            Value::Array(items) => self.items(schema, items),
            Value::Object(members) => self.members(schema, members),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, schema: &Map<String, Value>, text: &str) {
        let length = text.chars().count() as u64;
        if schema.get("minLength").and_then(Value::as_u64).is_some_and(|least| length < least) {
            self.say("is too short");
        }
        if schema.get("maxLength").and_then(Value::as_u64).is_some_and(|most| length > most) {
            self.say("is too long");
        }
        let pattern =
            schema.get("pattern").and_then(Value::as_str).and_then(|pattern| self.schemas.patterns.get(pattern));
        if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
            self.say("does not match its pattern");
        }
    }

    fn number(&mut self, schema: &Map<String, Value>, number: &serde_json::Number) {
        let value = number.as_f64().unwrap_or(f64::NAN);
        if schema.get("minimum").and_then(Value::as_f64).is_some_and(|least| value < least) {
            self.say("is too small");
        }
        if schema.get("maximum").and_then(Value::as_f64).is_some_and(|most| value > most) {
            self.say("is too large");
        }
    }

    fn items(&mut self, schema: &Map<String, Value>, items: &[Value]) {
        let count = items.len() as u64;
        if schema.get("minItems").and_then(Value::as_u64).is_some_and(|least| count < least) {
            self.say("has too few items");
        }
        if schema.get("maxItems").and_then(Value::as_u64).is_some_and(|most| count > most) {
            self.say("has too many items");
        }
        if let Some(of) = schema.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.within(&index.to_string(), |check| check.any(of, item));
            }
        }
    }

    fn members(&mut self, schema: &Map<String, Value>, members: &Map<String, Value>) {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                self.within(name, |check| check.say("is missing"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (name, member) in members {
            match (properties.and_then(|properties| properties.get(name)), others) {
                (Some(known), _) => self.within(name, |check| check.any(known, member)),
                (None, Some(Value::Bool(false))) => self.within(name, |check| check.say("is not known here")),
                (None, Some(other)) => self.within(name, |check| check.any(other, member)),
                (None, None) => {}
            }
        }
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::Schemas;
    use serde_json::{Value, json};

    fn found(schema: &Value, value: &Value) -> Vec<String> {
        let document = json!({"components": {"schemas": {
            "Money": {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer"}}, "additionalProperties": false},
            "Pattern": {"type": "string", "pattern": "^[A-Z]{2}$"}
        }}});
        let schemas = Schemas::new(document).unwrap();
        schemas.violations(schema, value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_document_that_fits_is_in_order() {
        let schema = json!({"type": "array", "items": {"$ref": "#/components/schemas/Money"}});
        assert!(found(&schema, &json!([{"amount": 1}, {"amount": -2}])).is_empty());
    }

    #[test]
    fn each_breach_is_named_with_its_place() {
        let schema = json!({"type": "object", "properties": {"total": {"$ref": "#/components/schemas/Money"}}});
        assert_eq!(found(&schema, &json!({"total": {"amount": 1.0}})), ["/total/amount must be of type integer"]);
        assert_eq!(found(&schema, &json!({"total": {}})), ["/total/amount is missing"]);
        assert_eq!(found(&schema, &json!({"total": {"amount": 1, "a/b": 2}})), ["/total/a~1b is not known here"]);
        assert_eq!(
            found(&json!({"$ref": "#/components/schemas/Pattern"}), &json!("de")),
            ["the document does not match its pattern"]
        );
        assert_eq!(found(&json!({"type": "string", "maxLength": 2}), &json!("äöü")), ["the document is too long"]);
        assert_eq!(found(&json!({"type": "string", "nullable": true}), &json!(null)), Vec::<String>::new());
    }
}

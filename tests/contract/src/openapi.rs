//! The public contract, `infra/openapi.yaml`, as its operations.

use serde_json::Value;

/// One way to call the shop.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in the document.
    pub id: String,
    /// The function that answers; not the id where one function answers two paths.
    pub function: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    /// The whole operation, and what it shares with others of its path under `parameters`.
    pub value: Value,
}

impl Operation {
    /// A member of the operation as text.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.value.get(member)?.as_str()
    }
}

/// The methods that a path may have.
pub const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// All operations of the document, in its order of paths.
#[must_use]
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(mut value) = item.get(method).cloned() else { continue };
            let id = value["operationId"].as_str().unwrap_or_default().to_owned();
            let function = value["x-operation"].as_str().unwrap_or(&id).to_owned();
            let mut parameters: Vec<Value> = item["parameters"].as_array().cloned().unwrap_or_default();
            parameters.extend(value["parameters"].as_array().cloned().unwrap_or_default());
            value["parameters"] =
                Value::Array(parameters.into_iter().map(|parameter| resolved(document, &parameter).clone()).collect());
            found.push(Operation { id, function, method: method.to_uppercase(), path: path.clone(), value });
        }
    }
    found
}

/// What a value says, or what it refers to says.
#[must_use]
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
    document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
}

/// `list-products` as a logical id: `ListProducts`.
#[must_use]
pub fn pascal(kebab: &str) -> String {
    kebab
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        })
        .collect()
}

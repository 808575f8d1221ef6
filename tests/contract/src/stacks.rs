//! The templates as CloudFormation gets them, after SAM's transform: what the assertions are made on.

use crate::tree;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// How to get the Python that the translator runs in.
const HOW: &str = "run `python3 -m venv .python && .python/bin/pip install -r tests/contract/requirements.txt` first";

/// The expanded templates by path.
#[derive(Debug, Clone)]
pub struct Stacks {
    by_path: BTreeMap<String, Value>,
}

/// One resource of one stack.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// The path of its template.
    pub stack: &'a str,
    /// Its logical id.
    pub id: &'a str,
    /// Its type, properties and attributes.
    pub value: &'a Value,
}

impl<'a> Resource<'a> {
    /// Its properties.
    #[must_use]
    pub fn properties(&self) -> &'a Value {
        &self.value["Properties"]
    }

    /// How a violation names it.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}: {}", self.stack, self.id)
    }
}

impl Stacks {
    /// Expands `template.yaml` and all of `infra/`.
    ///
    /// # Errors
    /// When the Python environment is missing (saying how to get it) or a template is not valid.
    pub fn translate() -> Result<Self, String> {
        let python = python()?;
        let mut paths = vec!["template.yaml".to_owned()];
        let mut stacks: Vec<String> = std::fs::read_dir(tree::root().join("infra"))
            .map_err(|error| error.to_string())?
            .flatten()
            .map(|entry| format!("infra/{}", entry.file_name().to_string_lossy()))
            .filter(|path| path.ends_with(".yaml") && path != "infra/openapi.yaml")
            .collect();
        stacks.sort();
        paths.extend(stacks);
        let done = Command::new(python)
            .arg("tests/contract/translate.py")
            .args(&paths)
            .current_dir(tree::root())
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .output()
            .map_err(|error| format!("{HOW}: {error}"))?;
        if !done.status.success() {
            return Err(format!("the translator refused: {}", String::from_utf8_lossy(&done.stderr)));
        }
        let by_path = serde_json::from_slice(&done.stdout).map_err(|error| error.to_string())?;
        Ok(Self { by_path })
    }

    /// All resources of a type.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Resource<'a>> {
        self.all().filter(move |resource| resource.value["Type"] == kind)
    }

    /// All resources.
    pub fn all(&self) -> impl Iterator<Item = Resource<'_>> {
        self.by_path.iter().flat_map(|(stack, template)| {
            let resources = template["Resources"].as_object().into_iter().flatten();
            resources.map(move |(id, value)| Resource { stack, id, value })
        })
    }

    /// The templates by path.
    #[must_use]
    pub fn templates(&self) -> &BTreeMap<String, Value> {
        &self.by_path
    }

    /// A resource of the same stack by its logical id.
    #[must_use]
    pub fn beside(&self, other: &Resource<'_>, id: &str) -> &Value {
        self.by_path.get(other.stack).map_or(&Value::Null, |template| &template["Resources"][id])
    }

    /// The same stacks with one place broken: `pointer` (RFC 6901) below the resource gets `value`, or goes where it is
    /// null.
    ///
    /// # Panics
    /// When there is no such resource: nothing would be planted.
    #[must_use]
    pub fn planted(mut self, stack: &str, id: &str, pointer: &str, value: Value) -> Self {
        let resource = &mut self.by_path.get_mut(stack).unwrap_or_else(|| panic!("no stack {stack}"))["Resources"][id];
        assert!(!resource.is_null(), "{stack} has no {id}, so nothing was planted");
        let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let last = &*last.replace("~1", "/").replace("~0", "~");
        let place =
            resource.pointer_mut(parent).unwrap_or_else(|| panic!("{id} has no {parent}, so nothing was planted"));
        match (place, value) {
            (Value::Object(members), Value::Null) => {
                assert!(members.remove(last).is_some(), "{id} has no {pointer}, so nothing was planted");
            }
            (Value::Array(items), value) => items.push(value),
            (place, value) => place[last] = value,
        }
        self
    }

    /// The same stacks with one more resource.
    #[must_use]
    pub fn with(mut self, stack: &str, id: &str, resource: Value) -> Self {
        self.by_path.entry(stack.to_owned()).or_default()["Resources"][id] = resource;
        self
    }
}

/// The Python of the repository's own environment.
///
/// # Errors
/// Saying how to get it.
pub fn python() -> Result<std::path::PathBuf, String> {
    let python = tree::root().join(".python/bin/python");
    if python.exists() { Ok(python) } else { Err(format!("there is no .python: {HOW}")) }
}

/// A value as text where it is a plain text or the text of a `Fn::Sub`; else its JSON.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => match members.get("Fn::Sub") {
            Some(Value::String(text)) => text.clone(),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// The logical id that a `Ref` or a `Fn::GetAtt` points to.
#[must_use]
pub fn target(value: &Value) -> Option<&str> {
    value.get("Ref").or_else(|| value.get("Fn::GetAtt")?.get(0)).and_then(Value::as_str)
}

/// A value that may be one or a list, as a list.
#[must_use]
pub fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

//! CloudFormation's functions, as far as names, addresses and settings need them.

use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The account of a deployment that does not exist.
pub(super) const ACCOUNT: &str = "000000000000";

/// One stack while it is read: its parameters, conditions and resources, and the outputs of the stacks in it.
pub(super) struct Scope<'t> {
    template: &'t Value,
    parameters: HashMap<String, Value>,
    outputs: HashMap<String, HashMap<String, Value>>,
    pub(super) region: &'static str,
}

type Resolved = Result<Value, String>;

impl<'t> Scope<'t> {
    /// The scope of `template` with the values given for its parameters, and the defaults of the others.
    pub(super) fn new(
        template: &'t Value,
        given: HashMap<String, Value>,
        region: &'static str,
    ) -> Result<Self, String> {
        let mut parameters = HashMap::new();
        for (name, parameter) in object(&template["Parameters"]) {
            let value = given.get(name).or_else(|| parameter.get("Default"));
            let value = value.ok_or_else(|| format!("the parameter {name} has no value"))?;
            parameters.insert(name.clone(), value.clone());
        }
        Ok(Self { template, parameters, outputs: HashMap::new(), region })
    }

    /// The resources whose condition holds.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'t String, &'t Value)> {
        let all = object(&self.template["Resources"]);
        all.filter(|(_, resource)| match resource["Condition"].as_str() {
            Some(name) => self.condition(name).unwrap_or(true),
            None => true,
        })
    }

    /// Settings of all functions (SAM's `Globals`), unresolved.
    pub(super) fn function_globals(&self) -> &'t Value {
        &self.template["Globals"]["Function"]
    }

    /// The stacks in the same template that a resource takes outputs from.
    pub(super) fn stacks_named_in(resource: &Value) -> Vec<String> {
        match resource {
            Value::Object(map) => {
                let own = map.get("Fn::GetAtt").and_then(Value::as_array).and_then(|path| {
                    let attribute = path.get(1)?.as_str()?;
                    attribute.starts_with("Outputs.").then(|| path.first()?.as_str().map(str::to_owned))?
                });
                map.values().flat_map(Self::stacks_named_in).chain(own).collect()
            }
            Value::Array(items) => items.iter().flat_map(Self::stacks_named_in).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn learn_outputs(&mut self, stack: &str, outputs: HashMap<String, Value>) {
        self.outputs.insert(stack.to_owned(), outputs);
    }

    /// The outputs of this stack.
    pub(super) fn outputs(&self) -> Result<HashMap<String, Value>, String> {
        object(&self.template["Outputs"])
            .map(|(name, output)| Ok((name.clone(), self.resolve(&output["Value"])?)))
            .collect()
    }

    /// `value` with every function in it worked out. Properties that a false condition takes away are gone.
    pub(super) fn resolve(&self, value: &Value) -> Resolved {
        match value {
            Value::Object(map) => match single(map) {
                Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => self.function(name, argument),
                _ => {
                    let mut resolved = Map::new();
                    for (key, value) in map {
                        let value = self.resolve(value)?;
                        if !is_no_value(&value) {
                            resolved.insert(key.clone(), value);
                        }
                    }
                    Ok(Value::Object(resolved))
                }
            },
            Value::Array(items) => {
                let items: Vec<Value> = items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>()?;
                Ok(Value::Array(items.into_iter().filter(|item| !is_no_value(item)).collect()))
            }
            plain => Ok(plain.clone()),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> Resolved {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => {
                let path = argument.as_array().ok_or("GetAtt takes two names")?;
                let part = |at: usize| path.get(at).and_then(Value::as_str).unwrap_or_default();
                self.attribute(part(0), part(1))
            }
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => {
                let argument = self.resolve(argument)?;
                let separator = argument[0].as_str().unwrap_or_default();
                let parts: Vec<String> = argument[1].as_array().into_iter().flatten().map(text_of).collect();
                Ok(json!(parts.join(separator)))
            }
            "Fn::Select" => {
                let argument = self.resolve(argument)?;
                let at = text_of(&argument[0]).parse::<usize>().map_err(|_| "Select takes a number")?;
                Ok(argument[1][at].clone())
            }
            "Fn::Split" => {
                let argument = self.resolve(argument)?;
                let text = text_of(&argument[1]);
                Ok(json!(text.split(argument[0].as_str().unwrap_or(",")).collect::<Vec<_>>()))
            }
            "Fn::FindInMap" => {
                let argument = self.resolve(argument)?;
                let [map, first, second] = [0, 1, 2].map(|at| text_of(&argument[at]));
                let found = &self.template["Mappings"][&map][&first][&second];
                if found.is_null() { Err(format!("there is no {map}.{first}.{second}")) } else { Ok(found.clone()) }
            }
            "Fn::If" => {
                let holds = self.condition(argument[0].as_str().unwrap_or_default())?;
                self.resolve(&argument[if holds { 1 } else { 2 }])
            }
            "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" => {
                self.holds(&json!({ name: argument })).map(|holds| json!(holds))
            }
            "Fn::Base64" => self.resolve(argument),
            // What neither names nor settings depend on.
            _ => Ok(json!(name)),
        }
    }

    fn condition(&self, name: &str) -> Result<bool, String> {
        let condition = &self.template["Conditions"][name];
        if condition.is_null() { Err(format!("there is no condition {name}")) } else { self.holds(condition) }
    }

    fn holds(&self, condition: &Value) -> Result<bool, String> {
        let map = condition.as_object().and_then(single);
        let Some((name, argument)) = map else {
            return Ok(condition.as_bool().unwrap_or_default());
        };
        let arguments = || argument.as_array().into_iter().flatten();
        match name.as_str() {
            "Condition" => self.condition(argument.as_str().unwrap_or_default()),
            "Fn::Equals" => {
                let argument = self.resolve(argument)?;
                Ok(text_of(&argument[0]) == text_of(&argument[1]))
            }
            "Fn::Not" => self.holds(&argument[0]).map(|holds| !holds),
            "Fn::And" => arguments().try_fold(true, |all, each| Ok(all && self.holds(each)?)),
            "Fn::Or" => arguments().try_fold(false, |any, each| Ok(any || self.holds(each)?)),
            other => Err(format!("{other} is no condition")),
        }
    }

    fn reference(&self, name: &str) -> Resolved {
        let known = match name {
            "AWS::Region" => json!(self.region),
            "AWS::AccountId" => json!(ACCOUNT),
            "AWS::Partition" => json!("aws"),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            "AWS::StackName" => json!("russet"),
            "AWS::StackId" => json!(format!("arn:aws:cloudformation:{}:{ACCOUNT}:stack/russet/local", self.region)),
            "AWS::NoValue" => json!({"Ref": "AWS::NoValue"}),
            _ => match self.parameters.get(name) {
                Some(value) => value.clone(),
                None => return self.attribute(name, ""),
            },
        };
        Ok(known)
    }

    /// What `Ref` (no attribute) or `GetAtt` gives for a resource.
    fn attribute(&self, name: &str, attribute: &str) -> Resolved {
        let resource = &self.template["Resources"][name];
        if resource.is_null() {
            return Err(format!("there is no {name}"));
        }
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            let value = self.outputs.get(name).and_then(|outputs| outputs.get(output));
            return value.cloned().ok_or_else(|| format!("the stack {name} has no output {output}"));
        }
        let kind = resource["Type"].as_str().unwrap_or_default();
        let named = |property: &str| -> Result<String, String> {
            let value = &resource["Properties"][property];
            if value.is_null() { Ok(name.to_owned()) } else { self.resolve(value).map(|value| text_of(&value)) }
        };
        let arn = |service: &str, rest: String| json!(format!("arn:aws:{service}:{}:{ACCOUNT}:{rest}", self.region));
        Ok(match (kind, attribute) {
            ("AWS::SQS::Queue", "") => {
                json!(format!("https://sqs.{}.amazonaws.com/{ACCOUNT}/{}", self.region, named("QueueName")?))
            }
            ("AWS::SQS::Queue", "Arn") => arn("sqs", named("QueueName")?),
            ("AWS::SQS::Queue", "QueueName") => json!(named("QueueName")?),
            ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "") => json!(named("TableName")?),
            ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "Arn") => {
                arn("dynamodb", format!("table/{}", named("TableName")?))
            }
            ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn") => {
                arn("dynamodb", format!("table/{}/stream/2026-01-01T00:00:00.000", named("TableName")?))
            }
            ("AWS::Serverless::Function" | "AWS::Lambda::Function", "") => json!(named("FunctionName")?),
            ("AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn") => {
                arn("lambda", format!("function:{}", named("FunctionName")?))
            }
            ("AWS::S3::Bucket", "") => json!(named("BucketName")?),
            ("AWS::S3::Bucket", "Arn") => json!(format!("arn:aws:s3:::{}", named("BucketName")?)),
            ("AWS::SecretsManager::Secret", _) => arn("secretsmanager", format!("secret:{}", named("Name")?)),
            ("AWS::KMS::Key", "Arn") => arn("kms", format!("key/{name}")),
            ("AWS::KMS::Alias", "") => json!(named("AliasName")?),
            (_, "") => json!(name),
            (_, attribute) => json!(format!("{name}.{attribute}")),
        })
    }

    /// `${Name}` is a reference, `${Name.Attribute}` an attribute, `${!Literal}` itself.
    fn substitute(&self, argument: &Value) -> Resolved {
        let (text, own) = match argument {
            Value::Array(parts) => {
                let own = parts.get(1).map(|own| self.resolve(own)).transpose()?.unwrap_or_default();
                (parts.first().and_then(Value::as_str).unwrap_or_default(), own)
            }
            other => (other.as_str().unwrap_or_default(), Value::Null),
        };
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            resolved.push_str(before);
            let (name, after) = after.split_once('}').ok_or_else(|| format!("a brace is not closed in {text}"))?;
            let value = match (name.strip_prefix('!'), own.get(name), name.split_once('.')) {
                (Some(literal), _, _) => format!("${{{literal}}}"),
                (None, Some(own), _) => text_of(own),
                (None, None, Some((resource, attribute))) => text_of(&self.attribute(resource, attribute)?),
                (None, None, None) => text_of(&self.reference(name)?),
            };
            resolved.push_str(&value);
            rest = after;
        }
        resolved.push_str(rest);
        Ok(json!(resolved))
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn single(map: &Map<String, Value>) -> Option<(&String, &Value)> {
    if map.len() == 1 { map.iter().next() } else { None }
}

fn is_no_value(value: &Value) -> bool {
    value.get("Ref").is_some_and(|name| name == "AWS::NoValue")
}

/// A value as CloudFormation writes it into a text.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

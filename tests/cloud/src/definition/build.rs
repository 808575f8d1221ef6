//! From a resolved resource to what the stand-ins need of it.

use super::functions::function;
use super::resolve::{Scope, text_of};
use super::{Bucket, CorsRule, Definition, Table};
use crate::random::Random;
use crate::services::queues::{QueueSettings, Redrive};
use serde_json::{Value, json};
use std::time::Duration;

/// Adds one resource to the definition; kinds that nothing here stands for are left out.
pub(super) fn add_resource(
    scope: &Scope<'_>,
    name: &str,
    resource: &Value,
    definition: &mut Definition,
) -> Result<(), String> {
    let properties = || scope.resolve(&resource["Properties"]);
    match resource["Type"].as_str().unwrap_or_default() {
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => definition.tables.push(table(&properties()?)?),
        "AWS::SQS::Queue" => definition.queues.push(queue(&properties()?)?),
        "AWS::SecretsManager::Secret" => definition.secrets.push(secret(&properties()?)?),
        "AWS::KMS::Alias" => {
            let alias = required(&properties()?, "AliasName")?;
            definition.keys.push(alias.trim_start_matches("alias/").to_owned());
        }
        "AWS::S3::Bucket" => definition.buckets.push(bucket(&properties()?)?),
        "AWS::Serverless::Function" => definition.functions.push(function(scope, name, resource)?),
        _ => {}
    }
    Ok(())
}

fn bucket(properties: &Value) -> Result<Bucket, String> {
    let rules = properties["CorsConfiguration"]["CorsRules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = |value: &Value| value.as_array().into_iter().flatten().map(text_of).collect::<Vec<_>>();
    let rule = |rule: &Value| CorsRule {
        origins: texts(&rule["AllowedOrigins"]),
        methods: texts(&rule["AllowedMethods"]),
        headers: texts(&rule["AllowedHeaders"]).iter().map(|name| name.to_ascii_lowercase()).collect(),
        max_age: seconds(&rule["MaxAge"]).unwrap_or_default(),
    };
    Ok(Bucket { name: required(properties, "BucketName")?, cors: rules.iter().map(rule).collect() })
}

pub(super) fn required(properties: &Value, name: &str) -> Result<String, String> {
    match &properties[name] {
        Value::Null => Err(format!("{name} is missing")),
        value => Ok(text_of(value)),
    }
}

/// A count of seconds that may stand as text.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    text_of(value).parse().ok().map(Duration::from_secs)
}

/// The last part of an ARN.
pub(super) fn name_in_arn(arn: &str) -> String {
    arn.rsplit_once(':').map_or(arn, |(_, name)| name).to_owned()
}

impl Table {
    /// A table with string keys and its stream on.
    pub(super) fn plain(name: &str, sorted: bool) -> Self {
        let mut attributes = vec![json!({"AttributeName": "pk", "AttributeType": "S"})];
        let mut keys = vec![json!({"AttributeName": "pk", "KeyType": "HASH"})];
        if sorted {
            attributes.push(json!({"AttributeName": "sk", "AttributeType": "S"}));
            keys.push(json!({"AttributeName": "sk", "KeyType": "RANGE"}));
        }
        let create = json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": attributes, "KeySchema": keys,
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        });
        Self { name: name.to_owned(), create, ttl_attribute: None, stream: true }
    }
}

fn table(properties: &Value) -> Result<Table, String> {
    let name = required(properties, "TableName")?;
    let mut create = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST"});
    for member in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(value) = properties.get(member) {
            create[member] = value.clone();
        }
    }
    let view = properties["StreamSpecification"]["StreamViewType"].as_str();
    if let Some(view) = view {
        create["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": view});
    }
    let ttl = &properties["TimeToLiveSpecification"];
    let ttl_attribute =
        ttl["AttributeName"].as_str().filter(|_| text_of(&ttl["Enabled"]) != "false").map(str::to_owned);
    Ok(Table { name, create, ttl_attribute, stream: view.is_some() })
}

fn queue(properties: &Value) -> Result<QueueSettings, String> {
    let plain = QueueSettings::new(required(properties, "QueueName")?);
    let policy = &properties["RedrivePolicy"];
    let redrive = policy["deadLetterTargetArn"].as_str().map(|arn| {
        let receives_max =
            text_of(&policy["maxReceiveCount"]).parse().map_err(|_| "maxReceiveCount is not a number")?;
        Ok::<_, String>(Redrive { queue: name_in_arn(arn), receives_max })
    });
    Ok(QueueSettings {
        visibility: seconds(&properties["VisibilityTimeout"]).unwrap_or(plain.visibility),
        delay: seconds(&properties["DelaySeconds"]).unwrap_or(plain.delay),
        retention: seconds(&properties["MessageRetentionPeriod"]).unwrap_or(plain.retention),
        redrive: redrive.transpose()?,
        ..plain
    })
}

/// The name and the first value, drawn as Secrets Manager would draw it.
fn secret(properties: &Value) -> Result<(String, String), String> {
    let name = required(properties, "Name")?;
    if let Some(text) = properties["SecretString"].as_str() {
        return Ok((name, text.to_owned()));
    }
    let generate = &properties["GenerateSecretString"];
    let length = text_of(&generate["PasswordLength"]).parse().unwrap_or(32);
    let drawn = Random::default().letters(length);
    let text = match (generate["SecretStringTemplate"].as_str(), generate["GenerateStringKey"].as_str()) {
        (Some(template), Some(key)) => {
            let mut value: Value =
                serde_json::from_str(template).map_err(|error| format!("SecretStringTemplate: {error}"))?;
            value[key] = json!(drawn);
            value.to_string()
        }
        _ => drawn,
    };
    Ok((name, text))
}

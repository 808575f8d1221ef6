//! A small evaluator of the functions' policies, as they stand in `infra/`: who may do what to which resource. What a run
//! has seen its functions do can be held against it with [`Grants::breaches`].

use crate::stacks::many;
use crate::tree::Tree;
use crate::yaml;
use serde_json::Value;
use std::collections::BTreeMap;

/// The names that the evaluator gives to what a deployment decides.
const PREFIX: &str = "russet";
const REGION: &str = "eu-central-1";
const ACCOUNT: &str = "123456789012";

/// One thing that a function did or wants to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deed<'a> {
    /// The function's name without the prefix: `place-order`.
    pub function: &'a str,
    /// As IAM writes it: `dynamodb:GetItem`.
    pub action: &'a str,
    /// The full name of what it was done to.
    pub arn: &'a str,
}

/// What each function may do: its statements, with all names filled in.
#[derive(Debug, Clone)]
pub struct Grants {
    by_function: BTreeMap<String, Vec<Statement>>,
}

/// One statement of a role.
#[derive(Debug, Clone)]
struct Statement {
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Grants {
    /// The grants in the templates of a tree.
    ///
    /// # Errors
    /// When a template is not YAML.
    pub fn read(tree: &Tree) -> Result<Self, String> {
        let mut by_function: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
        for (path, text) in tree.under("infra/", ".yaml").filter(|(path, _)| *path != "infra/openapi.yaml") {
            let template = yaml::parse(text).map_err(|error| format!("{path}: {error}"))?;
            for (_, function) in template["Resources"].as_object().into_iter().flatten() {
                if function["Type"] != "AWS::Serverless::Function" {
                    continue;
                }
                let name = filled(&template, &function["Properties"]["FunctionName"]);
                let name = name.trim_start_matches(PREFIX).trim_start_matches('-').to_owned();
                let role = function["Properties"]["Role"]["Fn::GetAtt"][0].as_str().unwrap_or_default();
                let policies = many(&template["Resources"][role]["Properties"]["Policies"]);
                for statement in policies.into_iter().flat_map(|policy| many(&policy["PolicyDocument"]["Statement"])) {
                    let texts = |value: &Value| many(value).into_iter().map(|one| filled(&template, one)).collect();
                    let (actions, resources) = (texts(&statement["Action"]), texts(&statement["Resource"]));
                    by_function.entry(name.clone()).or_default().push(Statement { actions, resources });
                }
            }
        }
        Ok(Self { by_function })
    }

    /// The functions that have grants.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.by_function.keys().map(String::as_str)
    }

    /// Whether the function's role lets it.
    #[must_use]
    pub fn allow(&self, deed: &Deed<'_>) -> bool {
        self.by_function.get(deed.function).into_iter().flatten().any(|Statement { actions, resources }| {
            actions.iter().any(|action| matches(action, deed.action))
                && resources.iter().any(|resource| matches(resource, deed.arn))
        })
    }

    /// Every grant as (function, action, resource).
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.by_function.iter().flat_map(|(function, statements)| {
            statements.iter().flat_map(move |Statement { actions, resources }| {
                actions.iter().flat_map(move |action| {
                    resources.iter().map(move |resource| (function.as_str(), action.as_str(), resource.as_str()))
                })
            })
        })
    }

    /// What was done that no role allows. A run tells of each call the function, the service as IAM names it, the
    /// operation of the API, and the resource by its own name.
    #[must_use]
    pub fn breaches<'a>(&self, calls: impl IntoIterator<Item = (&'a str, &'a str, &'a str, &'a str)>) -> Vec<String> {
        let mut found = Vec::new();
        for (function, service, operation, resource) in calls {
            if !self.by_function.contains_key(function) {
                continue;
            }
            let arn = arn(service, resource);
            for action in actions(service, operation) {
                let allowed = match action {
                    // A transaction needs the rights of its parts, which the call does not name: one of them will do.
                    "dynamodb:TransactWriteItems" => ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
                        .iter()
                        .any(|part| self.allow(&Deed { function, action: part, arn: &arn })),
                    // A query of an index names its table alone.
                    "dynamodb:Query" => {
                        ["", "/index/by_customer", "/index/by_state", "/index/due", "/index/listed", "/index/live"]
                            .iter()
                            .any(|index| self.allow(&Deed { function, action, arn: &format!("{arn}{index}") }))
                    }
                    action => self.allow(&Deed { function, action, arn: &arn }),
                };
                if !allowed {
                    found.push(format!("{function} did {action} to {arn}"));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Rights to data that no call of a run used. Transactions use the rights to write of their tables without saying
    /// which, so they count for all three.
    #[must_use]
    pub fn unused<'a>(&self, calls: impl IntoIterator<Item = (&'a str, &'a str, &'a str, &'a str)>) -> Vec<String> {
        let mut used: Vec<(String, String, String)> = Vec::new();
        for (function, service, operation, resource) in calls {
            let arn = arn(service, resource);
            for action in actions(service, operation) {
                let parts: &[&str] = match action {
                    "dynamodb:TransactWriteItems" => {
                        &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
                    }
                    _ => &[action],
                };
                used.extend(parts.iter().map(|part| (function.to_owned(), (*part).to_owned(), arn.clone())));
            }
        }
        let mut found = Vec::new();
        for (function, action, resource) in self.all() {
            let data = ["dynamodb:", "sqs:SendMessage", "s3:", "kms:", "secretsmanager:", "ses:"];
            let stream = ["GetRecords", "DescribeStream", "GetShardIterator", "ListBucket"];
            let counts = data.iter().any(|kind| action.starts_with(kind))
                && !stream.iter().any(|name| action.ends_with(name))
                && !resource.contains("-failures")
                && !resource.contains("/index/");
            let was = used.iter().any(|(who, what, to)| who == function && what == action && matches(resource, to));
            if counts && !was {
                found.push(format!("{function} may {action} to {resource}"));
            }
        }
        found
    }
}

/// The rights that an operation of an API needs.
fn actions<'a>(service: &str, operation: &'a str) -> Vec<&'a str> {
    match (service, operation) {
        ("dynamodb", "GetItem") => vec!["dynamodb:GetItem"],
        ("dynamodb", "BatchGetItem") => vec!["dynamodb:BatchGetItem"],
        ("dynamodb", "PutItem") => vec!["dynamodb:PutItem"],
        ("dynamodb", "UpdateItem") => vec!["dynamodb:UpdateItem"],
        ("dynamodb", "DeleteItem") => vec!["dynamodb:DeleteItem"],
        ("dynamodb", "Query") => vec!["dynamodb:Query"],
        ("dynamodb", "Scan") => vec!["dynamodb:Scan"],
        ("dynamodb", "TransactWriteItems") => vec!["dynamodb:TransactWriteItems"],
        ("sqs", "SendMessage" | "SendMessageBatch") => vec!["sqs:SendMessage"],
        ("s3", "GetObject" | "HeadObject") => vec!["s3:GetObject"],
        ("s3", "PutObject") => vec!["s3:PutObject"],
        ("s3", "DeleteObject") => vec!["s3:DeleteObject"],
        ("kms", "Decrypt") => vec!["kms:Decrypt"],
        ("kms", "GenerateDataKey") => vec!["kms:GenerateDataKey"],
        ("secretsmanager", "GetSecretValue") => vec!["secretsmanager:GetSecretValue"],
        ("monitoring" | "cloudwatch", "GetMetricData") => vec!["cloudwatch:GetMetricData"],
        ("ses", "SendEmail") => vec!["ses:SendEmail"],
        ("application-autoscaling", "RegisterScalableTarget") => {
            vec!["application-autoscaling:RegisterScalableTarget"]
        }
        _ => vec![operation],
    }
}

/// The full name of a resource that a run names shortly.
fn arn(service: &str, resource: &str) -> String {
    let name = resource.rsplit(['/', ':']).next().unwrap_or_default();
    match service {
        "dynamodb" => format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"),
        "sqs" => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
        "s3" => format!("arn:aws:s3:::{PREFIX}-{}-{ACCOUNT}-{REGION}/object", bucket(resource)),
        "kms" => format!("key:{}", name.trim_start_matches(PREFIX).trim_start_matches('-')),
        "secretsmanager" => {
            format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{PREFIX}/{name}-abcdef")
        }
        "ses" => format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com"),
        "application-autoscaling" => format!("arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/1"),
        other => format!("{other}:{resource}"),
    }
}

/// `russet-catalog-123…-eu-central-1` as `catalog`.
fn bucket(resource: &str) -> &str {
    let name = resource.split('/').next().unwrap_or_default().trim_start_matches(PREFIX).trim_start_matches('-');
    name.split('-').next().unwrap_or_default()
}

/// A value with the names of this evaluator in the place of what a deployment decides.
fn filled(template: &Value, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        _ => match (&value["Fn::Sub"], &value["Ref"], &value["Fn::GetAtt"]) {
            (Value::String(text), _, _) => text.clone(),
            (_, Value::String(name), _) => match name.strip_suffix("KeyArn") {
                Some(key) => format!("key:{}", key.to_lowercase()),
                None => format!("ref:{name}"),
            },
            (_, _, Value::Array(parts)) => {
                let id = parts.first().and_then(Value::as_str).unwrap_or_default();
                let properties = &template["Resources"][id]["Properties"];
                match properties["QueueName"]["Fn::Sub"].as_str() {
                    Some(name) => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
                    None => format!("of:{id}"),
                }
            }
            _ => value.to_string(),
        },
    };
    text.replace("${AWS::Partition}", "aws")
        .replace("${AWS::Region}", REGION)
        .replace("${AWS::AccountId}", ACCOUNT)
        .replace("${MailDomain}", "example.com")
        .replace("${Prefix}", PREFIX)
}

/// IAM's patterns: `*` is any run of letters, `?` is one.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::{Grants, matches};
    use crate::tree::Tree;

    #[test]
    fn patterns_match_as_in_iam() {
        assert!(matches("arn:x:secret:a/b-??????", "arn:x:secret:a/b-abcdef"));
        assert!(!matches("arn:x:secret:a/b-??????", "arn:x:secret:a/b-c-abcdef"));
        assert!(matches("bucket/*", "bucket/a/b") && !matches("bucket/*", "bucket"));
        assert!(matches("a*c*e", "abcde") && !matches("a*c*e", "abcd"));
        assert!(matches("same", "same") && !matches("same", "sam"));
    }

    #[test]
    fn what_no_role_allows_is_a_breach() {
        let grants = Grants::read(&Tree::read()).expect("the templates are YAML");
        let fine = [
            ("get-stock", "dynamodb", "GetItem", "russet-stock"),
            ("place-order", "dynamodb", "TransactWriteItems", "russet-orders"),
            ("place-order", "kms", "GenerateDataKey", "alias/russet-personal"),
            ("list-products", "s3", "GetObject", "russet-catalog-123456789012-eu-central-1"),
            ("lambda", "sqs", "ReceiveMessage", "russet-mail"),
        ];
        assert_eq!(grants.breaches(fine), Vec::<String>::new());
        let not = [
            ("get-stock", "dynamodb", "UpdateItem", "russet-stock"),
            ("get-stock", "dynamodb", "GetItem", "russet-orders"),
            ("list-products", "kms", "Decrypt", "alias/russet-personal"),
            ("list-products", "secretsmanager", "GetSecretValue", "russet/payments"),
        ];
        assert_eq!(grants.breaches(not).len(), 4);
    }
}

//! Who may reach what, as a graph: the edge reaches the pages and the API, the API reaches functions, functions reach what
//! their duty names, queues and streams and schedules wake functions. There is no other way.

use crate::grants::{Deed, Grants};
use crate::rules::policies::name;
use crate::stacks::{Stacks, many, text};
use std::collections::{BTreeMap, BTreeSet};

/// What a function may use of each service; above all no function calls another, and none administers anything.
const USED_BY_FUNCTIONS: [&str; 20] = [
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeStream",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "secretsmanager:GetSecretValue",
    "ses:SendEmail",
    "sqs:SendMessage",
    "logs:PutLogEvents",
];
/// What a function may do besides, to its own log, its own traces, its own queue and what all were measured to do.
const ITS_OWN: [&str; 8] = [
    "cloudwatch:GetMetricData",
    "logs:CreateLogStream",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// The one that keeps environments warm, and what it may do for that: to the functions of sales, and to nothing that runs in them.
const KEEPS_WARM: (&str, [&str; 4]) = (
    "warm-flash-sales",
    [
        "application-autoscaling:RegisterScalableTarget",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:PutProvisionedConcurrencyConfig",
    ],
);

fn there_is_no_way_around_the_tiers(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for distribution in stacks.of("AWS::CloudFront::Distribution") {
        let origins = many(&distribution.properties()["DistributionConfig"]["Origins"]);
        let ids: BTreeSet<String> = origins.into_iter().map(|origin| text(&origin["Id"])).collect();
        if ids != BTreeSet::from(["api".to_owned(), "site".to_owned()]) {
            found.push(format!("{}: reaches {ids:?}", distribution.place()));
        }
    }
    for api in stacks.of("AWS::ApiGateway::RestApi") {
        for (path, item) in api.properties()["Body"]["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let integration = &operation["x-amazon-apigateway-integration"];
                let to_function =
                    integration["type"] == "aws_proxy" && text(&integration["uri"]).contains(":lambda:path/");
                if !to_function && integration["type"] != "mock" {
                    found.push(format!("{}: {method} {path} reaches past the functions", api.place()));
                }
            }
        }
    }
    for (function, statements) in crate::rules::policies::grants(stacks) {
        for action in statements.into_iter().flat_map(|statement| many(&statement["Action"])).map(text) {
            let warms = name(&function) == KEEPS_WARM.0 && KEEPS_WARM.1.contains(&action.as_str());
            if !warms && !USED_BY_FUNCTIONS.contains(&action.as_str()) && !ITS_OWN.contains(&action.as_str()) {
                found.push(format!("{}: may {action}", function.place()));
            }
        }
    }
    found
}

/// What a function's environment names, as the full names of what it may reach.
fn named(stacks: &Stacks) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for function in stacks.of("AWS::Lambda::Function") {
        let mut arns = BTreeSet::new();
        for setting in
            function.properties()["Environment"]["Variables"].as_object().into_iter().flat_map(|all| all.keys())
        {
            let Some((kind, rest)) = setting.split_once('_') else { continue };
            let rest = rest.to_lowercase().replace('_', "-");
            arns.insert(match kind {
                "TABLE" => table(&rest),
                "QUEUE" => queue(&rest),
                "SECRET" => secret(&rest),
                "KEY" => format!("key:{rest}"),
                "BUCKET" => objects(&rest),
                _ => continue,
            });
        }
        all.insert(name(&function), arns);
    }
    all
}

fn table(name: &str) -> String {
    format!("arn:aws:dynamodb:eu-central-1:123456789012:table/russet-{name}")
}

fn queue(name: &str) -> String {
    format!("arn:aws:sqs:eu-central-1:123456789012:russet-{name}")
}

fn secret(name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:russet/{name}-abcdef")
}

fn objects(name: &str) -> String {
    format!("arn:aws:s3:::russet-{name}-123456789012-eu-central-1/segments/1")
}

/// For every function, every data action and every resource there is: allowed only where the function is told of it.
fn only_who_is_told_may_reach(grants: &Grants, stacks: &Stacks) -> (usize, Vec<String>) {
    let named = named(stacks);
    let own_queue: BTreeMap<String, String> = stacks
        .of("AWS::Lambda::EventSourceMapping")
        .filter_map(|mapping| {
            let alias = crate::stacks::target(&mapping.properties()["FunctionName"])?;
            let source = crate::stacks::target(&mapping.properties()["EventSourceArn"])?;
            Some((alias.trim_end_matches("Aliaslive").to_owned(), source.to_owned()))
        })
        .collect();
    let resources: BTreeSet<String> = stacks
        .of("AWS::DynamoDB::GlobalTable")
        .map(|one| table(text(&one.properties()["TableName"]).trim_start_matches("${Prefix}-")))
        .chain(
            stacks
                .of("AWS::SQS::Queue")
                .map(|one| queue(text(&one.properties()["QueueName"]).trim_start_matches("${Prefix}-"))),
        )
        .chain(["signing", "payments"].map(secret))
        .chain(["personal", "payments", "platform"].map(|key| format!("key:{key}")))
        .chain([
            objects("catalog"),
            objects("site"),
            "arn:aws:dynamodb:eu-central-1:123456789012:table/another".to_owned(),
        ])
        .collect();
    let (mut tried, mut found) = (0, Vec::new());
    for function in grants.functions() {
        let told = &named[function];
        for action in USED_BY_FUNCTIONS {
            for arn in &resources {
                tried += 1;
                let parks = action == "sqs:SendMessage" && arn.ends_with("-failures");
                let takes = own_queue.contains_key(function);
                if grants.allow(&Deed { function, action, arn }) && !told.contains(arn) && !parks && !takes {
                    found.push(format!("{function} may {action} to {arn} and is not told of it"));
                }
            }
        }
    }
    (tried, found)
}

#[cfg(test)]
mod tests {
    use super::{only_who_is_told_may_reach, there_is_no_way_around_the_tiers};
    use crate::grants::Grants;
    use crate::rules::{caught, none, stacks, tree};
    use serde_json::json;

    // Proves: S1-P05, S1-A01
    // Feature: aws-devops-three-tier, Property 5: Traffic only users→frontend→backend→DB
    #[test]
    fn nothing_reaches_past_the_next_tier() {
        none(&there_is_no_way_around_the_tiers(&stacks()));
    }

    #[test]
    fn a_gateway_that_reaches_a_table_and_a_function_that_calls_another_are_caught() {
        let rule = there_is_no_way_around_the_tiers;
        let direct = json!({ "type": "aws", "uri": "arn:aws:apigateway:x:dynamodb:action/GetItem" });
        let place = "/Properties/Body/paths/~1api~1cart/get/x-amazon-apigateway-integration";
        caught(
            &rule(&stacks().planted("infra/api.yaml", "Api", place, direct)),
            "/api/cart reaches past the functions",
        );
        let grant = json!({ "Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": ["arn:x"] });
        let place = "/Properties/Policies/0/PolicyDocument/Statement/-";
        caught(&rule(&stacks().planted("infra/stock.yaml", "GetStockRole", place, grant)), "may lambda:InvokeFunction");
        let origin = json!({ "Id": "elsewhere" });
        let place = "/Properties/DistributionConfig/Origins/-";
        caught(&rule(&stacks().planted("infra/edge.yaml", "Distribution", place, origin)), "elsewhere");
    }

    // Proves: S1-P04, S3-15
    // Feature: aws-devops-three-tier, Property 4: Only backend pods can reach the DB
    #[test]
    fn only_a_function_that_is_told_of_a_table_queue_key_or_secret_may_reach_it() {
        let grants = Grants::read(&tree()).unwrap();
        let (tried, found) = only_who_is_told_may_reach(&grants, &stacks());
        assert!(tried > 10_000, "only {tried} were tried");
        none(&found);
    }

    #[test]
    fn a_function_that_may_reach_a_table_it_is_not_told_of_is_caught() {
        let stock = tree().text("infra/stock.yaml").unwrap().to_owned();
        let grant = "{ Sid: Planted, Effect: Allow, Action: [\"dynamodb:GetItem\"], Resource: [!Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Prefix}-orders\"] }";
        let first = "            Statement:\n";
        assert!(stock.contains(first));
        let planted =
            tree().with("infra/stock.yaml", stock.replacen(first, &format!("{first}              - {grant}\n"), 1));
        let grants = Grants::read(&planted).unwrap();
        let (_, found) = only_who_is_told_may_reach(&grants, &stacks());
        caught(
            &found,
            "adjust-stock may dynamodb:GetItem to arn:aws:dynamodb:eu-central-1:123456789012:table/russet-orders",
        );
    }
}

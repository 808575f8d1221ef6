//! Tables, buckets, keys and secrets: what holds data outlives mistakes and is encrypted with a key of ours.

use crate::stacks::{Stacks, many, target, text};

fn every_table_is_kept(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for table in stacks.of("AWS::DynamoDB::Table") {
        found.push(format!("{}: is no global table, and changing that later can delete it", table.place()));
    }
    for table in stacks.of("AWS::DynamoDB::GlobalTable") {
        let mut wants = |holds: bool, what: &str| {
            if !holds {
                found.push(format!("{}: {what}", table.place()));
            }
        };
        let properties = table.properties();
        wants(
            table.value["DeletionPolicy"] == "Retain" && table.value["UpdateReplacePolicy"] == "Retain",
            "is not retained",
        );
        wants(properties["BillingMode"] == "PAY_PER_REQUEST", "is not paid for by use");
        wants(
            properties["SSESpecification"]["SSEEnabled"] == true && properties["SSESpecification"]["SSEType"] == "KMS",
            "is not under KMS",
        );
        wants(!many(&properties["Replicas"]).is_empty(), "has no replica");
        for replica in many(&properties["Replicas"]) {
            wants(replica["DeletionProtectionEnabled"] == true, "can be deleted");
            wants(
                replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true,
                "has a replica that cannot be brought back to a point in time",
            );
            wants(!replica["SSESpecification"]["KMSMasterKeyId"].is_null(), "has a replica without a key of ours");
            let class = many(&replica["Tags"]).into_iter().any(|tag| tag["Key"] == "data-class");
            wants(class, "does not say which class its data is of");
        }
    }
    found
}

/// Which key a table's, queue's or secret's data is under follows from what it holds.
fn personal_data_is_under_its_own_key(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for table in stacks.of("AWS::DynamoDB::GlobalTable") {
        for replica in many(&table.properties()["Replicas"]) {
            let class = many(&replica["Tags"])
                .into_iter()
                .find(|tag| tag["Key"] == "data-class")
                .map(|tag| text(&tag["Value"]));
            let key = target(&replica["SSESpecification"]["KMSMasterKeyId"]).unwrap_or_default();
            if (class.as_deref() == Some("personal")) != (key == "PersonalKey") {
                found.push(format!("{}: is {class:?} and under {key}", table.place()));
            }
        }
    }
    found
}

fn every_secret_key_and_bucket_is_guarded(stacks: &Stacks) -> Vec<String> {
    let mut found = Vec::new();
    for secret in stacks.of("AWS::SecretsManager::Secret") {
        if secret.properties()["KmsKeyId"].is_null() {
            found.push(format!("{}: is not under a key of ours", secret.place()));
        }
        if !secret.properties()["SecretString"].is_null() {
            found.push(format!("{}: its value stands in the template", secret.place()));
        }
        if secret.value["DeletionPolicy"] != "Retain" {
            found.push(format!("{}: is not retained", secret.place()));
        }
    }
    for key in stacks.of("AWS::KMS::Key") {
        if key.properties()["EnableKeyRotation"] != true {
            found.push(format!("{}: is never rotated", key.place()));
        }
        if key.value["DeletionPolicy"] != "Retain" {
            found.push(format!("{}: is not retained", key.place()));
        }
        for statement in many(&key.properties()["KeyPolicy"]["Statement"]) {
            if many(&statement["Action"]).into_iter().any(|action| text(action).contains('*')) {
                found.push(format!("{}: allows actions by a pattern", key.place()));
            }
            let anybody = statement["Effect"] == "Allow" && statement["Principal"]["AWS"] == "*";
            if anybody && statement["Condition"]["StringEquals"]["kms:CallerAccount"].is_null() {
                found.push(format!("{}: lets other accounts in", key.place()));
            }
        }
    }
    for bucket in stacks.of("AWS::S3::Bucket") {
        let properties = bucket.properties();
        let encryption =
            &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"];
        if encryption["SSEAlgorithm"] != "aws:kms" || encryption["KMSMasterKeyID"].is_null() {
            found.push(format!("{}: is not under a key of ours", bucket.place()));
        }
        let block = &properties["PublicAccessBlockConfiguration"];
        for part in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            if block[part] != true {
                found.push(format!("{}: may be made public ({part})", bucket.place()));
            }
        }
        let over_tls = stacks.of("AWS::S3::BucketPolicy").filter(|policy| policy.stack == bucket.stack).any(|policy| {
            target(&policy.properties()["Bucket"]) == Some(bucket.id)
                && many(&policy.properties()["PolicyDocument"]["Statement"]).into_iter().any(|statement| {
                    statement["Effect"] == "Deny" && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
                })
        });
        if !over_tls {
            found.push(format!("{}: takes requests without TLS", bucket.place()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{every_secret_key_and_bucket_is_guarded, every_table_is_kept, personal_data_is_under_its_own_key};
    use crate::rules::{caught, none, stacks};
    use serde_json::{Value, json};

    const REPLICA: &str = "/Properties/Replicas/0";

    // Proves: S0-02, S0-16, S2-22, S1-D05
    #[test]
    fn every_table_is_retained_recoverable_protected_and_under_a_key_of_ours() {
        none(&every_table_is_kept(&stacks()));
        assert_eq!(stacks().of("AWS::DynamoDB::GlobalTable").count(), 11);
    }

    #[test]
    fn a_table_that_can_be_lost_is_caught() {
        for (pointer, value, said) in [
            ("/DeletionPolicy".to_owned(), Value::Null, "is not retained"),
            ("/Properties/BillingMode".to_owned(), json!("PROVISIONED"), "is not paid for by use"),
            ("/Properties/SSESpecification/SSEType".to_owned(), json!("AES256"), "is not under KMS"),
            (format!("{REPLICA}/DeletionProtectionEnabled"), json!(false), "can be deleted"),
            (format!("{REPLICA}/PointInTimeRecoverySpecification"), Value::Null, "point in time"),
            (format!("{REPLICA}/SSESpecification"), Value::Null, "without a key of ours"),
            ("/Properties/Replicas".to_owned(), json!([]), "has no replica"),
        ] {
            caught(&every_table_is_kept(&stacks().planted("infra/data.yaml", "OrdersTable", &pointer, value)), said);
        }
        let second = json!({ "Region": "eu-west-1", "DeletionProtectionEnabled": true });
        let planted = stacks().planted("infra/data.yaml", "OrdersTable", "/Properties/Replicas/1", second);
        caught(&every_table_is_kept(&planted), "point in time");
        let plain = json!({ "Type": "AWS::DynamoDB::Table" });
        caught(&every_table_is_kept(&stacks().with("infra/data.yaml", "Plain", plain)), "is no global table");
    }

    // Proves: S0-02
    #[test]
    fn tables_of_personal_data_are_under_the_key_of_personal_data() {
        none(&personal_data_is_under_its_own_key(&stacks()));
    }

    #[test]
    fn personal_data_under_another_key_is_caught() {
        let other = json!({ "Fn::GetAtt": ["PlatformKey", "Arn"] });
        let planted = stacks().planted(
            "infra/data.yaml",
            "OrdersTable",
            "/Properties/Replicas/0/SSESpecification/KMSMasterKeyId",
            other,
        );
        caught(&personal_data_is_under_its_own_key(&planted), "OrdersTable");
    }

    // Proves: S1-X06
    #[test]
    fn secrets_keys_and_buckets_are_guarded() {
        none(&every_secret_key_and_bucket_is_guarded(&stacks()));
    }

    #[test]
    fn an_open_bucket_a_bare_secret_and_a_loose_key_are_caught() {
        let rule = every_secret_key_and_bucket_is_guarded;
        let planted = stacks().planted(
            "infra/catalog.yaml",
            "ReadModel",
            "/Properties/PublicAccessBlockConfiguration",
            Value::Null,
        );
        caught(&rule(&planted), "may be made public");
        let planted = stacks().planted("infra/catalog.yaml", "ReadModel", "/Properties/BucketEncryption", Value::Null);
        caught(&rule(&planted), "ReadModel: is not under a key of ours");
        let planted =
            stacks().planted("infra/catalog.yaml", "ReadModelOverTls", "/Properties/Bucket", json!("another"));
        caught(&rule(&planted), "ReadModel: takes requests without TLS");
        let planted = stacks().planted("infra/data.yaml", "PaymentsSecret", "/Properties/KmsKeyId", Value::Null);
        caught(&rule(&planted), "PaymentsSecret: is not under a key of ours");
        let planted = stacks().planted("infra/data.yaml", "PaymentsSecret", "/Properties/SecretString", json!("here"));
        caught(&rule(&planted), "stands in the template");
        let planted = stacks().planted("infra/data.yaml", "PaymentsKey", "/Properties/EnableKeyRotation", json!(false));
        caught(&rule(&planted), "never rotated");
        let planted = stacks().planted(
            "infra/data.yaml",
            "PaymentsKey",
            "/Properties/KeyPolicy/Statement/0/Action",
            json!("kms:*"),
        );
        caught(&rule(&planted), "by a pattern");
        let planted = stacks().planted(
            "infra/data.yaml",
            "PlatformKey",
            "/Properties/KeyPolicy/Statement/1/Condition",
            Value::Null,
        );
        caught(&rule(&planted), "lets other accounts in");
    }
}

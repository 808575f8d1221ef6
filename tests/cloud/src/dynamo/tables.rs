//! Which tables a call is about, read from its JSON without reading all of it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// The names of the tables in a request, sorted, each once.
pub(crate) fn tables_of(operation: &str, body: &[u8]) -> Vec<String> {
    if matches!(operation, "BatchGetItem" | "BatchWriteItem") {
        return batch_tables(body);
    }
    const MEMBER: &[u8] = b"\"TableName\":";
    let mut names = Vec::new();
    let mut rest = body;
    // Inside a string the quotes around the name would be escaped, so this finds members only.
    while let Some(at) = rest.windows(MEMBER.len()).position(|window| window == MEMBER) {
        rest = rest.get(at + MEMBER.len()..).unwrap_or_default().trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"\"") else { continue };
        let end = value.iter().position(|byte| *byte == b'"').unwrap_or(value.len());
        let (name, after) = value.split_at(end);
        names.push(table_name(&String::from_utf8_lossy(name)));
        rest = after;
        // Items can be large, and outside of transactions there is one table.
        if !operation.starts_with("Transact") {
            break;
        }
    }
    names.sort();
    names.dedup();
    names
}

fn batch_tables(body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Batch {
        #[serde(rename = "RequestItems")]
        tables: BTreeMap<String, IgnoredAny>,
    }
    let batch: Option<Batch> = serde_json::from_slice(body).ok();
    batch.map(|batch| batch.tables.into_keys().map(|name| table_name(&name)).collect()).unwrap_or_default()
}

/// A table may be given by its ARN.
fn table_name(name: &str) -> String {
    name.rsplit_once(":table/").map_or(name, |(_, name)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::tables_of;

    #[test]
    fn the_tables_of_a_call_are_found_and_text_in_items_is_not_taken_for_one() {
        let put = br#"{"Item":{"pk":{"S":"\"TableName\":\"trap\""}},"TableName":"orders"}"#;
        assert_eq!(tables_of("PutItem", put), ["orders"]);
        let both = br#"{"TransactItems":[{"Put":{"TableName":"b"}},{"Put":{"TableName" : "x","TableName":"a"}},{"Put":{"TableName":"b"}}]}"#;
        assert_eq!(tables_of("TransactWriteItems", both), ["a", "b"]);
        assert_eq!(tables_of("BatchGetItem", br#"{"RequestItems":{"one":{"Keys":[]},"two":{}}}"#), ["one", "two"]);
        assert!(tables_of("ListTables", b"{}").is_empty());
    }
}

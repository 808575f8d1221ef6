//! Event filtering, as event source mappings do it.

use serde_json::Value;

/// Whether one of `filters` fits the record; without filters every record does.
pub(super) fn fits_any(filters: &[Value], record: &Value) -> bool {
    filters.is_empty() || filters.iter().any(|pattern| fits(pattern, Some(record)))
}

/// Each member of a pattern is either a pattern for that member, or a list of rules of which one must hold.
fn fits(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(members) => {
            members.iter().all(|(name, pattern)| fits(pattern, value.and_then(|value| value.get(name))))
        }
        Value::Array(rules) => rules.iter().any(|rule| holds(rule, value)),
        _ => false,
    }
}

fn holds(rule: &Value, value: Option<&Value>) -> bool {
    let Some((name, argument)) = rule.as_object().and_then(|rule| rule.iter().next()) else {
        return value == Some(rule);
    };
    let text = value.and_then(Value::as_str);
    let with =
        |check: fn(&str, &str) -> bool| text.zip(argument.as_str()).is_some_and(|(text, part)| check(text, part));
    match name.as_str() {
        "prefix" => with(|text, part| text.starts_with(part)),
        "suffix" => with(|text, part| text.ends_with(part)),
        "equals-ignore-case" => with(str::eq_ignore_ascii_case),
        "exists" => argument.as_bool() == Some(value.is_some()),
        "anything-but" => match argument {
            Value::Array(others) => value.is_some_and(|value| !others.contains(value)),
            Value::Object(_) => value.is_some() && !holds(argument, value),
            other => value.is_some_and(|value| value != other),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits_any;
    use serde_json::json;

    #[test]
    fn a_record_is_delivered_when_a_pattern_fits_it() {
        let orders =
            json!({"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ORDER#"}]}}}});
        let record = |event: &str, key: &str| json!({"eventName": event, "dynamodb": {"Keys": {"pk": {"S": key}}}});
        let fits = |record| fits_any(std::slice::from_ref(&orders), &record);

        assert!(fits(record("INSERT", "ORDER#1")));
        assert!(!fits(record("REMOVE", "ORDER#1")));
        assert!(!fits(record("INSERT", "ONCE#1")));
        assert!(fits_any(&[], &record("REMOVE", "x")));
    }

    #[test]
    fn rules_can_ask_for_absence_and_difference() {
        let absent = json!({"dynamodb": {"OldImage": [{"exists": false}]}});
        assert!(fits_any(std::slice::from_ref(&absent), &json!({"dynamodb": {}})));
        assert!(!fits_any(&[absent], &json!({"dynamodb": {"OldImage": {}}})));
        let others = json!({"eventName": [{"anything-but": ["REMOVE"]}]});
        assert!(fits_any(std::slice::from_ref(&others), &json!({"eventName": "INSERT"})));
        assert!(!fits_any(&[others], &json!({"eventName": "REMOVE"})));
    }
}

//! What the templates expect to be measured and logged, and what the code measures and logs.

use crate::tree::Tree;
use std::collections::BTreeSet;

/// The namespace of our own metrics.
const OURS: &str = "Russet";

/// What every line of the log may say, beside what one place alone says of itself.
const SAID: [&str; 23] = [
    "timestamp",
    "level",
    "message",
    "operation",
    "version",
    "cold_start",
    "trace_id",
    "span_id",
    "request_id",
    "order",
    "sku",
    "customer",
    "staff",
    "method",
    "route",
    "status",
    "duration_ms",
    "failures",
    "code",
    "cause",
    "message_id",
    "receives",
    "sequence",
];

/// The metrics of ours that alarms and dashboards name, with where.
fn named(tree: &Tree) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, text) in tree.under("infra/", ".yaml") {
        let mut add = |rest: &str| {
            let name: String =
                rest.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
            found.insert((name, path.to_owned()));
        };
        for search in text.split(&format!("SEARCH('{{{OURS},")).skip(1) {
            search.split("MetricName=\\\"").nth(1).into_iter().for_each(&mut add);
        }
        for stated in text.split(&format!("Namespace: {OURS}, MetricName: ")).skip(1) {
            add(stated);
        }
        for selected in text.split("SELECT ").skip(1).filter(|rest| rest.starts_with(char::is_uppercase)) {
            let (function, from) = selected.split_once(')').unwrap_or_default();
            if from.trim_start().starts_with(&format!("FROM SCHEMA(\"{OURS}\"")) {
                function.split('(').nth(1).into_iter().for_each(&mut add);
            }
        }
    }
    found
}

/// An alarm on a metric that nothing measures is always quiet.
fn what_is_watched_is_measured(tree: &Tree) -> Vec<String> {
    let code = |folder: &str| tree.under(folder, ".rs").map(|(_, text)| text).collect::<Vec<_>>().join("\n");
    let code = code("functions/") + &code("shared/lambda/src/") + &code("shared/orders/src/");
    let measured = |name: &str| code.contains(&format!("\"{name}\""));
    let unmeasured = named(tree).into_iter().filter(|(name, _)| !measured(name));
    unmeasured.map(|(name, path)| format!("{path}: names the metric {name}, which nothing measures")).collect()
}

/// A question that asks for a member that no line has finds nothing.
fn questions_ask_for_what_is_said(tree: &Tree) -> Vec<String> {
    let text = tree.text("infra/observability.yaml").unwrap_or_default();
    let mut found = Vec::new();
    let mut asked = BTreeSet::new();
    for question in text.split("QueryString: |").skip(1) {
        let query = question.split("\n  Q").next().and_then(|query| query.split("\n\n").next()).unwrap_or_default();
        for line in query.lines().map(|line| line.trim().trim_start_matches("| ")) {
            let names: Vec<&str> = match line.split_once(' ') {
                Some(("fields", names)) => names.split(',').map(str::trim).collect(),
                Some(("filter", conditions)) => {
                    conditions.split(" and ").filter_map(|one| one.split(" = ").next()).map(str::trim).collect()
                }
                _ => Vec::new(),
            };
            for name in names {
                asked.insert(name.to_owned());
                if !SAID.contains(&name) {
                    found.push(format!("a question asks for {name}, which no line says"));
                }
            }
        }
    }
    for name in ["order", "customer", "trace_id", "level"] {
        if !asked.contains(name) {
            found.push(format!("no question asks by {name}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{named, questions_ask_for_what_is_said, what_is_watched_is_measured};
    use crate::rules::{caught, none, tree};

    // Proves: S0-22
    #[test]
    fn every_metric_of_ours_that_an_alarm_or_a_dashboard_names_is_measured() {
        let names = named(&tree());
        for metric in ["count", "errors", "memory_used_pct", "http_request_duration_seconds", "orders"] {
            assert!(names.iter().any(|(name, _)| name == metric), "{metric} is not in {names:?}");
        }
        none(&what_is_watched_is_measured(&tree()));
    }

    #[test]
    fn a_metric_that_nothing_measures_is_caught() {
        let torn = tree().replaced("infra/observability.yaml", "MAX(memory_used_pct)", "MAX(memory_lost_pct)");
        caught(&what_is_watched_is_measured(&torn), "names the metric memory_lost_pct");
        let torn = tree().replaced("infra/observability.yaml", "\\\"cache_hits\\\"", "\\\"cache_luck\\\"");
        caught(&what_is_watched_is_measured(&torn), "names the metric cache_luck");
    }

    // Proves: S3-11
    #[test]
    fn the_log_is_asked_by_order_shopper_trace_and_failure_for_what_lines_say() {
        none(&questions_ask_for_what_is_said(&tree()));
    }

    #[test]
    fn a_question_for_what_no_line_says_is_caught() {
        let torn = tree().replaced("infra/observability.yaml", "| filter order = ", "| filter order_id = ");
        caught(&questions_ask_for_what_is_said(&torn), "asks for order_id");
        let torn = tree().replaced("infra/observability.yaml", "customer = ", "status = ");
        caught(&questions_ask_for_what_is_said(&torn), "no question asks by customer");
    }
}

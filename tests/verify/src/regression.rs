//! Compares benchmark figures with those that are kept: what differs from its baseline by more than its tolerance is told, up or down.
//! What got better is told as well, since a gain that is not kept can get lost again unnoticed.
//!
//! A file of figures has sections: `{"counts": {"place_order.aws_calls": 4}}`. A figure is a number, or
//! `{"value": number, "tolerance": 0.05}` where it wavers by itself.

use serde_json::{Map, Value};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// How much a figure may differ from its baseline where that does not say, as a fraction of it.
const TOLERANCE: f64 = 0.01;
/// How the baseline is renewed.
const RENEW: &str = "cargo run --release -p bench -- --renew --only";

/// What differs from the baseline in any of its sections, and what is no longer measured, one sentence each.
///
/// # Errors
/// When one of the two is not a file of figures.
pub fn differences(baseline: &Value, measured: &Value) -> Result<Vec<String>, String> {
    let kept = baseline.as_object().ok_or("the baseline is not an object of sections")?;
    let now = measured.as_object().ok_or("what was measured is not an object of sections")?;
    let nothing = Value::Object(Map::new());
    let mut found = Vec::new();
    for section in kept.keys() {
        found.extend(in_section(section, &kept[section], now.get(section).unwrap_or(&nothing))?);
    }
    for section in now.keys().filter(|section| !kept.contains_key(*section)) {
        found.extend(in_section(section, &nothing, &now[section])?);
    }
    Ok(found)
}

/// What differs in one section.
///
/// # Errors
/// When one of the two is not an object of figures.
pub fn in_section(section: &str, kept: &Value, now: &Value) -> Result<Vec<String>, String> {
    let no_figures = || format!("the section {section} is not an object of figures");
    let (kept, now) = (kept.as_object().ok_or_else(no_figures)?, now.as_object().ok_or_else(no_figures)?);
    let compare = |(name, before): (&String, &Value)| match (figure(before), now.get(name).and_then(figure)) {
        (None, _) => Some(format!("the baseline of {name} is not a number")),
        (Some(before), None) => Some(format!("{name} is no longer measured; it was {before}")),
        (Some(bound), Some(value)) => differs(name, bound, tolerance(before), value),
    };
    let new = now.iter().filter(|(name, _)| !kept.contains_key(*name));
    let new = new.map(|(name, value)| format!("{name} has no baseline; it is {value}"));
    Ok(kept.iter().filter_map(compare).chain(new).collect())
}

fn differs(name: &str, before: f64, tolerance: f64, now: f64) -> Option<String> {
    let percent = 100.0 * (now - before) / before.abs().max(f64::MIN_POSITIVE);
    let word = match now - before {
        difference if difference.abs() <= before.abs() * tolerance => return None,
        difference if difference > 0.0 => "more",
        _ => "less",
    };
    Some(if before == 0.0 {
        format!("{name} is {now}; it was 0")
    } else {
        format!("{name} is {now}; it was {before}: {:.1} % {word}, where {} % may be", percent.abs(), tolerance * 100.0)
    })
}

fn figure(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value["value"].as_f64())
}

fn tolerance(value: &Value) -> f64 {
    value["tolerance"].as_f64().unwrap_or(TOLERANCE)
}

/// How to keep what was measured, where that is meant to be so.
#[must_use]
pub fn how_to_renew(sections: &Value) -> String {
    let names: Vec<&str> = sections.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    format!("If that is meant to be so, keep it: {RENEW} {}", names.join(","))
}

/// Compares two files.
///
/// # Errors
/// When one cannot be read or is not a file of figures.
pub fn compare(baseline: &Path, measured: &Path) -> Result<Vec<String>, String> {
    let read = |path: &Path| {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str::<Value>(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (kept, now) = (read(baseline)?, read(measured)?);
    let mut found = differences(&kept, &now)?;
    if !found.is_empty() {
        found.push(how_to_renew(&kept));
    }
    Ok(found)
}

/// Compares two files, prints the differences as an issue's text, and fails when there is one.
#[must_use]
pub fn compare_and_print(baseline: &Path, measured: &Path) -> ExitCode {
    match compare(baseline, measured) {
        Err(why) => {
            println!("{why}");
            ExitCode::from(2)
        }
        Ok(found) if found.is_empty() => {
            println!("Every figure is what its baseline says.");
            ExitCode::SUCCESS
        }
        Ok(found) => {
            println!("These figures are not what their baseline says:\n");
            for sentence in found {
                println!("- {sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept() -> Value {
        json!({"counts": {"write_units": 7, "calls": 4, "deletes": 0},
               "instructions": {"place_order": {"value": 400_000, "tolerance": 0.02}}})
    }

    fn with(section: &str, name: &str, value: f64) -> Vec<String> {
        let mut now = kept();
        now[section][name] = json!(value);
        differences(&kept(), &now).unwrap()
    }

    #[test]
    fn what_is_as_it_was_is_no_difference() {
        assert_eq!(differences(&kept(), &kept()), Ok(vec![]));
        assert_eq!(with("instructions", "place_order", 407_999.0), Vec::<String>::new());
        assert_eq!(with("counts", "write_units", 7.06), Vec::<String>::new());
    }

    #[test]
    fn more_is_found_with_its_figures_and_so_is_less() {
        let found = with("counts", "write_units", 9.0);
        assert_eq!(found, ["write_units is 9; it was 7: 28.6 % more, where 1 % may be"]);
        assert_eq!(with("instructions", "place_order", 409_000.0).len(), 1);
        assert!(with("counts", "calls", 3.0)[0].contains("25.0 % less"));
        assert_eq!(with("counts", "deletes", 1.0), ["deletes is 1; it was 0"]);
    }

    #[test]
    fn a_figure_or_a_section_that_is_no_longer_measured_is_told_and_so_is_a_new_one() {
        let mut now = kept();
        now["counts"].as_object_mut().unwrap().remove("calls");
        now.as_object_mut().unwrap().remove("instructions");
        now["allocations"] = json!({"ours": 60});
        let found = differences(&kept(), &now).unwrap();
        let told = |part: &str| found.iter().any(|sentence| sentence.contains(part));
        assert!(
            told("calls is no longer measured; it was 4") && told("place_order is no longer measured"),
            "{found:?}"
        );
        assert!(told("ours has no baseline") && found.len() == 3, "{found:?}");
    }

    #[test]
    fn what_is_no_file_of_figures_is_told() {
        assert!(differences(&json!([]), &kept()).is_err() && differences(&kept(), &json!("7")).is_err());
        assert!(differences(&json!({"counts": 7}), &kept()).is_err());
    }

    /// Each figure that is kept, moved by a little more than it may be, is found.
    #[test]
    fn a_regression_planted_into_any_figure_of_the_baseline_is_caught() {
        let file = crate::repository().unwrap().join("tests/bench/baseline.json");
        let kept: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let mut planted = 0;
        for (section, figures) in kept.as_object().unwrap() {
            for (name, value) in figures.as_object().unwrap() {
                let mut now = kept.clone();
                let bound = figure(value).unwrap();
                now[section][name] = json!(bound * (1.0 + tolerance(value) * 1.1) + 0.001);
                let found = differences(&kept, &now).unwrap();
                assert!(found.len() == 1 && found[0].starts_with(name.as_str()), "{name}: {found:?}");
                planted += 1;
            }
        }
        assert!(planted > 20, "{planted} figures are kept");
    }
}

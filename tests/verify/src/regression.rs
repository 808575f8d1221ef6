//! Compares benchmark figures with those that are kept, for the nightly run: a figure that grew beyond its tolerance is a
//! regression. A file of figures is `{"name": number}` or `{"name": {"value": number, "tolerance": 0.05}}`; more is worse.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// How much a figure may grow where its baseline does not say, as a fraction of it.
const TOLERANCE: f64 = 0.05;

/// What got worse, and what is no longer measured, one sentence each.
///
/// # Errors
/// When one of the two is not a file of figures.
pub fn regressions(baseline: &Value, measured: &Value) -> Result<Vec<String>, String> {
    let kept = baseline.as_object().ok_or("the baseline is not an object of figures")?;
    let now = measured.as_object().ok_or("what was measured is not an object of figures")?;
    let compare = |(name, before): (&String, &Value)| {
        let bound = figure(before)?;
        let most = bound * (1.0 + before["tolerance"].as_f64().unwrap_or(TOLERANCE));
        match now.get(name).and_then(figure) {
            None => Some(format!("{name} is no longer measured; it was {bound}")),
            Some(value) if value > most => Some(format!("{name} is {value}; it was {bound} and may be {most:.2}")),
            Some(_) => None,
        }
    };
    Ok(kept.iter().filter_map(compare).collect())
}

fn figure(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value["value"].as_f64())
}

/// Compares two files, prints the regressions as an issue's text, and fails when there is one.
#[must_use]
pub fn compare_and_print(baseline: &Path, measured: &Path) -> ExitCode {
    let read = |path: &Path| {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str::<Value>(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let compared = read(baseline).and_then(|kept| regressions(&kept, &read(measured)?));
    match compared {
        Err(why) => {
            println!("{why}");
            ExitCode::from(2)
        }
        Ok(worse) if worse.is_empty() => {
            println!("No figure got worse.");
            ExitCode::SUCCESS
        }
        Ok(worse) => {
            println!("These figures got worse than the baseline allows:\n");
            for sentence in worse {
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
        json!({"write_units": 7, "instructions": {"value": 400_000, "tolerance": 0.02}, "calls": 4})
    }

    #[test]
    fn the_same_figures_are_no_regression() {
        assert_eq!(regressions(&kept(), &kept()), Ok(vec![]));
        let noise = json!({"write_units": 7, "instructions": 404_000, "calls": 3});
        assert_eq!(regressions(&kept(), &noise), Ok(vec![]));
    }

    #[test]
    fn a_fabricated_regression_is_found_with_its_figures() {
        let worse = json!({"write_units": 9, "instructions": 420_000, "calls": 4});
        let found = regressions(&kept(), &worse).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|sentence| sentence.contains("write_units is 9; it was 7")), "{found:?}");
    }

    #[test]
    fn a_figure_that_is_no_longer_measured_is_told() {
        let found = regressions(&kept(), &json!({"write_units": 7, "calls": 4})).unwrap();
        assert_eq!(found, ["instructions is no longer measured; it was 400000"]);
    }

    #[test]
    fn what_is_no_file_of_figures_is_told() {
        assert!(regressions(&json!([]), &kept()).is_err() && regressions(&kept(), &json!("7")).is_err());
    }
}

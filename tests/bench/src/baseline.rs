//! The figures that are kept: `tests/bench/baseline.json`, by section. What is measured now is held to them, one in a hundred up or
//! down; what is better is kept as well, or it could get lost again unnoticed.

use crate::{Why, root};
use serde_json::Value;
use std::path::PathBuf;

/// Where they are kept.
#[must_use]
pub fn file() -> PathBuf {
    root().join("tests/bench/baseline.json")
}

/// The figures that are kept.
///
/// # Errors
/// When the file is not there or not readable.
pub fn kept() -> Result<Value, Why> {
    let file = file();
    let text = std::fs::read(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{} is not JSON: {error}", file.display()))
}

/// Keeps what was measured now: the sections that were measured are replaced, all others stay.
///
/// # Errors
/// When the file cannot be written.
pub fn renew(measured: &Value) -> Result<(), Why> {
    let kept = if file().exists() { kept()? } else { Value::Object(serde_json::Map::new()) };
    let text = serde_json::to_string_pretty(&renewed(kept, measured)).map_err(|error| error.to_string())?;
    std::fs::write(file(), text + "\n").map_err(|error| format!("{} cannot be written: {error}", file().display()))
}

fn renewed(mut kept: Value, measured: &Value) -> Value {
    for (section, figures) in measured.as_object().into_iter().flatten() {
        kept[section] = figures.clone();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::renewed;
    use serde_json::json;

    #[test]
    fn sections_that_were_not_measured_stay_and_figures_that_are_no_more_go() {
        let kept = json!({"counts": {"calls": 4, "gone": 1}, "instructions": {"place_order": 400_000}});
        let now = renewed(kept, &json!({"counts": {"calls": 5}}));
        assert_eq!(now, json!({"counts": {"calls": 5}, "instructions": {"place_order": 400_000}}));
    }
}

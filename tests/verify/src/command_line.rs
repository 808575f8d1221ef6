//! What may be asked of the command.

use crate::step::When;
use crate::steps;
use std::path::PathBuf;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Run the steps.
    Run(Options),
    /// Look for secrets in a folder of built artefacts.
    Scan(PathBuf),
    /// Compare benchmark figures with those that are kept.
    Compare {
        /// The figures that are kept.
        baseline: PathBuf,
        /// The figures of now.
        measured: PathBuf,
    },
    /// Print how to use it.
    Help,
}

/// Which steps to run, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Run the numbers as the requirements write them, however long they take.
    pub full: bool,
    /// Only these steps; all if empty.
    pub only: Vec<String>,
}

/// How to use it, with the steps there are.
#[must_use]
pub fn usage() -> String {
    let mut text = String::from(
        "\
Every check of the repository.

Usage: cargo run -p verify [-- OPTIONS]

  --full                    the numbers as the requirements write them (hours)
  --only STEP               only this step; may be repeated
  --scan FOLDER             only look for secrets in a folder of built artefacts
  --compare BASELINE NOW    only compare two files of benchmark figures
  --help                    print this

Steps:
",
    );
    for step in steps::ALL {
        let when = if step.when == When::InFull { " (under --full, or by name)" } else { "" };
        text.push_str(&format!("  {:<14}{}{when}\n", step.name, step.about));
    }
    text.push_str("\nUnder CI=true a step that cannot run fails; elsewhere it is left out, and said to be.");
    text
}

/// Reads the words after the program's name.
///
/// # Errors
/// In one sentence, when a word is not understood.
pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Asked, String> {
    let mut words = words.into_iter();
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut next = |what: &str| words.next().ok_or_else(|| format!("{word} needs {what}."));
        match word.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--full" => options.full = true,
            "--only" => options.only.push(known(next("the name of a step")?)?),
            "--scan" => return Ok(Asked::Scan(next("a folder")?.into())),
            "--compare" => {
                let baseline = next("two files")?.into();
                return Ok(Asked::Compare { baseline, measured: next("two files")?.into() });
            }
            _ => return Err(format!("{word} is not understood; --help says what is.")),
        }
    }
    Ok(Asked::Run(options))
}

fn known(name: String) -> Result<String, String> {
    let names: Vec<&str> = steps::ALL.iter().map(|step| step.name).collect();
    if names.contains(&name.as_str()) {
        Ok(name)
    } else {
        Err(format!("There is no step {name}; there are: {}.", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked, String> {
        parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn nothing_said_runs_every_step() {
        assert_eq!(asked(&[]), Ok(Asked::Run(Options::default())));
    }

    #[test]
    fn steps_may_be_named_more_than_once() {
        let options = Options { full: true, only: vec!["format".to_owned(), "lints".to_owned()] };
        assert_eq!(asked(&["--only", "format", "--full", "--only", "lints"]), Ok(Asked::Run(options)));
    }

    #[test]
    fn what_is_not_understood_is_told_in_one_sentence() {
        for (words, part) in [
            (&["--only"][..], "--only needs"),
            (&["--only", "prayer"], "no step prayer"),
            (&["--fast"], "--fast is not understood"),
            (&["--compare", "one.json"], "--compare needs two files"),
        ] {
            let sentence = asked(words).unwrap_err();
            assert!(sentence.contains(part) && sentence.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn help_names_every_step() {
        assert!(steps::ALL.iter().all(|step| usage().contains(step.about)));
    }
}

//! Claims: the comments above a test that say what it proves.

use super::requirements::Requirements;
use super::{rust_source, script_source};

/// The words before the ids.
const PROVES: &str = "Proves:";
/// The words before a property's number.
const FEATURE: &str = "Feature: aws-devops-three-tier, Property ";

/// That a test proves an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is proved.
    pub id: String,
    /// The file of the claim.
    pub path: String,
    /// Its line.
    pub line: usize,
    /// The test that the claim stands above; none when it stands above something else.
    pub subject: Option<Subject>,
    /// Whether it is the tag of a property.
    pub tag: bool,
    /// What keeps the claim from counting, whatever its test did.
    pub fault: Option<String>,
}

/// The test beneath a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A function of Rust, with the modules around it inside its file.
    Function {
        /// From the outermost to the innermost.
        modules: Vec<String>,
        /// Its name.
        name: String,
    },
    /// An example in the documentation of Rust, by the line that opens it.
    Example {
        /// The line of its opening fence.
        line: usize,
    },
    /// A test or a suite of a script, by its title; `whole` unless the title is made up from data.
    Title {
        /// The title, as far as it is fixed.
        text: String,
        /// Whether that is all of it.
        whole: bool,
    },
}

/// A comment that claims, with its line.
pub(super) struct Comment {
    pub(super) line: usize,
    pub(super) text: String,
}

/// The claims in a source file; none in a file of another language.
#[must_use]
pub fn of_file(path: &str, source: &str, list: &Requirements) -> Vec<Claim> {
    let found = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rs") => rust_source::subjects(source),
        Some("ts" | "tsx" | "mjs" | "js") => script_source::subjects(source),
        Some("py") => script_source::subjects_of_python(source),
        _ => return Vec::new(),
    };
    let claims = |(comment, subject): (Comment, Option<Subject>)| {
        let tag = comment.text.trim_start().starts_with(FEATURE);
        let (path, line) = (path.to_owned(), comment.line);
        let at = |(id, fault)| Claim { id, path: path.clone(), line, subject: subject.clone(), tag, fault };
        said(&comment.text, list).into_iter().map(at).collect::<Vec<_>>()
    };
    found.into_iter().flat_map(claims).collect()
}

/// Whether the text of a comment claims something.
pub(super) fn claims(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(PROVES) || text.starts_with(FEATURE)
}

/// The ids that a comment names, each with what is wrong about it.
fn said(comment: &str, list: &Requirements) -> Vec<(String, Option<String>)> {
    let comment = comment.trim();
    if let Some(ids) = comment.strip_prefix(PROVES) {
        let ids = ids.split([',', ' ']).map(|id| id.trim().trim_end_matches('.')).filter(|id| !id.is_empty());
        return ids.filter(|id| !is_decision(id)).map(|id| (id.to_owned(), unknown(id, list))).collect();
    }
    comment.strip_prefix(FEATURE).map(|tag| property(tag, list)).into_iter().collect()
}

/// Decisions (`C1` and so on) may be named, and are not counted.
fn is_decision(id: &str) -> bool {
    id.strip_prefix('C').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unknown(id: &str, list: &Requirements) -> Option<String> {
    list.words(id).is_none().then(|| format!("there is no requirement {id}"))
}

/// `22: Data survives DB restart`: the words must be those of the list.
fn property(tag: &str, list: &Requirements) -> (String, Option<String>) {
    let (number, words) = tag.split_once(':').unwrap_or((tag, ""));
    let Ok(number) = number.trim().parse() else { return (tag.to_owned(), Some(format!("{number} is no number"))) };
    let id = Requirements::property(number);
    let fault = match list.words(&id) {
        None => Some(format!("there is no property {number}")),
        Some(right) if right != words.trim() => Some(format!("the words of property {number} are “{right}”")),
        Some(_) => None,
    };
    (id, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Requirements {
        Requirements::parse("S3-06 = \"once\"\nS4-P2b = \"never twice\"\nS1-P22 = \"Data survives DB restart\"")
            .unwrap()
    }

    #[test]
    fn a_comment_may_name_several_ids_and_a_decision() {
        let ids: Vec<_> = said("Proves: S3-06, S4-P2b, C9", &list());
        assert_eq!(ids, [("S3-06".to_owned(), None), ("S4-P2b".to_owned(), None)]);
    }

    #[test]
    fn an_id_that_is_not_in_the_list_is_a_fault() {
        assert!(said("Proves: S9-99", &list())[0].1.is_some());
    }

    #[test]
    fn a_tag_counts_with_the_words_of_its_property_only() {
        let tag = |words: &str| said(&format!("Feature: aws-devops-three-tier, Property {words}"), &list());
        assert_eq!(tag("22: Data survives DB restart"), [("S1-P22".to_owned(), None)]);
        for wrong in ["22: Data survives", "22", "30: Data survives DB restart", "x: y"] {
            assert!(tag(wrong)[0].1.is_some(), "{wrong}");
        }
    }

    #[test]
    fn other_comments_and_other_files_claim_nothing() {
        assert!(!claims(" This proves: nothing") && claims(" Proves: S3-06"));
        assert!(of_file("README.md", "// Proves: S3-06", &list()).is_empty());
    }
}

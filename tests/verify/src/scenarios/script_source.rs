//! Finds the claims in TypeScript, JavaScript and Python, and the test that each stands above.

use super::Subject;
use super::claims::{Comment, claims};

/// How many lines a title may stand below its claim.
const LINES_BETWEEN: usize = 6;

/// The claims in a script, each with the test, the suite or the named trial beneath it.
pub(super) fn subjects(source: &str) -> Vec<(Comment, Option<Subject>)> {
    find(source, "//", title)
}

/// The claims in Python, each with the function beneath it.
pub(super) fn subjects_of_python(source: &str) -> Vec<(Comment, Option<Subject>)> {
    find(source, "#", |code| {
        let name = code.trim_start().strip_prefix("def ")?.split('(').next()?;
        Some(Subject::Title { text: name.to_owned(), whole: true })
    })
}

fn find(source: &str, sign: &str, subject: fn(&str) -> Option<Subject>) -> Vec<(Comment, Option<Subject>)> {
    let lines: Vec<&str> = source.lines().collect();
    let comment = |line: &str| line.trim_start().strip_prefix(sign).map(str::to_owned);
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(text) = comment(line).filter(|text| claims(text)) else { continue };
        let code = lines[at + 1..].iter().skip_while(|line| line.trim().is_empty() || comment(line).is_some());
        let code: Vec<&str> = code.take(LINES_BETWEEN).copied().collect();
        found.push((Comment { line: at + 1, text }, subject(&code.join("\n"))));
    }
    found
}

/// The title of `test("…"`, `it.each(…)("…"`, `describe("…"` or of a trial in a list, `"…": async`.
fn title(code: &str) -> Option<Subject> {
    let code = code.trim_start();
    if code.starts_with(['"', '\'', '`']) {
        let (subject, rest) = quoted(code)?;
        return rest.trim_start().starts_with(':').then_some(subject);
    }
    let name_ends = code.find(|character: char| !character.is_alphanumeric()).unwrap_or(code.len());
    if !matches!(&code[..name_ends], "test" | "it" | "describe") {
        return None;
    }
    let mut rest = &code[name_ends..];
    // `.only`, `.each(table)` and the like come before the title's bracket.
    while let Some(after) = rest.strip_prefix('.') {
        let word_ends = after.find(|character: char| !character.is_alphanumeric()).unwrap_or(after.len());
        let needs_table = matches!(&after[..word_ends], "each" | "for" | "skipIf" | "runIf" | "prop");
        rest = &after[word_ends..];
        if needs_table {
            rest = after_brackets(rest.trim_start())?;
        }
    }
    quoted(rest.trim_start().strip_prefix('(')?.trim_start()).map(|(subject, _)| subject)
}

/// What follows a bracketed part.
fn after_brackets(code: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(&code[at + 1..]),
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// A quoted title at the start of the code, and what follows it. What is put in from data ends the fixed part.
fn quoted(code: &str) -> Option<(Subject, &str)> {
    let quote = code.chars().next().filter(|character| ['"', '\'', '`'].contains(character))?;
    let (mut text, mut whole, mut escaped) = (String::new(), true, false);
    for (at, character) in code.char_indices().skip(1) {
        if character == quote && !escaped {
            return Some((Subject::Title { text, whole }, &code[at + 1..]));
        }
        whole &= escaped || !matches!(character, '$' | '%') || !filled_in(&code[at + 1..]);
        escaped = character == '\\' && !escaped;
        if whole && !escaped {
            text.push(character);
        }
    }
    None
}

fn filled_in(after: &str) -> bool {
    after.starts_with(|character: char| character == '{' || character.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(source: &str) -> Option<Subject> {
        subjects(source).pop().expect("a claim").1
    }

    fn titled(text: &str, whole: bool) -> Option<Subject> {
        Some(Subject::Title { text: text.to_owned(), whole })
    }

    #[test]
    fn a_claim_belongs_to_the_test_beneath_it() {
        for code in [
            "test(\"adds up\", () => {});",
            "  it('adds up', async () => {",
            "describe(`adds up`, () => {",
            "test.only(\n  \"adds up\",",
            "\"adds up\": async ({ page }) => {",
        ] {
            assert_eq!(one(&format!("// Proves: S1-P07\n// Says more.\n\n{code}")), titled("adds up", true), "{code}");
        }
    }

    #[test]
    fn a_title_made_from_data_is_known_as_far_as_it_is_fixed() {
        assert_eq!(
            one("// Proves: S1-P07\ntest.each([\"a (\", \"b)\"])(\"answers %s\", (x) => {"),
            titled("answers ", false)
        );
        assert_eq!(one("// Proves: S1-P07\nit.each([1])(`answers ${1} well`, () => {"), titled("answers ", false));
        assert_eq!(one("// Proves: S1-P07\nit(\"takes 10 % off\", () => {"), titled("takes 10 % off", true));
    }

    #[test]
    fn a_quote_inside_a_title_stays() {
        assert_eq!(one("// Proves: S1-P07\nit(\"says \\\"no\\\" to it\", () => {"), titled("says \"no\" to it", true));
    }

    #[test]
    fn a_claim_above_anything_else_has_no_test() {
        assert_eq!(one("// Proves: S1-P07\nconst x = test(\"y\");"), None);
        assert_eq!(one("// Proves: S1-P07"), None);
        assert_eq!(one("// Proves: S1-P07\n\"just text\";"), None);
    }

    #[test]
    fn python_is_read_by_its_functions() {
        let found = subjects_of_python("# Proves: S0-26\ndef test_expands(tmp):\n    pass");
        assert_eq!(found[0].1, titled("test_expands", true));
    }
}

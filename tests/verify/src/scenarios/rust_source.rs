//! Finds the claims in Rust, and the test function that each stands above.

use super::Subject;
use super::claims::{Comment, claims};

/// One line, with its code and its comments apart; what strings hold is left out of both.
#[derive(Debug, Default, Clone)]
struct Line {
    code: String,
    comment: String,
}

/// The claims, each with the function beneath it.
pub(super) fn subjects(source: &str) -> Vec<(Comment, Option<Subject>)> {
    let mut found = Vec::new();
    let mut waiting: Vec<Comment> = Vec::new();
    let mut modules: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    for (at, line) in lines(source).into_iter().enumerate() {
        if claims(&line.comment) && line.code.trim().is_empty() {
            waiting.push(Comment { line: at + 1, text: line.comment.clone() });
        } else if line.comment.trim_start_matches(['/', '!', ' ']).starts_with("```") && !waiting.is_empty() {
            settle(&mut waiting, &Subject::Example { line: at + 1 }, &mut found);
        } else if let Some(name) = word_after(&line.code, "fn") {
            let subject = Subject::Function { modules: modules.iter().map(|(name, _)| name.clone()).collect(), name };
            settle(&mut waiting, &subject, &mut found);
        } else if !may_stand_between(&line.code) {
            found.extend(waiting.drain(..).map(|claim| (claim, None)));
        }
        if let Some(name) = word_after(&line.code, "mod").filter(|_| line.code.contains('{')) {
            modules.push((name, depth));
        }
        for character in line.code.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        modules.retain(|(_, outside)| depth > *outside);
    }
    found.extend(waiting.drain(..).map(|claim| (claim, None)));
    found
}

fn settle(waiting: &mut Vec<Comment>, subject: &Subject, found: &mut Vec<(Comment, Option<Subject>)>) {
    found.extend(waiting.drain(..).map(|claim| (claim, Some(subject.clone()))));
}

/// Attributes, and the macro around property tests, may stand between a claim and its function.
fn may_stand_between(code: &str) -> bool {
    let code = code.trim();
    code.is_empty() || code.starts_with('#') || code.starts_with("proptest!") || code.ends_with(")]")
}

/// The name after a keyword, where both are whole words.
fn word_after(code: &str, keyword: &str) -> Option<String> {
    let words: Vec<&str> = code.split(|character: char| !(character.is_alphanumeric() || character == '_')).collect();
    let at = words.iter().position(|word| *word == keyword)?;
    words[at + 1..].iter().find(|word| !word.is_empty()).map(|word| (*word).to_owned())
}

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum In {
    Code,
    LineComment,
    BlockComment(usize),
    Text,
    RawText(usize),
}

fn lines(source: &str) -> Vec<Line> {
    let characters: Vec<char> = source.chars().collect();
    let (mut lines, mut line, mut state, mut at) = (Vec::new(), Line::default(), In::Code, 0);
    while at < characters.len() {
        let (now, next) = (characters[at], characters.get(at + 1).copied().unwrap_or('\n'));
        if now == '\n' {
            lines.push(std::mem::take(&mut line));
            state = if state == In::LineComment { In::Code } else { state };
            at += 1;
            continue;
        }
        at += match state {
            In::Code => of_code(&characters, at, &mut state, &mut line),
            In::LineComment => {
                line.comment.push(now);
                1
            }
            In::BlockComment(nested) => match (now, next) {
                ('*', '/') => {
                    state = if nested == 1 { In::Code } else { In::BlockComment(nested - 1) };
                    2
                }
                ('/', '*') => {
                    state = In::BlockComment(nested + 1);
                    2
                }
                _ => 1,
            },
            In::Text => {
                state = if now == '"' { In::Code } else { In::Text };
                // A newline after a backslash still ends the line.
                if now == '\\' && next != '\n' { 2 } else { 1 }
            }
            In::RawText(hashes) => {
                let ends =
                    now == '"' && characters[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
                state = if ends { In::Code } else { state };
                if ends { 1 + hashes } else { 1 }
            }
        };
    }
    lines.push(line);
    lines
}

/// Reads on from a character of code; how many characters that took.
fn of_code(characters: &[char], at: usize, state: &mut In, line: &mut Line) -> usize {
    let next = |ahead: usize| characters.get(at + ahead).copied().unwrap_or('\n');
    match characters[at] {
        '/' if next(1) == '/' => {
            *state = In::LineComment;
            2
        }
        '/' if next(1) == '*' => {
            *state = In::BlockComment(1);
            2
        }
        '"' => {
            *state = In::Text;
            1
        }
        'r' if matches!(next(1), '"' | '#') && !line.code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
            let hashes = characters[at + 1..].iter().take_while(|c| **c == '#').count();
            if next(1 + hashes) == '"' {
                *state = In::RawText(hashes);
                return 2 + hashes;
            }
            line.code.push('r');
            1
        }
        // A character in quotes, and not a lifetime.
        '\'' if next(1) == '\\' => {
            3 + characters[at + 3..].iter().take_while(|c| **c != '\'' && **c != '\n').count() + 1
        }
        '\'' if next(2) == '\'' => 3,
        other => {
            line.code.push(other);
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> Vec<(usize, String)> {
        let told = |subject: Option<Subject>| match subject {
            Some(Subject::Function { modules, name }) => format!("{}::{name}", modules.join("::")),
            other => format!("{other:?}"),
        };
        subjects(source).into_iter().map(|(comment, subject)| (comment.line, told(subject))).collect()
    }

    #[test]
    fn a_claim_belongs_to_the_function_beneath_it() {
        let source = "\
fn before() { let brace = '{'; let text = \"{ // Proves: S0-01\"; }
mod tests {
    mod inner {
        // Proves: S3-06
        #[test]
        fn happens_once<'a>() {}
    }
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        // Feature: aws-devops-three-tier, Property 8: all
        // Proves: S1-P08
        /// Says what it does.
        #[test]
        fn holds(x in 0..9) {}
    }
}
// Proves: S4-P2b
pub async fn after() {}
";
        assert_eq!(
            told(source),
            [
                (4, "tests::inner::happens_once".to_owned()),
                (11, "tests::holds".to_owned()),
                (12, "tests::holds".to_owned()),
                (18, "::after".to_owned()),
            ]
        );
    }

    #[test]
    fn a_claim_above_anything_else_has_no_test() {
        for source in
            ["// Proves: S0-01\nstruct X;\nfn x() {}", "// Proves: S0-01\nmod tests {\nfn x() {} }", "// Proves: S0-01"]
        {
            assert_eq!(told(source), [(1, "None".to_owned())], "{source}");
        }
    }

    #[test]
    fn an_example_in_the_documentation_can_be_claimed() {
        let source = "// Proves: S1-P25\n/// Never printed:\n/// ```compile_fail\n/// x\n/// ```\nfn secret() {}";
        assert_eq!(subjects(source)[0].1, Some(Subject::Example { line: 3 }));
    }

    #[test]
    fn what_strings_and_block_comments_hold_is_no_claim_and_no_brace() {
        let source = "const A: &str = r#\"\n// Proves: S0-01\n{ \" \"#;\n/* // Proves: S0-02\n{ /* { */ */\nconst B: &str = \"\\\"{\";\nconst C: [char; 2] = ['\\'', '\"'];\nmod m {\n// Proves: S0-03\nfn x() {}\n}";
        assert_eq!(told(source), [(9, "m::x".to_owned())]);
    }
}

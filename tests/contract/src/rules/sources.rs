//! What our code may not do: hold state outside `Platform`, read the environment, throw results away.

use crate::tree::Tree;

/// Words that hold state between calls or read what only `Platform` may read.
const FORBIDDEN: [&str; 8] =
    ["static ", "OnceLock", "LazyLock", "OnceCell", "thread_local!", "env::var", "SystemTime::now", "Instant::now"];

/// Where one of them may stand, and why.
const ALLOWED: [(&str, &str, &str); 4] = [
    ("shared/lambda/src/platform.rs", "env::var", "the one place that reads the environment"),
    ("shared/lambda/src/platform.rs", "SystemTime::now", "the one place that reads the clock"),
    ("shared/lambda/src/platform.rs", "Instant::now", "the one place that measures how long something takes"),
    (
        "shared/lambda/src/platform.rs",
        "OnceLock",
        "a client of one environment, made when first used, in the platform itself",
    ),
];

/// Lines of a file that are code of the product: neither comments nor tests, which stand last in a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(n, line)| (n + 1, line))
}

fn nothing_is_kept_or_read_past_the_platform(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.under("shared/", ".rs").chain(tree.under("functions/", ".rs")) {
        if path.contains("/tests/") || path.contains("/benches/") {
            continue;
        }
        for (n, line) in code(text) {
            for word in FORBIDDEN {
                let stands = line.contains(word)
                    && !line.contains(&format!("'{word}"))
                    && !line.contains("kernel::Instant::now");
                let allowed = ALLOWED.iter().any(|(known, what, _)| *known == path && *what == word);
                if stands && !allowed {
                    found.push(format!("{path}:{n}: {}", line.trim()));
                }
            }
        }
    }
    found
}

fn no_result_is_thrown_away(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.under("shared/", ".rs").chain(tree.under("functions/", ".rs")) {
        for (n, line) in code(text) {
            if line.trim_start().starts_with("let _ =") {
                found.push(format!("{path}:{n}: {}", line.trim()));
            }
        }
    }
    found
}

/// Nothing asks where it runs: the local run is the deployed code.
fn nobody_asks_whether_it_runs_locally(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.under("shared/", ".rs").chain(tree.under("functions/", ".rs")) {
        for (n, line) in code(text) {
            let asks = ["if local", "is_local", "IS_LOCAL", "AWS_SAM_LOCAL"].iter().any(|word| line.contains(word));
            if asks {
                found.push(format!("{path}:{n}: {}", line.trim()));
            }
        }
    }
    found
}

/// Files are named after what they do.
fn no_drawer(tree: &Tree) -> Vec<String> {
    const DRAWERS: [&str; 6] = ["utils.rs", "util.rs", "common.rs", "helpers.rs", "manager.rs", "types.rs"];
    ["shared/", "functions/", "tests/"]
        .into_iter()
        .flat_map(|folder| tree.under(folder, ".rs"))
        .filter(|(path, _)| DRAWERS.iter().any(|drawer| path.ends_with(&format!("/{drawer}"))))
        .map(|(path, _)| format!("{path}: says nothing of what it does"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        ALLOWED, no_drawer, no_result_is_thrown_away, nobody_asks_whether_it_runs_locally,
        nothing_is_kept_or_read_past_the_platform,
    };
    use crate::rules::{caught, none, tree};

    // Proves: S2-29
    #[test]
    fn nothing_is_kept_between_calls_or_read_from_outside_past_the_platform() {
        none(&nothing_is_kept_or_read_past_the_platform(&tree()));
        for (path, word, why) in ALLOWED {
            assert!(tree().text(path).is_some_and(|text| text.contains(word)), "{path} no longer needs {word}: {why}");
        }
    }

    #[test]
    fn state_of_a_process_and_a_read_of_the_environment_are_caught() {
        for line in [
            "static COUNT: AtomicU64 = AtomicU64::new(0);",
            "    static CACHE: OnceLock<String> = OnceLock::new();",
            "thread_local! { }",
            "    let table = std::env::var(\"TABLE\");",
            "    let now = SystemTime::now();",
        ] {
            let planted = tree().with("shared/stock/src/new.rs", line);
            caught(&nothing_is_kept_or_read_past_the_platform(&planted), "shared/stock/src/new.rs:1");
        }
        let planted =
            tree().with("functions/get-stock/src/new.rs", "// no static here\n#[cfg(test)]\nstatic A: u8 = 1;");
        none(&nothing_is_kept_or_read_past_the_platform(&planted));
    }

    #[test]
    fn no_result_is_thrown_away_unseen() {
        none(&no_result_is_thrown_away(&tree()));
        caught(&no_result_is_thrown_away(&tree().with("shared/stock/src/new.rs", "    let _ = save();")), "new.rs:1");
    }

    #[test]
    fn no_code_asks_whether_it_runs_on_a_developers_machine() {
        none(&nobody_asks_whether_it_runs_locally(&tree()));
        caught(
            &nobody_asks_whether_it_runs_locally(&tree().with("shared/stock/src/new.rs", "if local { }")),
            "new.rs:1",
        );
    }

    #[test]
    fn no_file_is_a_drawer() {
        none(&no_drawer(&tree()));
        caught(&no_drawer(&tree().with("shared/stock/src/utils.rs", "")), "utils.rs");
    }
}

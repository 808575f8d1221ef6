//! The rules for what we depend on: licences, sources, names that must stay away, and nothing that is not used. They are
//! read from `deny.toml`, so that cargo-deny, where it is installed, holds the same.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What `deny.toml` says, as far as it is checked here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The licences that may be used.
    pub licences: BTreeSet<String>,
    /// The crates that must not be used.
    pub banned: BTreeSet<String>,
    /// The registries that may be used.
    pub registries: BTreeSet<String>,
}

impl Rules {
    /// Reads the lists of `deny.toml` that are needed: `[licenses] allow`, `[bans] deny`, `[sources] allow-registry`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            licences: list(text, "licenses", "allow"),
            banned: list(text, "bans", "deny"),
            registries: list(text, "sources", "allow-registry"),
        }
    }
}

/// The strings of `key = [ … ]` in `[section]`; of a table in the list, its first string.
fn list(text: &str, section: &str, key: &str) -> BTreeSet<String> {
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or_default().trim());
    let lines = lines.filter(|line| !line.starts_with('#'));
    let of_section = lines.skip_while(|line| *line != format!("[{section}]")).skip(1);
    let of_section: Vec<&str> = of_section.take_while(|line| !line.starts_with('[') || line.ends_with(',')).collect();
    let from = of_section.iter().position(|line| line.split('=').next().is_some_and(|name| name.trim() == key));
    let Some(from) = from else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for line in &of_section[from..] {
        let value = if line.starts_with(key) { line.split_once('=').map_or(*line, |(_, value)| value) } else { line };
        let table = value.trim_start_matches(['[', ' ']).starts_with('{');
        let strings = value.split('"').skip(1).step_by(2).take(if table { 1 } else { usize::MAX });
        found.extend(strings.map(str::to_owned));
        if line.ends_with(']') {
            break;
        }
    }
    found
}

/// What breaks the rules among the packages that `cargo metadata` lists.
#[must_use]
pub fn violations(metadata: &Value, rules: &Rules) -> Vec<String> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    packages.iter().flat_map(|package| of_package(package, rules)).collect()
}

fn of_package(package: &Value, rules: &Rules) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or("?");
    let mut found = Vec::new();
    match package["license"].as_str() {
        None => found.push(format!("{name} names no licence")),
        Some(licence) if !allowed(licence, &rules.licences) => {
            found.push(format!("{name} is under {licence}, which deny.toml does not allow"));
        }
        Some(_) => {}
    }
    if rules.banned.contains(name) {
        found.push(format!("{name} is banned by deny.toml"));
    }
    if let Some(source) = package["source"].as_str() {
        let registry = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
        if !registry.is_some_and(|registry| rules.registries.contains(registry)) {
            found.push(format!("{name} comes from {source}, which deny.toml does not allow"));
        }
    }
    found
}

/// Whether a licence expression can be met with the allowed licences. `AND` binds closer than `OR`; `/` is an old `OR`.
fn allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at, licences);
    met && at == words.len()
}

fn any(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let mut met = every(words, at, licences);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= every(words, at, licences);
    }
    met
}

fn every(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, licences);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, licences);
    }
    met
}

fn one(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any(words, at, licences);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).unwrap_or(&"");
        *at += 2;
        return licences.contains(&format!("{word} WITH {exception}"));
    }
    licences.contains(*word)
}

/// The packages of the workspace: where each lies, and the names by which its code may call its dependencies.
#[must_use]
pub fn packages(metadata: &Value) -> Vec<Package> {
    let nodes = metadata["resolve"]["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let own = packages.iter().filter(|package| package["source"].is_null());
    let read = |package: &Value| {
        let node = nodes.iter().find(|node| node["id"] == package["id"])?;
        let called = node["deps"].as_array()?.iter().filter_map(|dependency| dependency["name"].as_str());
        Some(Package {
            name: package["name"].as_str()?.to_owned(),
            folder: Path::new(package["manifest_path"].as_str()?).parent()?.to_path_buf(),
            dependencies: called.map(str::to_owned).collect(),
        })
    };
    own.filter_map(read).collect()
}

/// A package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// What its code calls its dependencies.
    pub dependencies: Vec<String>,
}

impl Package {
    /// The dependencies that no source mentions.
    #[must_use]
    pub fn unused(&self, sources: &[String]) -> Vec<&str> {
        let named = self.dependencies.iter().map(String::as_str);
        named.filter(|name| !sources.iter().any(|source| mentions(source, name))).collect()
    }
}

/// Whether a source takes something from the crate: `word::…` or `use word`, as a whole word and outside of comments.
fn mentions(source: &str, word: &str) -> bool {
    let of_name = |character: char| character.is_alphanumeric() || character == '_';
    source.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(word).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + word.len()..]);
            let whole = !before.ends_with(of_name) && !after.starts_with(of_name);
            whole && (after.starts_with("::") || before.ends_with("use "))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DENY: &str = r#"
[licenses]
# What we may use.
allow = [
    "MIT", # short
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
]
confidence-threshold = 0.9

[bans]
multiple-versions = "allow"
deny = [
    { crate = "openssl", reason = "ring" },
    { crate = "aws-lc-sys" },
]

[sources]
unknown-registry = "deny"
allow-registry = ["https://github.com/rust-lang/crates.io-index"]
"#;

    fn package(name: &str, licence: &str, source: Option<&str>) -> Value {
        json!({"packages": [{"name": name, "license": licence, "source": source}]})
    }

    #[test]
    fn the_lists_are_read() {
        let rules = Rules::parse(DENY);
        assert_eq!(Vec::from_iter(&rules.licences), ["Apache-2.0", "Apache-2.0 WITH LLVM-exception", "MIT"]);
        assert_eq!(Vec::from_iter(&rules.banned), ["aws-lc-sys", "openssl"]);
        assert_eq!(Vec::from_iter(&rules.registries), ["https://github.com/rust-lang/crates.io-index"]);
    }

    #[test]
    fn what_the_rules_allow_passes() {
        let index = Some("registry+https://github.com/rust-lang/crates.io-index");
        for licence in ["MIT", "MIT/GPL-3.0", "(GPL-3.0 OR MIT) AND Apache-2.0", "Apache-2.0 WITH LLVM-exception OR X"]
        {
            assert_eq!(violations(&package("good", licence, index), &Rules::parse(DENY)), Vec::<String>::new());
        }
    }

    #[test]
    fn planted_licences_bans_and_sources_are_found() {
        let rules = Rules::parse(DENY);
        for licence in ["GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 WITH LLVM-exception", "(MIT", ""] {
            assert_eq!(violations(&package("p", licence, None), &rules).len(), 1, "{licence}");
        }
        assert_eq!(violations(&package("openssl", "MIT", None), &rules), ["openssl is banned by deny.toml"]);
        assert_eq!(violations(&package("p", "MIT", Some("git+https://example.com/p")), &rules).len(), 1);
    }

    #[test]
    fn a_dependency_that_no_source_mentions_is_found() {
        let metadata = json!({
            "packages": [
                {"id": "cart 0.1", "name": "cart", "source": null, "manifest_path": "/shop/shared/cart/Cargo.toml"},
                {"id": "serde 1", "name": "serde", "source": "registry+x", "manifest_path": "/registry/serde/Cargo.toml"}],
            "resolve": {"nodes": [
                {"id": "serde 1", "deps": [{"name": "serde_core"}]},
                {"id": "cart 0.1", "deps": [{"name": "serde"}, {"name": "md5"}, {"name": "serde_json"}]}]}});
        let [cart] = &packages(&metadata)[..] else { panic!("one package is ours") };
        assert_eq!((cart.name.as_str(), cart.folder.as_path()), ("cart", Path::new("/shop/shared/cart")));
        let sources =
            ["use serde::Serialize;", "my_serde_json::x(); md5_like();", "// md5::Md5 was here\nlet route = \"/md5\";"];
        let sources = sources.map(str::to_owned);
        assert_eq!(cart.unused(&sources), ["md5", "serde_json"]);
    }
}

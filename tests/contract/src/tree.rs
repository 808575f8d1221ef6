//! The repository as a map from path to text, which a test can copy and break.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders that hold nothing we wrote.
const SKIPPED: [&str; 9] =
    [".git", "target", "node_modules", "dist", ".python", "data", "screenshots", "pictures", "__pycache__"];

/// The text files of the repository by their path from its root, with `/` between folders.
#[derive(Debug, Clone)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// The repository that this crate stands in. Files that are not UTF-8 are left out.
    #[must_use]
    pub fn read() -> Self {
        let root = root();
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        Self { files }
    }

    /// A tree of these files and no other.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// The same tree with one file written over or added.
    #[must_use]
    pub fn with(mut self, path: &str, text: impl Into<String>) -> Self {
        self.files.insert(path.to_owned(), text.into());
        self
    }

    /// The same tree with `old` replaced by `new` in one file.
    ///
    /// # Panics
    /// When the file does not hold `old`: what was to be planted was not.
    #[must_use]
    pub fn replaced(self, path: &str, old: &str, new: &str) -> Self {
        let text = self.text(path).unwrap_or_default();
        assert!(text.contains(old), "{path} does not hold {old:?}, so nothing was planted");
        let text = text.replacen(old, new, 1);
        self.with(path, text)
    }

    /// The same tree without one file, or without all under a folder that ends in `/`.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.files.retain(|known, _| known != path && !(path.ends_with('/') && known.starts_with(path)));
        self
    }

    /// The text of one file.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Files under a folder (`functions/`) that end so (`.rs`).
    pub fn under<'a>(&'a self, folder: &'a str, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(folder) && path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Whether there is such a file, or a file under such a folder.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.keys().any(|known| known == path || known.starts_with(&folder))
    }

    /// The names of the folders right under a folder (`functions/`).
    #[must_use]
    pub fn folders(&self, parent: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(parent)?.split_once('/').map(|(name, _)| name.to_owned()))
            .collect();
        names.dedup();
        names
    }
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").components().collect()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                collect(root, &path, files);
            }
        } else if let (Ok(relative), Ok(text)) = (path.strip_prefix(root), std::fs::read_to_string(&path)) {
            files.insert(relative.to_string_lossy().replace('\\', "/"), text);
        }
    }
}

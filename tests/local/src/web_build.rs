//! Builds the web pages when they are not built or no longer match their sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a build notes what it was built from, inside the built pages.
const STAMP: &str = ".built-from";
/// Where an installation notes which lock file it followed.
const INSTALLED: &str = ".installed-from";
/// What a build makes: not a source.
const MADE: [&str; 4] = ["node_modules", "dist", "coverage", "pictures"];

/// Builds the pages in `root/web` unless what is built is up to date, telling `say` what takes a while.
///
/// # Errors
/// In one sentence for the developer.
pub fn build(root: &Path, say: &dyn Fn(&str)) -> Result<(), String> {
    let web = root.join("web");
    let sources = sources(root)?;
    let stamp = web.join("dist").join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|built| built == sources) && web.join("dist/index.html").exists() {
        return Ok(());
    }
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        return Err(
            "Node.js is not installed: install Node 20 or later, or leave the pages out with --no-web.".to_owned()
        );
    }
    install(&web, say)?;
    say("building the web pages …");
    npm(&web, &["run", "--silent", "build"])?;
    fs::write(&stamp, sources)
        .map_err(|error| format!("The built pages at {} cannot be marked: {error}.", stamp.display()))
}

fn install(web: &Path, say: &dyn Fn(&str)) -> Result<(), String> {
    let lock = fs::read(web.join("package-lock.json"))
        .map_err(|error| format!("web/package-lock.json cannot be read: {error}."))?;
    let lock = kernel::id::sha256_hex(&lock);
    let stamp = web.join("node_modules").join(INSTALLED);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("installing the packages of the web pages …");
    npm(web, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    fs::write(&stamp, lock)
        .map_err(|error| format!("The installed packages at {} cannot be marked: {error}.", stamp.display()))
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let what = format!("npm {}", arguments.join(" "));
    let run = Command::new("npm").args(arguments).current_dir(web).stdin(Stdio::null()).output();
    let run = run.map_err(|error| format!("`{what}` does not start: {error}."))?;
    if run.status.success() {
        return Ok(());
    }
    let told = [run.stdout, run.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let last: Vec<&str> = told.lines().rev().take(20).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(format!("`{what}` in web/ failed; its last words:\n{last}"))
}

/// A digest of everything the pages are built from.
fn sources(root: &Path) -> Result<String, String> {
    let mut files = vec![root.join("infra/openapi.yaml"), root.join("demo/catalog.json")];
    gather(&root.join("web"), &mut files)?;
    files.sort();
    let mut digests = String::new();
    for file in files {
        let bytes = fs::read(&file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file);
        digests.push_str(&format!("{} {}\n", kernel::id::sha256_hex(&bytes), name.display()));
    }
    Ok(kernel::id::sha256_hex(digests.as_bytes()))
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("The folder {} cannot be read: {error}.", folder.display()))?;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let made = MADE.iter().any(|made| name == *made) && !path.ends_with("web/pictures");
        if path.is_dir() && !made {
            gather(&path, files)?;
        } else if path.is_file() && name != "schema.d.ts" {
            files.push(path);
        }
    }
    Ok(())
}

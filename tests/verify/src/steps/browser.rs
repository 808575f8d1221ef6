//! The journeys in a real browser, against a shop of their own.

use super::{install_with_apt, web};
use crate::process::{Task, end_with_children};
use crate::report::{Ran, Verdict};
use crate::step::{Stage, Stop};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where Debian puts its browser.
const CHROMIUM: &str = "/usr/bin/chromium";
/// The script that holds the journeys.
const JOURNEYS: &str = "tests/browser/journeys.mjs";
/// How long the shop may take to be ready: it may have to build the pages.
const READY_WITHIN: Duration = Duration::from_secs(240);

/// Starts a shop in memory, runs the journeys against it, and ends it.
///
/// # Errors
/// When the browser or Node is missing, the shop does not start, or a journey fails.
// Proves: S1-T04, S0-24
pub fn browser(stage: &Stage) -> Result<(), Stop> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| CHROMIUM.to_owned());
    if !Path::new(&chromium).exists() {
        println!("    installing chromium …");
        install_with_apt(stage, "chromium")?;
    }
    web::install(stage, "tests/browser")?;
    super::rust_tests::build(stage)?;
    let mut shop = Shop::start(stage)?;
    let ran = run(stage, &shop, &chromium);
    shop.end();
    ran
}

fn run(stage: &Stage, shop: &Shop, chromium: &str) -> Result<(), Stop> {
    let words: &[&str] = if stage.full { &["run.mjs"] } else { &["run.mjs", "--no-pictures"] };
    let task = Task::new(stage, "node").args(words).in_folder("tests/browser").minutes(15);
    let task = task.env("BASE_URL", &shop.url).env("STAFF_TOKEN", &shop.token).env("CHROMIUM", chromium);
    let (printed, status) = task.end()?;
    let tests: Vec<Ran> = printed.lines.iter().filter_map(|line| journey(line)).collect();
    let none = tests.is_empty();
    // A journey that fails says why in the lines beneath it, which are indented.
    for (at, line) in printed.lines.iter().enumerate().filter(|(_, line)| line.starts_with("FAIL")) {
        let why = printed.lines[at + 1..].iter().take_while(|line| line.starts_with("      ")).take(8);
        println!("    {line}\n{}", why.map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"));
        stage.shown.set(true);
    }
    stage.add(tests);
    match (status.success(), none) {
        (true, false) => Ok(()),
        (true, true) => Err(Stop::Failed("no journey was reported".to_owned())),
        (false, _) => Err(Stop::Failed("a journey failed".to_owned())),
    }
}

/// `ok    buys a thing (812 ms)` or `FAIL  buys a thing`.
fn journey(line: &str) -> Option<Ran> {
    if let Some(name) = line.strip_prefix("ok    ") {
        let name = name.rsplit_once(" (").map_or(name, |(name, _)| name);
        return Some(Ran::new(Verdict::Passed, JOURNEYS, name));
    }
    line.strip_prefix("FAIL  ").map(|name| Ran::new(Verdict::Failed, JOURNEYS, name))
}

/// The shop that the browser visits.
struct Shop {
    child: Child,
    url: String,
    token: String,
}

impl Shop {
    fn start(stage: &Stage) -> Result<Self, Stop> {
        let said = stage.out.join("browser-shop.log");
        let log = File::create(&said).map_err(Stop::fault)?;
        let mut command = Command::new(stage.target().join(super::rust_tests::LOCAL));
        command.args(["--memory", "--port", "0"]).current_dir(&stage.root).stdin(Stdio::null());
        command.stderr(log.try_clone().map_err(Stop::fault)?).stdout(log);
        let mut child = command.spawn().map_err(|error| Stop::Failed(format!("the shop does not start: {error}")))?;
        println!("    starting a shop …");
        let found = wait_until_ready(&said, &mut child);
        match found {
            Ok((url, token)) => Ok(Self { child, url, token }),
            Err(why) => {
                end_with_children(&mut child);
                Err(Stop::Failed(format!("{why}; its words are in {}", said.display())))
            }
        }
    }

    fn end(&mut self) {
        end_with_children(&mut self.child);
    }
}

fn wait_until_ready(said: &Path, child: &mut Child) -> Result<(String, String), String> {
    let began = Instant::now();
    while began.elapsed() < READY_WITHIN {
        let text = fs::read_to_string(said).unwrap_or_default();
        if let Some(url) = text.lines().find_map(|line| line.strip_prefix("ready ")) {
            return Ok((url.trim().to_owned(), admin_token(&text).unwrap_or_default()));
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("the shop ended before it was ready ({status})"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(format!("the shop was not ready within {} s", READY_WITHIN.as_secs()))
}

/// The token of an admin, which a fresh shop prints once.
fn admin_token(text: &str) -> Option<String> {
    let start = text.find("rst_admin_")?;
    let token = text[start..].split(|character: char| !(character.is_alphanumeric() || "_-".contains(character)));
    token.into_iter().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journeys_are_read_with_their_end() {
        assert_eq!(
            journey("ok    buys (a thing) (812 ms)"),
            Some(Ran::new(Verdict::Passed, JOURNEYS, "buys (a thing)"))
        );
        assert_eq!(journey("FAIL  pays"), Some(Ran::new(Verdict::Failed, JOURNEYS, "pays")));
        assert_eq!(journey("3 passed, 1 failed"), None);
    }

    #[test]
    fn the_token_of_the_admin_is_found_in_what_the_shop_says() {
        let text = "staff   support rst_support_Ab1\nstaff   admin rst_admin_Xy-9_z (once)\nready http://127.0.0.1:1";
        assert_eq!(admin_token(text).as_deref(), Some("rst_admin_Xy-9_z"));
    }
}

//! Which requirements are proved by the tests that ran and passed.

use super::{ALL, read};
use crate::process::Task;
use crate::readers::cargo::DOCUMENTATION;
use crate::report::{Ran, kept};
use crate::scenarios::judge::Sources;
use crate::scenarios::{Claim, Judged, Requirements, claims, judge};
use crate::step::{Stage, Stop};
use std::collections::BTreeSet;
use std::fs;

/// Reads the claims of all sources and the reports of all runners, and prints what they come to.
///
/// # Errors
/// When a claim names an id that does not exist, words that are not its property's, or stands above no test.
pub fn scenarios(stage: &Stage) -> Result<(), Stop> {
    let list = Requirements::parse(&read(stage, "docs/requirements.toml")?).map_err(Stop::Failed)?;
    let tests: Vec<Ran> = ALL.iter().flat_map(|step| kept(&stage.report(step.name))).collect();
    let judged = judge(claims_of_repository(stage, &list)?, &tests, &sources(stage, &tests));
    let file = stage.out.join("scenarios.txt");
    fs::write(&file, text(&judged, &list)).map_err(Stop::fault)?;
    if !stage.whole {
        stage.note(
            "from the reports that are there, which may be of earlier runs: only a run of every step proves anything",
        );
    }
    print(stage, &judged, &list);
    println!("    the map: {}", file.strip_prefix(&stage.root).unwrap_or(&file).display());
    Ok(())
}

fn claims_of_repository(stage: &Stage, list: &Requirements) -> Result<Vec<Claim>, Stop> {
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.ts", "*.tsx", "*.mjs", "*.py"];
    let mut paths = Task::new(stage, "git").args(words).quietly().run()?.lines;
    paths.sort();
    paths.dedup();
    let of_file = |path: &String| {
        let source = fs::read_to_string(stage.root.join(path)).unwrap_or_default();
        claims::of_file(path, &source, list)
    };
    Ok(paths.iter().flat_map(of_file).collect())
}

/// The sources of each test program, as the compiler noted them; the root comes first.
fn sources(stage: &Stage, tests: &[Ran]) -> Sources {
    let programs: BTreeSet<&str> = tests.iter().map(|ran| ran.place.as_str()).collect();
    let programs = programs.into_iter().filter(|place| place.contains("/deps/") && !place.starts_with(DOCUMENTATION));
    let noted = programs.filter_map(|program| {
        let note = fs::read_to_string(stage.root.join(format!("{program}.d"))).ok()?;
        let files = note.lines().next()?.split_once(": ")?.1;
        let root = format!("{}/", stage.root.display());
        let files = files.split_whitespace().map(|file| file.strip_prefix(&root).unwrap_or(file).to_owned());
        Some((program.to_owned(), files.collect()))
    });
    noted.collect()
}

fn text(judged: &Judged, list: &Requirements) -> String {
    let faults: String = judged.faults().iter().map(|fault| format!("fault   {fault}\n")).collect();
    format!("{}\n{faults}", judged.map(list))
}

fn print(stage: &Stage, judged: &Judged, list: &Requirements) {
    let proved = judged.proved();
    let known = |id: &&&str| list.words(id).is_some();
    let count = proved.iter().filter(known).count();
    let properties = (1..=29).filter(|number| proved.contains(Requirements::property(*number).as_str())).count();
    let faults = judged.faults();
    stage.note(format!("{count} of {} requirements proved, {properties} of the 29 properties", list.count()));
    for fault in faults.iter().take(10) {
        println!("    {fault}");
    }
    if !faults.is_empty() {
        stage.note(format!("{} claims do not count whatever their tests do", faults.len()));
    }
}

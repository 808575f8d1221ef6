//! The Python environment that the template tools run in: `.python`, from a pinned list.

use super::{install_with_apt, installed_from, needs, note_installed, read};
use crate::process::Task;
use crate::step::{Stage, Stop};

/// The environment, where the tools and the contract tests look for it.
pub const FOLDER: &str = ".python";
/// What is installed into it.
const LIST: &str = "tests/contract/requirements.txt";

/// Makes the environment, unless it is already what the list says.
///
/// # Errors
/// When Python is missing or the packages cannot be had.
pub fn python(stage: &Stage) -> Result<(), Stop> {
    let list = read(stage, LIST)?;
    if installed_from(stage, FOLDER, &list) {
        stage.note(format!("{FOLDER} is as {LIST} says"));
        return Ok(());
    }
    needs("python3", "install Python 3.10 or later")?;
    if !stage.root.join(FOLDER).join("bin/pip").exists() {
        make(stage)?;
    }
    println!("    installing {LIST} …");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", LIST];
    Task::new(stage, stage.root.join(FOLDER).join("bin/python")).args(pip).run()?;
    note_installed(stage, FOLDER, &list)
}

fn make(stage: &Stage) -> Result<(), Stop> {
    let make = || Task::new(stage, "python3").args(["-m", "venv", "--clear", FOLDER]).run().map(|_| ());
    // Debian keeps what makes environments in a package of its own.
    make().or_else(|_| install_with_apt(stage, "python3-venv").and_then(|()| make()))
}

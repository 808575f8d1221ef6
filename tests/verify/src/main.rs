//! `cargo run -p verify`: every check of the repository.

// A program for a terminal: printing is what it does.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use verify::command_line::{self, Asked};

fn main() -> ExitCode {
    let asked = command_line::parse(std::env::args().skip(1));
    match (asked, verify::repository()) {
        (Ok(Asked::Help), _) => {
            println!("{}", command_line::usage());
            ExitCode::SUCCESS
        }
        (Ok(Asked::Run(options)), Some(root)) => verify::run::all(&root, &options),
        (Ok(Asked::Scan(folder)), Some(root)) => verify::secrets::scan_and_print(&root.join(folder)),
        (Ok(Asked::Compare { baseline, measured }), _) => verify::regression::compare_and_print(&baseline, &measured),
        (Ok(_), None) => told_off("This is not inside the repository: there is no Cargo.lock here or above."),
        (Err(sentence), _) => told_off(&sentence),
    }
}

fn told_off(sentence: &str) -> ExitCode {
    println!("{sentence}");
    ExitCode::from(2)
}

//! What the developer may ask for.

use cloud::Clock;
use lexopt::prelude::*;
use std::path::PathBuf;

/// How to use the run.
pub const USAGE: &str = "\
The whole shop on one machine.

Usage: cargo run -p local -- [OPTIONS]

  --port PORT         where the shop answers on this machine (3000; 0 takes any free port)
  --data DIR          where its data lies (./data)
  --memory            keep everything in memory: nothing outlives the run
  --environments N    environments of one function at the most (20)
  --no-web            leave the web pages out
  --verbose           print the functions' log lines
  --help              print this";

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Where the data lies; nowhere, if all is kept in memory.
    pub data: Option<PathBuf>,
    /// Environments of one function at the most.
    pub environments: usize,
    /// Whether the web pages are built and served.
    pub web: bool,
    /// Whether the demo catalog is put into an empty shop.
    pub seed: bool,
    /// Whether the functions' log lines are printed.
    pub verbose: bool,
    /// The time by which the shop and the stand-ins live.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 3000,
            data: Some("data".into()),
            environments: 20,
            web: true,
            seed: true,
            verbose: false,
            clock: Clock::system(),
        }
    }
}

/// What the words after the program's name ask for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Run.
    Run(Box<Options>),
    /// Print [`USAGE`].
    Help,
}

/// Reads the words after the program's name.
///
/// # Errors
/// In one sentence, when a word is not understood.
pub fn parse(words: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Asked, String> {
    let mut parser = lexopt::Parser::from_args(words);
    let mut options = Options::default();
    let mut next = || parse_next(&mut parser, &mut options);
    loop {
        match next() {
            Ok(Next::More) => {}
            Ok(Next::Help) => return Ok(Asked::Help),
            Ok(Next::End) => return Ok(Asked::Run(Box::new(options))),
            Err(error) => return Err(format!("{error}; --help says what there is.")),
        }
    }
}

enum Next {
    More,
    Help,
    End,
}

fn parse_next(parser: &mut lexopt::Parser, options: &mut Options) -> Result<Next, lexopt::Error> {
    match parser.next()? {
        None => return Ok(Next::End),
        Some(Long("port")) => options.port = parser.value()?.parse()?,
        Some(Long("data")) => options.data = Some(parser.value()?.into()),
        Some(Long("memory")) => options.data = None,
        Some(Long("environments")) => options.environments = at_least_one(parser.value()?.parse()?)?,
        Some(Long("no-web")) => options.web = false,
        Some(Long("verbose")) => options.verbose = true,
        Some(Long("help") | Short('h')) => return Ok(Next::Help),
        Some(other) => return Err(other.unexpected()),
    }
    Ok(Next::More)
}

fn at_least_one(count: usize) -> Result<usize, lexopt::Error> {
    if (1..=1000).contains(&count) { Ok(count) } else { Err("--environments takes a number from 1 to 1000".into()) }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Options, parse};

    fn asked(words: &[&str]) -> Result<Asked, String> {
        parse(words.iter().map(std::ffi::OsString::from))
    }

    fn run(words: &[&str]) -> Options {
        match asked(words) {
            Ok(Asked::Run(options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_are_read_and_the_rest_is_as_usual() {
        let usual = run(&[]);
        assert_eq!((usual.port, usual.data, usual.environments, usual.web), (3000, Some("data".into()), 20, true));
        let asked_for = run(&["--port", "4000", "--memory", "--environments=3", "--no-web"]);
        assert_eq!((asked_for.port, asked_for.data, asked_for.environments, asked_for.web), (4000, None, 3, false));
        assert!(matches!(asked(&["-h"]), Ok(Asked::Help)));
    }

    #[test]
    fn what_is_not_understood_is_said_in_one_sentence() {
        for bad in [&["--prot"][..], &["--port", "x"], &["--port"], &["--environments", "0"], &["stray"]] {
            assert_eq!(asked(bad).unwrap_err().lines().count(), 1, "{bad:?}");
        }
    }
}

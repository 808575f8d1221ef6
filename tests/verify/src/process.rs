//! Runs a program: every line of it into the step's log, the telling ones onto the screen, and never for ever.

use crate::step::{Stage, Stop};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, IsTerminal, PipeReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How often a sign of life is printed where nobody can see a line being rewritten.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How long output may still come after the program itself has ended.
const AFTERWARDS: Duration = Duration::from_secs(2);
/// Set by `cargo run` for this very program; cargo, run again, must not take them for its own.
const OF_CARGO_RUN: [&str; 5] =
    ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE"];

/// A program to run for a step.
pub struct Task<'a> {
    stage: &'a Stage,
    command: Command,
    within: Duration,
    telling: fn(&str) -> Option<String>,
    quiet: bool,
}

/// What a program printed, all of it.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    /// Its lines, of both outputs, in order.
    pub lines: Vec<String>,
}

impl<'a> Task<'a> {
    /// A program, run at the root of the repository.
    pub fn new(stage: &'a Stage, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(&stage.root).stdin(Stdio::null());
        command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || OF_CARGO_RUN.contains(&name)) {
                command.env_remove(name);
            }
        }
        Self { stage, command, within: Duration::from_secs(600), telling: |_| None, quiet: false }
    }

    /// With more arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.command.args(words);
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// In a folder below the root of the repository.
    #[must_use]
    pub fn in_folder(mut self, folder: &str) -> Self {
        self.command.current_dir(self.stage.root.join(folder));
        self
    }

    /// For so many minutes at the most; ten if not said.
    #[must_use]
    pub fn minutes(mut self, most: u64) -> Self {
        self.within = Duration::from_secs(60 * most);
        self
    }

    /// Prints what `telling` makes of a line.
    #[must_use]
    pub fn telling(mut self, telling: fn(&str) -> Option<String>) -> Self {
        self.telling = telling;
        self
    }

    /// Without its output in the log: it is data, not words.
    #[must_use]
    pub fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it does not start, takes too long or says that it failed.
    pub fn run(self) -> Result<Printed, Stop> {
        let words = words(&self.command);
        let (printed, status) = self.end()?;
        if status.success() { Ok(printed) } else { Err(Stop::Failed(format!("`{words}` failed ({status})"))) }
    }

    /// Runs it to its end, whatever it says of itself.
    ///
    /// # Errors
    /// When it does not start or takes too long.
    pub fn end(mut self) -> Result<(Printed, ExitStatus), Stop> {
        let words = words(&self.command);
        let mut log = OpenOptions::new().append(true).create(true).open(self.stage.log()).map_err(Stop::fault)?;
        writeln!(log, "$ {words}").map_err(Stop::fault)?;
        let (output, mut child) = start(&mut self.command, &words)?;
        let lines = lines_of(output);
        self.follow(&lines, &mut child, &mut log, &words)
    }

    fn follow(
        &self,
        lines: &Receiver<String>,
        child: &mut Child,
        log: &mut File,
        words: &str,
    ) -> Result<(Printed, ExitStatus), Stop> {
        let (started, mut screen, mut printed) = (Instant::now(), Screen::new(), Printed::default());
        let mut ended: Option<(ExitStatus, Instant)> = None;
        loop {
            match lines.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => {
                    if !self.quiet {
                        writeln!(log, "{line}").map_err(Stop::fault)?;
                    }
                    if let Some(telling) = (self.telling)(&line) {
                        screen.line(&telling);
                    }
                    printed.lines.push(line);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok((printed, child.wait().map_err(Stop::fault)?));
                }
            }
            screen.alive(started.elapsed(), printed.lines.last());
            if ended.is_none() {
                ended = child.try_wait().map_err(Stop::fault)?.map(|status| (status, Instant::now()));
            }
            match ended {
                Some((status, at)) if at.elapsed() > AFTERWARDS => return Ok((printed, status)),
                None if started.elapsed() > self.within => {
                    end_with_children(child);
                    let minutes = self.within.as_secs() / 60;
                    return Err(Stop::Failed(format!("`{words}` was ended: it took longer than {minutes} minutes")));
                }
                _ => {}
            }
        }
    }
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Both outputs go into one pipe, so that their lines keep their order.
fn start(command: &mut Command, words: &str) -> Result<(PipeReader, Child), Stop> {
    let (output, input) = std::io::pipe().map_err(Stop::fault)?;
    command.stdout(input.try_clone().map_err(Stop::fault)?).stderr(input);
    let child = command.spawn().map_err(|error| Stop::Failed(format!("`{words}` does not start: {error}")))?;
    // The command holds ends of the pipe: the reader would wait for them.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((output, child))
}

fn lines_of(output: PipeReader) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

/// Ends a program and all that it started.
pub fn end_with_children(child: &mut Child) {
    let mut ids = vec![child.id()];
    let mut at = 0;
    while at < ids.len() {
        ids.extend(children_of(ids[at]));
        at += 1;
    }
    let ids = ids.iter().map(u32::to_string);
    let ended = Command::new("kill").arg("-KILL").args(ids).stderr(Stdio::null()).status();
    if ended.is_err() && child.kill().is_err() {
        println!("    process {} could not be ended", child.id());
    }
    if let Err(error) = child.wait() {
        println!("    process {} is still there: {error}", child.id());
    }
}

fn children_of(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

/// The lines of a step on the screen: what is worth saying, and a sign of life.
struct Screen {
    terminal: bool,
    last_sign: Instant,
}

impl Screen {
    fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last_sign: Instant::now() }
    }

    fn line(&mut self, line: &str) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        println!("{clear}    {line}");
        self.last_sign = Instant::now();
    }

    fn alive(&mut self, for_now: Duration, last: Option<&String>) {
        let often = if self.terminal { Duration::from_secs(1) } else { SIGN_OF_LIFE };
        if self.last_sign.elapsed() < often {
            return;
        }
        self.last_sign = Instant::now();
        let last: String = last.map_or("", |line| line.trim()).chars().take(90).collect();
        let line = format!("    … {}  {last}", took(for_now));
        if self.terminal {
            print!("\r\x1b[K{line}");
            if std::io::stdout().flush().is_err() {
                self.terminal = false;
            }
        } else {
            println!("{line}");
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.terminal {
            print!("\r\x1b[K");
        }
    }
}

/// A duration for people.
#[must_use]
pub fn took(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Whether a program can be found.
#[must_use]
pub fn there_is(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::testing::stage;

    fn shell<'a>(stage: &'a Stage, script: &str) -> Task<'a> {
        Task::new(stage, "sh").args(["-c", script])
    }

    #[test]
    fn lines_of_both_outputs_are_kept_in_order() {
        let stage = stage("process-order");
        let printed = shell(&stage, "echo one; echo two >&2; echo three").run().unwrap();
        assert_eq!(printed.lines, ["one", "two", "three"]);
        assert!(fs::read_to_string(stage.log()).unwrap().ends_with("one\ntwo\nthree\n"));
    }

    #[test]
    fn a_program_that_fails_fails_the_step() {
        let stage = stage("process-fails");
        let Err(Stop::Failed(why)) = shell(&stage, "exit 3").run() else { panic!("it passed") };
        assert!(why.contains('3'), "{why}");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let stage = stage("process-long");
        let began = Instant::now();
        let ended = shell(&stage, "sleep 77 & echo $!; wait").minutes(0).run();
        assert!(matches!(ended, Err(Stop::Failed(why)) if why.contains("took longer")));
        assert!(began.elapsed() < Duration::from_secs(10));
        let log = fs::read_to_string(stage.log()).unwrap();
        let sleeper = log.lines().last().unwrap();
        let gone = || {
            let state = fs::read_to_string(format!("/proc/{sleeper}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        // A process that is told to go takes its time.
        while !gone() {
            assert!(began.elapsed() < Duration::from_secs(10), "{sleeper} is still there");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[test]
    fn what_a_program_leaves_running_does_not_hold_the_step() {
        let stage = stage("process-leaves");
        let began = Instant::now();
        shell(&stage, "sleep 20 & echo done").run().unwrap();
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn durations_read_well() {
        let told = [400, 12_300, 61_000, 600_000].map(|millis| took(Duration::from_millis(millis)));
        assert_eq!(told, ["0.4 s", "12 s", "1 min 01 s", "10 min 00 s"]);
    }
}
